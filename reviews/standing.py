"""How a date stands on a day, in words and a tone, for every page that shows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from permanency.models import CasePlanGoal
from permanency.policy.derivation import Derivation
from permanency.policy.months import span_in_words
from permanency.policy.review_dates import DUE_SOON_DAYS, Standing, standing
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS

NEAR_DAYS = 60
TONES = {
    Standing.OVERDUE: "error",
    Standing.DUE_TODAY: "warning",
    Standing.DUE_SOON: "warning",
    Standing.LATER: "success",
    Standing.NONE: "neutral",
}


@dataclass(frozen=True)
class DateStanding:
    """A date, how it stands in words, and why it is that date."""

    on: date | None
    words: str
    tone: str
    sentences: tuple[str, ...] = ()
    no_date_reason: str = ""
    original_on: date | None = None


def days_in_words(days: int) -> str:
    """Return a number of days as "1 day" or "12 days"."""
    return "1 day" if days == 1 else f"{days} days"


def time_until(day: date, *, on: date) -> str:
    """Return how far a day is ahead: "today", "in 23 days", "in 1 year 3 months"."""
    days = (day - on).days
    if days == 0:
        return "today"
    return f"in {days_in_words(days) if days <= NEAR_DAYS else span_in_words(on, day)}"


def time_since(day: date, *, on: date) -> str:
    """Return how long ago a day was: "12 days" or "3 months"."""
    days = (on - day).days
    return days_in_words(days) if days <= NEAR_DAYS else span_in_words(day, on)


def _told(derivation: Mapping[str, Any]) -> Derivation | None:
    return Derivation.from_data(derivation) if derivation else None


def review_words(due_on: date | None, *, on: date) -> str:
    """Return how a review stands: "12 days overdue", "Due today", "Due in 23 days", "No date"."""
    stands = standing(due_on, on=on)
    if due_on is None or stands is Standing.NONE:
        return "No date"
    if stands is Standing.OVERDUE:
        return f"{time_since(due_on, on=on)} overdue"
    return f"Due {time_until(due_on, on=on)}"


def review_standing(goal: CasePlanGoal, *, on: date) -> DateStanding:
    """Return how the next review of a goal stands."""
    due_on, told = goal.review_due_on, _told(goal.review_derivation)
    return DateStanding(
        on=due_on,
        words=review_words(due_on, on=on),
        tone=TONES[standing(due_on, on=on)],
        sentences=told.sentences() if told else (),
        no_date_reason=told.no_date_reason if told else "",
    )


def two_year_standing(goal: CasePlanGoal, *, on: date) -> DateStanding:
    """Return how the two-year date of a goal stands."""
    day, told = goal.two_year_on, _told(goal.two_year_derivation)
    words, tone = day_standing(day, on=on, near_days=TWO_YEAR_SOON_DAYS)
    return DateStanding(
        on=day,
        words=words or "No two-year date",
        tone=tone,
        sentences=told.sentences() if told else (),
        no_date_reason=told.no_date_reason if told else "",
        original_on=told.original_on if told else None,
    )


def day_standing(
    day: date | None, *, on: date, near_days: int = DUE_SOON_DAYS, gone: str = "Passed"
) -> tuple[str, str]:
    """Return words and tone for a day that should not pass unseen; no words where there is none."""
    if day is None:
        return "", "neutral"
    if day < on:
        return f"{gone} {time_since(day, on=on)} ago", "error"
    words = time_until(day, on=on)
    return words[0].upper() + words[1:], (
        "warning" if day <= on + timedelta(days=near_days) else "success"
    )
