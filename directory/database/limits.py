"""The time limits of PostgreSQL: they stand in the database, for whoever connects to it.

A pooler refuses settings that come with a connection. `migrate` works without the limits that a
long migration would meet, on its own connection; it writes them into the database as it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections

LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}
# Compiling our short statements takes longer than running them.
SETTINGS = {"jit": "off"}
# While a migration waits for a lock, everybody else waits behind it.
LIFTED = ("statement_timeout", "idle_in_transaction_session_timeout")


def statements(database: str) -> Iterator[str]:
    """Yield the SQL that sets them in a database; a copy of a database does not have them."""
    for name, value in (LIMITS | SETTINGS).items():
        yield f"""ALTER DATABASE "{database}" SET {name} = '{value}'"""


def lift_for_migrate(using: str, **signal: Any) -> None:
    _execute(using, *(f"SET {name} = 0" for name in LIFTED))


def set_after_migrate(using: str, **signal: Any) -> None:
    connection = connections[using]
    _execute(using, *(f"RESET {name}" for name in LIFTED))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(OWNS_DATABASE)
            (is_ours,) = cursor.fetchone()
        if is_ours:
            _execute(using, *statements(connection.settings_dict["NAME"]))


OWNS_DATABASE = (
    "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
)


def _execute(using: str, *lines: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            for line in lines:
                cursor.execute(line)
