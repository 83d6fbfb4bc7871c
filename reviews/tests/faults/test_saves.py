"""Redis or the mail server is away or asleep: people save and read as before, mail goes after."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import CHANGES, RecordFigure
from reviews.tests.faults.desk import PageReaders, approve_all, endorsed_changes, median, p95
from reviews.tests.faults.furnish import APPROVER
from reviews.tests.faults.smtp_stub import HANG_CONNECT, OK

pytestmark = [pytest.mark.faults]

Away = Callable[[Bench], AbstractContextManager[None]]
DECIDED = (
    "SELECT count(*) FROM directory_mail WHERE part LIKE 'change_decided:%' AND state = 'sent'"
)
# The promise is a tenth of a second, and p95 is printed. What waits for a server that is away waits
# for two seconds at least; a machine that does other work beside makes single saves long, so that
# the middle one is compared.
MOST_RISE_SECONDS = 1.0
SAVES, A_MINUTE, TEN_MINUTES = 200, 60, 600


@contextmanager
def down(bench: Bench) -> Iterator[None]:
    bench.queue.stop(signal.SIGKILL)
    yield
    bench.queue.start()


@contextmanager
def asleep(bench: Bench) -> Iterator[None]:
    os.kill(bench.queue.process.pid, signal.SIGSTOP)
    yield
    os.kill(bench.queue.process.pid, signal.SIGCONT)


@contextmanager
def asleep_and_the_mail_server_mute(bench: Bench) -> Iterator[None]:
    bench.stub.misbehave(HANG_CONNECT)
    with asleep(bench):
        yield
    bench.stub.misbehave(OK)


def people_save(
    case: str,
    away: Away,
    bench: Bench,
    say: RecordFigure,
    *,
    before: int = 30,
    during: int,
    seconds: float = 0,
    patience: float = 60,
) -> None:
    """Each save owes a mail at once; the worker and beat run on, and find the servers again."""
    bench.more_changes(max(0, before + during - CHANGES))
    bench.worker()
    bench.beat()
    web = bench.web()
    desk = bench.visitor(web, APPROVER)
    desk.patience = patience
    changes = endorsed_changes(bench)[: before + during]
    every = seconds / during
    well = approve_all(desk, changes[:before], every=min(every, 1))
    with away(bench):
        readers = PageReaders(desk, "/approvals/", every=0.5)
        frozen = approve_all(desk, changes[before:], every=every)
        readers.stop()
    refused = [each.status for each in well + frozen if each.status != 302]
    assert refused == []
    bench.wait(lambda: bench.one(DECIDED) == len(changes) and bench.unfinished() == 0)
    pages = [status for *_, status in readers.answers]
    copies, rise = bench.stub.copies(), p95(frozen) - p95(well)
    say(
        f"{case}: {len(frozen)} saves and {len(pages)} pages while Redis was "
        f"{away.__name__.replace('_', ' ')}, {len(refused)} not saved, "
        f"{sum(status != 200 for status in pages)} not shown, p95 of saves {p95(frozen):.2f} s "
        f"(before: {p95(well):.2f} s, {rise * 1000:+.0f} ms), {bench.one(DECIDED)} of "
        f"{len(changes)} mails sent after, {copies.total() - len(copies)} repeats"
    )
    assert set(pages) == {200}
    assert copies.total() == len(copies)
    assert median(frozen) - median(well) < MOST_RISE_SECONDS


@pytest.mark.faults_quick
@pytest.mark.parametrize(("case", "away"), [("F15", down), ("F16", asleep)])
def test_f15_f16_people_save_while_the_queue_is_away(
    case: str, away: Away, bench: Bench, say: RecordFigure
) -> None:
    people_save(case, away, bench, say, during=30)


@pytest.mark.parametrize(("case", "away"), [("F15", down), ("F16", asleep)])
def test_f15_f16_for_a_minute(case: str, away: Away, bench: Bench, say: RecordFigure) -> None:
    people_save(case, away, bench, say, during=SAVES, seconds=A_MINUTE)


@pytest.mark.faults_quick
def test_p6_people_save_and_read_while_queue_and_mail_server_are_frozen(
    bench: Bench, say: RecordFigure
) -> None:
    frozen = asleep_and_the_mail_server_mute
    people_save("P6", frozen, bench, say, before=15, during=20, seconds=20)


def test_p6_for_ten_minutes(bench: Bench, say: RecordFigure) -> None:
    people_save(
        "P6", asleep_and_the_mail_server_mute, bench, say, during=SAVES, seconds=TEN_MINUTES
    )
