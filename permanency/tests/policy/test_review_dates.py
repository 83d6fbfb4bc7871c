"""When the next review falls due, and why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.goals import Ending, EndReason, Goal
from permanency.policy.months import DateOutOfRangeError
from permanency.policy.review_dates import (
    next_review,
)
from permanency.policy.rules import VERSION_1
from permanency.tests.policy.days import add_months_by_hand, day, day_or_none

PRESERVATION, RESTORATION = Goal.PRESERVATION, Goal.RESTORATION
GUARDIANSHIP, ADOPTION, LONG_TERM_CARE = Goal.GUARDIANSHIP, Goal.ADOPTION, Goal.LONG_TERM_CARE

SAFE_DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2180, 12, 31))


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
    assert review_of(goal, day(effective), day_or_none(last_held), intensive) == day(due)


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
    expected = add_months_by_hand(anchor_on, months)
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
        "The period is DCJ policy; from which day it counts is a default of this product.",
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
        last_held_on=day_or_none(last_held),
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
    assert derivation.on == day_or_none(due)
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
