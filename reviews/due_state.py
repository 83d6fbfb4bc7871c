"""How the dates of a goal stand on a day, and why they are those dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.html import format_html

from directory.web.pagination import ListRow
from permanency.policy.derivation import IN_SHORT, Derivation
from permanency.policy.due_state import day_words_and_tone, review_tone, review_words
from permanency.policy.months import day_in_words
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class GoalDates(Protocol):
    """A goal, or what was read of one: its two dates and the reasons for them."""

    review_due_on: date | None
    review_derivation: Any
    two_year_on: date | None
    two_year_derivation: Any


@dataclass(frozen=True)
class DateState(ListRow):
    """A date, how it stands in words, and why it is that date: in sentences, and in `short`."""

    on: date | None
    words: str
    tone: str
    sentences: tuple[str, ...] = ()
    no_date_reason: str = ""
    original_on: date | None = None
    short: str = ""

    @property
    def day(self) -> str:
        """Return the date in words, or nothing where there is none."""
        return day_in_words(self.on) if self.on else ""

    @property
    def items(self) -> str:
        """Return the sentences as the items of a list: a page of rows has hundreds of them."""
        if not self.sentences:
            return ""
        return format_html("<li>{}</li>" * len(self.sentences), *self.sentences)


def _derivation_of(derivation: Mapping[str, Any]) -> Derivation | None:
    return Derivation.from_data(derivation) if derivation else None


def _short_reason(derivation: Mapping[str, Any]) -> str:
    return str(derivation.get(IN_SHORT, ""))


def review_state(goal: GoalDates, *, on: date) -> DateState:
    """Return how the next review of a goal stands."""
    due_on, derivation = goal.review_due_on, _derivation_of(goal.review_derivation)
    return DateState(
        on=due_on,
        words=review_words(due_on, on=on),
        tone=review_tone(due_on, on=on),
        sentences=derivation.sentences() if derivation else (),
        no_date_reason=derivation.no_date_reason if derivation else "",
        short=_short_reason(goal.review_derivation),
    )


def two_year_state(goal: GoalDates, *, on: date) -> DateState:
    """Return how the two-year date of a goal stands."""
    day, derivation = goal.two_year_on, _derivation_of(goal.two_year_derivation)
    words, tone = day_words_and_tone(day, on=on, near_days=TWO_YEAR_SOON_DAYS)
    return DateState(
        on=day,
        words=words or "No two-year date",
        tone=tone,
        sentences=derivation.sentences() if derivation else (),
        no_date_reason=derivation.no_date_reason if derivation else "",
        original_on=derivation.original_on if derivation else None,
        short=_short_reason(goal.two_year_derivation),
    )
