"""What marking a goal intensive, or unmarking it, does to the open review date (rule 1)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.goals import TWO_YEAR_GOALS, Ending, EndReason, Goal
from permanency.policy.months import add_months
from permanency.policy.review_dates import due_after_marking, occurrences
from permanency.policy.rules import VERSION_1, Rules
from permanency.tests.policy.days import day, day_or_none

SAFE_DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2180, 12, 31))
MARKED, UNMARKED = True, False


@pytest.mark.parametrize(
    ("change", "anchor", "due", "on", "expected"),
    [
        # Six-monthly from 14 May 2026, due 14 November: marked before and after the third month.
        (MARKED, "14 May 2026", "14 Nov 2026", "1 Jun 2026", "14 Aug 2026"),
        (MARKED, "14 May 2026", "14 Nov 2026", "14 Aug 2026", "14 Aug 2026"),
        (MARKED, "14 May 2026", "14 Nov 2026", "15 Aug 2026", "14 Nov 2026"),
        (MARKED, "14 May 2026", "14 Nov 2026", "14 Nov 2026", "14 Nov 2026"),
        (MARKED, "14 May 2026", "14 Nov 2026", "14 May 2026", "14 Aug 2026"),
        # Already overdue: it stays, marked or unmarked.
        (MARKED, "14 May 2026", "14 Nov 2026", "15 Nov 2026", "14 Nov 2026"),
        (MARKED, "14 May 2026", "14 Nov 2026", "1 Jun 2028", "14 Nov 2026"),
        (UNMARKED, "14 May 2026", "14 Aug 2026", "15 Aug 2026", "14 Aug 2026"),
        # Unmarked: back to six months from the anchor.
        (UNMARKED, "14 May 2026", "14 Aug 2026", "1 Jun 2026", "14 Nov 2026"),
        (UNMARKED, "14 May 2026", "14 Aug 2026", "14 Aug 2026", "14 Nov 2026"),
        (UNMARKED, "14 May 2026", "14 Nov 2026", "1 Sep 2026", "14 Nov 2026"),
        (UNMARKED, "14 May 2026", "14 Feb 2027", "1 Dec 2026", "14 May 2027"),
        # Marked on a day before the anchor still counts from the anchor.
        (MARKED, "14 May 2026", "14 Nov 2026", "1 Jan 2026", "14 Aug 2026"),
        # Month ends are counted from the anchor.
        (MARKED, "31 May 2026", "30 Nov 2026", "1 Sep 2026", "30 Nov 2026"),
        (MARKED, "31 Aug 2026", "28 Feb 2027", "1 Sep 2026", "30 Nov 2026"),
        (MARKED, "30 Nov 2026", "30 May 2027", "28 Feb 2027", "28 Feb 2027"),
        (MARKED, "30 Nov 2026", "30 May 2027", "1 Mar 2027", "30 May 2027"),
        (UNMARKED, "31 Aug 2027", "30 Nov 2027", "1 Oct 2027", "29 Feb 2028"),
        # No date was open before; the new period may still fall due in time.
        (MARKED, "14 May 2026", "", "1 Jun 2026", "14 Aug 2026"),
    ],
)
def test_the_open_date_after_marking_or_unmarking(
    change: bool, anchor: str, due: str, on: str, expected: str
) -> None:
    derivation = due_after_marking(
        goal=Goal.RESTORATION,
        anchor_on=day(anchor),
        due_on=day_or_none(due),
        marked_on=day(on),
        intensive=change,
        rules=VERSION_1,
    )
    assert derivation.on == day(expected)


@given(
    goal=st.sampled_from(sorted(TWO_YEAR_GOALS)),
    anchor_on=SAFE_DAYS,
    days_later=st.integers(0, 800),
    change=st.booleans(),
)
def test_marking_keeps_the_three_promises(
    goal: Goal, anchor_on: date, days_later: int, change: bool
) -> None:
    marked_on = date.fromordinal(anchor_on.toordinal() + days_later)
    old_on = add_months(anchor_on, 6 if change is MARKED else 3)
    new_on = due_after_marking(
        goal=goal,
        anchor_on=anchor_on,
        due_on=old_on,
        marked_on=marked_on,
        intensive=change,
        rules=VERSION_1,
    ).on
    assert new_on is not None
    if old_on < marked_on:
        assert new_on == old_on
    else:
        months = 3 if change is MARKED else 6
        every = [add_months(anchor_on, number * months) for number in range(1, 20)]
        assert new_on == next(each for each in every if each >= marked_on)
        assert change is UNMARKED or new_on <= old_on


def test_marking_never_moves_a_date_later_even_where_the_periods_do_not_divide() -> None:
    data = VERSION_1.as_data() | {"intensive_months": 4}
    rules = Rules.from_data(2, day("1 Jul 2026"), "A test", data)
    derivation = due_after_marking(
        goal=Goal.ADOPTION,
        anchor_on=day("14 May 2026"),
        due_on=day("14 Nov 2026"),
        marked_on=day("1 Oct 2026"),  # 4 months are past and 8 months would be later
        intensive=MARKED,
        rules=rules,
    )
    assert derivation.on == day("14 Nov 2026")
    assert derivation.adjustments[0] == (
        "Marking a goal intensive never moves the date later, so it stays."
    )


@pytest.mark.parametrize("goal", [goal for goal in Goal if goal not in TWO_YEAR_GOALS])
def test_only_two_year_goals_can_be_marked(goal: Goal) -> None:
    with pytest.raises(ValueError, match="only two-year goals can"):
        due_after_marking(
            goal=goal,
            anchor_on=day("14 May 2026"),
            due_on=day("14 Nov 2026"),
            marked_on=day("1 Jun 2026"),
            intensive=MARKED,
            rules=VERSION_1,
        )


@pytest.mark.parametrize(
    ("change", "reviewed_before", "event", "arithmetic", "note"),
    [
        (
            MARKED,
            False,
            "the day the goal took effect",
            "14 May 2026 + 2 times 3 months = 14 November 2026",
            "The goal was marked intensive on 1 September 2026, so this is the first date on or "
            "after that day, counting in steps of 3 months.",
        ),
        (
            UNMARKED,
            True,
            "the day the last review was held",
            "14 May 2026 + 6 months = 14 November 2026",
            "The goal was no longer intensive on 1 September 2026, so this is the first date on "
            "or after that day, counting in steps of 6 months.",
        ),
    ],
)
def test_the_derivation_says_what_was_marked_and_when(
    change: bool, reviewed_before: bool, event: str, arithmetic: str, note: str
) -> None:
    derivation = due_after_marking(
        goal=Goal.RESTORATION,
        anchor_on=day("14 May 2026"),
        due_on=day("14 Nov 2026"),
        marked_on=day("1 Sep 2026"),
        intensive=change,
        anchor_is_review=reviewed_before,
        rules=VERSION_1,
    )
    assert (derivation.start_event, derivation.arithmetic) == (event, arithmetic)
    assert derivation.adjustments == (note, "It falls on a Saturday; the date does not move.")


def test_an_overdue_date_says_that_it_stays() -> None:
    derivation = due_after_marking(
        goal=Goal.RESTORATION,
        anchor_on=day("12 May 2026"),
        due_on=day("12 Nov 2026"),
        marked_on=day("1 Dec 2026"),
        intensive=MARKED,
        rules=VERSION_1,
    )
    assert derivation.arithmetic == "12 November 2026 stays as it was"
    assert derivation.adjustments == (
        "It was already overdue on 1 December 2026, so the date stays.",
    )


def test_an_overdue_date_that_stays_is_followed_by_the_new_period() -> None:
    assert occurrences(
        anchor_on=day("12 May 2026"),
        due_on=day("12 Nov 2026"),
        months=3,
        until=day("12 May 2027"),
    ) == (day("12 Nov 2026"), day("12 Feb 2027"), day("12 May 2027"))


@pytest.mark.parametrize(
    ("change", "due", "expected"),
    [
        # 18 on 1 October 2026: the six-monthly date is not owed, the three-monthly one is.
        (MARKED, "", "14 Aug 2026"),
        (UNMARKED, "14 Aug 2026", ""),
    ],
)
def test_marking_can_bring_a_date_before_the_18th_birthday_and_unmarking_can_drop_it(
    change: bool, due: str, expected: str
) -> None:
    derivation = due_after_marking(
        goal=Goal.RESTORATION,
        anchor_on=day("14 May 2026"),
        due_on=day_or_none(due),
        marked_on=day("1 Jun 2026"),
        intensive=change,
        rules=VERSION_1,
        born_on=day("1 Oct 2008"),
    )
    assert derivation.on == day_or_none(expected)


def test_nothing_is_owed_after_the_clocks_have_ended() -> None:
    derivation = due_after_marking(
        goal=Goal.RESTORATION,
        anchor_on=day("14 May 2026"),
        due_on=day("14 Nov 2026"),
        marked_on=day("1 Jun 2026"),
        intensive=MARKED,
        rules=VERSION_1,
        ended=Ending(EndReason.ACHIEVED, day("20 May 2026")),
    )
    assert derivation.on is None
    assert derivation.no_date_reason == "Permanency was achieved on 20 May 2026."
