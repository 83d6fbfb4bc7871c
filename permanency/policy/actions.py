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


def finished_action_error(said: AgreedAction, done: AgreedAction, *, done_on: date) -> str:
    """Return why an action that is done cannot be put right, or "" where nothing of it differs."""
    if (said.what, said.who, said.due_on) == (done.what, done.who, done.due_on):
        return ""
    return (
        f"This action was done on {day_in_words(done_on)}, so it stays as it is: {done}. Empty "
        "the row, or write what is new as another action."
    )


def action_due_on_error(due_on: date, *, held_on: date) -> str:
    """Return why an action agreed on one day cannot be due on another, or ""."""
    if due_on < held_on:
        return f"The action was agreed on {day_in_words(held_on)}, so it is due then or later."
    return ""
