"""How a day stands to today, in words and a tone: the same on every list and page.

Source: rule 2, due on the day itself and overdue from the next.
"""

from datetime import date, timedelta

from permanency.policy.months import span_in_words
from permanency.policy.review_dates import DUE_SOON_DAYS, DueStanding, due_standing

NEAR_DAYS = 60
TONES = {
    DueStanding.OVERDUE: "error",
    DueStanding.DUE_TODAY: "warning",
    DueStanding.DUE_SOON: "warning",
    DueStanding.LATER: "success",
    DueStanding.NONE: "neutral",
}


def days_in_words(days: int) -> str:
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


def review_words(due_on: date | None, *, on: date) -> str:
    """Return how a review stands: "12 days overdue", "Due today", "Due in 23 days", "No date"."""
    stands = due_standing(due_on, on=on)
    if due_on is None or stands is DueStanding.NONE:
        return "No date"
    if stands is DueStanding.OVERDUE:
        return f"{time_since(due_on, on=on)} overdue"
    return f"Due {time_until(due_on, on=on)}"


def review_tone(due_on: date | None, *, on: date) -> str:
    return TONES[due_standing(due_on, on=on)]


def day_words_and_tone(
    day: date | None, *, on: date, near_days: int = DUE_SOON_DAYS, gone: str = "Passed"
) -> tuple[str, str]:
    """Return words and tone for a day that must not pass unseen; no words where there is none."""
    if day is None:
        return "", "neutral"
    if day < on:
        return f"{gone} {time_since(day, on=on)} ago", "error"
    words = time_until(day, on=on)
    return words[0].upper() + words[1:], (
        "warning" if day <= on + timedelta(days=near_days) else "success"
    )
