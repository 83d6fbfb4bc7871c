"""Months clamp to their end, birthdays come on the day, spans read as words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.months import (
    DateOutOfRangeError,
    add_months,
    age_in_words,
    age_on,
    check_year,
    day_in_words,
    lower_first,
    month_end_note,
    months_in_words,
    short_day,
    span_in_words,
    turns_18_on,
    weekend_note,
    whole_months,
)
from permanency.tests.policy.days import day

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
SAFE_DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2180, 12, 31))


def by_trying_shorter_months(start_on: date, months: int) -> date:
    """The oracle: count the months one at a time, then step back until the day exists."""
    year, month = start_on.year, start_on.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in range(start_on.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, start_on.day)


@pytest.mark.parametrize(
    ("anchor", "months", "due"),
    [
        ("31 Aug 2025", 6, "28 Feb 2026"),
        ("31 Aug 2027", 6, "29 Feb 2028"),
        ("29 Aug 2023", 6, "29 Feb 2024"),
        ("30 Nov 2025", 3, "28 Feb 2026"),
        ("31 Jan 2026", 3, "30 Apr 2026"),
        ("28 Feb 2026", 6, "28 Aug 2026"),
        ("29 Feb 2024", 12, "28 Feb 2025"),
        ("29 Feb 2024", 24, "28 Feb 2026"),
        ("29 Feb 2024", 48, "29 Feb 2028"),
        ("31 May 2026", 3, "31 Aug 2026"),
        ("31 May 2026", 6, "30 Nov 2026"),
        ("31 May 2026", 9, "28 Feb 2027"),
        ("31 May 2026", 12, "31 May 2027"),
        ("31 Dec 2026", 2, "28 Feb 2027"),
        ("1 Dec 2026", 1, "1 Jan 2027"),
        ("31 Mar 2026", -1, "28 Feb 2026"),
        ("15 May 2026", 0, "15 May 2026"),
    ],
)
def test_months_are_added_and_clamped_to_the_month_end(anchor: str, months: int, due: str) -> None:
    assert add_months(day(anchor), months) == day(due)


@given(start_on=SAFE_DAYS, months=st.integers(0, 240))
def test_adding_months_agrees_with_counting_them_one_by_one(start_on: date, months: int) -> None:
    assert add_months(start_on, months) == by_trying_shorter_months(start_on, months)


@given(start_on=SAFE_DAYS, months=st.integers(-240, 240))
def test_whole_months_undo_adding_months(start_on: date, months: int) -> None:
    assert whole_months(start_on, add_months(start_on, months)) == max(0, months)


@given(start_on=DAYS, end_on=DAYS)
def test_whole_months_are_the_most_that_fit(start_on: date, end_on: date) -> None:
    months = whole_months(start_on, end_on)
    assert months >= 0
    if end_on >= start_on:
        assert add_months(start_on, months) <= end_on
    if end_on < date(2200, 11, 1):
        assert by_trying_shorter_months(start_on, months + 1) > end_on


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ("3 Oct 2026", "4 Oct 2026", 1),
        ("4 Oct 2026", "5 Oct 2026", 1),  # 4 October 2026 has 23 hours
        ("3 Apr 2027", "4 Apr 2027", 1),
        ("4 Apr 2027", "5 Apr 2027", 1),  # 4 April 2027 has 25 hours
        ("1 Oct 2026", "1 Apr 2027", 182),
        ("1 Apr 2027", "1 Oct 2027", 183),
    ],
)
def test_days_are_whole_across_both_clock_changes(first: str, second: str, days: int) -> None:
    assert (day(second) - day(first)).days == days
    assert day(first) + timedelta(days=days) == day(second)


@pytest.mark.parametrize(
    ("anchor", "months", "due"),
    [("4 Apr 2026", 6, "4 Oct 2026"), ("4 Oct 2026", 6, "4 Apr 2027")],
)
def test_months_lead_onto_a_day_of_23_or_25_hours(anchor: str, months: int, due: str) -> None:
    assert add_months(day(anchor), months) == day(due)


@pytest.mark.parametrize(
    ("born", "turns_18"),
    [
        ("14 May 2008", "14 May 2026"),
        ("28 Feb 2008", "28 Feb 2026"),
        ("29 Feb 2008", "28 Feb 2026"),
        ("29 Feb 2012", "28 Feb 2030"),
        ("1 Mar 2008", "1 Mar 2026"),
        ("31 Dec 2010", "31 Dec 2028"),
        ("1 Jan 2011", "1 Jan 2029"),
    ],
)
def test_the_18th_birthday_and_28_february_for_a_leap_day(born: str, turns_18: str) -> None:
    assert turns_18_on(day(born)) == day(turns_18)


@given(born_on=SAFE_DAYS)
def test_the_18th_birthday_is_the_first_day_of_being_18(born_on: date) -> None:
    birthday = turns_18_on(born_on)
    assert age_on(born_on, birthday) == 18
    assert age_on(born_on, birthday - timedelta(days=1)) == 17


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("14 May 2016", "14 May 2016", 0),
        ("14 May 2016", "13 May 2017", 0),
        ("14 May 2016", "14 May 2017", 1),
        ("14 May 2016", "13 May 2026", 9),
        ("14 May 2016", "14 May 2026", 10),
        ("29 Feb 2016", "28 Feb 2019", 3),
        ("29 Feb 2016", "28 Feb 2020", 3),
        ("29 Feb 2016", "29 Feb 2020", 4),
    ],
)
def test_age_is_completed_years(born: str, on: str, age: int) -> None:
    assert age_on(day(born), day(on)) == age


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(day("14 May 2016"), day("13 May 2016"))


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("14 May 2024", "14 Aug 2026", "2 years 3 months"),
        ("14 May 2024", "13 Aug 2026", "2 years 2 months"),
        ("14 May 2024", "14 May 2026", "2 years"),
        ("14 May 2024", "14 Jun 2025", "1 year 1 month"),
        ("14 May 2026", "14 Jun 2026", "1 month"),
        ("14 May 2026", "14 Aug 2026", "3 months"),
        ("14 May 2026", "13 Jun 2026", "30 days"),
        ("14 May 2026", "15 May 2026", "1 day"),
        ("14 May 2026", "14 May 2026", "0 days"),
        ("14 May 2026", "1 May 2026", "0 days"),
        ("14 May 2026", "1 Jan 2025", "0 days"),
    ],
)
def test_a_span_reads_as_words(start: str, end: str, words: str) -> None:
    assert span_in_words(day(start), day(end)) == words


@pytest.mark.parametrize(("months", "words"), [(1, "1 month"), (6, "6 months"), (24, "24 months")])
def test_a_period_reads_as_words(months: int, words: str) -> None:
    assert months_in_words(months) == words


@pytest.mark.parametrize(
    ("on", "words"),
    [(date(2026, 5, 14), "14 May 2026"), (date(2027, 1, 1), "1 January 2027")],
)
def test_a_day_reads_as_words(on: date, words: str) -> None:
    assert day_in_words(on) == words


def test_a_day_in_a_row_of_a_list_is_short() -> None:
    assert short_day(day("1 Jul 2026")) == "1 Jul 2026"


@pytest.mark.parametrize(
    ("born", "on", "words"),
    [
        ("1 May 2011", "1 May 2026", "15"),
        ("1 May 2011", "30 Apr 2026", "14"),
        ("1 Oct 2025", "1 May 2026", "7 months"),
        ("30 Apr 2025", "1 May 2026", "1"),
        ("2 May 2026", "1 May 2026", "0 months"),
    ],
)
def test_an_age_beside_a_name(born: str, on: str, words: str) -> None:
    assert age_in_words(day(born), day(on)) == words


@pytest.mark.parametrize(
    ("on", "note"),
    [
        ("14 May 2026", ()),
        ("15 May 2026", ()),
        ("16 May 2026", ("It falls on a Saturday; the date does not move.",)),
        ("17 May 2026", ("It falls on a Sunday; the date does not move.",)),
        ("18 May 2026", ()),
    ],
)
def test_a_weekend_is_named(on: str, note: tuple[str, ...]) -> None:
    assert weekend_note(day(on)) == note


def test_a_shorter_month_is_named_only_where_it_moved_the_day() -> None:
    assert month_end_note(day("31 May 2026"), day("30 Nov 2026")) == (
        "That month has no day 31, so its last day counts.",
    )
    assert month_end_note(day("30 May 2026"), day("30 Nov 2026")) == ()


@pytest.mark.parametrize("inside", [date(1900, 1, 1), date(2026, 5, 14), date(2200, 12, 31)])
def test_years_from_1900_to_2200_are_accepted(inside: date) -> None:
    assert check_year(inside) == inside


@pytest.mark.parametrize("outside", [date.min, date(1899, 12, 31), date(2201, 1, 1), date.max])
def test_other_years_are_refused_in_words(outside: date) -> None:
    with pytest.raises(DateOutOfRangeError, match="between 1900 and 2200"):
        check_year(outside)


@pytest.mark.parametrize(
    ("start_on", "months"),
    [
        (date(2200, 12, 1), 1),
        (date(1900, 1, 31), -1),
        (date(2026, 5, 14), 10**30),
        (date(2026, 5, 14), -(10**30)),
        (date.max, 0),
        (date.min, 12 * 1950),
    ],
)
def test_arithmetic_that_leaves_the_range_is_refused_in_words(start_on: date, months: int) -> None:
    with pytest.raises(DateOutOfRangeError, match="between 1900 and 2200"):
        add_months(start_on, months)


@pytest.mark.parametrize(("alone", "within"), [("The goal", "the goal"), ("A", "a"), ("", "")])
def test_a_beginning_is_written_small_within_a_sentence(alone: str, within: str) -> None:
    assert lower_first(alone) == within
