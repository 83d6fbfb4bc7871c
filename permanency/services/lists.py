"""Reads the list of children: who is in which due state, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, TextChoices, When

from directory.keyset import Part
from permanency.models import Child
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


# What a row shows of the goal in force, and what `with_goal_now` calls it.
TOLD = {
    "goal_now": "now_goal",
    "review_due_on": "now_review_due_on",
    "two_year_on": "now_two_year_on",
    "intensive_since": "now_intensive_since",
}
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


def _with_rows(children: ChildQuerySet) -> ChildQuerySet:
    """Return the children with what a row shows of the goal in force."""
    told = {name: F(now) for name, now in TOLD.items()}
    return (
        children.with_goal_now().select_related("district", "office", "provider").annotate(**told)
    )


def worst_first(children: ChildQuerySet) -> ChildQuerySet:
    """Return the children with what a row shows, the one whose earliest date is oldest first.

    Those without a date come after all others, and those without a goal in force after them.
    """
    has_no_goal = Case(When(now_id=None, then=1), default=0)
    rows = _with_rows(children).with_last_goal()
    return rows.order_by(has_no_goal, F("now_worst_on"), "pk")


def parts(children: ChildQuerySet) -> tuple[Part, Part]:
    """Return the same list in two parts, each in an order that an index holds."""
    rows = _with_rows(children)
    return (
        Part(
            rows.filter(Q(now_id__isnull=False)).annotate(worst_on=F("now_worst_on")), by="worst_on"
        ),
        Part(rows.filter(Q(now_id=None)).with_last_goal()),
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
    """Return the lines for children that `worst_first` or `parts` has read."""
    return [_row(child, on=on) for child in children]


def _told(child: Child, name: str) -> Any:
    """Return what was read beside the child."""
    return getattr(child, name)


def _row(child: Child, *, on: date) -> ChildRow:
    goal, review_due_on, two_year_on = (
        _told(child, name) for name in ("goal_now", "review_due_on", "two_year_on")
    )
    two_year_words, two_year_tone = day_standing(two_year_on, on=on, near_days=TWO_YEAR_SOON_DAYS)
    return ChildRow(
        child=child,
        goal=Goal(goal).label if goal else "",
        no_goal="" if goal else _no_goal(child, on=on),
        review_due_on=review_due_on,
        review_words=review_words(review_due_on, on=on),
        review_tone=review_tone(review_due_on, on=on),
        two_year_on=two_year_on,
        two_year_words=two_year_words,
        two_year_tone=two_year_tone,
        is_intensive=_told(child, "intensive_since") is not None,
    )


def _no_goal(child: Child, *, on: date) -> str:
    """Return why there is no goal in force, in words.

    "No goal in force" stands beside exactly those children whom the filter of that name lists.
    """
    before = _last_ending(child)
    if _told(child, "needs_goal"):
        return f"{NO_GOAL}. Before: {before.words()}" if before else NO_GOAL
    if before is not None and before.reason in ENDS_THE_CASE:
        return before.words()
    ended = ending(
        born_on=child.born_on, died_on=child.died_on, left_state_on=child.left_state_on, on=on
    )
    return ended.words() if ended else NO_GOAL


def _last_ending(child: Child) -> Ending | None:
    ended_on = _told(child, "last_ended_on")
    return Ending(EndReason(_told(child, "last_end_reason")), ended_on) if ended_on else None
