"""Works out the two dates of a child's goal from the records, by the policy. Reads, never writes.

The same functions serve the service that stores a date and the page that shows it beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import partial

from permanency.models import CasePlanGoal, Child, Extension, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, ending, not_owed_reason
from permanency.policy.goals import Goal
from permanency.policy.review_dates import due_after_marking, next_review
from permanency.policy.rules import Rules
from permanency.policy.two_year_clock import Spell, clock_start, two_year_date

STORED = (
    "review_anchor_on",
    "review_due_on",
    "review_derivation",
    "two_year_on",
    "two_year_derivation",
)


@dataclass(frozen=True)
class Clocks:
    """The next review and the two-year date, each with the reason for it."""

    review: Derivation
    two_year: Derivation

    def put_on(self, goal: CasePlanGoal) -> None:
        """Put both dates with their reasons on the goal, in the fields `STORED`; not saved."""
        goal.review_anchor_on = self.review.start_on
        goal.review_due_on = self.review.on
        goal.review_derivation = self.review.as_data()
        goal.two_year_on = self.two_year.on
        goal.two_year_derivation = self.two_year.as_data()


def entered_care_on(child: Child) -> date | None:
    """Return the day on which the child's latest care episode began."""
    return max((each.entered_on for each in child.care_episodes.all()), default=None)


def extended_to(child: Child, beginning_on: date | None) -> date | None:
    """Return the latest extension decided since the present clock began, if any."""
    extensions = Extension.objects.filter(goal__child=child)
    if beginning_on is not None:
        extensions = extensions.filter(decided_on__gte=beginning_on)
    return extensions.order_by("extended_to").values_list("extended_to", flat=True).last()


def _spells(goals: Sequence[CasePlanGoal]) -> list[Spell]:
    return [
        Spell(Goal(each.goal), each.effective_on, each.ended_on, each.first_two_year_goal_on)
        for each in goals
    ]


def _two_year(
    child: Child, goals: Sequence[CasePlanGoal], *, extension: date | None, rules: Rules
) -> Derivation:
    spells = _spells(goals)
    known_first = min(
        (each.first_two_year_goal_on for each in goals if each.first_two_year_goal_on), default=None
    )
    entered = entered_care_on(child)
    beginning = clock_start(
        spells, entered_care_on=entered, first_two_year_goal_on=known_first, rules=rules
    )
    return two_year_date(
        spells=spells,
        entered_care_on=entered,
        first_two_year_goal_on=known_first,
        # A child whose first goal is not stored yet has no extension to look for.
        extended_to=extension
        or (extended_to(child, beginning.on) if any(goal.pk for goal in goals) else None),
        born_on=child.born_on,
        rules=rules,
    )


def _review(goal: CasePlanGoal, *, rules: Rules) -> Derivation:
    """Return the next review from the goal's own anchors, respecting the day of marking."""
    kind, born_on = Goal(goal.goal), goal.child.born_on
    anchor = goal.last_review_held_on
    counted = partial(
        next_review,
        goal=kind,
        effective_on=goal.effective_on,
        last_held_on=anchor,
        rules=rules,
        born_on=born_on,
    )
    ordinary = counted(intensive=False)
    if goal.intensive_since is None:
        return ordinary
    anchor_on = ordinary.start_on or goal.effective_on
    if goal.intensive_since <= anchor_on:
        return counted(intensive=True)
    return due_after_marking(
        goal=kind,
        anchor_on=anchor_on,
        due_on=goal.review_due_on or ordinary.on,
        marked_on=goal.intensive_since,
        intensive=True,
        rules=rules,
        anchor_is_review=anchor is not None and anchor_on == anchor,
        born_on=born_on,
    )


def clocks_of(
    goal: CasePlanGoal, *, on: date, extension: date | None = None, rules: Rules | None = None
) -> Clocks:
    """Return both dates of a goal in force, by the rules of this day.

    `extension` asks for the dates with an extension that is not recorded yet.
    """
    rules = rules or RuleVersion.objects.in_force(on=on)
    others = [each for each in goal.child.goals.all() if each.pk != goal.pk]
    return Clocks(
        review=_review(goal, rules=rules),
        two_year=_two_year(goal.child, [*others, goal], extension=extension, rules=rules),
    )


def stored(goal: CasePlanGoal) -> Clocks:
    """Return both dates as they stand on the goal, with the reasons stored with them."""
    return Clocks(
        review=Derivation.from_data(goal.review_derivation),
        two_year=Derivation.from_data(goal.two_year_derivation),
    )


def after_marking(goal: CasePlanGoal, *, intensive: bool, on: date) -> Clocks:
    """Return both dates as they will be when the goal is marked intensive today, or unmarked."""
    rules = RuleVersion.objects.in_force(on=on)
    anchor_on = goal.review_anchor_on or goal.effective_on
    review = due_after_marking(
        goal=Goal(goal.goal),
        anchor_on=anchor_on,
        due_on=goal.review_due_on,
        marked_on=on,
        intensive=intensive,
        rules=rules,
        anchor_is_review=goal.last_review_held_on == anchor_on,
        born_on=goal.child.born_on,
    )
    return Clocks(review=review, two_year=stored(goal).two_year)


def with_two_year(goal: CasePlanGoal, *, on: date, extension: date | None = None) -> Clocks:
    """Return the stored review date with the two-year date worked out again."""
    fresh = clocks_of(goal, on=on, extension=extension)
    return Clocks(review=stored(goal).review, two_year=fresh.two_year)


def after_review(goal: CasePlanGoal, *, held_on: date, on: date) -> Clocks:
    """Return both dates as they will be when a review held on this day is recorded."""
    rules = RuleVersion.objects.in_force(on=on)
    latest = max(filter(None, (goal.last_review_held_on, held_on)))
    review = next_review(
        goal=Goal(goal.goal),
        effective_on=goal.effective_on,
        last_held_on=latest,
        intensive=goal.is_intensive,
        rules=rules,
        born_on=goal.child.born_on,
    )
    return Clocks(review=review, two_year=stored(goal).two_year)


def after_change(child: Child, *, goal: str, effective_on: date, on: date) -> Clocks:
    """Return both dates as they will be when another goal takes effect on this day."""
    rules = RuleVersion.objects.in_force(on=on)
    # Copies, because the page that asks goes on to show the goal in force as it is.
    goals = [copy(each) for each in child.goals.all()]
    for each in goals:
        each.ended_on = each.ended_on or effective_on
    new = CasePlanGoal(child=child, goal=goal, effective_on=effective_on)
    return Clocks(
        review=_review(new, rules=rules),
        two_year=_two_year(child, [*goals, new], extension=None, rules=rules),
    )


def still_owed(goal: CasePlanGoal, *, on: date) -> bool:
    """Say whether the stored review date is still owed: the child is not 18 by then."""
    due_on = goal.review_due_on
    if due_on is None:
        return False
    return not not_owed_reason(
        due_on, born_on=goal.child.born_on, ended=ended_by(goal.child, on=on)
    )


def ended_by(child: Child, *, on: date) -> Ending | None:
    """Return what has ended the child's clocks by this day, if anything has."""
    return ending(
        born_on=child.born_on, died_on=child.died_on, left_state_on=child.left_state_on, on=on
    )
