"""Who asks, as PostgreSQL is told, so that its row-level security can hold by itself.

The policies (`permanency/models/row_policies.py`) read two settings: the person and the day, which
`postgresql/base.py` says with every statement. While nobody asks, the tables with a child behind
them have no rows. Commands and the worker run as the system, the web process only inside
`as_system`. SQLite has no such fence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

PERSON, DAY = "tracker.person", "tracker.day"


@dataclass(frozen=True)
class SessionUser:
    """Who asks and on which day, as the database is told: a key, `system`, or nobody."""

    person: str = ""
    day: str = ""

    @property
    def words(self) -> str:
        return (
            f"SELECT set_config('{PERSON}', '{self.person}', true),"
            f" set_config('{DAY}', '{self.day}', true)"
        )


NOBODY = SessionUser()
SYSTEM = SessionUser("system")

_request_user: ContextVar[SessionUser | None] = ContextVar("asking", default=None)
# Who asks in this process while no request is answered.
_default_user = NOBODY


def run_process_as_system() -> None:
    """Let this process see every row while it answers no request: a command, a worker, a test."""
    global _default_user
    _default_user = SYSTEM


def run_process_as_web() -> None:
    """Let this process see no row but for the person whose request it answers."""
    global _default_user
    _default_user = NOBODY


@contextmanager
def as_person(person: int | None, on: date) -> Iterator[None]:
    """Let the database answer this person, or nobody, on this day; what was told before returns."""
    asking = NOBODY if person is None else SessionUser(str(int(person)), on.isoformat())
    with _as_user(asking):
        yield


@contextmanager
def as_system() -> Iterator[None]:
    """Let the database answer as to the system; a test lists each use, with its reason."""
    with _as_user(SYSTEM):
        yield


@contextmanager
def _as_user(asking: SessionUser) -> Iterator[None]:
    token = _request_user.set(asking)
    try:
        yield
    finally:
        _request_user.reset(token)


def words() -> str:
    """Return the statement that tells who asks until the end of its transaction."""
    return (_request_user.get() or _default_user).words
