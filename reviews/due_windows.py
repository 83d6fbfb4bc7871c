"""The windows of time in which reviews and two-year dates are listed and counted.

Each is one condition on the case plan goal: a figure on a dashboard and the list behind it ask the
same thing. Due on the day itself, overdue from the next (rule 2).
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, TextChoices

from permanency.models import due
from permanency.policy.months import lower_first
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class Window(TextChoices):
    """When the next review falls due, the most pressing first."""

    PRESSING = "pressing", "Overdue or soon"
    OVERDUE = "overdue", "Overdue"
    LATE_TO_30 = "late_to_30", "1 to 30 days overdue"
    LATE_TO_90 = "late_to_90", "31 to 90 days overdue"
    LATE_LONGER = "late_longer", "More than 90 days overdue"
    TODAY = "today", "Due today"
    NEXT_30 = "next_30", "Due in the next 30 days"
    NEXT_60 = "next_60", "Due in the next 60 days"
    NEXT_90 = "next_90", "Due in the next 90 days"
    THIS_MONTH = "this_month", "Due in the rest of this month"
    DATED = "dated", "All with a review date"
    EVERY = "every", "Every goal in force"

    @property
    def in_full(self) -> str:
        """Return the window in words that say how soon is soon."""
        if self is Window.PRESSING:
            return f"overdue, or due in the next {DUE_SOON_DAYS} days"
        return lower_first(self.label)


class TwoYearState(TextChoices):
    """How the two-year date stands."""

    PASSED = "passed", "Passed"
    AHEAD = "ahead", f"In the next {TWO_YEAR_SOON_DAYS} days"


DAYS: dict[Window, due.Days] = {
    Window.PRESSING: due.REVIEW_PRESSING,
    Window.OVERDUE: due.PAST,
    Window.LATE_TO_30: due.Days(-30, -1),
    Window.LATE_TO_90: due.Days(-90, -31),
    Window.LATE_LONGER: due.Days(None, -91),
    Window.TODAY: due.TODAY,
    Window.NEXT_30: due.Days(0, 30),
    Window.NEXT_60: due.Days(0, 60),
    Window.NEXT_90: due.Days(0, 90),
}


def _end_of_month(on: date) -> date:
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def in_window(window: str, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its review falls into the window.

    `goal` is the path to the goal from the model asked, for example "now_".
    """
    if window == Window.EVERY:
        return due.in_force(goal)
    if window == Window.DATED:
        return due.in_force(goal) & Q(**{f"{goal}review_due_on__isnull": False})
    if window == Window.THIS_MONTH:
        rest = Q(**{f"{goal}review_due_on__range": (on, _end_of_month(on))})
        return due.in_force(goal) & rest
    return due.review_within(DAYS[Window(window)], on=on, goal=goal)


def two_year_condition(state: str, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its two-year date stands so."""
    days = due.PAST if state == TwoYearState.PASSED else due.TWO_YEAR_SOON
    return due.two_year_within(days, on=on, goal=goal)
