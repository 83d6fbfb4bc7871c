"""A date together with the reason for it, so that "why this date?" is told by what computed it.

Source: the product's own rule that every stored date carries its rule, version, start and
arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from permanency.policy.months import day_in_words


@dataclass(frozen=True)
class Derivation:
    """A date, or none and why, with the rule, the start, the arithmetic and what would end it.

    `original_on` is the date before an extension. ValueError if there is neither a date nor a
    reason for having none, or both.
    """

    on: date | None
    rule: str
    rule_version: int
    source: str
    start_event: str
    start_on: date | None
    arithmetic: str
    adjustments: tuple[str, ...]
    ends_when: str
    no_date_reason: str = ""
    original_on: date | None = None

    def __post_init__(self) -> None:
        if (self.on is None) == (self.no_date_reason == ""):
            raise ValueError("A derivation has either a date or a reason for having none.")
        if self.on is not None and self.start_on is None:
            raise ValueError("A date needs a day to count from.")

    def sentences(self) -> tuple[str, ...]:
        """Return the answer to "why this date?" as plain sentences, the date first."""
        return (
            self._headline(),
            *self._counting(),
            *self.adjustments,
            *self._ending(),
            f"Rule version {self.rule_version}. Source: {self.source}.",
        )

    def as_data(self) -> dict[str, Any]:
        """Return plain values that JSON can hold and `from_data` reads back exactly."""
        return {
            "on": _day_as_text(self.on),
            "rule": self.rule,
            "rule_version": self.rule_version,
            "source": self.source,
            "start_event": self.start_event,
            "start_on": _day_as_text(self.start_on),
            "arithmetic": self.arithmetic,
            "adjustments": list(self.adjustments),
            "ends_when": self.ends_when,
            "no_date_reason": self.no_date_reason,
            "original_on": _day_as_text(self.original_on),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Derivation":
        """Return the derivation that `as_data` wrote down; KeyError if a part is missing."""
        return cls(
            on=_day_from_text(data["on"]),
            rule=data["rule"],
            rule_version=data["rule_version"],
            source=data["source"],
            start_event=data["start_event"],
            start_on=_day_from_text(data["start_on"]),
            arithmetic=data["arithmetic"],
            adjustments=tuple(data["adjustments"]),
            ends_when=data["ends_when"],
            no_date_reason=data["no_date_reason"],
            original_on=_day_from_text(data["original_on"]),
        )

    def _headline(self) -> str:
        if self.on is None:
            return f"{self.rule}: no date. {self.no_date_reason}"
        return f"{self.rule}: {day_in_words(self.on)}."

    def _counting(self) -> tuple[str, ...]:
        if self.start_on is None:
            return ()
        return (
            f"It counts from {self.start_event}, {day_in_words(self.start_on)}.",
            f"{self.arithmetic}.",
        )

    def _ending(self) -> tuple[str, ...]:
        return () if self.on is None else (f"It ends when {self.ends_when}.",)


def _day_as_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day_from_text(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
