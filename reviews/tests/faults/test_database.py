"""PostgreSQL is started anew, or crashes, while people work."""

from __future__ import annotations

import signal
import time
from collections import Counter
from threading import Thread
from typing import Any

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.desk import PageReaders, approval_counts, approve, endorsed_changes
from reviews.tests.faults.furnish import APPROVER
from reviews.tests.faults.visitor import Answer, Visitor

pytestmark = [pytest.mark.faults, pytest.mark.faults_quick]

CRASHES = 20
DONE, MOVED_ON = 302, 409


def test_f20_a_restart_of_the_database_costs_the_requests_in_flight_and_no_other(
    bench: Bench, say: RecordFigure
) -> None:
    web = bench.web()
    desk = bench.visitor(web, APPROVER)
    readers = PageReaders(desk, "/approvals/", every=0.2)
    bench.wait(lambda: len(readers.answers) > 10)
    stopped = time.monotonic()
    bench.cluster.stop(signal.SIGINT)
    bench.cluster.start()
    ready = time.monotonic()
    bench.wait(lambda: sum(began > ready for began, _, _ in readers.answers) > 20)
    readers.stop()
    outside = [each for each in readers.answers if each[1] < stopped or each[0] > ready]
    inside = [each for each in readers.answers if each not in outside]
    failed = [status for _, _, status in outside if status != 200]
    broken = [status for _, _, status in inside if status != 200]
    (change, *_) = endorsed_changes(bench)
    say(
        f"F20: away for {ready - stopped:.1f} s, {len(inside)} requests in flight, of them "
        f"{len(broken)} failed {sorted(set(broken))}; of {len(outside)} others {len(failed)}"
    )
    assert failed == []
    assert set(broken) <= {503}
    assert approve(desk, change).status == DONE
    assert approval_counts(bench) == (1, 0, 0)


def test_f21_a_crash_in_mid_approval_leaves_both_approval_and_notice_or_neither(
    bench: Bench, say: RecordFigure
) -> None:
    web = bench.web()
    desk = bench.visitor(web, APPROVER)
    fine, *changes = endorsed_changes(bench)
    after = approve(desk, fine).seconds
    before_commit = after_commit = cut_off = 0
    retried: list[int] = []
    for change in changes[:CRASHES]:
        (approved_before, *_), filled = (
            approval_counts(bench),
            desk.sheet(f"/goal-changes/{change}/approve/"),
        )
        first: list[Answer] = []
        sending = Thread(target=_send, args=[desk, change, filled, first])
        began = time.monotonic()
        sending.start()
        time.sleep(after)
        crashed = time.monotonic() - began
        bench.cluster.stop(signal.SIGQUIT)
        bench.cluster.start()
        sending.join(60)
        approved, *half = approval_counts(bench)
        assert half == [0, 0]
        is_saved, is_told = approved > approved_before, first[0].status == DONE
        before_commit += not is_saved
        cut_off += is_saved and not is_told
        after_commit += is_saved and (not is_told or first[0].seconds < crashed)
        # The next crash comes nearer to COMMIT, from the other side.
        after *= 0.85 if is_saved else 1.15
        again = desk.ask(f"/goal-changes/{change}/approve/", filled)
        retried.append(again.status)
        assert again.status in {DONE, MOVED_ON}, (again, first, after)
    say(
        f"F21: {CRASHES} crashes, {before_commit} before COMMIT, {after_commit} after it "
        f"({cut_off} of them cut off the answer), both or neither each time; "
        f"retries answered {dict(Counter(retried))}"
    )
    assert before_commit > 0
    assert after_commit > 0
    assert approval_counts(bench) == (CRASHES + 1, 0, 0)


def _send(desk: Visitor, change: int, filled: Any, answers: list[Answer]) -> None:
    answers.append(desk.ask(f"/goal-changes/{change}/approve/", filled))
