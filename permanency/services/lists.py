"""Reads the list of children: who is in which due state, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, FilteredRelation, Q, TextChoices
from django.db.models.functions import Coalesce, Least

from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import Goal
from permanency.policy.review_dates import DUE_SOON_DAYS, Standing, days_late, standing
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


REVIEW_WORDS = {
    Standing.OVERDUE: ("Overdue", "error"),
    Standing.DUE_TODAY: ("Due today", "warning"),
    Standing.DUE_SOON: ("Due soon", "warning"),
    Standing.LATER: ("", ""),
    Standing.NONE: ("", ""),
}


@dataclass(frozen=True)
class ChildRow:
    """One line of the list: the child, the goal and how its two dates stand, in words."""

    child: Child
    goal: str
    review_due_on: date | None
    review_words: str
    review_tone: str
    two_year_on: date | None
    two_year_words: str
    two_year_tone: str
    is_intensive: bool


def row_of(child: Child, *, on: date) -> ChildRow:
    """Return the line for a child that `worst_first` has read."""
    goal_now, review_due_on, two_year_on = (
        getattr(child, name) for name in ("goal_now", "review_due_on", "two_year_on")
    )
    words, tone = REVIEW_WORDS[standing(review_due_on, on=on)]
    if late := days_late(review_due_on, on=on):
        words = f"Overdue by {_days(late)}"
    two_year_words, two_year_tone = _two_year_words(two_year_on, on=on)
    return ChildRow(
        child=child,
        goal=Goal(goal_now).label if goal_now else "",
        review_due_on=review_due_on,
        review_words=words,
        review_tone=tone,
        two_year_on=two_year_on,
        two_year_words=two_year_words,
        two_year_tone=two_year_tone,
        is_intensive=getattr(child, "intensive_since", None) is not None,
    )


def _two_year_words(two_year_on: date | None, *, on: date) -> tuple[str, str]:
    if two_year_on is None:
        return "", ""
    days_left = (two_year_on - on).days
    if days_left < 0:
        return f"Passed {_days(-days_left)} ago", "error"
    return (f"In {_days(days_left)}", "warning") if days_left <= TWO_YEAR_SOON_DAYS else ("", "")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
