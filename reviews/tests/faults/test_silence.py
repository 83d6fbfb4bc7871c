"""Reminders stop, in each way that they can: health is red, and managers read why at once."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.furnish import MANAGER
from reviews.tests.faults.parts import PartProcess
from reviews.tests.faults.smtp_stub import LATER

pytestmark = [pytest.mark.faults]

MOST_SECONDS = 120
Silence = Callable[[Bench, PartProcess, PartProcess], None]


def _no_beat(bench: Bench, worker: PartProcess, beat: PartProcess) -> None:
    beat.kill()


def _worker_asleep(bench: Bench, worker: PartProcess, beat: PartProcess) -> None:
    worker.signal(signal.SIGSTOP)


def _mail_kept_waiting(bench: Bench, worker: PartProcess, beat: PartProcess) -> None:
    bench.stub.misbehave(LATER)
    bench.owe(1)


@pytest.mark.parametrize(
    ("silence", "minutes", "part", "why"),
    [
        (_no_beat, 16, "tick", "more than 15 minutes"),
        (_no_beat, 26 * 60 + 1, "tick", "more than 26 hours"),
        (_worker_asleep, 2, "worker", "done nothing"),
        (_mail_kept_waiting, 61, "mail", "more than 60 minutes"),
    ],
)
def test_p5_silence_is_noticed(
    silence: Silence, minutes: int, part: str, why: str, bench: Bench, say: RecordFigure
) -> None:
    clock = bench.fake_the_clock()
    worker, beat = bench.worker(), bench.beat()
    web = bench.web()
    bench.wait_for_health(web, 200)
    silence(bench, worker, beat)
    clock.go(minutes=minutes)

    def reason() -> str:
        status, told = bench.health(web)
        return str(told[part].get("reason", "")) if status == 503 else ""

    red = bench.wait(lambda: why in reason())
    manager = bench.visitor(web, MANAGER)
    bench.wait(lambda: why in manager.ask("/").body)
    say(f"P5 {silence.__name__.strip('_').replace('_', ' ')}, {minutes} min: red after {red:.1f} s")
    assert red <= MOST_SECONDS
