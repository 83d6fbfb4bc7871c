"""Working days as tables of dates."""

from datetime import date, timedelta

import pytest

from directory.clock import (
    add_working_days,
    first_working_day_of_week,
    is_working_day,
    working_days_between,
)

WORKING = {
    "a Monday": date(2026, 5, 4),
    "a Friday": date(2026, 5, 8),
    "the Thursday before Easter 2027": date(2027, 3, 25),
    "the Tuesday after Easter 2027": date(2027, 3, 30),
    "the bank holiday of August 2026": date(2026, 8, 3),
    "Christmas Eve": date(2026, 12, 24),
    "29 February": date(2028, 2, 29),
}
NOT_WORKING = {
    "a Saturday": date(2026, 5, 9),
    "a Sunday": date(2026, 5, 10),
    "New Year's Day": date(2027, 1, 1),
    "Australia Day": date(2027, 1, 26),
    "Australia Day of 2028, a Wednesday": date(2028, 1, 26),
    "the Monday after an Australia Day on a Sunday": date(2031, 1, 27),
    "Good Friday 2027": date(2027, 3, 26),
    "Easter Saturday 2027": date(2027, 3, 27),
    "Easter Sunday 2027": date(2027, 3, 28),
    "Easter Monday 2027": date(2027, 3, 29),
    "Anzac Day": date(2028, 4, 25),
    "King's Birthday 2026": date(2026, 6, 8),
    "King's Birthday 2027": date(2027, 6, 14),
    "Labour Day 2026": date(2026, 10, 5),
    "Labour Day 2027": date(2027, 10, 4),
    "Christmas Day": date(2026, 12, 25),
    "the Monday for a Boxing Day on a Saturday": date(2026, 12, 28),
}


@pytest.mark.parametrize("day", WORKING.values(), ids=WORKING.keys())
def test_people_work(day: date) -> None:
    assert is_working_day(day)


@pytest.mark.parametrize("day", NOT_WORKING.values(), ids=NOT_WORKING.keys())
def test_people_do_not_work(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 5, 4), date(2026, 5, 4)),
        (date(2026, 5, 10), date(2026, 5, 4)),
        (date(2027, 3, 31), date(2027, 3, 30)),  # after Easter Monday
        (date(2026, 6, 10), date(2026, 6, 9)),  # after the King's Birthday
        (date(2026, 10, 5), date(2026, 10, 6)),  # the holiday itself asks
        (date(2027, 12, 27), date(2027, 12, 29)),  # two days in place of a weekend's
    ],
)
def test_the_first_working_day_of_a_week(day: date, first: date) -> None:
    assert first_working_day_of_week(day) == first


def test_every_week_of_ten_years_has_a_first_working_day_inside_it() -> None:
    monday = date(2024, 1, 1)
    for number in range(520):
        start = monday + timedelta(weeks=number)
        first = first_working_day_of_week(start)
        assert first is not None
        assert start <= first <= start + timedelta(days=4)


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 5, 4), 0, date(2026, 5, 4)),
        (date(2026, 5, 4), 1, date(2026, 5, 5)),
        (date(2026, 5, 8), 1, date(2026, 5, 11)),
        (date(2026, 5, 9), 1, date(2026, 5, 11)),  # from a Saturday
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # over Easter
        (date(2026, 12, 24), 3, date(2026, 12, 31)),  # over Christmas
        (date(2026, 5, 4), 10, date(2026, 5, 18)),
    ],
)
def test_working_days_are_added_and_counted_alike(day: date, count: int, then: date) -> None:
    assert add_working_days(day, count) == then
    assert working_days_between(day, then) == count


def test_working_days_are_only_counted_forwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(date(2026, 5, 4), -1)
    assert working_days_between(date(2026, 5, 5), date(2026, 5, 4)) == 0


def test_a_weekend_at_the_end_adds_nothing() -> None:
    assert working_days_between(date(2026, 5, 7), date(2026, 5, 10)) == 1
