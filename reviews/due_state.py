"""How the dates of a goal stand on a day, and why they are those dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.html import format_html

from directory.web.pagination import ListRow
from permanency.policy.derivation import IN_SHORT, Derivation
from permanency.policy.due_state import day_standing, review_tone, review_words
from permanency.policy.months import day_in_words
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class Dated(Protocol):
    """A goal, or what was read of one: its two dates and the reasons for them."""

    review_due_on: date | None
    review_derivation: Any
    two_year_on: date | None
    two_year_derivation: Any


@dataclass(frozen=True)
class DateStanding(ListRow):
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


def _told(derivation: Mapping[str, Any]) -> Derivation | None:
    return Derivation.from_data(derivation) if derivation else None


def _in_short(derivation: Mapping[str, Any]) -> str:
    return str(derivation.get(IN_SHORT, ""))


def review_standing(goal: Dated, *, on: date) -> DateStanding:
    """Return how the next review of a goal stands."""
    due_on, told = goal.review_due_on, _told(goal.review_derivation)
    return DateStanding(
        on=due_on,
        words=review_words(due_on, on=on),
        tone=review_tone(due_on, on=on),
        sentences=told.sentences() if told else (),
        no_date_reason=told.no_date_reason if told else "",
        short=_in_short(goal.review_derivation),
    )


def two_year_standing(goal: Dated, *, on: date) -> DateStanding:
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
        short=_in_short(goal.two_year_derivation),
    )
