"""What is worked out once for each distinct case is what the policy gives for each goal by itself.

Random lives, on both databases: marks, extensions, earlier goals, episodes, birthdays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import transaction

from directory.models import District, User
from permanency.goals import clocks, intensive, lifecycle, two_years
from permanency.models import CareEpisode, CasePlanGoal, Child, Extension, RuleVersion
from permanency.policy.goals import TWO_YEAR_GOALS, EndReason, Goal
from permanency.policy.months import add_months
from permanency.policy.rules import VERSION_1, ClockStart, Rules, Transition, period_months
from permanency.rules import apply as rules_apply
from permanency.rules import preview as rules_preview
from permanency.rules.open_dates import (
    DatesByRules,
    children_that_move,
    open_goals,
    recorded_extensions,
)
from permanency.rules.preview import NEVER, NO_COORDINATOR
from permanency.tests.factories import make_child
from permanency.tests.rules import publish

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

TODAY, EFFECTIVE_ON = date(2026, 11, 26), date(2027, 7, 1)
LIVES = 250


def a_day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def live(rng: Random, district: District, person: User) -> CasePlanGoal:
    """Return the goal in force of a child, with whatever came before it, its dates stored."""
    child = make_child(district, born_on=a_day(rng, date(2008, 1, 1), date(2020, 1, 1)))
    first_on = a_day(rng, date(2023, 1, 1), date(2025, 6, 1))
    if rng.random() < 0.8:
        entered = a_day(rng, date(2022, 6, 1), date(2025, 12, 1))
        CareEpisode.objects.create(child=child, entered_on=entered)
    since = first_on
    if rng.random() < 0.4:
        since = a_day(rng, first_on, date(2026, 6, 1))
        goal(child, rng, first_on, ended_on=since, end_reason=EndReason.GOAL_CHANGED).save()
    current = goal(child, rng, since)
    if rng.random() < 0.5:
        current.last_review_held_on = a_day(rng, since, TODAY)
    if Goal(current.goal) in TWO_YEAR_GOALS and rng.random() < 0.3:
        current.intensive_since = a_day(rng, since, TODAY)
    current.save()
    if current.intensive_since:
        current.marks.create(from_on=current.intensive_since, reasons="Unlikely.", by=person)
    if rng.random() < 0.2:
        decided = a_day(rng, since, TODAY)
        extension = Extension(goal=current, decided_on=decided, decided_by_name="Executive")
        extension.extended_to = a_day(rng, TODAY, date(2030, 1, 1))
        extension.reasons, extension.recorded_by = "Time.", person
        extension.save()
    return current


def goal(child: Child, rng: Random, since: date, **ended: object) -> CasePlanGoal:
    return CasePlanGoal(
        child=child, goal=rng.choice(Goal.values), effective_on=since, source="approved", **ended
    )


@pytest.fixture
def lives(hunter: District, coordinator: User) -> list[CasePlanGoal]:
    """Store random lives, with the dates that the policy gives by version 1."""
    rng = Random(4)  # noqa: S311  # invented lives, the same each time
    goals = [live(rng, hunter, coordinator) for _ in range(LIVES)]
    for each in goals:
        clocks.goal_dates(each, on=TODAY, rules=VERSION_1).copy_to(each)
    CasePlanGoal.objects.bulk_update(goals, clocks.DATE_FIELDS)
    return stored_goals()


def stored_goals() -> list[CasePlanGoal]:
    return list(
        CasePlanGoal.objects.in_force()
        .select_related("child__district")
        .prefetch_related("extensions", "child__goals__extensions", "child__care_episodes")
    )


def some_rules() -> Iterator[Rules]:
    """Yield versions that differ in every part, each with either transition."""
    shorter = {goal: max(1, months // 2) for goal, months in VERSION_1.review_months.items()}
    longer = {goal: months + 5 for goal, months in VERSION_1.review_months.items()}
    for transition in Transition:
        for months, marked, clock, start in (
            (shorter, 1, 18, ClockStart.FIRST_TWO_YEAR_GOAL),
            (longer, 4, 31, ClockStart.EACH_GOAL),
            (dict(VERSION_1.review_months), 2, 24, ClockStart.CARE_ENTRY),
        ):
            yield replace(
                VERSION_1,
                version=2,
                effective_on=EFFECTIVE_ON if months is not shorter else TODAY,
                review_months=months,
                intensive_months=marked,
                clock_months=clock,
                clock_start=start,
                transition=transition,
            )


def test_dates_by_distinct_case_are_those_of_each_goal(lives: list[CasePlanGoal]) -> None:
    moves = 0
    goals = CasePlanGoal.objects.all()
    for each in some_rules():
        dates = DatesByRules(each, recorded_extensions())
        with transaction.atomic():
            found = {goal.pk: dates.after(goal, before=(1,)) for goal in open_goals(goals, [each])}
        expected, moved = {}, []
        for goal in lives:
            then = clocks.dates_after_rules(goal, rules=each, before=(1,))
            expected[goal.pk] = (then.review.on, then.two_year.on)
            if expected[goal.pk] != (goal.review_due_on, goal.two_year_on):
                moved.append(goal.child_id)
        assert found == expected, each
        # Of a date that is extended, the original may move.
        extended = set(recorded_extensions())
        assert children_that_move(goals, each, before=(1,)) == sorted({*moved, *extended}), each
        moves += len(moved)
    assert moves > LIVES


def test_what_if_adds_up_what_the_policy_gives_for_each_goal(lives: list[CasePlanGoal]) -> None:
    for each in some_rules():
        earlier = later = two_years = 0
        more = Fraction(0)
        for goal in lives:
            then = clocks.dates_after_rules(goal, rules=each, before=(1,))
            was, will = goal.review_due_on or NEVER, then.review.on or NEVER
            earlier, later = earlier + (will < was), later + (will > was)
            two_years += (goal.two_year_on or NEVER) != (then.two_year.on or NEVER)
            old, new = (
                period_months(Goal(goal.goal), intensive=goal.is_intensive, rules=by)
                for by in (VERSION_1, each)
            )
            more += Fraction(12, new) - Fraction(12, old)
        found = rules_preview.what_if(CasePlanGoal.objects.in_force(), each, on=TODAY)
        total = found.total
        assert (total.goals, total.earlier, total.later) == (len(lives), earlier, later)
        assert (total.two_year_moved, total.more_a_year) == (two_years, more)
        assert found.districts == [("Hunter", total)]
        assert found.people == [(NO_COORDINATOR, total)]


def test_every_stored_date_is_worked_out_again_and_a_wrong_one_is_found(
    lives: list[CasePlanGoal],
) -> None:
    assert list(rules_apply.date_differences(on=TODAY)) == []
    wrong = next(each for each in lives if each.review_due_on and each.two_year_on)
    moved = wrong.review_due_on + timedelta(days=1) if wrong.review_due_on else None
    CasePlanGoal.objects.filter(pk=wrong.pk).update(review_due_on=moved)
    (found,) = rules_apply.date_differences(on=TODAY)
    assert (found.goal, found.review_stored) == (wrong.pk, moved)
    assert found.review_worked_out == wrong.review_due_on
    assert found.two_year_stored == found.two_year_worked_out == wrong.two_year_on


def test_a_date_that_forgot_a_mark_which_has_ended_is_found(
    hunter: District, coordinator: User
) -> None:
    child, since = make_child(hunter, born_on=date(2018, 5, 1)), date(2026, 1, 1)
    who: dict[str, Any] = {"by": coordinator, "on": date(2026, 2, 1)}
    row = lifecycle.open_with_goal_in_force(
        child, goal=Goal.RESTORATION, effective_on=since, source_note="ChildStory", **who
    )
    row = intensive.mark_intensive(row, reasons="More help.", **who)
    who["on"] = date(2026, 5, 1)
    row = intensive.unmark_intensive(row, reasons="Better.", **who)
    assert row.review_due_on == date(2026, 4, 1)
    CasePlanGoal.objects.filter(pk=row.pk).update(review_due_on=date(2026, 7, 1))
    (found,) = rules_apply.date_differences(on=TODAY)
    assert found.review_worked_out == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("transition", "original"),
    [
        (Transition.KEEP, date(2027, 3, 10)),
        (Transition.RECOUNT, date(2028, 3, 10)),
        (Transition.SOONER, date(2027, 3, 10)),
    ],
)
def test_an_extended_date_gets_the_original_that_new_rules_give(
    hunter: District, coordinator: User, transition: Transition, original: date
) -> None:
    child = make_child(hunter, born_on=date(2018, 5, 1))
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    row = lifecycle.open_with_goal_in_force(
        child,
        goal=Goal.RESTORATION,
        effective_on=date(2025, 3, 10),
        source_note="ChildStory",
        **who,
    )
    extended_to = date(2028, 9, 10)
    two_years.record_extension(
        row,
        extended_to=extended_to,
        decided_on=TODAY,
        decided_by_name="Executive",
        reasons="Time.",
        **who,
    )
    publish(add_months(TODAY, 1), transition, is_published=True, clock=36)
    rules_apply.apply_due_rules(on=add_months(TODAY, 1))
    two_year = clocks.dates_on_goal(child.goals.get()).two_year
    assert (two_year.on, two_year.original_on) == (extended_to, original)


@pytest.mark.usefixtures("lives")
@pytest.mark.parametrize("transition", Transition)
def test_dates_that_followed_new_rules_are_worked_out_again_too(transition: Transition) -> None:
    publish(TODAY, transition, long_term_care=5, restoration=4, intensive=2, clock=18)
    publish(add_months(TODAY, 6), Transition.RECOUNT, long_term_care=7, clock=30)
    rules_apply.apply_due_rules(on=add_months(TODAY, 1))
    assert list(rules_apply.date_differences(on=add_months(TODAY, 1))) == []
    rules_apply.apply_due_rules(on=add_months(TODAY, 7))
    assert list(rules_apply.date_differences(on=add_months(TODAY, 7))) == []
    assert RuleVersion.objects.filter(taken_effect__isnull=False).count() == 2
