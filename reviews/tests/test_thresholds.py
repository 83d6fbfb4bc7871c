"""Which telling a matter has reached, as tables. That the search misses nobody: `test_owed.py`."""

from datetime import date, timedelta

import pytest

from directory.models import Notice
from permanency.policy.months import DateOutOfRangeError
from reviews.notices_due.kinds import (
    ACTION,
    ORDER_EXPIRY,
    REVIEW,
    TWO_YEAR_DATE,
    Schedule,
    Stage,
    monthly_stage,
    stage_on,
    waiting_stage,
)

DAY = date(2026, 5, 14)
SCHEDULES = {
    "review": REVIEW,
    "two-year date": TWO_YEAR_DATE,
    "order": ORDER_EXPIRY,
    "action": ACTION,
}

# Days left, then kind, threshold and days left when the stage began.
REVIEW_TABLE = [
    (31, None),
    (30, ("review_coming", "30", 30)),
    (29, ("review_coming", "30", 30)),
    (15, ("review_coming", "30", 30)),
    (14, ("review_coming", "14", 14)),
    (1, ("review_coming", "14", 14)),
    (0, ("review_due", "0", 0)),
    (-1, ("review_overdue", "week-1", -1)),
    (-7, ("review_overdue", "week-1", -1)),
    (-8, ("review_overdue", "week-2", -8)),
    (-14, ("review_overdue", "week-2", -8)),
    (-400, ("review_overdue", "week-58", -400)),
]
TWO_YEAR_TABLE = [
    (181, None),
    (180, ("two_year_coming", "180", 180)),
    (91, ("two_year_coming", "180", 180)),
    (90, ("two_year_coming", "90", 90)),
    (31, ("two_year_coming", "90", 90)),
    (30, ("two_year_coming", "30", 30)),
    (0, ("two_year_coming", "30", 30)),
    (-1, ("two_year_passed", "month-1", -1)),
    (-31, ("two_year_passed", "month-1", -1)),
    (-32, ("two_year_passed", "month-2", -32)),
    (-61, ("two_year_passed", "month-2", -32)),
    (-62, ("two_year_passed", "month-3", -62)),
]
ORDER_TABLE = [
    (181, None),
    (180, ("order_expiring", "180", 180)),
    (90, ("order_expiring", "90", 90)),
    (30, ("order_expiring", "30", 30)),
    (0, ("order_expiring", "30", 30)),
    (-5, ("order_expiring", "30", 30)),
]
ACTION_TABLE = [
    (0, None),
    (-1, ("action_overdue", "week-1", -1)),
    (-7, ("action_overdue", "week-1", -1)),
    (-8, ("action_overdue", "week-2", -8)),
]
TABLE = [
    (schedule, days_left, expected)
    for schedule, rows in (
        (REVIEW, REVIEW_TABLE),
        (TWO_YEAR_DATE, TWO_YEAR_TABLE),
        (ORDER_EXPIRY, ORDER_TABLE),
        (ACTION, ACTION_TABLE),
    )
    for days_left, expected in rows
]


@pytest.mark.parametrize(("schedule", "days_left", "expected"), TABLE)
def test_the_stage_that_a_matter_has_reached(
    schedule: Schedule, days_left: int, expected: tuple[str, str, int] | None
) -> None:
    reached = stage_on(schedule, DAY, on=DAY - timedelta(days=days_left))
    if expected is None:
        assert reached is None
        return
    kind, threshold, began_with = expected
    assert reached == Stage(kind, threshold, DAY - timedelta(days=began_with))


def test_every_kind_is_one_that_notices_know() -> None:
    kinds = {step.kind for schedule in SCHEDULES.values() for step in schedule.steps}
    assert kinds | {monthly_stage(DAY).kind} <= set(Notice.Kind.values)


@pytest.mark.parametrize(
    ("day", "on", "threshold", "begins_on"),
    [
        # Passed on 31 January; months count from the day after, and from there every time.
        (date(2026, 1, 30), date(2026, 1, 31), "month-1", date(2026, 1, 31)),
        (date(2026, 1, 30), date(2026, 2, 27), "month-1", date(2026, 1, 31)),
        (date(2026, 1, 30), date(2026, 2, 28), "month-2", date(2026, 2, 28)),
        (date(2026, 1, 30), date(2026, 3, 30), "month-2", date(2026, 2, 28)),
        (date(2026, 1, 30), date(2026, 3, 31), "month-3", date(2026, 3, 31)),
        (date(2024, 2, 28), date(2025, 2, 28), "month-13", date(2025, 2, 28)),
    ],
)
def test_months_of_a_passed_two_year_date(
    day: date, on: date, threshold: str, begins_on: date
) -> None:
    assert stage_on(TWO_YEAR_DATE, day, on=on) == Stage("two_year_passed", threshold, begins_on)


def test_a_year_that_cannot_be_is_an_error_and_not_a_stage() -> None:
    with pytest.raises(DateOutOfRangeError):
        stage_on(TWO_YEAR_DATE, date(1850, 1, 1), on=DAY)


@pytest.mark.parametrize(
    ("days", "threshold", "begun_days_ago"),
    [(0, "", 0), (6, "", 6), (7, "week-1", 0), (13, "week-1", 6), (15, "week-2", 1)],
)
def test_weeks_of_waiting(days: int, threshold: str, begun_days_ago: int) -> None:
    reached = waiting_stage("approval_waiting", DAY - timedelta(days=days), on=DAY)
    assert reached == Stage("approval_waiting", threshold, DAY - timedelta(days=begun_days_ago))


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 5, 14), date(2026, 5, 31)])
def test_a_gap_is_told_once_in_a_calendar_month(day: date) -> None:
    assert monthly_stage(day) == Stage("directory_gap", "2026-05", date(2026, 5, 1))
