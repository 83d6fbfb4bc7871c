"""Tells those above that a child's case has moved, without knowing who they are.

An endorsement binds to who managed the case, where, and with which goal in force, so a goal change
must hear of a move in the same transaction; but goal changes are decided in an app above this one,
which is never imported here. Each listener is appended once, when its app is ready.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from directory.models import User
from permanency.models import Child


class Listener(Protocol):
    """What hears of a move: called with the child as it now stands, inside the transaction."""

    def __call__(self, child: Child, *, by: User | None, on: date) -> object:
        """Do what follows from the move; `by` is nobody for an import."""


listeners: list[Listener] = []


def case_moved(child: Child, *, by: User | None, on: date) -> None:
    """Tell every listener that what a decision about the child rests on has changed."""
    for listener in listeners:
        listener(child, by=by, on=on)
