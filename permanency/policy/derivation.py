"""A date together with the reason for it.

Source: the product's own rule that every stored date carries its rule, version, start and
arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from permanency.policy.months import add_months, day_in_words, months_apart, times_in_words

STAYS = "stays as it was"
# Where `as_data` puts the short sentence.
IN_SHORT = "in_short"
DAYS = ("on", "start_on", "original_on", "kept_on", "extended_to", "not_before")


@dataclass(frozen=True)
class Derivation:
    """A date, or none and why, with the rule, the start, the arithmetic and what would end it.

    `times` periods of `months` are counted from the start: the least number on or after
    `not_before`, where a mark or new rules counted again on that day. `kept_on` is a date that
    stays as it was instead of the counted one, `extended_to` an extension that counts,
    `original_on` the date before it. ValueError if there is neither a date nor a reason for having
    none, or both, or if the date is not what its parts come to.
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
    months: int = 0
    times: int = 0
    kept_on: date | None = None
    extended_to: date | None = None
    not_before: date | None = None

    def __post_init__(self) -> None:
        if (self.on is None) == (self.no_date_reason == ""):
            raise ValueError("A derivation has either a date or a reason for having none.")
        if self.on is not None and self.start_on is None:
            raise ValueError("A date needs a day to count from.")
        if self.worked_out() != self.on:
            raise ValueError("The date is not the one that its parts come to.")

    def worked_out(self) -> date | None:
        return None if self.no_date_reason else self.counted_on()

    def counted_on(self) -> date | None:
        if self.start_on is None or self.kept_on is not None:
            return self.kept_on
        if not self.times:
            return None
        counted_on = add_months(self.start_on, self.times * self.months)
        return max(counted_on, self.extended_to or counted_on)

    def sentences(self) -> tuple[str, ...]:
        source = f"Rule version {self.rule_version}. Source: {self.source}."
        counting: tuple[str, ...] = ()
        if self.start_on is not None:
            start = f"It counts from {self.start_event}, {day_in_words(self.start_on)}."
            counting = (start, f"{self.arithmetic}.")
        if self.on is None:
            headline = f"{self.rule}: no date. {self.no_date_reason}"
            return (headline, *counting, *self.adjustments, source)
        ending = f"It ends when {self.ends_when}."
        headline = f"{self.rule}: {day_in_words(self.on)}."
        if self.original_on is not None:
            first = day_in_words(self.original_on)
            headline = f"{self.rule}: {first}. Extended to {day_in_words(self.on)}."
        return (headline, *counting, *self.adjustments, ending, self._whose_rule(), source)

    def _whose_rule(self) -> str:
        # No public source says from which day a period counts (defaults D1 and D5).
        period = "DCJ policy" if self.source.startswith("DCJ") else "a rule of this service"
        return f"The period is {period}; from which day it counts is a default of this product."

    def in_short(self) -> str:
        if self.on is None or self.start_on is None:
            return ""
        start = f"{day_in_words(self.start_on)}, {self.start_event}"
        counted = f"{times_in_words(self.times, self.months)} from {start}"
        if self.kept_on is not None:
            counted = f"{day_in_words(self.kept_on)} as it was before, counting from {start}"
        elif self.extended_to is not None:
            counted = f"Extended to {day_in_words(self.extended_to)}, first {counted}"
        return f"{counted} (rules version {self.rule_version})."

    def as_data(self) -> dict[str, Any]:
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        days = {name: day.isoformat() for name in DAYS if (day := data[name]) is not None}
        return {**data, **days, "adjustments": list(self.adjustments), IN_SHORT: self.in_short()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Derivation":
        """Return the derivation that `as_data` wrote; KeyError if a part is missing.

        The parts of a count that were not kept in an older one are worked back from its dates.
        """
        parts = {"not_before": None, **data}
        if "times" not in data:
            parts |= _parts_from_dates(data)
        values = {each.name: parts[each.name] for each in fields(cls)}
        values |= {name: _day_from_text(values[name]) for name in DAYS}
        return cls(**{**values, "adjustments": tuple(values["adjustments"])})


def _parts_from_dates(data: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {"months": 0, "times": 0, "kept_on": None, "extended_to": None}
    on, start_on = _day_from_text(data["on"]), _day_from_text(data["start_on"])
    if on is None or start_on is None:
        return parts
    original_on = _day_from_text(data["original_on"])
    if original_on is not None:
        parts["extended_to"] = data["on"]
    counted_on = original_on or on
    months = months_apart(start_on, counted_on)
    if data["arithmetic"].endswith(STAYS) or add_months(start_on, months) != counted_on:
        return {**parts, "kept_on": data["on"]}
    return {**parts, "months": months, "times": 1}


def _day_from_text(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
