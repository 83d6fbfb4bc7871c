"""The service as a whole: it comes back by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure

pytestmark = [pytest.mark.faults]


def test_p21_each_part_that_is_killed_comes_back(bench: Bench, say: RecordFigure) -> None:
    """What starts parts anew in production is the host; from then on nobody lends a hand."""
    web, worker = bench.web(), bench.worker()
    bench.beat()

    def is_whole() -> bool:
        return bench.health(web)[0] == 200

    def database() -> None:
        bench.cluster.stop(signal.SIGQUIT)
        bench.cluster.start()

    def queue() -> None:
        bench.queue.stop(signal.SIGKILL)
        bench.queue.start()

    def another_worker() -> None:
        worker.kill()
        bench.worker()

    def another_web() -> None:
        nonlocal web
        web.kill()
        web = bench.web()

    bench.wait(is_whole)
    took: dict[str, float] = {}
    parts: list[Callable[[], None]] = [database, queue, another_worker, another_web]
    for number, kill in enumerate(parts, start=1):
        began = time.monotonic()
        kill()
        bench.wait(is_whole)
        bench.owe(1, first=number)
        bench.wait_until_ended(number)
        took[kill.__name__.removeprefix("another_")] = time.monotonic() - began
    told = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items())
    say(f"P21: killed and whole again, a mail sent after each: {told}")
    assert bench.states() == {"sent": len(parts)}
