"""An action agreed at a consultation or a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from permanency.policy.months import day_in_words


@dataclass(frozen=True)
class AgreedAction:
    """`number` is that of an action recorded already; `is_mine`: whoever records it does it."""

    what: str
    who: str
    due_on: date
    number: int | None = None
    is_mine: bool = False

    def __str__(self) -> str:
        return f"{self.what} ({self.who}, by {day_in_words(self.due_on)})"


def action_due_on_error(due_on: date, *, held_on: date) -> str:
    """Return why an action agreed on one day cannot be due on another, or ""."""
    if due_on < held_on:
        return f"The action was agreed on {day_in_words(held_on)}, so it is due then or later."
    return ""
