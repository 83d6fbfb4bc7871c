"""What people do at their desks in the cases: open pages, and decide on changes by their forms."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from threading import Event, Thread

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.visitor import Answer, Visitor


def endorsed_changes(bench: Bench) -> list[int]:
    """Return the keys of the changes that wait for approval."""
    found = bench.rows(
        "SELECT id FROM consultations_goalchange WHERE status = 'endorsed' ORDER BY 1"
    )
    return [key for (key,) in found]


def approve(desk: Visitor, change: int) -> Answer:
    """Open the form of an approval and send it; return the answer to the sending."""
    address = f"/goal-changes/{change}/approve/"
    return desk.ask(address, desk.sheet(address))


def approve_all(desk: Visitor, changes: Sequence[int], *, every: float = 0) -> list[Answer]:
    """Approve these changes, one every so many seconds; return the answers."""
    answers, began = [], time.monotonic()
    for place, change in enumerate(changes):
        time.sleep(max(0, began + place * every - time.monotonic()))
        answers.append(approve(desk, change))
    return answers


class PageReaders:
    """People who open a page every so many seconds, each request in a thread of its own."""

    def __init__(self, visitor: Visitor, address: str, *, every: float) -> None:
        self.visitor, self.address, self.every = visitor, address, every
        self.answers: list[tuple[float, float, int]] = []
        self._over, self._asking = Event(), [Thread(target=self._go_on)]
        self._asking[0].start()

    def _go_on(self) -> None:
        while not self._over.wait(self.every):
            thread = Thread(target=self._ask)
            self._asking.append(thread)
            thread.start()

    def _ask(self) -> None:
        began = time.monotonic()
        status = Visitor(self.visitor.port, self.visitor.cookies).ask(self.address).status
        self.answers.append((began, time.monotonic(), status))

    def stop(self) -> None:
        """Open no more pages; return when the last one is there."""
        self._over.set()
        for thread in self._asking:
            thread.join(60)


def p95(answers: list[Answer]) -> float:
    """Return within how many seconds 95 of 100 answers came."""
    return statistics.quantiles([each.seconds for each in answers], n=20)[-1]


def median(answers: list[Answer]) -> float:
    """Return within how many seconds half of the answers came."""
    return statistics.median(each.seconds for each in answers)


APPROVED = "SELECT count(*) FROM consultations_goalchange c WHERE status = 'approved'"
WITHOUT_NOTICE = f"""{APPROVED} AND NOT EXISTS (
    SELECT 1 FROM directory_notice n
    WHERE n.kind = 'change_decided' AND n.occurrence LIKE 'change:' || c.id || ':%')"""  # noqa: S608  # ours
NOTICE_WITHOUT_APPROVAL = """
    SELECT count(*) FROM directory_notice n WHERE n.kind = 'change_decided' AND NOT EXISTS (
        SELECT 1 FROM consultations_goalchange c
        WHERE c.status = 'approved' AND n.occurrence LIKE 'change:' || c.id || ':%')"""


def approval_counts(bench: Bench) -> tuple[int, int, int]:
    """Return how many changes are approved, how many of them nobody was owed word of, and how
    many notices tell of an approval that is not there."""
    return bench.one(APPROVED), bench.one(WITHOUT_NOTICE), bench.one(NOTICE_WITHOUT_APPROVAL)
