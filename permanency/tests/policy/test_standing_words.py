"""How a day stands to today, in words."""

from datetime import date

import pytest

from permanency.policy.months import time_until
from permanency.policy.review_dates import day_words_and_tone, review_tone, review_words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-400, "1 year 1 month overdue"),
        (-1, "1 day overdue"),
        (0, "Due today"),
        (1, "Due in 1 day"),
        (60, "Due in 60 days"),
    ],
)
def test_how_a_review_stands_in_words(days: int, words: str) -> None:
    on = date(2026, 5, 14)
    assert review_words(date.fromordinal(on.toordinal() + days), on=on) == words


def test_days_far_ahead_and_behind_are_told_in_months() -> None:
    on = date(2026, 5, 14)
    assert review_words(None, on=on) == "No date"
    assert time_until(date(2027, 8, 20), on=on) == "in 1 year 3 months"
    assert day_words_and_tone(date(2026, 1, 1), on=on, gone="Expired") == (
        "Expired 4 months ago",
        "error",
    )
    assert day_words_and_tone(date(2026, 5, 20), on=on) == ("In 6 days", "warning")
    assert day_words_and_tone(date(2027, 5, 20), on=on) == ("In 1 year", "success")
    assert day_words_and_tone(None, on=on) == ("", "neutral")
    assert review_tone(None, on=on) == "neutral"
    assert review_tone(date(2026, 1, 1), on=on) == "error"
