"""Reads the list of children: who is in which due state, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, FilteredRelation, Q, TextChoices
from django.db.models.functions import Coalesce, Least

from permanency.models import CasePlanGoal, Child
from permanency.models.children import ENDS_THE_CASE, ChildQuerySet
from permanency.policy.endings import Ending, EndReason, ending
from permanency.policy.goals import Goal
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.standing import day_standing, review_tone, review_words
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class DueState(TextChoices):
    """What a list of children can be narrowed to; the values stand in addresses."""

    OVERDUE = "overdue", "Review overdue"
    DUE_TODAY = "today", "Review due today"
    DUE_SOON = "soon", f"Review due within {DUE_SOON_DAYS} days"
    TWO_YEAR_PASSED = "two_year_passed", "Two-year date passed"
    TWO_YEAR_SOON = "two_year_soon", f"Two-year date within {TWO_YEAR_SOON_DAYS} days"
    NO_DATE = "no_date", "Goal without a review date"
    NO_GOAL = "no_goal", "No goal in force"


NO_GOAL = DueState.NO_GOAL.label
STATES: dict[DueState, Callable[[ChildQuerySet, date], ChildQuerySet]] = {
    DueState.OVERDUE: lambda children, on: children.review_overdue(on),
    DueState.DUE_TODAY: lambda children, on: children.review_due_within(on, 0),
    DueState.DUE_SOON: lambda children, on: children.review_due_within(on, DUE_SOON_DAYS),
    DueState.TWO_YEAR_PASSED: lambda children, on: children.two_year_passed(on),
    DueState.TWO_YEAR_SOON: lambda children, on: children.two_year_within(on, TWO_YEAR_SOON_DAYS),
    DueState.NO_DATE: lambda children, _: children.without_dates(),
    DueState.NO_GOAL: lambda children, _: children.without_goal(),
}


def in_state(children: ChildQuerySet, state: str, *, on: date) -> ChildQuerySet:
    """Return the children in this due state on this day; ValueError for an unknown state."""
    return STATES[DueState(state)](children, on)


def worst_first(children: ChildQuerySet) -> ChildQuerySet:
    """Return the children with their goal in force, the one whose earliest date is oldest first."""
    review, two_year = F("current__review_due_on"), F("current__two_year_on")
    return (
        children.select_related("district", "office", "provider")
        .alias(current=FilteredRelation("goals", condition=Q(goals__ended_on=None)))
        .annotate(
            goal_now=F("current__goal"),
            review_due_on=review,
            two_year_on=two_year,
            intensive_since=F("current__intensive_since"),
            # LEAST of a NULL is NULL on one database and not on another, so neither is one.
            worst_on=Least(Coalesce(review, two_year), Coalesce(two_year, review)),
        )
        .order_by(F("worst_on").asc(nulls_last=True), "pk")
    )


@dataclass(frozen=True)
class ChildRow:
    """One line of the list: the child, the goal and how its two dates stand, in words.

    `no_goal` says in words why there is no goal, where there is none.
    """

    child: Child
    goal: str
    no_goal: str
    review_due_on: date | None
    review_words: str
    review_tone: str
    two_year_on: date | None
    two_year_words: str
    two_year_tone: str
    is_intensive: bool


def rows_of(children: Iterable[Child], *, on: date) -> list[ChildRow]:
    """Return the lines for children that `worst_first` has read."""
    children = list(children)
    without = _without_goal(children, on)
    return [_row(child, without.get(child.pk, ""), on=on) for child in children]


def _told(child: Child, name: str) -> Any:
    """Return what `worst_first` has read beside the child."""
    return getattr(child, name)


def _row(child: Child, no_goal: str, *, on: date) -> ChildRow:
    goal, review_due_on, two_year_on = (
        _told(child, name) for name in ("goal_now", "review_due_on", "two_year_on")
    )
    two_year_words, two_year_tone = day_standing(two_year_on, on=on, near_days=TWO_YEAR_SOON_DAYS)
    return ChildRow(
        child=child,
        goal=Goal(goal).label if goal else "",
        no_goal=no_goal,
        review_due_on=review_due_on,
        review_words=review_words(review_due_on, on=on),
        review_tone=review_tone(review_due_on, on=on),
        two_year_on=two_year_on,
        two_year_words=two_year_words,
        two_year_tone=two_year_tone,
        is_intensive=_told(child, "intensive_since") is not None,
    )


def _without_goal(children: Sequence[Child], on: date) -> dict[int, str]:
    """Return why those of these without a goal in force have none, in words, by the child's key.

    "No goal in force" stands beside exactly those children whom the filter of that name lists. It
    asks about all of them, so that a page takes the same number of queries whoever is on it.
    """
    keys = [child.pk for child in children]
    needs_one = set(Child.objects.filter(pk__in=keys).without_goal().values_list("pk", flat=True))
    goals = CasePlanGoal.objects.filter(child__in=keys).exclude(ended_on=None)
    last = {
        goal.child_id: goal
        for goal in goals.only("child", "ended_on", "end_reason").order_by("ended_on", "pk")
    }
    return {
        child.pk: _no_goal(child, last.get(child.pk), needs_one=child.pk in needs_one, on=on)
        for child in children
        if _told(child, "goal_now") is None
    }


def _no_goal(child: Child, last: CasePlanGoal | None, *, needs_one: bool, on: date) -> str:
    before = _ending_of(last)
    if needs_one:
        return f"{NO_GOAL}. Before: {before.words()}" if before else NO_GOAL
    if before is not None and before.reason in ENDS_THE_CASE:
        return before.words()
    ended = ending(
        born_on=child.born_on, died_on=child.died_on, left_state_on=child.left_state_on, on=on
    )
    return ended.words() if ended else NO_GOAL


def _ending_of(goal: CasePlanGoal | None) -> Ending | None:
    if goal is None or goal.ended_on is None:
        return None
    return Ending(EndReason(goal.end_reason), goal.ended_on)
