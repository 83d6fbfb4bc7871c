"""How the two dates of a goal stand on a day and why; the windows of lists and figures."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, TextChoices

from permanency.goals.date_state import DateState, review_date_state, two_year_date_state
from permanency.models import CasePlanGoal, due
from permanency.policy.months import add_months, lower_first
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


def review_state(goal: CasePlanGoal, *, on: date) -> DateState:
    return review_date_state(goal.review_due_on, goal.review_derivation, on=on)


def two_year_state(goal: CasePlanGoal, *, on: date) -> DateState:
    return two_year_date_state(goal.two_year_on, goal.two_year_derivation, on=on)


class Window(TextChoices):
    """When the next review falls due, the most pressing first."""

    PRESSING = "pressing", "Overdue or soon"
    OVERDUE = "overdue", "Overdue"
    LATE_TO_30 = "late_to_30", "1 to 30 days overdue"
    LATE_TO_90 = "late_to_90", "31 to 90 days overdue"
    LATE_LONGER = "late_longer", "More than 90 days overdue"
    TODAY = "today", "Due today"
    NEXT_30 = "next_30", "Due in the next 30 days"
    IN_31_TO_60 = "in_31_to_60", "Due in 31 to 60 days"
    IN_61_TO_90 = "in_61_to_90", "Due in 61 to 90 days"
    THIS_MONTH = "this_month", "Due in the rest of this month"
    DATED = "dated", "All with a review date"
    EVERY = "every", "Every goal in force"

    @property
    def in_full(self) -> str:
        if self is Window.PRESSING:
            return f"overdue, or due in the next {DUE_SOON_DAYS} days"
        return lower_first(self.label)


# Of two-year dates: this month and those after it.
MONTHS_AHEAD = 12


def months_ahead(on: date) -> list[date]:
    """Return the first day of this month and of each of the months after it."""
    return [add_months(on.replace(day=1), number) for number in range(MONTHS_AHEAD)]


class TwoYearState(TextChoices):
    PASSED = "passed", "Passed"
    AHEAD = "ahead", f"In the next {TWO_YEAR_SOON_DAYS} days"
    THIS_YEAR = "this_year", f"In this month or the {MONTHS_AHEAD - 1} after it"


DAYS: dict[Window, due.Days] = {
    Window.PRESSING: due.REVIEW_PRESSING,
    Window.OVERDUE: due.PAST,
    Window.LATE_TO_30: due.Days(-30, -1),
    Window.LATE_TO_90: due.Days(-90, -31),
    Window.LATE_LONGER: due.Days(None, -91),
    Window.TODAY: due.TODAY,
    Window.NEXT_30: due.Days(0, 30),
    Window.IN_31_TO_60: due.Days(31, 60),
    Window.IN_61_TO_90: due.Days(61, 90),
}


def in_window(window: str, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its review falls into the window.

    Due on the day itself, overdue from the next (rule 2). `goal` is the path to the goal from the
    model asked, for example "now_".
    """
    if window == Window.EVERY:
        return due.in_force(on=on, goal=goal)
    if window == Window.DATED:
        return due.in_force(on=on, goal=goal) & Q(**{f"{goal}review_due_on__isnull": False})
    if window == Window.THIS_MONTH:
        next_month = (on.replace(day=28) + timedelta(days=4)).replace(day=1)
        rest = (on, next_month - timedelta(days=1))
        return due.in_force(on=on, goal=goal) & Q(**{f"{goal}review_due_on__range": rest})
    return due.review_within(DAYS[Window(window)], on=on, goal=goal)


def two_year_condition(state: str, *, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force and its two-year date stands so."""
    if state == TwoYearState.THIS_YEAR:
        return _two_year_between(on, add_months(months_ahead(on)[-1], 1), on=on, goal=goal)
    days = due.PAST if state == TwoYearState.PASSED else due.TWO_YEAR_SOON
    return due.two_year_within(days, on=on, goal=goal)


def two_year_by_month(on: date, *, goal: str = "") -> list[Q]:
    """Return the condition for each of `months_ahead`; of this month the rest counts."""
    return [
        _two_year_between(max(first, on), add_months(first, 1), on=on, goal=goal)
        for first in months_ahead(on)
    ]


def _two_year_between(first: date, end: date, *, on: date, goal: str) -> Q:
    day = f"{goal}two_year_on"
    return due.in_force(on=on, goal=goal) & Q(**{f"{day}__gte": first, f"{day}__lt": end})
