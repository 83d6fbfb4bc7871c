"""The clock leaps, goes back, and passes the nights on which it is changed."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta

import pytest

from reviews.tests.faults.bench import Bench
from reviews.tests.faults.conftest import RecordFigure

pytestmark = pytest.mark.faults
QUICK = pytest.mark.faults_quick

TEN_MINUTES = 600
DIGESTS_AFTER = "SELECT inbox_id FROM directory_mail WHERE part = 'digest' AND \"on\" > %s"
OWED_AFTER = """
    SELECT DISTINCT inbox_id FROM directory_notice WHERE settled_at IS NULL AND owed_on > %s
"""
# Matters that are due and of which no inbox was ever owed word.
UNTOLD = """
    SELECT count(*) FROM permanency_caseplangoal g
    WHERE g.ended_on IS NULL AND g.review_due_on <= %s::date AND NOT EXISTS (
        SELECT 1 FROM directory_notice n
        WHERE n.occurrence = 'goal:' || g.id || ':review:' || g.review_due_on)
"""


@QUICK
def test_f11_bad_rows_are_left_with_their_reasons_and_all_others_are_done(
    bench: Bench, say: RecordFigure
) -> None:
    """A date before our era can be stored and cannot be read; a district has lost its inbox."""
    bench.rows("ALTER TABLE permanency_caseplangoal DISABLE TRIGGER USER")
    goals = bench.rows(
        "SELECT id FROM permanency_caseplangoal WHERE review_due_on IS NOT NULL ORDER BY id LIMIT 4"
    )
    for (goal,) in goals[:3]:
        bench.rows(
            "UPDATE permanency_caseplangoal SET review_due_on = '0044-03-15 BC' WHERE id = %s", goal
        )
    bench.rows("UPDATE directory_district SET inbox_id = NULL WHERE name = 'District 20'")
    day = bench.next_working_day()
    status = bench.manage("tick", "--on", day).process.returncode
    problems = bench.rows("SELECT problems FROM directory_tickrun ORDER BY id DESC LIMIT 1")[0][0]
    untold = bench.one(UNTOLD + " AND g.review_due_on > '1900-01-01'", day)
    say(f"F11: {len(problems)} rows left with a reason, {untold} others not told")
    assert status == 2, "completed with problems"
    assert len(problems) == 3
    assert all(problem["reason"] for problem in problems)
    assert untold == 0
    assert "fallback@example.org" in {each.to for each in bench.stub.stored}


@pytest.mark.parametrize("days", [1, 3, pytest.param(40, marks=QUICK)])
def test_f12_p4_dark_days_are_worked_off_with_one_digest(
    days: int, bench: Bench, say: RecordFigure
) -> None:
    """The days are those that the job was off; ten minutes are the promise."""
    clock, day = bench.fake_the_clock(), bench.next_working_day()
    clock.set_local(day)
    assert bench.manage("tick").process.returncode == 0
    clock.set_local(bench.working_day_after(day, days))
    bench.worker()
    began = time.monotonic()
    bench.beat()
    bench.wait(lambda: bench.ticks() > 1)
    bench.wait(lambda: bench.unfinished() == 0)
    took = time.monotonic() - began
    copies = bench.stub.copies()
    digests = Counter(bench.rows(DIGESTS_AFTER, day))
    inboxes = set(bench.rows(OWED_AFTER, day))
    untold = bench.one(UNTOLD, clock.now.date())
    say(
        f"F12 P4 +{days} days: {digests.total()} digests, {len(inboxes)} inboxes owed, "
        f"{untold} matters not told, {copies.total() - len(copies)} repeats, "
        f"all sent {took:.0f} s after beat began"
    )
    assert untold == 0
    assert took <= TEN_MINUTES
    assert inboxes, "something came due in the dark"
    assert inboxes <= set(digests)
    assert digests.total() == len(digests), "one each, on a Monday also where nothing is due"
    assert copies.total() == len(copies)


@QUICK
def test_f12_after_four_hundred_dark_days_mail_waits_for_an_administrator(
    bench: Bench, say: RecordFigure
) -> None:
    clock, day = bench.fake_the_clock(), bench.next_working_day()
    clock.set_local(day)
    assert bench.manage("tick").process.returncode == 0
    sent = len(bench.stub.stored)
    clock.set_local(bench.working_day_after(day, 400))
    assert bench.manage("tick").process.returncode == 0
    untold = bench.one(UNTOLD, clock.now.date())
    waiting = bench.unfinished()
    assert (untold, len(bench.stub.stored)) == (0, sent)
    assert waiting > 0
    assert bench.manage("release_mail").process.returncode == 0
    assert bench.manage("tick").process.returncode == 0
    copies = bench.stub.copies()
    say(
        f"F12 +400 days: ledger filled, {untold} matters not told, 0 mails sent; "
        f"after release {len(bench.stub.stored) - sent} of {waiting}"
    )
    assert bench.unfinished() == 0
    assert copies.total() == len(copies) == sent + waiting


# From the Saturday evening before the clock is changed to the first working morning after it: in
# October that Monday is Labour Day.
@pytest.mark.parametrize("month", [4, pytest.param(10, marks=QUICK)])
def test_f13_a_night_on_which_the_clock_is_changed_is_one_day(
    month: int, bench: Bench, say: RecordFigure
) -> None:
    """Thirty hours pass, twenty minutes in a tenth of a second, while beat and worker go on."""
    today = date.fromisoformat(bench.next_working_day())
    first = date(today.year + (today.month >= month), month, 1)
    sunday = first + timedelta(days=6 - first.weekday())
    evening = (sunday - timedelta(days=1)).isoformat()
    morning = bench.working_day_after(sunday.isoformat(), 1)
    clock = bench.fake_the_clock()
    clock.set_local(evening, hour=22)
    bench.worker()
    bench.beat()
    bench.wait_for_ticks(1)
    for _ in range(90):
        clock.go(minutes=20)
        time.sleep(0.1)
    clock.set_local(morning, hour=8)
    inboxes = bench.wait_for_digests()
    copies = bench.stub.copies()
    days = bench.rows("SELECT DISTINCT \"on\" FROM directory_mail WHERE part = 'digest'")
    say(
        f"F13 {evening}: {inboxes} digests on {len(days)} morning, "
        f"{copies.total() - len(copies)} repeats"
    )
    assert [str(day) for (day,) in days] == [morning]
    assert copies.total() == len(copies)
    assert bench.one(UNTOLD, morning) == 0
