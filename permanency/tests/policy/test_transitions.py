"""What new rules do to dates that are open on the day on which they take effect (rule 10)."""

from dataclasses import replace
from datetime import date

import pytest

from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.review_dates import due_after_marking, next_review
from permanency.policy.rule_changes import RuleBook, review_after, two_year_after
from permanency.policy.rules import VERSION_1, Rules, Transition
from permanency.policy.two_year_clock import GoalPeriod, two_year_date
from permanency.tests.policy.days import day, day_or_none

KEEP, RECOUNT, SOONER = Transition.KEEP, Transition.RECOUNT, Transition.SOONER
LONG_TERM, RESTORATION = Goal.LONG_TERM_CARE, Goal.RESTORATION


def new_rules(
    transition: Transition, from_day: str, *, version: int = 2, clock: int = 24, **months: int
) -> Rules:
    return replace(
        VERSION_1,
        version=version,
        effective_on=day(from_day),
        review_months={
            **VERSION_1.review_months,
            **{Goal(goal): number for goal, number in months.items()},
        },
        clock_months=clock,
        transition=transition,
    )


def open_review(goal: Goal, anchor: str, born: str = "") -> Derivation:
    return next_review(
        goal=goal,
        effective_on=day(anchor),
        last_held_on=None,
        intensive=False,
        rules=VERSION_1,
        born_on=day_or_none(born),
    )


# Long term care, every 12 months until 1 July 2027 and every 6 (or 18) from then on.
@pytest.mark.parametrize(
    ("anchor", "months", "transition", "expected"),
    [
        # Due after the day: the first multiple of the new period on or after it.
        ("14 Sep 2026", 6, RECOUNT, "14 Sep 2027"),
        ("14 Nov 2026", 6, RECOUNT, "14 Nov 2027"),
        ("14 Jan 2027", 6, RECOUNT, "14 Jul 2027"),
        ("14 Feb 2027", 6, RECOUNT, "14 Aug 2027"),
        ("1 Jan 2027", 6, RECOUNT, "1 Jul 2027"),
        ("31 Dec 2026", 6, RECOUNT, "31 Dec 2027"),
        ("31 Aug 2026", 6, RECOUNT, "31 Aug 2027"),
        ("31 May 2027", 6, RECOUNT, "30 Nov 2027"),
        # Already overdue on the day: it stays. Due on the day itself: not overdue.
        ("30 Jun 2026", 6, RECOUNT, "30 Jun 2027"),
        ("1 Jul 2026", 6, RECOUNT, "1 Jul 2027"),
        ("1 Jul 2026", 18, RECOUNT, "1 Jan 2028"),
        # A longer period moves it later, unless no date may.
        ("14 Sep 2026", 18, RECOUNT, "14 Mar 2028"),
        ("14 Sep 2026", 18, SOONER, "14 Sep 2027"),
        ("14 Feb 2027", 6, SOONER, "14 Aug 2027"),
        ("30 Jun 2026", 6, SOONER, "30 Jun 2027"),
        # Open dates stay.
        ("14 Feb 2027", 6, KEEP, "14 Feb 2028"),
        ("14 Sep 2026", 18, KEEP, "14 Sep 2027"),
    ],
)
def test_an_open_review_date_follows_new_rules(
    anchor: str, months: int, transition: Transition, expected: str
) -> None:
    rules = new_rules(transition, "1 Jul 2027", long_term_care=months)
    before = open_review(LONG_TERM, anchor)
    after = review_after(before, goal=LONG_TERM, intensive=False, born_on=None, rules=rules)
    assert after.on == after.worked_out() == day(expected)
    assert after.start_on == day(anchor)
    if after.on == before.on:
        assert after is before
    else:
        assert (after.rule_version, after.not_before) == (2, day("1 Jul 2027"))
    again = review_after(after, goal=LONG_TERM, intensive=False, born_on=None, rules=rules)
    assert again.on == after.on


def test_a_date_that_moved_says_by_which_version_and_from_which_day() -> None:
    rules = new_rules(RECOUNT, "1 Jul 2027", long_term_care=6)
    before = open_review(LONG_TERM, "14 Feb 2027")
    after = review_after(before, goal=LONG_TERM, intensive=False, born_on=None, rules=rules)
    assert after.sentences()[:4] == (
        "Review every 6 months (long term care): 14 August 2027.",
        "It counts from the day the goal took effect, 14 February 2027.",
        "14 February 2027 + 6 months = 14 August 2027.",
        "Version 2 of the rules took effect on 1 July 2027 and open dates were counted again, so "
        "this is the first date on or after that day, counting in steps of 6 months.",
    )
    assert after.in_short() == (
        "6 months from 14 February 2027, the day the goal took effect (rules version 2)."
    )


@pytest.mark.parametrize(
    ("born", "months", "transition", "before", "expected"),
    [
        # Turns 18 on 1 December 2027: twelve months are too late, six are not.
        ("1 Dec 2009", 6, RECOUNT, "", "14 Aug 2027"),
        ("1 Dec 2009", 6, SOONER, "", "14 Aug 2027"),
        ("1 Dec 2009", 6, KEEP, "", ""),
        ("1 Aug 2009", 6, RECOUNT, "", ""),
        # A longer period would lead past the birthday: no date any more, unless none may go.
        ("1 Apr 2010", 18, RECOUNT, "14 Feb 2028", ""),
        ("1 Apr 2010", 18, SOONER, "14 Feb 2028", "14 Feb 2028"),
    ],
)
def test_nothing_is_owed_at_18_by_new_rules_either(
    born: str, months: int, transition: Transition, before: str, expected: str
) -> None:
    rules = new_rules(transition, "1 Jul 2027", long_term_care=months)
    was = open_review(LONG_TERM, "14 Feb 2027", born)
    assert was.on == day_or_none(before)
    after = review_after(was, goal=LONG_TERM, intensive=False, born_on=day(born), rules=rules)
    assert after.on == day_or_none(expected)


