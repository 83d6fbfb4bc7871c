"""Whether the database that a process works on is fit for real cases: its role, rights and limits.

Web and worker look once, at their first connection, and go no further where it is not; `/health/`
looks each time. A demonstration may run as the owner. What Django's checks of the database say, as
`migrate` shows it, stands in the log of whoever starts alone.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import psycopg2.extensions
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from directory.database import grants, limits, row_security

logger = logging.getLogger(__name__)

GRANT = "Let the owner of the tables run: manage.py grants RUNNER."
ROLES = (
    "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')"
    " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication) ORDER BY 1"
)
PLACES = """
SELECT name FROM (VALUES
    ('own the database', (SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database
                          WHERE datname = current_database())),
    ('make schemas', has_database_privilege(current_database(), 'CREATE')),
    ('make temporary tables', has_database_privilege(current_database(), 'TEMPORARY')),
    ('make tables', has_schema_privilege('public', 'CREATE'))
) AS place (name, has) WHERE has"""
TABLES = """
SELECT relname, pg_has_role(relowner, 'MEMBER'),
    ARRAY (SELECT act FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
                                        'REFERENCES', 'TRIGGER']) act
           WHERE has_table_privilege(pg_class.oid, act)),
    ARRAY (SELECT attname::text FROM pg_attribute
           WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
           AND has_column_privilege(pg_class.oid, attnum, 'UPDATE'))
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
ORDER BY relname"""
TOLD = f"SELECT current_setting('{row_security.PERSON}', true)"


class UnfitDatabaseError(ImproperlyConfigured):
    """The database, or the role, is not fit for real cases; the message says why."""


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return in a sentence each what makes this connection unfit for real cases; ideally none."""
    if connection.vendor != "postgresql":
        return []
    return [*_role_faults(connection), *_table_faults(connection), *_session_faults(connection)]


def _rows(connection: BaseDatabaseWrapper, query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _role_faults(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for (role,) in _rows(connection, ROLES):
        yield f"The role may act as {role}, whom no policy or grant binds."
    for (what,) in _rows(connection, PLACES):
        yield f"The role may {what}. {GRANT}"


def _table_faults(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for table, is_owner, acts, columns in _rows(connection, TABLES):
        if is_owner:
            yield f"The role owns {table}: it could lift what protects its rows."
            continue
        expected, held = grants.rights(table), set(acts)
        if "UPDATE" not in held and columns:
            held.add(f"UPDATE ({', '.join(sorted(columns))})")
        if missing := sorted(expected - held):
            yield f"The role may not {', '.join(missing)} on {table}. {GRANT}"
        if excess := sorted(held - expected):
            yield f"The role may {', '.join(excess)} on {table}, and need not. {GRANT}"


def _session_faults(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for name in limits.LIMITS:
        if _rows(connection, f"SHOW {name}") == [("0",)]:
            yield f"The database sets no {name}. Let its owner run: manage.py migrate."
    number = secrets.randbelow(10**12)
    with row_security.as_person(number, date.min):
        if _rows(connection, TOLD) != [(str(number),)]:
            yield "Who asks does not arrive with a statement: row security shows no rows."
    with connection.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
        cursor.execute(TOLD)
        if cursor.fetchone()[0]:
            yield "The session is told for good who asks: other code in the same pool has done so."


def check_first_connection() -> None:
    """Look now, or once the database is there; raise UnfitDatabaseError where it is not fit."""
    if settings.DEMO:
        return
    connection_created.connect(_check, dispatch_uid="startup check")
    with suppress(OperationalError):
        connection.ensure_connection()
        connection.close()


def _check(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    if found := faults(connection):
        connection.close()
        raise UnfitDatabaseError(" ".join(found))
    connection_created.disconnect(dispatch_uid="startup check")
    # Before the first `migrate` there is nothing to look at.
    with suppress(DatabaseError):
        databases = [connection.alias]
        for warning in checks.run_checks(tags=[checks.Tags.database], databases=databases):
            logger.warning("%s %s", warning.msg, warning.hint or "")
