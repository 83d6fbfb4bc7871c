"""When an inbox is told of a dated matter: before the day, on it, and after it again and again.

Pure: dates in, stages out. "Days left <= threshold and not yet told", never "= threshold": whoever
was away for forty days finds the nearest stage, told once. Source: the product's rules on notices
(review 30 and 14 days before, due, weekly; two-year date 180, 90 and 30 days before, then monthly;
short term order 180, 90 and 30 days before). Kinds are the values of `Notice.Kind`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from permanency.policy.months import add_months, whole_months

WEEK = 7


class Again(Enum):
    """How the last step of a schedule comes back until the matter is settled."""

    NEVER = "never"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Step:
    """One telling: so many days after the day of the matter (less than 0: before it)."""

    after_days: int
    kind: str
    threshold: str


@dataclass(frozen=True)
class Schedule:
    """The tellings of one sort of matter, the earliest first."""

    steps: tuple[Step, ...]
    again: Again = Again.NEVER

    @property
    def begins_days_before(self) -> int:
        """Return how many days before its day a matter is first told of."""
        return -self.steps[0].after_days


@dataclass(frozen=True)
class Stage:
    """Where a matter stands in its schedule, and the day on which it came to stand there."""

    kind: str
    threshold: str
    begins_on: date


REVIEW = Schedule(
    (
        Step(-30, "review_coming", "30"),
        Step(-14, "review_coming", "14"),
        Step(0, "review_due", "0"),
        Step(1, "review_overdue", "week-1"),
    ),
    Again.WEEKLY,
)
TWO_YEAR_DATE = Schedule(
    (
        Step(-180, "two_year_coming", "180"),
        Step(-90, "two_year_coming", "90"),
        Step(-30, "two_year_coming", "30"),
        Step(1, "two_year_passed", "month-1"),
    ),
    Again.MONTHLY,
)
ORDER_EXPIRY = Schedule(
    (
        Step(-180, "order_expiring", "180"),
        Step(-90, "order_expiring", "90"),
        Step(-30, "order_expiring", "30"),
    )
)
ACTION = Schedule((Step(1, "action_overdue", "week-1"),), Again.WEEKLY)


def stage(schedule: Schedule, day: date, *, on: date) -> Stage | None:
    """Return the newest stage that a matter has reached, or None before the first.

    Wider thresholds and earlier weeks count as covered by it. DateOutOfRangeError where a monthly
    repeat would count from a day outside the years 1900 to 2200.
    """
    elapsed = (on - day).days
    number = bisect_right([step.after_days for step in schedule.steps], elapsed)
    if number == 0:
        return None
    step = schedule.steps[number - 1]
    begins_on = day + timedelta(days=step.after_days)
    if number < len(schedule.steps) or schedule.again is Again.NEVER:
        return Stage(step.kind, step.threshold, begins_on)
    if schedule.again is Again.WEEKLY:
        weeks = (on - begins_on).days // WEEK
        return Stage(step.kind, f"week-{weeks + 1}", begins_on + timedelta(days=weeks * WEEK))
    months = whole_months(begins_on, on)
    return Stage(step.kind, f"month-{months + 1}", add_months(begins_on, months))


def waiting(kind: str, since_on: date, *, on: date) -> Stage:
    """Return the weekly stage of a change that has waited since a day; "" on the first week."""
    weeks = (on - since_on).days // WEEK
    threshold = f"week-{weeks}" if weeks else ""
    return Stage(kind, threshold, since_on + timedelta(days=weeks * WEEK))


def month_of(on: date) -> Stage:
    """Return the stage of what is told once in every calendar month."""
    return Stage("directory_gap", f"{on:%Y-%m}", on.replace(day=1))
