"""Somebody holds what an act needs, or the database undoes the act: nobody waits long."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import psycopg2
import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.desk import approval_counts, endorsed_changes
from reviews.tests.faults.furnish import APPROVER
from reviews.tests.faults.visitor import Answer, Visitor

pytestmark = [pytest.mark.faults]

DONE, TRY_AGAIN = 302, 503
STATEMENT = "django.db.backends.utils:CursorWrapper.execute"
DECISION = 'INSERT INTO "consultations_decision"'
CHILD = """
    SELECT 1 FROM permanency_child WHERE id =
        (SELECT child_id FROM consultations_goalchange WHERE id = %s) FOR UPDATE"""
HEADS = "SELECT 1 FROM directory_historyhead FOR UPDATE"
WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
IDLE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'"""
UNDONE = """
    CREATE SEQUENCE undone;
    GRANT USAGE ON undone TO PUBLIC;
    CREATE FUNCTION undone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('undone') <= {times} THEN
            RAISE EXCEPTION 'undone on purpose' USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    CREATE CONSTRAINT TRIGGER undone AFTER INSERT ON consultations_decision
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION undone()"""


@contextlib.contextmanager
def holder(bench: Bench) -> Iterator[Any]:
    """Give a cursor of another session, which holds what it locks until the end."""
    line = psycopg2.connect(bench.cluster.address("test", bench.database))
    try:
        with line.cursor() as cursor:
            yield cursor
    finally:
        line.close()


def ready(bench: Bench, *words: str, **more: str) -> tuple[Visitor, str, Any]:
    """Return somebody at the form of an approval, its address, and the form."""
    web = bench.web(*words, **more)
    desk = bench.visitor(web, APPROVER)
    (change, *_) = endorsed_changes(bench)
    address = f"/goal-changes/{change}/approve/"
    return desk, address, desk.sheet(address)


def change_of(address: str) -> int:
    return int(address.split("/")[2])


@pytest.mark.faults_quick
def test_f22_a_row_that_somebody_holds_is_waited_for_a_few_seconds(
    bench: Bench, say: RecordFigure
) -> None:
    desk, address, form = ready(bench)
    with holder(bench) as other:
        other.execute(CHILD, [change_of(address)])
        answer = desk.ask(address, form)
    again = desk.ask(address, form)
    say(f"F22: a row held: {answer.status} after {answer.seconds:.1f} s, then {again.status}")
    assert answer.status == TRY_AGAIN
    assert answer.seconds <= 6
    assert "try again" in answer.body.lower()
    assert again.status == DONE
    assert approval_counts(bench) == (1, 0, 0)


@pytest.mark.faults_quick
def test_f22_a_deadlock_is_seen_by_nobody(bench: Bench, say: RecordFigure) -> None:
    """The approval holds the child and waits for the history; the other one the other way round."""
    desk, address, form = ready(bench)
    answers: list[Answer] = []
    with holder(bench) as other:
        other.execute("SET deadlock_timeout = '1min'")  # so that it is not this one that is undone
        other.execute(HEADS)
        sending = Thread(target=lambda: answers.append(desk.ask(address, form)))
        sending.start()
        bench.wait(lambda: bench.one(WAITS) == 1)
        other.execute(CHILD, [change_of(address)])
    sending.join(60)
    (deadlocks,) = bench.rows(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )[0]
    say(
        f"F22: {deadlocks} deadlock: {answers[0].status} after {answers[0].seconds:.1f} s, "
        f"{approval_counts(bench)[0]} approval"
    )
    assert deadlocks == 1
    assert answers[0].status == DONE
    assert approval_counts(bench) == (1, 0, 0)


@pytest.mark.faults_quick
@pytest.mark.parametrize(("times", "status"), [(3, DONE), (4, TRY_AGAIN)])
def test_f22_a_serialisation_failure_is_seen_by_nobody_three_times(
    times: int, status: int, bench: Bench, say: RecordFigure
) -> None:
    """It comes at COMMIT, when the whole act was done. After the fourth the form is sent again."""
    desk, address, form = ready(bench)
    bench.rows(UNDONE.format(times=times))
    answer = desk.ask(address, form)
    tries = bench.one("SELECT last_value FROM undone")
    again = desk.ask(address, form)
    say(
        f"F22: {times} serialisation failures: {answer.status} after {tries} tries, "
        f"then {again.status}, {approval_counts(bench)[0]} approval"
    )
    assert (answer.status, tries) == (status, 4)
    assert again.status == DONE
    assert approval_counts(bench) == (1, 0, 0)


def test_f22_who_sleeps_in_a_transaction_is_ended_after_a_minute(
    bench: Bench, say: RecordFigure
) -> None:
    """A web server falls asleep in mid-approval, with all that it has locked."""
    desk, address, form = ready(bench)
    other = desk.sheet(address)
    asleep = bench.falling(STATEMENT, "after", times=1, how="stop", only=DECISION)
    sleeper = bench.web("--timeout", "0", **asleep)
    slept: list[Answer] = []
    asking = Visitor(sleeper.port, desk.cookies, patience=180)
    sending = Thread(target=lambda: slept.append(asking.ask(address, form)))
    sending.start()
    bench.wait(lambda: bench.falls() == 1)
    began = time.monotonic()
    meanwhile = desk.ask(address, other)
    assert bench.one(IDLE) == 1
    bench.wait(lambda: bench.one(IDLE) == 0)
    ended = time.monotonic() - began
    again = desk.ask(address, other)
    sleeper.resume()
    sending.join(60)
    say(
        f"F22: asleep in a transaction: {meanwhile.status} to another after "
        f"{meanwhile.seconds:.1f} s, ended after {ended:.0f} s, then {again.status}; "
        f"awake again it answers {slept[0].status}, {approval_counts(bench)[0]} approval"
    )
    assert meanwhile.status == TRY_AGAIN
    assert meanwhile.seconds <= 6
    assert 50 <= ended <= 70
    assert again.status == DONE
    assert slept[0].status == TRY_AGAIN
    assert approval_counts(bench) == (1, 0, 0)
