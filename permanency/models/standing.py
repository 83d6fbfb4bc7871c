"""How children and their goals stand on a day, as conditions that lists and figures share.

Each condition is written once: a figure on a dashboard and the list behind it ask the same thing.
`goal` is the path from the model asked to the case plan goal: "" for goals, "goals__" for children.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, TextChoices

from permanency.policy.endings import EndReason
from permanency.policy.months import ADULT_AT_YEARS, add_months

TWO_YEAR_AHEAD_DAYS = 180


class DueState(TextChoices):
    """What a list of children can be narrowed to, the most pressing first."""

    REVIEW_OVERDUE = "review_overdue", "Review overdue"
    TWO_YEAR_PASSED = "two_year_passed", "Two-year date passed"
    REVIEW_DUE = "review_due", "Review due within 30 days"
    TWO_YEAR_AHEAD = "two_year_ahead", "Two-year date within 180 days"
    NO_GOAL = "no_goal", "No goal in force"
    NO_DATE = "no_date", "A goal without a review date"


def in_force(*, goal: str = "") -> Q:
    """Return the condition that the goal has not ended."""
    return Q(**{f"{goal}ended_on": None, f"{goal}effective_on__isnull": False})


def review_overdue(*, on: date, days_late: tuple[int, int | None] = (1, None), goal: str = "") -> Q:
    """Return the condition that the review is overdue, by default by a day or more."""
    least, most = days_late
    late = Q(**{f"{goal}review_due_on__lte": on - timedelta(days=least)})
    if most is not None:
        late &= Q(**{f"{goal}review_due_on__gte": on - timedelta(days=most)})
    return in_force(goal=goal) & late


def review_due_within(*, on: date, days: int, goal: str = "") -> Q:
    """Return the condition that the review falls due today or within so many days."""
    return in_force(goal=goal) & Q(
        **{f"{goal}review_due_on__range": (on, on + timedelta(days=days))}
    )


def review_without_date(*, goal: str = "") -> Q:
    """Return the condition that a goal is in force and has no review date."""
    return in_force(goal=goal) & Q(**{f"{goal}review_due_on": None})


def two_year_passed(*, on: date, goal: str = "") -> Q:
    """Return the condition that the two-year date is behind us; on the day itself it is not."""
    return in_force(goal=goal) & Q(**{f"{goal}two_year_on__lt": on})


def two_year_within(*, on: date, days: int = TWO_YEAR_AHEAD_DAYS, goal: str = "") -> Q:
    """Return the condition that the two-year date is today or within so many days."""
    return in_force(goal=goal) & Q(**{f"{goal}two_year_on__range": (on, on + timedelta(days=days))})


def needs_goal(*, on: date) -> Q:
    """Return the condition that a child has no goal in force and ought to have one.

    Not after 18, death or leaving the state, and not after permanency was achieved, unless the
    child has entered care again since.
    """
    from permanency.models.children import CareEpisode  # these modules know each other
    from permanency.models.goals import CasePlanGoal

    goals = CasePlanGoal.objects.filter(child=OuterRef("pk"))
    care_since = CareEpisode.objects.filter(
        child=OuterRef("child"), entered_on__gte=OuterRef("ended_on")
    )
    achieved = goals.filter(~Exists(care_since), end_reason=EndReason.ACHIEVED)
    return (
        Q(born_on__gt=_adults_were_born_by(on), died_on=None)
        & (Q(left_state_on=None) | Q(left_state_on__gt=on))
        & ~Exists(goals.filter(in_force()))
        & ~Exists(achieved.filter(ended_on__lte=F("ended_on")))
    )


def _adults_were_born_by(on: date) -> date:
    # Through the next day, so that 28 February includes those born on a 29th.
    return add_months(on + timedelta(days=1), -ADULT_AT_YEARS * 12) - timedelta(days=1)