def test_an_intensive_goal_follows_the_intensive_period() -> None:
    was = due_after_marking(
        goal=RESTORATION,
        anchor_on=day("14 May 2027"),
        due_on=day("14 Nov 2027"),
        marked_on=day("1 Jun 2027"),
        intensive=True,
        rules=VERSION_1,
    )
    rules = replace(new_rules(RECOUNT, "1 Jul 2027"), intensive_months=2)
    after = review_after(was, goal=RESTORATION, intensive=True, born_on=None, rules=rules)
    assert (was.on, after.on) == (day("14 Aug 2027"), day("14 Jul 2027"))


@pytest.mark.parametrize(
    ("since", "clock", "transition", "expected"),
    [
        ("1 Mar 2026", 18, RECOUNT, "1 Sep 2027"),
        ("1 Mar 2026", 18, SOONER, "1 Sep 2027"),
        ("1 Mar 2026", 18, KEEP, "1 Mar 2028"),
        ("1 Mar 2026", 36, RECOUNT, "1 Mar 2029"),
        ("1 Mar 2026", 36, SOONER, "1 Mar 2028"),
        # Passed already: the new rules say where it stands, as for every open two-year date.
        ("1 Mar 2025", 36, RECOUNT, "1 Mar 2028"),
        ("1 Mar 2025", 18, RECOUNT, "1 Sep 2026"),
    ],
)
def test_an_open_two_year_date_follows_new_rules(
    since: str, clock: int, transition: Transition, expected: str
) -> None:
    def by(rules: Rules) -> Derivation:
        goal_periods = [GoalPeriod(RESTORATION, day(since))]
        return two_year_date(goal_periods=goal_periods, entered_care_on=None, rules=rules)

    rules = new_rules(transition, "1 Jul 2027", clock=clock)
    after = two_year_after(by(VERSION_1), by(rules), rules=rules)
    assert after.on == after.worked_out() == day(expected)
    told = "Version 2 of the rules took effect on 1 July 2027" in " ".join(after.sentences())
    assert told == (after.on != by(VERSION_1).on)


@pytest.mark.parametrize(
    ("clock", "transition", "original"),
    [
        (36, RECOUNT, "1 Mar 2029"),
        (36, SOONER, "1 Mar 2028"),
        (18, SOONER, "1 Sep 2027"),
        (36, KEEP, "1 Mar 2028"),
    ],
)
def test_of_a_date_that_stays_extended_the_original_follows_new_rules(
    clock: int, transition: Transition, original: str
) -> None:
    def by(rules: Rules) -> Derivation:
        return two_year_date(
            goal_periods=[GoalPeriod(RESTORATION, day("1 Mar 2026"))],
            entered_care_on=None,
            extended_to=day("1 Sep 2029"),
            rules=rules,
        )

    rules = new_rules(transition, "1 Jul 2027", clock=clock)
    after = two_year_after(by(VERSION_1), by(rules), rules=rules)
    assert (after.on, after.original_on) == (day("1 Sep 2029"), day(original))


KEPT = new_rules(KEEP, "1 Jan 2027", version=2)
COUNTED = new_rules(RECOUNT, "1 Jul 2027", version=3)
KEPT_AGAIN = new_rules(KEEP, "1 Jan 2028", version=4)
# Drafted before version 3, published after it, for an earlier day.
EARLIER = new_rules(SOONER, "1 Mar 2027", version=5)
BOOK = RuleBook.of([KEPT_AGAIN, EARLIER, COUNTED, VERSION_1, KEPT])


@pytest.mark.parametrize(
    ("on", "in_force", "governing_1", "governing_3"),
    [
        ("1 Jan 1990", 1, 1, 3),
        ("31 Dec 2026", 1, 1, 3),
        ("1 Jan 2027", 2, 1, 3),
        ("1 Mar 2027", 5, 5, 3),
        ("30 Jun 2027", 5, 5, 3),
        ("1 Jul 2027", 3, 3, 3),
        ("1 Jan 2028", 4, 3, 3),
    ],
)
def test_which_version_is_in_force_and_which_governs_an_open_date(
    on: str, in_force: int, governing_1: int, governing_3: int
) -> None:
    assert BOOK.in_force(on=day(on)).version == in_force
    assert BOOK.governing(1, on=day(on)).version == governing_1
    assert BOOK.governing(3, on=day(on)).version == governing_3


def test_a_version_follows_those_that_took_effect_before_it() -> None:
    assert BOOK.before(COUNTED) == (1, 2, 5)
    assert BOOK.before(VERSION_1) == ()
    since = BOOK.in_effect_since(2, on=date(2027, 12, 31))
    assert [each.version for each in since] == [5, 3]
    with pytest.raises(KeyError):
        BOOK.version(6)
