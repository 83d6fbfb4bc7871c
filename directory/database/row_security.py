"""Tells PostgreSQL who is asking, so that its row-level security can hold by itself.

The policies (`permanency/models/row_policies.py`) read two settings of the connection: the person
and the day. While nobody is told, the tables with a child behind them have no rows. Commands and
the worker run as the system; the web process never does, but inside `lifted`. SQLite has no such
fence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

PERSON, DAY = "tracker.person", "tracker.day"


@dataclass(frozen=True)
class Asking:
    """Who asks and on which day, as the connection is told: a key, `system`, or nobody."""

    person: str = ""
    day: str = ""

    @property
    def sql(self) -> str:
        """Return the statement that tells the connection."""
        return f"SET {PERSON} = '{self.person}'; SET {DAY} = '{self.day}'"


NOBODY = Asking()
SYSTEM = Asking("system")

_asking: ContextVar[Asking | None] = ContextVar("asking", default=None)
# What a connection of this process is told while no request is answered.
_at_rest = NOBODY


def run_as_the_system() -> None:
    """Let this process see every row while it answers no request: a command, a worker, a test."""
    _rest_as(SYSTEM)


def run_as_the_web() -> None:
    """Let this process see no row but for the person whose request it answers."""
    _rest_as(NOBODY)


def _rest_as(asking: Asking) -> None:
    global _at_rest
    _at_rest = asking
    _tell()


@contextmanager
def asked_by(person: int | None, on: date) -> Iterator[None]:
    """Let the database answer this person, or nobody, on this day; what was told before returns."""
    asking = NOBODY if person is None else Asking(str(int(person)), on.isoformat())
    with _told(asking):
        yield


@contextmanager
def lifted() -> Iterator[None]:
    """Let the database answer as to the system, where a request rightly needs more than its person.

    Each use is listed, with its reason, by a test.
    """
    with _told(SYSTEM):
        yield


@contextmanager
def _told(asking: Asking) -> Iterator[None]:
    token = _asking.set(asking)
    try:
        _tell()
        yield
    finally:
        _asking.reset(token)
        _tell_again()


def _now() -> Asking:
    return _asking.get() or _at_rest


def _tell(line: BaseDatabaseWrapper | None = None) -> None:
    """Tell the connection where it is open; one that opens later is told then."""
    line = line or connection
    # One that the server has dropped since the last request is opened anew, and told then.
    line.close_if_health_check_failed()
    if line.vendor == "postgresql" and line.connection is not None:
        # Past Django's own cursor: to tell who asks is no query of a page.
        with line.wrap_database_errors, line.connection.cursor() as cursor:
            cursor.execute(_now().sql)


def _tell_again() -> None:
    """Tell the connection what holds again; never leave it open as somebody else.

    In a transaction that has failed nothing can be told: its end takes back what was told in it.
    """
    try:
        _tell()
    except DatabaseError:
        if not connection.in_atomic_block:
            connection.close()


def tell_new(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """Tell a connection that has just been opened."""
    if _now() != NOBODY:
        _tell(connection)


NOT_BOUND = (
    "The database role {role} is a superuser or may bypass row-level security: the second fence "
    "around the children does not hold."
)
HINT = "Give the application an ordinary role that owns its database: see docs/access.md."


def role_is_bound(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Return a warning for each of these databases whose role the fence does not bind."""
    roles = [unbound_role(connections[alias]) for alias in databases or ()]
    return [not_bound(role) for role in roles if role]


def not_bound(role: str) -> CheckMessage:
    """Return the warning about a role."""
    return Warning(NOT_BOUND.format(role=role), hint=HINT, id="directory.W001")


def unbound_role(connection: BaseDatabaseWrapper) -> str:
    """Return the name of the connection's role where row-level security does not bind it, or ""."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    return role if role in unbound_roles(connection) else ""


def unbound_roles(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """Return the names of the roles of a PostgreSQL that row-level security does not bind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolsuper OR rolbypassrls")
        return frozenset(name for (name,) in cursor)
