"""Triggers that make a table append-only on both databases.

Guarded rows can be added and read. UPDATE, DELETE, TRUNCATE and REPLACE are refused by the database
itself with an IntegrityError, whatever way they come. A migration guards a table with `guard`.
A later migration that rebuilds such a table on SQLite (any change of a column) loses the triggers
with the old table and must guard it again; a test lists the guarded tables.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

PREFIX = "append_only_"
FUNCTION = "refuse_change_of_an_append_only_row"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def statements(vendor: str, table: str) -> list[str]:
    """Return the SQL that makes the table append-only on this kind of database."""
    if vendor == "postgresql":
        return [
            _POSTGRESQL_FUNCTION,
            f'CREATE TRIGGER {PREFIX}rows BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
            f'CREATE TRIGGER {PREFIX}truncate BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
    # INSERT OR REPLACE removes the old row without firing the delete trigger unless the connection
    # has recursive_triggers on; the third trigger refuses it on any connection.
    known = f'EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id)'  # noqa: S608  # a migration names the table
    return [
        f'CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON "{table}" {refuse}',
        f'CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON "{table}" {refuse}',
        f'CREATE TRIGGER {PREFIX}{table}_replace BEFORE INSERT ON "{table}" WHEN {known} {refuse}',
    ]


def triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return the table and the name of every trigger of this kind in the database."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)"
        )
    else:
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted((table, name) for table, name in cursor if name.startswith(PREFIX))


def install(connection: BaseDatabaseWrapper, table: str) -> None:
    """Make the table append-only from now on."""
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor, table):
            cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the triggers off the table again; for reversing a migration, and for tests."""
    for guarded, name in triggers(connection):
        if guarded != table:
            continue
        suffix = f' ON "{table}"' if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{suffix}")


def guard(table: str) -> RunPython:
    """Return the migration operation that makes the table append-only, and its reverse."""

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        install(editor.connection, table)

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        uninstall(editor.connection, table)

    return RunPython(forwards, backwards)
