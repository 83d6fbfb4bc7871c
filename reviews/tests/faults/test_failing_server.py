"""The mail server is busy or says nothing: it is left alone for a while, and then mail goes on."""

from __future__ import annotations

import itertools
import statistics
import time

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.furnish import COORDINATOR
from reviews.tests.faults.smtp_stub import BUSY, HANG_CONNECT, HANG_DATA, LATER, OK

pytestmark = [pytest.mark.faults]

LEFT_ALONE = (
    "SELECT count(*) > 0 FROM directory_mail"
    " WHERE state = 'owed' AND tries = 0 AND failing_since IS NOT NULL"
)
LOST_THREE_TIMES = (
    "SELECT count(*) FROM directory_mail WHERE state = 'parked' AND unsure = 3"
    " AND trouble LIKE '%lost three times%'"
)
WAITS = {"MAIL_BACKOFF_SECONDS": "4,8,16,16"}


def test_f4_a_recipient_who_is_asked_to_wait_is_tried_again_after_the_waits(
    bench: Bench, say: RecordFigure
) -> None:
    bench.owe(1)
    bench.stub.misbehave(LATER, times=2)
    bench.worker(WAITS)
    bench.beat()
    bench.wait_until_ended(1)
    tries = bench.stub.connected
    waits = [after - before for before, after in itertools.pairwise(tries)]
    say(f"F4 451 twice: sent at try {len(tries)}, waits {[f'{wait:.1f}' for wait in waits]} s")
    assert bench.states() == {"sent": 1}
    assert len(tries) == 3
    assert waits[0] >= 4 * 0.8
    assert waits[1] >= 8 * 0.8


def test_f4_a_busy_server_is_asked_a_few_times_and_no_more(bench: Bench, say: RecordFigure) -> None:
    bench.owe(50)
    bench.stub.misbehave(BUSY)
    bench.worker(WAITS)
    bench.beat()
    bench.wait(lambda: bench.one(LEFT_ALONE))
    time.sleep(40)
    tries = len(bench.stub.connected)
    bench.stub.misbehave(OK)
    bench.wait_until_ended(50)
    say(f"F4 421 for 40 s with 50 owed: {tries} connections, then {bench.states()['sent']} sent")
    assert tries <= 10
    assert bench.states() == {"sent": 50}
    assert bench.stub.copies().total() == 50


@pytest.mark.parametrize("mode", [HANG_CONNECT, HANG_DATA])
def test_f7_a_silent_server_holds_neither_the_worker_nor_the_web(
    mode: str, bench: Bench, say: RecordFigure
) -> None:
    """A mail whose text was never answered three times is left to a person, as one more copy
    would be the fourth; all others are sent when the server is well."""
    bench.owe(200)
    bench.stub.misbehave(mode)
    web = bench.web()
    desk = bench.visitor(web, COORDINATOR)
    bench.worker()
    bench.beat()
    waited = bench.wait(lambda: bench.one(LEFT_ALONE))
    tries = len(bench.stub.connected)
    pages = [desk.ask("/children/") for _ in range(20)]
    bench.wait_for_ticks(1)
    bench.stub.misbehave(OK)
    bench.wait_until_ended(200)
    p95 = statistics.quantiles([each.seconds for each in pages], n=20)[-1]
    silent, states = bench.stub.silent_repeats(), bench.states()
    say(
        f"F7 {mode}: left alone after {waited:.1f} s and {tries} tries, the worker went on, "
        f"pages p95 {p95:.2f} s, then {states['sent']} of 200 sent, "
        f"{states['parked']} parked, {silent} unflagged repeats"
    )
    assert tries <= 4
    assert {each.status for each in pages} == {200}
    assert states["sent"] + states["parked"] == 200
    assert bench.one(LOST_THREE_TIMES) == states["parked"]
    assert states["parked"] <= (2 if mode == HANG_DATA else 0)
    assert len([each for each in bench.stub.copies() if each.endswith("@bench>")]) == 200
    assert silent == 0
