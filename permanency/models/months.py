"""Days and months in SQL, equal to `permanency.policy.months` on both databases.

PostgreSQL's intervals clamp to the end of a shorter month as the policy does. SQLite's do not, so
there the day is built from the first of the month and limited by the last.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateField, Func, IntegerField, TextField
from django.db.models.sql.compiler import SQLCompiler

from permanency.policy.months import MONTH_NAMES

Compiled = tuple[str, tuple[Any, ...]]
PLACES = re.compile(r"{([ab])}")


class _InTwoDialects(Func):
    """A function of expressions {a} and {b}, each of which may stand in it more than once."""

    on_postgresql = ""
    on_sqlite = ""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Compiled:
        """Return the SQL of PostgreSQL."""
        return self._compiled(self.on_postgresql, compiler)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Compiled:
        """Return the SQL of SQLite."""
        return self._compiled(self.on_sqlite, compiler)

    def _compiled(self, template: str, compiler: SQLCompiler) -> Compiled:
        compiled = (compiler.compile(each) for each in self.get_source_expressions())
        parts = dict(zip("ab", compiled, strict=False))
        values = [value for name in PLACES.findall(template) for value in parts[name][1]]
        words = {name: sql for name, (sql, _) in parts.items()}
        return template.format(**words), tuple(values)


class AddMonths(_InTwoDialects):
    """The day so many months later, or the last day of a shorter month; as `add_months`."""

    output_field = DateField()
    on_postgresql = "({a} + INTERVAL '1 month' * {b})::date"
    on_sqlite = (
        "min(date({a}, 'start of month', ({b}) || ' months', (strftime('%%d', {a}) - 1) || ' days')"
        ", date({a}, 'start of month', (({b}) + 1) || ' months', '-1 day'))"
    )


class MonthsApart(_InTwoDialects):
    """The distance between two calendar months, whatever the day in them; as `months_apart`."""

    output_field = IntegerField()
    on_postgresql = (
        "((EXTRACT(YEAR FROM {b}) - EXTRACT(YEAR FROM {a})) * 12"
        " + EXTRACT(MONTH FROM {b}) - EXTRACT(MONTH FROM {a}))::integer"
    )
    on_sqlite = (
        "((strftime('%%Y', {b}) - strftime('%%Y', {a})) * 12"
        " + strftime('%%m', {b}) - strftime('%%m', {a}))"
    )


class AsDay(_InTwoDialects):
    """A day that stands somewhere as text, YYYY-MM-DD."""

    output_field = DateField()
    on_postgresql = "({a})::date"
    on_sqlite = "({a})"


class IsDay(_InTwoDialects):
    """Whether a column of days holds one, or nothing: SQLite lets 31 February stand there."""

    output_field = BooleanField()
    on_postgresql = "true"
    # A modifier lets it count the day again.
    on_sqlite = "(date({a}, '0 days') IS {a})"


class InWords(_InTwoDialects):
    """The day as the pages show it, such as "14 May 2026"; as `day_in_words`."""

    output_field = TextField()
    on_postgresql = "to_char({a}, 'FMDD FMMonth FMYYYY')"
    on_sqlite = (
        "(CAST(strftime('%%d', {a}) AS integer) || CASE strftime('%%m', {a}) "
        + " ".join(
            f"WHEN '{number:02}' THEN ' {name} '" for number, name in enumerate(MONTH_NAMES, 1)
        )
        + " END || CAST(strftime('%%Y', {a}) AS integer))"
    )
