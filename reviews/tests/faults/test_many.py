"""Thousands of mails, hundreds of kills, and everything doubled: the ledger keeps its promises."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import date

import pytest

from directory.clock import first_working_day_of_week
from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure
from reviews.tests.faults.furnish import DISTRICTS
from reviews.tests.faults.smtp_stub import SLOW
from reviews.tests.faults.stepping import WARM
from reviews.tests.faults.test_clock import UNTOLD
from reviews.tests.faults.test_mail import TEXT
from reviews.tests.faults.test_queue import STATEMENT

pytestmark = [pytest.mark.faults]

MAILS, MORE, KILLS, AROUND_THE_TEXT = 3_000, 500, 100, 50
AROUND_COMMIT = 1_000
CHILDREN = 12
BY_HAND = 3
KEYS = {
    "directory_notice": "kind, occurrence, threshold, inbox_id",
    "directory_mail": 'inbox_id, "on", part',
}
TWICE = "SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1) AS doubled"


def test_f3_p3_thousands_of_mails_and_a_hundred_kills_lose_none_and_repeat_none_in_silence(
    bench: Bench, say: RecordFigure
) -> None:
    """Pool children of two workers are killed a few times a second, whatever they do, and fifty
    senders around the text.
    """
    bench.owe(MAILS, inboxes=DISTRICTS)
    bench.stub.misbehave(SLOW)
    fallible = bench.falling(TEXT, "either", times=AROUND_THE_TEXT, chance=0.03)
    workers = [bench.worker(fallible, children=CHILDREN) for _ in range(2)]
    bench.beat()
    chance, kills, mails = random.Random(3), 0, MAILS  # noqa: S311  # whom it hits
    while kills < KILLS:
        time.sleep(chance.uniform(0.25, 0.45))
        children = chance.choice(workers).children()
        if children:
            os.kill(chance.choice(children), signal.SIGKILL)
            kills += 1
        if bench.unfinished() < MORE:
            bench.owe(MORE, inboxes=DISTRICTS, first=mails + 1)
            mails += MORE
    bench.wait_until_ended(mails, seconds=300)
    copies = bench.stub.copies()
    ours = {message_id for message_id in copies if message_id.endswith("@bench>")}
    around, repeats = bench.falls(), copies.total() - len(copies)
    silent = bench.stub.silent_repeats()
    say(
        f"F3: {mails} mails, {kills} kills and {around} around the text, "
        f"{mails - len(ours)} lost, {repeats} repeats, {silent} of them unflagged, {bench.states()}"
    )
    assert (kills, around) == (KILLS, AROUND_THE_TEXT)
    assert len(ours) == mails
    assert silent == 0
    assert 0 < repeats <= kills + around


def test_two_workers_share_the_mails(bench: Bench, say: RecordFigure) -> None:
    bench.owe(300)
    bench.stub.misbehave(SLOW)
    for _ in range(2):
        bench.worker(children=4)
    bench.beat()
    bench.wait_until_ended(300)
    copies = bench.stub.copies()
    repeats = copies.total() - len(copies)
    say(f"Two workers: 300 mails, {300 - len(copies)} lost, {repeats} repeats")
    assert bench.states() == {"sent": 300}
    assert repeats == 0


@pytest.mark.parametrize("table", KEYS)
def test_p2_many_beats_workers_and_people_owe_each_notice_once(
    table: str, bench: Bench, say: RecordFigure
) -> None:
    """Two beats, four workers and three runs by hand, on the morning of a week on which each inbox
    gets a digest, also where nothing is due.

    Those by hand have read what is owed, and sleep before they write it down; they wake at once.
    """
    clock, soon = bench.fake_the_clock(), bench.working_day_after(bench.next_working_day(), 7)
    day = str(first_working_day_of_week(date.fromisoformat(soon)))
    clock.set_local(day)
    for _ in range(4):
        bench.worker()
    write = f'INSERT INTO "{table}"'
    asleep = bench.falling(STATEMENT, "before", times=BY_HAND, how="stop", only=write)
    hand = [sys.executable, "manage.py", "tick"]
    by_hand = [bench.start(hand, "tick", **asleep) for _ in range(BY_HAND)]
    bench.wait(lambda: all(part.is_stopped() for part in by_hand))
    for part in by_hand:
        part.resume()
    for _ in range(2):
        bench.beat()
    for part in by_hand:
        part.process.wait(120)
    inboxes = bench.wait_for_digests()
    bench.wait_for_ticks(2)
    twice = [bench.one(TWICE.format(table, key)) for table, key in KEYS.items()]
    owed = bench.one("SELECT count(*) FROM directory_notice WHERE settled_at IS NULL")
    untold = bench.one(UNTOLD, day)
    copies = bench.stub.copies()
    say(
        f"P2: 2 beats, 4 workers, 3 runs by hand at each {table.partition('_')[2]}: {owed} notices "
        f"owed, {twice[0]} twice, {untold} missing; {inboxes} digests, {twice[1]} mails twice, "
        f"{copies.total() - len(copies)} repeats"
    )
    assert owed >= 500
    assert (twice, untold) == ([0, 0], 0)
    assert copies.total() == len(copies)


# For each change and step: how often it was taken, and how often word of it was owed.
STEPS_AND_NOTICES = """
    WITH fact AS (
        SELECT goal_change_id AS change, step, count(*) AS times FROM consultations_decision
        WHERE step IN ('ask_for_more', 'propose', 'endorse') GROUP BY 1, 2
    ), told AS (
        SELECT split_part(occurrence, ':', 2)::int AS change, CASE kind
            WHEN 'change_returned' THEN 'ask_for_more' WHEN 'endorsement_waiting' THEN 'propose'
            WHEN 'approval_waiting' THEN 'endorse' END AS step, count(*) AS times
        FROM directory_notice WHERE occurrence LIKE 'change:%' GROUP BY 1, 2
    )
    SELECT sum(coalesce(fact.times, 0)),
        sum(greatest(coalesce(fact.times, 0) - coalesce(told.times, 0), 0)),
        sum(greatest(coalesce(told.times, 0) - coalesce(fact.times, 0), 0))
    FROM fact FULL JOIN told USING (change, step)
"""


def test_p1_kills_around_commit_leave_no_fact_without_its_notice(
    bench: Bench, say: RecordFigure
) -> None:
    """Each process takes a step, which owes word, and falls just before or after COMMIT."""
    ((furnished, *_),) = bench.rows(STEPS_AND_NOTICES)
    commit = "django.db.backends.base.base:BaseDatabaseWrapper._commit"
    falls = bench.falling(commit, "either", times=AROUND_COMMIT, chance=0.9, skip=WARM)
    steps = bench.start([sys.executable, "-m", "reviews.tests.faults.stepping"], "steps", **falls)
    assert steps.process.wait(900) == 0, steps.said()[-3000:]
    ((facts, untold, told_for_nothing),) = bench.rows(STEPS_AND_NOTICES)
    say(
        f"P1: {bench.falls()} kills, {bench.falls('before')} before COMMIT and "
        f"{bench.falls('after')} after it; {facts - furnished} steps stand, "
        f"{untold} without their notice, {told_for_nothing} notices without a step"
    )
    assert bench.falls() == AROUND_COMMIT
    assert facts - furnished >= bench.falls("after") > 0
    assert (untold, told_for_nothing) == (0, 0)
