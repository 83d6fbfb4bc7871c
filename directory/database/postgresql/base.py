"""Django's PostgreSQL, which is told who asks in the same message as each statement about rows.

A transaction pooler may hand the next message to another session, so nothing is told to a session.
PostgreSQL runs a message of several statements as one transaction, which no pooler parts; what
`set_config` says with `true` ends with that transaction. The driver returns the last result.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg2.extensions
from django.db.backends.postgresql import base

from directory.database.row_security import words

# A union begins with a bracket. Everything else is sent as it is: some may be in no transaction.
ABOUT_ROWS = re.compile(
    r"[\s(]*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES|TABLE|EXPLAIN)\b", re.I
)


class Cursor(psycopg2.extensions.cursor):  # type: ignore[misc]  # untyped
    """Tells who asks before each statement, also where nobody does."""

    _told = 0

    def execute(self, query: str, vars: Any = None) -> None:
        if self.name is None:
            super().execute(self._with_words(query), vars)
            return
        # DECLARE is made of the whole query. In its transaction the words last.
        with self.connection.cursor() as telling:
            telling.execute("SELECT")
        super().execute(query, vars)

    def executemany(self, query: str, vars_list: Any) -> None:
        super().executemany(self._with_words(query), vars_list)

    def _with_words(self, query: str) -> str:
        said = f"{words()};" if ABOUT_ROWS.match(query) else ""
        self._told = len(said)
        return said + query

    @property
    def query(self) -> bytes | None:
        """Return what was sent last, as Django writes it down: without the words."""
        sent: bytes | None = super().query
        return sent and sent[self._told :]


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    def create_cursor(self, name: str | None = None) -> Any:
        """Read in one part outside a transaction: a cursor of the server belongs to a session.

        Django asks the choices of a form in parts, wherever a page shows it.
        """
        return super().create_cursor(None if self.get_autocommit() else name)
