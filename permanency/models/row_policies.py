"""The second fence: row-level security of PostgreSQL on every table with a child behind it.

It says the scope a second time, in SQL, from the appointments, the restriction and two settings of
the connection (`directory/database/row_security.py`), and so holds where a query of ours forgets
`visible_to`. It binds the owner of the tables too; only a superuser, or a role that may bypass it,
is outside. The first migration of each app names its tables. On SQLite that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POLICY = "who_may_see_the_child"

FUNCTIONS = Path(__file__).parents[1] / "migrations" / "row_security.sql"
NO_FUNCTIONS = """
DROP FUNCTION fence_hidden(bigint, date);
DROP FUNCTION fence_named(bigint, date);
DROP FUNCTION fence_reach(text);
DROP FUNCTION fence_reads_the_state();
DROP FUNCTION fence_day();
DROP FUNCTION fence_person();
DROP FUNCTION fence_is_lifted();
"""

CHILD_CONDITION = """
    (case_managed_by = 'PSP' AND district_id = ANY ((SELECT fence_reach('PSP'))::bigint[])
     OR case_managed_by = 'DCJ' AND district_id = ANY ((SELECT fence_reach('DCJ'))::bigint[]))
    AND (restricted_on IS NULL
         OR id IN (SELECT fence_named(fence_person(), fence_day())))
"""


def condition_through(column: str, table: str = "permanency_child") -> str:
    """Return the condition that the row which a column leads to is within sight.

    A subquery with a value is asked row by row through the key. EXISTS might be answered by reading
    all of the other table first, for a page of fifty rows too.
    """
    behind = f"(SELECT true FROM {table} behind WHERE behind.id = {column})"  # noqa: S608  # a migration names both
    if table != "permanency_child":
        return behind
    # Who reads the whole state is kept from a few children only: those need no look at each child.
    hidden = "SELECT fence_hidden(fence_person(), fence_day())"
    return (
        f"CASE WHEN (SELECT fence_reads_the_state()) THEN {column} NOT IN ({hidden}) "
        f"ELSE {behind} END"
    )


def policy_statements(table: str, condition: str) -> list[str]:
    # CASE keeps the order: while the fence is lifted, nothing else is asked.
    whole = f"CASE WHEN (SELECT fence_is_lifted()) THEN true ELSE {condition} END"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {POLICY} ON {table} USING ({whole})",
    ]


def disable_row_security(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the fence off a table; for reversing a migration, and for tests that it can fail."""
    _run(
        connection,
        [
            f"DROP POLICY {POLICY} ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


def tables_with_row_security(connection: BaseDatabaseWrapper) -> list[str]:
    query = (
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE polname = %s AND relrowsecurity AND relforcerowsecurity ORDER BY relname"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [POLICY])
        return [name for (name,) in cursor]


def create_functions() -> RunPython:
    """Return the migration operation that makes the functions of the policies."""
    return _operation([FUNCTIONS.read_text()], [NO_FUNCTIONS])


def enable_row_security(table: str, condition: str) -> RunPython:
    """Return the migration operation that puts the fence around a table, and its reverse."""

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            disable_row_security(editor.connection, table)

    operation = _operation(policy_statements(table, condition), [])
    operation.reverse_code = backwards
    return operation


def _operation(forwards: Iterable[str], backwards: Iterable[str]) -> RunPython:
    def run(statements: Iterable[str], editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            _run(editor.connection, statements)

    return RunPython(
        lambda apps, editor: run(forwards, editor), lambda apps, editor: run(backwards, editor)
    )


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
