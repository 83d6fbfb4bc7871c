"""What counts as due, overdue, missed or late, and which held dates are refused."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from permanency.policy.months import DateOutOfRangeError
from permanency.policy.review_dates import (
    DueStanding,
    days_late,
    due_standing,
    held_on_error,
    missed_dates,
    needs_reason_for_backdating,
    occurrences,
    was_held_late,
)
from permanency.tests.policy.days import add_months_by_hand, day, day_or_none, days

SAFE_DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2180, 12, 31))
PERIODS = st.sampled_from([3, 4, 6, 12])


@pytest.mark.parametrize(
    ("anchor", "due", "months", "until", "expected"),
    [
        # From 31 May every three months: each counted from the anchor, so 31 May comes back.
        (
            "31 May 2024",
            "31 Aug 2024",
            3,
            "31 May 2025",
            ("31 Aug 2024", "30 Nov 2024", "28 Feb 2025", "31 May 2025"),
        ),
        ("31 May 2024", "31 Aug 2024", 3, "30 Aug 2024", ()),
        ("31 May 2024", "31 Aug 2024", 3, "31 Aug 2024", ("31 Aug 2024",)),
        ("31 May 2024", "31 Aug 2024", 3, "29 Nov 2024", ("31 Aug 2024",)),
        ("31 May 2024", "31 Aug 2024", 3, "30 Nov 2024", ("31 Aug 2024", "30 Nov 2024")),
        # A date that stayed when the goal was marked intensive, then multiples of the new period.
        ("1 Jan 2026", "1 Jul 2026", 3, "1 Jan 2027", ("1 Jul 2026", "1 Oct 2026", "1 Jan 2027")),
        # A stored date that is no multiple at all still comes first.
        ("1 Jan 2026", "15 Jul 2026", 6, "1 Jan 2027", ("15 Jul 2026", "1 Jan 2027")),
    ],
)
def test_occurrences_are_the_stored_date_and_further_multiples_from_the_anchor(
    anchor: str, due: str, months: int, until: str, expected: tuple[str, ...]
) -> None:
    found = occurrences(anchor_on=day(anchor), due_on=day(due), months=months, until=day(until))
    assert found == days(*expected)


@given(anchor_on=SAFE_DAYS, months=PERIODS, until=SAFE_DAYS, first=st.integers(1, 8))
def test_occurrences_rise_and_stay_within_the_window(
    anchor_on: date, months: int, until: date, first: int
) -> None:
    assume(until.year - anchor_on.year < 60)
    due_on = add_months_by_hand(anchor_on, first * months)
    found = occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=until)
    every = [add_months_by_hand(anchor_on, n * months) for n in range(first, first + 260)]
    assert list(found) == [each for each in every if each <= until]
    assert list(found) == sorted(set(found))


@given(anchor_on=SAFE_DAYS, months=PERIODS, until=SAFE_DAYS, later=SAFE_DAYS)
def test_a_later_day_never_has_fewer_occurrences(
    anchor_on: date, months: int, until: date, later: date
) -> None:
    assume(until <= later)
    due_on = add_months_by_hand(anchor_on, months)
    sooner = occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=until)
    longer = occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=later)
    assert longer[: len(sooner)] == sooner


def test_occurrences_reach_the_last_year_without_leaving_it() -> None:
    found = occurrences(
        anchor_on=date(2199, 7, 1), due_on=date(2200, 1, 1), months=6, until=date(2200, 12, 31)
    )
    assert found == (date(2200, 1, 1), date(2200, 7, 1))


def test_occurrences_past_the_last_year_are_refused_in_words() -> None:
    with pytest.raises(DateOutOfRangeError):
        occurrences(
            anchor_on=date(2199, 7, 1), due_on=date(2200, 1, 1), months=6, until=date(2201, 1, 1)
        )


@pytest.mark.parametrize(
    ("on", "ended", "expected"),
    [
        ("30 Nov 2026", "", ()),  # due that day, so not missed yet
        ("1 Dec 2026", "", ("30 Nov 2026",)),
        ("31 May 2027", "", ("30 Nov 2026",)),
        ("1 Jun 2027", "", ("30 Nov 2026", "31 May 2027")),
        # The clocks ended: earlier misses stay, and none is added.
        ("1 Jun 2030", "1 Jan 2027", ("30 Nov 2026",)),
        ("1 Jun 2030", "30 Nov 2026", ()),
        ("1 Dec 2026", "1 Jan 2027", ("30 Nov 2026",)),
    ],
)
def test_misses_are_the_occurrences_already_overdue(
    on: str, ended: str, expected: tuple[str, ...]
) -> None:
    found = missed_dates(
        anchor_on=day("31 May 2026"),
        due_on=day("30 Nov 2026"),
        months=6,
        on=day(on),
        ended_on=day_or_none(ended),
    )
    assert found == days(*expected)


@pytest.mark.parametrize(
    ("due", "on", "stands", "late"),
    [
        ("14 May 2026", "13 Apr 2026", DueStanding.LATER, 0),
        ("14 May 2026", "14 Apr 2026", DueStanding.DUE_SOON, 0),
        ("14 May 2026", "13 May 2026", DueStanding.DUE_SOON, 0),
        ("14 May 2026", "14 May 2026", DueStanding.DUE_TODAY, 0),
        ("14 May 2026", "15 May 2026", DueStanding.OVERDUE, 1),
        ("14 May 2026", "14 May 2027", DueStanding.OVERDUE, 365),
        # Across both clock changes a day is a day.
        ("4 Oct 2026", "5 Oct 2026", DueStanding.OVERDUE, 1),
        ("3 Oct 2026", "5 Oct 2026", DueStanding.OVERDUE, 2),
        ("3 Apr 2027", "5 Apr 2027", DueStanding.OVERDUE, 2),
        ("4 Nov 2026", "5 Oct 2026", DueStanding.DUE_SOON, 0),
        ("4 Nov 2026", "4 Oct 2026", DueStanding.LATER, 0),
        ("", "14 May 2026", DueStanding.NONE, 0),
    ],
)
def test_due_on_the_day_and_overdue_from_the_next(
    due: str, on: str, stands: DueStanding, late: int
) -> None:
    assert due_standing(day_or_none(due), on=day(on)) is stands
    assert days_late(day_or_none(due), on=day(on)) == late


@pytest.mark.parametrize(
    ("due", "held", "late"),
    [
        ("14 May 2026", "13 May 2026", False),
        ("14 May 2026", "14 May 2026", False),
        ("14 May 2026", "15 May 2026", True),
        ("", "15 May 2026", False),
    ],
)
def test_a_review_is_late_when_held_after_its_day(due: str, held: str, late: bool) -> None:
    assert was_held_late(day_or_none(due), day(held)) is late


@pytest.mark.parametrize(
    ("held", "error"),
    [
        ("15 May 2026", "The date held must not be in the future."),
        ("1 Mar 2026", ""),
        ("28 Feb 2026", "The date held must not be before the goal took effect, 1 March 2026."),
        ("10 May 2026", "The goal ended on 9 May 2026, so it was held by then."),
        ("9 May 2026", ""),
        ("30 Jan 2010", "The date held must not be before the child was born, 14 May 2015."),
    ],
)
def test_impossible_held_dates_are_refused_in_words(held: str, error: str) -> None:
    found = held_on_error(
        day(held),
        on=day("14 May 2026"),
        born_on=day("14 May 2015"),
        effective_on=day("1 Mar 2026"),
        ended_on=day("9 May 2026"),
    )
    assert found == error


def test_what_is_not_known_refuses_no_held_date() -> None:
    assert held_on_error(day("1 Jan 1990"), on=day("14 May 2026")) == ""


@pytest.mark.parametrize(
    ("held", "needs_reason"),
    [("14 May 2026", False), ("14 Apr 2026", False), ("13 Apr 2026", True), ("14 May 2025", True)],
)
def test_backdating_by_more_than_30_days_needs_a_reason(held: str, needs_reason: bool) -> None:
    assert needs_reason_for_backdating(day(held), on=day("14 May 2026")) is needs_reason
