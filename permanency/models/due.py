"""Conditions on goals by day, and days in SQL. Due on the day itself, overdue from the next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateField, F, Func, Q, TextField
from django.db.models.functions import Coalesce, Least
from django.db.models.sql.compiler import SQLCompiler

from permanency.policy.months import MONTH_NAMES, adults_born_by
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class Days(NamedTuple):
    """The first and the last day of a span, counted from today; None is open."""

    first: int | None
    last: int | None


class LastDay(Func):
    """The last day of all, for what has no date; written out, as a generated column needs it."""

    template = "'9999-12-31'"
    output_field: ClassVar[DateField[date, date]] = DateField()


class IsDay(Func):
    """Whether a column of days holds one, or nothing: SQLite lets 31 February in."""

    template = "true"
    output_field: ClassVar[BooleanField[bool, bool]] = BooleanField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        # A modifier lets it count the day again.
        template = "(date(%(expressions)s, '0 days') IS %(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)


class InWords(Func):
    template = "to_char(%(expressions)s, 'FMDD FMMonth FMYYYY')"
    output_field: ClassVar[TextField[str, str]] = TextField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        day, month, year = (f"strftime('%%%%{part}', %(expressions)s)" for part in "dmY")
        names = (f"WHEN '{number:02}' THEN '{name}'" for number, name in enumerate(MONTH_NAMES, 1))
        template = (
            f"(CAST({day} AS integer) || ' ' || CASE {month} {' '.join(names)} END"
            f" || ' ' || CAST({year} AS integer))"
        )
        return self.as_sql(compiler, connection, template=template, **context)


PAST = Days(None, -1)
TODAY = Days(0, 0)
REVIEW_PRESSING = Days(None, DUE_SOON_DAYS)
TWO_YEAR_SOON = Days(0, TWO_YEAR_SOON_DAYS)


def review_within(days: Days, *, on: date, goal: str = "") -> Q:
    """Return the condition that a review is within these days; `goal` is the path to the goal."""
    return in_force(on=on, goal=goal) & _within(f"{goal}review_due_on", days, on=on)


def two_year_within(days: Days, *, on: date, goal: str = "") -> Q:
    return in_force(on=on, goal=goal) & _within(f"{goal}two_year_on", days, on=on)


def in_force(*, on: date, goal: str = "") -> Q:
    """Return the condition that a goal is in force on a day: at 18 it is not (rule 4).

    `goal` is the path from a child, as "now_"; without one a goal is asked.
    """
    is_there = Q(**{f"{goal}id__isnull": False}) if goal else Q()
    return Q(**{f"{goal}ended_on": None}) & is_there & not_18(on, child="" if goal else "child__")


def not_18(on: date, *, child: str = "") -> Q:
    """Return the condition that a child is not 18 yet: nothing is owed after that (rule 4)."""
    return Q(**{f"{child}born_on__gt": adults_born_by(on)})


def can_be_owed(on: date, *, child: str = "") -> Q:
    died, left = (f"{child}{name}" for name in ("died_on", "left_state_on"))
    is_alive = Q(**{died: None}) | Q(**{f"{died}__gt": on})
    is_here = Q(**{left: None}) | Q(**{f"{left}__gt": on})
    return not_18(on, child=child) & is_alive & is_here


def review_or_last() -> Coalesce:
    return Coalesce("review_due_on", LastDay())


def worst_on() -> Coalesce:
    """Return the earlier of a goal's two dates, or the last day of all."""
    review, two_year = F("review_due_on"), F("two_year_on")
    # LEAST of a NULL is NULL on one database and not on another, so neither is one.
    earlier = Least(Coalesce(review, two_year), Coalesce(two_year, review))
    return Coalesce(earlier, LastDay())


def _within(field: str, days: Days, *, on: date) -> Q:
    condition = Q()
    if days.first is not None:
        condition &= Q(**{f"{field}__gte": on + timedelta(days=days.first)})
    if days.last is not None:
        condition &= Q(**{f"{field}__lte": on + timedelta(days=days.last)})
    return condition
