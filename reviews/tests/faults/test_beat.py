"""Beat, the worker or the queue is gone: that is seen, and what is owed is done all the same."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.parts import PartProcess

pytestmark = [pytest.mark.faults, pytest.mark.faults_quick]

DIGESTS = "SELECT count(*) FROM directory_mail WHERE part = 'digest' AND state = 'sent'"


def test_f8_a_dead_beat_is_seen_in_a_quarter_of_an_hour_and_forgotten_when_it_is_back(
    bench: Bench, say: RecordFigure
) -> None:
    clock = bench.fake_the_clock()
    bench.worker()
    beat = bench.beat()
    web = bench.web()
    bench.wait_for_health(web, 200)
    beat.kill()
    clock.go(minutes=16)
    red, told = bench.wait_for_health(web, 503)
    bench.beat()
    green, _ = bench.wait_for_health(web, 200)
    say(f"F8: red {red:.1f} s after 16 minutes without a tick, green {green:.1f} s after the start")
    assert told["tick"]["ok"] is False


def _kill(worker: PartProcess) -> None:
    worker.kill()


def _freeze(worker: PartProcess) -> None:
    worker.signal(signal.SIGSTOP)


@pytest.mark.parametrize("how", [_kill, _freeze])
def test_f9_a_worker_that_does_nothing_is_seen_though_beat_is_alive(
    how: Callable[[PartProcess], None], bench: Bench, say: RecordFigure
) -> None:
    clock = bench.fake_the_clock()
    worker = bench.worker()
    beat = bench.beat()
    web = bench.web()
    bench.wait_for_health(web, 200)
    how(worker)
    clock.go(minutes=2)
    red, told = bench.wait_for_health(web, 503)
    worker.kill()
    bench.worker()
    green, _ = bench.wait_for_health(web, 200)
    say(
        f"F9 {how.__name__.strip('_')}: red {red:.1f} s after 2 minutes without work done, "
        f"green {green:.1f} s after another worker was there"
    )
    assert beat.is_running()
    assert told["worker"]["ok"] is False


def test_f10_a_beat_that_lost_its_notes_over_the_hour_still_has_the_day_done(
    bench: Bench, say: RecordFigure
) -> None:
    clock, day = bench.fake_the_clock(), bench.next_working_day()
    clock.set_local(day, hour=6.8)
    bench.worker()
    beat = bench.beat()
    bench.wait(lambda: bench.ticks() > 0)
    assert bench.one(DIGESTS) == 0
    beat.kill()
    notes = [each for each in bench.home.glob("beat-*") if each.suffix != ".log"]
    assert notes
    for each in notes:
        each.unlink()
    clock.set_local(day, hour=8)
    bench.beat()
    inboxes = bench.inboxes_owed()
    bench.wait(lambda: bench.one(DIGESTS) == inboxes)
    copies = bench.stub.copies()
    say(f"F10: {inboxes} digests, {copies.total() - len(copies)} repeats, notes of beat removed")
    assert copies.total() == len(copies)


def test_f14_a_queue_that_was_emptied_costs_no_mail(bench: Bench, say: RecordFigure) -> None:
    bench.worker({"HASTY_SECONDS": "5"})
    bench.beat({"HASTY_SECONDS": "5"})
    bench.wait(lambda: bench.ticks() > 0)
    before = bench.ticks()
    bench.owe(200)
    bench.ask_queue("FLUSHALL")
    bench.wait_until_ended(200)
    ticks = bench.ticks() - before
    copies = bench.stub.copies()
    say(
        f"F14: {bench.states()['sent']} of 200 sent within {ticks} ticks, "
        f"{copies.total() - len(copies)} repeats"
    )
    assert bench.states() == {"sent": 200}
    assert copies.total() == len(copies)
    assert ticks <= 2
