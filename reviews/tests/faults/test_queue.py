"""A task kills whoever takes it, or Redis is full, cut off or new: other work goes on by itself."""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import nullcontext

import pytest
from kombu import Connection, Message, Queue

from permanency.celery import app
from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.parts import PartProcess

pytestmark = [pytest.mark.faults]

logger = logging.getLogger(__name__)
STATEMENT = "django.db.backends.utils:CursorWrapper.execute"
FULL_SECONDS, AT_ONCE_SECONDS = 5, 10


@pytest.mark.faults_quick
def test_f17_a_mail_that_kills_its_process_is_parked_and_others_go_on(
    bench: Bench, say: RecordFigure
) -> None:
    """One mail kills whoever names its recipient; nine others are owed behind it."""
    bench.owe(10, inboxes=10)
    address = bench.one(
        "SELECT i.address FROM directory_mail m JOIN directory_inbox i ON i.id = m.inbox_id"
        " WHERE part = 'case-1'"
    )
    deadly = bench.falling("smtplib:SMTP.rcpt", "before", times=99, only=f"'{address}'")
    bench.worker(deadly, children=4)
    bench.beat()
    bench.wait_until_ended(10, seconds=120)
    state, trouble = bench.rows("SELECT state, trouble FROM directory_mail WHERE part = 'case-1'")[
        0
    ]
    say(f"F17: {bench.falls()} deaths of one mail's sender, it is {state}, {bench.states()}")
    assert state == "parked", trouble
    assert bench.falls() == 5
    assert bench.states() == {"sent": 9, "parked": 1}


@pytest.mark.faults_quick
def test_f17_what_a_killed_process_had_in_hand_is_done_after_the_next_nudge(
    bench: Bench, say: RecordFigure
) -> None:
    """The task is lost with its process. What does the work is that beat asks again."""
    tick = bench.falling(STATEMENT, "before", times=1, only='INSERT INTO "directory_tickrun"')
    bench.worker(tick)
    bench.beat()
    bench.wait(lambda: bench.falls() == 1)
    took = bench.wait(lambda: bench.ticks() >= 1, seconds=30)
    say(f"F17: {bench.falls()} process killed with a tick in hand, it was done {took:.1f} s later")
    assert bench.falls() == 1


@pytest.mark.faults_quick
@pytest.mark.parametrize("no_ack", [True, False], ids=["as set", "control"])
def test_f16_a_worker_takes_the_next_task_whose_last_was_not_acknowledged(
    bench: Bench, no_ack: bool
) -> None:
    """Redis falls asleep between a task and its acknowledgement. The control waits for good."""
    queue = app.amqp.queues["celery"] if no_ack else Queue("celery")
    taken: list[Message] = []
    waits = {"socket_timeout": 0.3}
    with Connection(bench.queue.address, transport_options=waits) as broker:
        producer = broker.Producer(routing_key="celery", serializer="json")
        with broker.Consumer(queue, on_message=taken.append, prefetch_count=1):
            for number in (1, 2):
                producer.publish({}, retry=False)
                with nullcontext() if no_ack or number == 1 else pytest.raises(TimeoutError):
                    broker.drain_events(timeout=3)
                if number == 1:
                    os.kill(bench.queue.process.pid, signal.SIGSTOP)
                    taken[0].ack_log_error(logger, broker.connection_errors)
                    os.kill(bench.queue.process.pid, signal.SIGCONT)
    assert len(taken) == (2 if no_ack else 1)


def _full(bench: Bench, worker: PartProcess) -> None:
    """Leave no room for a few seconds, in which the worker finds tasks that were there before."""
    os.kill(worker.process.pid, signal.SIGSTOP)
    time.sleep(FULL_SECONDS)  # Beat asks on.
    bench.ask_queue("CONFIG", "SET", "maxmemory-policy", "noeviction")
    bench.ask_queue("CONFIG", "SET", "maxmemory", "1")
    os.kill(worker.process.pid, signal.SIGCONT)
    time.sleep(FULL_SECONDS)
    bench.ask_queue("CONFIG", "SET", "maxmemory", "0")


def _cut_off(bench: Bench, _: PartProcess) -> None:
    bench.ask_queue("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def _started_anew(bench: Bench, _: PartProcess) -> None:
    bench.queue.stop(signal.SIGTERM)
    bench.queue.start()


def _lose_the_queue(bench: Bench, say: RecordFigure, *, times: int) -> None:
    """Nobody lends a hand: the worker and beat that began are those that end."""
    parts = bench.worker(), bench.beat()
    bench.wait_for_ticks(1)
    slowest: dict[str, float] = {}
    ways = [_full, *[_cut_off, _started_anew] * times]
    for number, way in enumerate(ways, start=1):
        way(bench, parts[0])
        bench.owe(1, first=number)
        took = bench.wait_until_ended(number)
        name = way.__name__.strip("_").replace("_", " ")
        slowest[name] = max(slowest.get(name, 0), took)
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest.items())
    say(f"F18: full once, {times} times each cut off and started anew; mail goes on after {told}")
    assert all(part.is_running() for part in parts)
    assert bench.states() == {"sent": len(ways)}
    assert max(slowest.values()) <= AT_ONCE_SECONDS


@pytest.mark.faults_quick
def test_f18_a_queue_that_is_full_cut_off_or_started_anew_is_found_again(
    bench: Bench, say: RecordFigure
) -> None:
    _lose_the_queue(bench, say, times=1)


def test_f18_all_the_times(bench: Bench, say: RecordFigure) -> None:
    _lose_the_queue(bench, say, times=10)
