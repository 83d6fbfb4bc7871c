"""The one home of "due", "overdue", "soon" and "passed", as conditions on the goal in force.

Every list, figure and filter asks these. Due on the day itself, overdue from the next (rule 2).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q

from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class Days(NamedTuple):
    """The first and the last day of a span, counted from today; None is open."""

    first: int | None
    last: int | None


PAST = Days(None, -1)
TODAY = Days(0, 0)
REVIEW_PRESSING = Days(None, DUE_SOON_DAYS)
TWO_YEAR_SOON = Days(0, TWO_YEAR_SOON_DAYS)


def review_within(days: Days, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its next review falls into these days.

    `goal` is the path to the goal from the model asked, for example "goals__".
    """
    return in_force(goal) & _within(f"{goal}review_due_on", days, on=on)


def two_year_within(days: Days, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its two-year date falls into these days."""
    return in_force(goal) & _within(f"{goal}two_year_on", days, on=on)


def in_force(goal: str = "") -> Q:
    """Return the condition that a goal is in force."""
    return Q(**{f"{goal}ended_on": None})


def _within(field: str, days: Days, *, on: date) -> Q:
    condition = Q()
    if days.first is not None:
        condition &= Q(**{f"{field}__gte": on + timedelta(days=days.first)})
    if days.last is not None:
        condition &= Q(**{f"{field}__lte": on + timedelta(days=days.last)})
    return condition
