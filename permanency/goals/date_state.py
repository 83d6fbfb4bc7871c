"""How the two dates of a goal stand on a day, and why they are those dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from permanency.policy.derivation import IN_SHORT, Derivation
from permanency.policy.months import day_in_words, short_day
from permanency.policy.review_dates import day_words_and_tone, review_tone, review_words
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


@dataclass(frozen=True)
class DateState:
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
        return day_in_words(self.on) if self.on else ""

    @property
    def short_day(self) -> str:
        return short_day(self.on) if self.on else ""


def review_date_state(day: date | None, why: Mapping[str, Any], *, on: date) -> DateState:
    return _date_state(day, review_words(day, on=on), review_tone(day, on=on), why)


def two_year_date_state(day: date | None, why: Mapping[str, Any], *, on: date) -> DateState:
    words, tone = day_words_and_tone(day, on=on, near_days=TWO_YEAR_SOON_DAYS)
    return _date_state(day, words or "No two-year date", tone, why)


def _date_state(day: date | None, words: str, tone: str, data: Mapping[str, Any]) -> DateState:
    if not data:
        return DateState(day, words, tone)
    derivation = Derivation.from_data(data)
    return DateState(
        day,
        words,
        tone,
        sentences=derivation.sentences(),
        no_date_reason=derivation.no_date_reason,
        original_on=derivation.original_on,
        short=str(data.get(IN_SHORT, "")),
    )
