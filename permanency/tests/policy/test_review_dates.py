"""When the next review falls due, what counts as late, and which held dates are refused."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from permanency.policy.endings import Ending, EndReason
from permanency.policy.goals import Goal
from permanency.policy.months import DateOutOfRangeError
from permanency.policy.review_dates import (
    Standing,
    days_late,
    held_on_error,
    misses,
    needs_reason_for_backdating,
    next_review,
    occurrences,
    standing,
    was_held_late,
)
from permanency.policy.rules import VERSION_1
from permanency.tests.policy.days import day, days, maybe

pytestmark = pytest.mark.once

PRESERVATION, RESTORATION = Goal.PRESERVATION, Goal.RESTORATION
GUARDIANSHIP, ADOPTION, LONG_TERM_CARE = Goal.GUARDIANSHIP, Goal.ADOPTION, Goal.LONG_TERM_CARE

SAFE_DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2180, 12, 31))
PERIODS = st.sampled_from([3, 4, 6, 12])


def counted_by_year_and_month(anchor_on: date, months: int) -> date:
    """The oracle: the calendar month by its number, then the latest day that exists in it."""
    month_number = anchor_on.year * 12 + (anchor_on.month - 1) + months
    for number in (anchor_on.day, 30, 29, 28):
        if number <= anchor_on.day:
            try:
                return date(month_number // 12, month_number % 12 + 1, number)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")


def review_of(
    goal: Goal, effective_on: date, last_held_on: date | None = None, intensive: bool = False
) -> date | None:
    return next_review(
        goal=goal,
        effective_on=effective_on,
        last_held_on=last_held_on,
        intensive=intensive,
        rules=VERSION_1,
    ).on


@pytest.mark.parametrize(
    ("goal", "effective", "last_held", "intensive", "due"),
    [
        (PRESERVATION, "14 May 2026", "", False, "14 Aug 2026"),
        (RESTORATION, "14 May 2026", "", False, "14 Nov 2026"),
        (GUARDIANSHIP, "14 May 2026", "", False, "14 Nov 2026"),
        (ADOPTION, "14 May 2026", "", False, "14 Nov 2026"),
        (LONG_TERM_CARE, "14 May 2026", "", False, "14 May 2027"),
        # Marked intensive: three months for a two-year goal, no change for another.
        (RESTORATION, "14 May 2026", "", True, "14 Aug 2026"),
        (PRESERVATION, "14 May 2026", "", True, "14 Aug 2026"),
        (LONG_TERM_CARE, "14 May 2026", "", True, "14 May 2027"),
        # After a review, from the day it was held: early, late, or on the goal's first day.
        (RESTORATION, "14 May 2026", "1 Oct 2026", False, "1 Apr 2027"),
        (RESTORATION, "14 May 2026", "20 Dec 2026", False, "20 Jun 2027"),
        (RESTORATION, "14 May 2026", "14 May 2026", False, "14 Nov 2026"),
        # A review of an earlier goal does not count for this one.
        (RESTORATION, "14 May 2026", "13 May 2026", False, "14 Nov 2026"),
        # Month ends and leap days.
        (RESTORATION, "31 Aug 2025", "", False, "28 Feb 2026"),
        (RESTORATION, "31 Aug 2027", "", False, "29 Feb 2028"),
        (RESTORATION, "29 Aug 2023", "", False, "29 Feb 2024"),
        (PRESERVATION, "30 Nov 2025", "", False, "28 Feb 2026"),
        (PRESERVATION, "31 Jan 2026", "", False, "30 Apr 2026"),
        (RESTORATION, "28 Feb 2026", "", False, "28 Aug 2026"),
        (LONG_TERM_CARE, "29 Feb 2024", "", False, "28 Feb 2025"),
        # Onto the days on which the clocks change.
        (RESTORATION, "4 Apr 2026", "", False, "4 Oct 2026"),
        (RESTORATION, "4 Oct 2026", "", False, "4 Apr 2027"),
    ],
)
def test_the_next_review_is_one_period_after_the_goal_or_the_last_review(
    goal: Goal, effective: str, last_held: str, intensive: bool, due: str
) -> None:
    assert review_of(goal, day(effective), maybe(last_held), intensive) == day(due)


@given(
    goal=st.sampled_from(Goal),
    effective_on=SAFE_DAYS,
    last_held_on=st.none() | SAFE_DAYS,
    intensive=st.booleans(),
)
def test_the_next_review_agrees_with_an_independent_count(
    goal: Goal, effective_on: date, last_held_on: date | None, intensive: bool
) -> None:
    months = {PRESERVATION: 3, LONG_TERM_CARE: 12}.get(goal, 3 if intensive else 6)
    anchor_on = max(effective_on, last_held_on or effective_on)
    expected = counted_by_year_and_month(anchor_on, months)
    assert review_of(goal, effective_on, last_held_on, intensive) == expected


def test_the_derivation_of_a_first_review_says_why() -> None:
    derivation = next_review(
        goal=RESTORATION,
        effective_on=day("31 May 2026"),
        last_held_on=None,
        intensive=False,
        rules=VERSION_1,
        born_on=day("2 Mar 2015"),
    )
    assert derivation.sentences() == (
        "Review every 6 months (restoration): 30 November 2026.",
        "It counts from the day the goal took effect, 31 May 2026.",
        "31 May 2026 + 6 months = 30 November 2026.",
        "That month has no day 31, so its last day counts.",
        "It ends when the review is held, or the goal ends: permanency is achieved, the goal "
        "changes, the child turns 18 on 2 March 2033, dies or moves out of New South Wales.",
        f"Rule version 1. Source: {VERSION_1.source}.",
    )


def test_the_derivation_after_a_review_says_why() -> None:
    derivation = next_review(
        goal=GUARDIANSHIP,
        effective_on=day("2 Mar 2026"),
        last_held_on=day("22 May 2026"),
        intensive=True,
        rules=VERSION_1,
    )
    assert derivation.start_event == "the day the last review was held"
    assert derivation.start_on == day("22 May 2026")
    assert derivation.arithmetic == "22 May 2026 + 3 months = 22 August 2026"
    assert derivation.adjustments == (
        "The goal is marked intensive, so it is reviewed every 3 months.",
        "It falls on a Saturday; the date does not move.",
    )
    assert "the child turns 18, dies" in derivation.ends_when


@pytest.mark.parametrize(
    ("last_held", "event"),
    [
        ("", "the day the goal took effect"),
        ("1 Mar 2026", "the day the goal took effect"),
        ("2 Mar 2026", "the day the last review was held"),
        ("3 Mar 2026", "the day the last review was held"),
    ],
)
def test_the_derivation_names_the_day_it_counts_from(last_held: str, event: str) -> None:
    derivation = next_review(
        goal=RESTORATION,
        effective_on=day("2 Mar 2026"),
        last_held_on=maybe(last_held),
        intensive=False,
        rules=VERSION_1,
    )
    assert derivation.start_event == event


def test_a_review_of_an_earlier_goal_is_named_as_not_counting() -> None:
    derivation = next_review(
        goal=GUARDIANSHIP,
        effective_on=day("2 Mar 2026"),
        last_held_on=day("1 Mar 2026"),
        intensive=False,
        rules=VERSION_1,
    )
    assert derivation.start_on == day("2 Mar 2026")
    assert derivation.adjustments == (
        "The review held on 1 March 2026 was before this goal and does not count.",
    )


@pytest.mark.parametrize(
    ("born", "effective", "due"),
    [
        # The 18th birthday is 14 May 2027: a review the day before is owed, one on the day is not.
        ("14 May 2009", "13 Nov 2026", "13 May 2027"),
        ("14 May 2009", "14 Nov 2026", ""),
        ("14 May 2009", "15 Nov 2026", ""),
        # Born on a leap day: 18 on 28 February 2026.
        ("29 Feb 2008", "27 Aug 2025", "27 Feb 2026"),
        ("29 Feb 2008", "28 Aug 2025", ""),
    ],
)
def test_no_review_is_owed_from_the_18th_birthday_on(born: str, effective: str, due: str) -> None:
    derivation = next_review(
        goal=RESTORATION,
        effective_on=day(effective),
        last_held_on=None,
        intensive=False,
        rules=VERSION_1,
        born_on=day(born),
    )
    assert derivation.on == maybe(due)
    assert ("turns 18" in derivation.no_date_reason) is (due == "")


@pytest.mark.parametrize("reason", EndReason)
def test_no_review_is_owed_once_the_clocks_have_ended(reason: EndReason) -> None:
    ended = Ending(reason, day("1 Jul 2026"))
    derivation = next_review(
        goal=RESTORATION,
        effective_on=day("14 May 2026"),
        last_held_on=None,
        intensive=False,
        rules=VERSION_1,
        ended=ended,
    )
    assert derivation.on is None
    assert derivation.no_date_reason == ended.sentence()


def test_a_weekend_is_not_named_where_there_is_no_date() -> None:
    derivation = next_review(
        goal=GUARDIANSHIP,
        effective_on=day("22 Feb 2026"),  # 22 August 2026 is a Saturday
        last_held_on=None,
        intensive=False,
        rules=VERSION_1,
        ended=Ending(EndReason.DIED, day("1 Jul 2026")),
    )
    assert derivation.adjustments == ()


def test_a_review_that_would_leave_the_range_of_years_is_refused_in_words() -> None:
    with pytest.raises(DateOutOfRangeError):
        review_of(LONG_TERM_CARE, date(2200, 6, 1))


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
    due_on = counted_by_year_and_month(anchor_on, first * months)
    found = occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=until)
    every = [counted_by_year_and_month(anchor_on, n * months) for n in range(first, first + 260)]
    assert list(found) == [each for each in every if each <= until]
    assert list(found) == sorted(set(found))


@given(anchor_on=SAFE_DAYS, months=PERIODS, until=SAFE_DAYS, later=SAFE_DAYS)
def test_a_later_day_never_has_fewer_occurrences(
    anchor_on: date, months: int, until: date, later: date
) -> None:
    assume(until <= later)
    due_on = counted_by_year_and_month(anchor_on, months)
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
    found = misses(
        anchor_on=day("31 May 2026"),
        due_on=day("30 Nov 2026"),
        months=6,
        on=day(on),
        ended_on=maybe(ended),
    )
    assert found == days(*expected)


@pytest.mark.parametrize(
    ("due", "on", "stands", "late"),
    [
        ("14 May 2026", "13 Apr 2026", Standing.LATER, 0),
        ("14 May 2026", "14 Apr 2026", Standing.DUE_SOON, 0),
        ("14 May 2026", "13 May 2026", Standing.DUE_SOON, 0),
        ("14 May 2026", "14 May 2026", Standing.DUE_TODAY, 0),
        ("14 May 2026", "15 May 2026", Standing.OVERDUE, 1),
        ("14 May 2026", "14 May 2027", Standing.OVERDUE, 365),
        # Across both clock changes a day is a day.
        ("4 Oct 2026", "5 Oct 2026", Standing.OVERDUE, 1),
        ("3 Oct 2026", "5 Oct 2026", Standing.OVERDUE, 2),
        ("3 Apr 2027", "5 Apr 2027", Standing.OVERDUE, 2),
        ("4 Nov 2026", "5 Oct 2026", Standing.DUE_SOON, 0),
        ("4 Nov 2026", "4 Oct 2026", Standing.LATER, 0),
        ("", "14 May 2026", Standing.NONE, 0),
    ],
)
def test_due_on_the_day_and_overdue_from_the_next(
    due: str, on: str, stands: Standing, late: int
) -> None:
    assert standing(maybe(due), on=day(on)) is stands
    assert days_late(maybe(due), on=day(on)) == late


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
    assert was_held_late(maybe(due), day(held)) is late


@pytest.mark.parametrize(
    ("held", "error"),
    [
        ("15 May 2026", "The date held must not be in the future."),
        ("14 May 2026", ""),
        ("1 Mar 2026", ""),
        ("28 Feb 2026", "The date held must not be before the goal took effect, 1 March 2026."),
        (
            "30 Jan 2026",
            "The date held must not be before the child entered care, 1 February 2026.",
        ),
        ("30 Jan 2010", "The date held must not be before the child was born, 14 May 2015."),
    ],
)
def test_impossible_held_dates_are_refused_in_words(held: str, error: str) -> None:
    found = held_on_error(
        day(held),
        on=day("14 May 2026"),
        born_on=day("14 May 2015"),
        entered_care_on=day("1 Feb 2026"),
        effective_on=day("1 Mar 2026"),
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
