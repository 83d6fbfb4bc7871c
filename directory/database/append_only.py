"""Triggers that make a table append-only on both databases.

Guarded rows can be added and read. UPDATE, DELETE, TRUNCATE and REPLACE are refused by the database
itself with an IntegrityError, whatever way they come. A table may let one change through: blanking
a row that a row of another table names (a redaction). It may also let a row be edited until it is
closed, such as a draft until it is published. A migration guards a table with `guard`.
A later migration that rebuilds such a table on SQLite (any change of a column) loses the triggers
with the old table and must guard it again; a test lists the guarded tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

PREFIX = "append_only_"
FUNCTION = "refuse_change_of_an_append_only_row"
_NO_TEXT = "''"

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


@dataclass(frozen=True)
class Blanking:
    """The one change that a guarded table lets through: a row is blanked that a redaction names.

    `blank` holds the columns with their empty values in SQL; every other column must stay as it is,
    and the `redaction_table` must name the row in its column `entry_id`.
    """

    blank: Mapping[str, str]
    redaction_table: str


@dataclass(frozen=True)
class AppendOnlyTable:
    """A table to guard, its unique keys beside `id`, and the one change let through, if any.

    From `closed_when` on, a condition in SQL on the row OLD, it cannot be updated; else never.
    """

    table: str
    keys: tuple[tuple[str, ...], ...] = ()
    blanking: Blanking | None = None
    closed_when: str = ""


HISTORY_TABLE = AppendOnlyTable(
    "directory_historyentry",
    keys=(("chain", "sequence"),),
    blanking=Blanking(
        {"before": "'{}'", "after": "'{}'", "note": "''", "salt": "''"}, "directory_redaction"
    ),
)


def trigger_statements(
    vendor: str, guarded: AppendOnlyTable, columns: Sequence[str] = ()
) -> list[str]:
    """Return the SQL that makes the table append-only; a blanking asks for all its `columns`."""
    if vendor == "postgresql":
        return _postgresql_statements(guarded)
    table = guarded.table
    refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
    # INSERT OR REPLACE removes the old row without firing the delete trigger unless the connection
    # has recursive_triggers on; the third trigger refuses it on any connection, by every key.
    known = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{table}" WHERE '  # noqa: S608  # a migration names the table
        + " AND ".join(f"{name} = NEW.{name}" for name in key)
        + ")"
        for key in (("id",), *guarded.keys)
    )
    unless = f"WHEN {guarded.closed_when} " if guarded.closed_when else ""
    if guarded.blanking:
        blank, redactions = guarded.blanking.blank, guarded.blanking.redaction_table
        blanked = [f'NEW."{name}" = {empty}' for name, empty in blank.items()]
        kept = [f'NEW."{name}" IS OLD."{name}"' for name in columns if name not in blank]
        named = f'EXISTS (SELECT 1 FROM "{redactions}" WHERE entry_id = OLD.id)'  # noqa: S608  # as above
        unless = f"WHEN NOT ({' AND '.join([*blanked, *kept, named])}) "
    return [
        f'CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON "{table}" {unless}{refuse}',
        f'CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON "{table}" {refuse}',
        f'CREATE TRIGGER {PREFIX}{table}_replace BEFORE INSERT ON "{table}" WHEN {known} {refuse}',
    ]


def _postgresql_statements(guarded: AppendOnlyTable) -> list[str]:
    table, function = guarded.table, FUNCTION
    prepare = [_POSTGRESQL_FUNCTION]
    if guarded.blanking is not None:
        function = f"{FUNCTION}_but_blanking"
        prepare.append(_blanking_function(function, guarded.blanking))
    rows = {"rows": ("UPDATE OR DELETE", "")}
    if guarded.closed_when:
        rows = {"rows": ("UPDATE", f"WHEN ({guarded.closed_when}) "), "deleted": ("DELETE", "")}
    return [
        *prepare,
        *(
            f'CREATE TRIGGER {PREFIX}{name} BEFORE {acts} ON "{table}" '
            f"FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
            for name, (acts, when) in rows.items()
        ),
        f'CREATE TRIGGER {PREFIX}truncate BEFORE TRUNCATE ON "{table}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
    ]


def _blanking_function(name: str, blanking: Blanking) -> str:
    blanked = " AND ".join(
        f'to_jsonb(NEW."{column}") = to_jsonb({empty}::{"text" if empty == _NO_TEXT else "jsonb"})'
        for column, empty in blanking.blank.items()
    )
    columns = ", ".join(f"'{column}'" for column in blanking.blank)
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF {blanked}
            AND to_jsonb(NEW) - ARRAY[{columns}] = to_jsonb(OLD) - ARRAY[{columns}]
            AND EXISTS (SELECT 1 FROM "{blanking.redaction_table}" WHERE entry_id = OLD.id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""  # noqa: S608  # a migration names the tables


HEADS_TABLE = "directory_historyhead"
_HEADS_FUNCTION = "refuse_a_head_without_its_entry"
# It looks for the entry as the system: whoever wrote it may not see it any more.
_HEADS_STATEMENTS = (
    f"""
CREATE OR REPLACE FUNCTION {_HEADS_FUNCTION}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asking text := coalesce(current_setting('tracker.person', true), '');
    is_there boolean;
BEGIN
    PERFORM set_config('tracker.person', 'system', true);
    is_there := NEW.sequence = 0 OR EXISTS (
        SELECT FROM directory_historyentry entry WHERE entry.chain = NEW.chain
        AND entry.sequence = NEW.sequence AND entry.digest = NEW.digest);
    PERFORM set_config('tracker.person', asking, true);
    IF NOT is_there OR TG_OP = 'UPDATE'
        AND (OLD.chain <> NEW.chain OR OLD.sequence > NEW.sequence) THEN
        RAISE EXCEPTION 'the head of % only moves forward, with its entry', NEW.chain
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$""",
    f"DROP TRIGGER IF EXISTS {PREFIX}head ON {HEADS_TABLE}",
    f"CREATE CONSTRAINT TRIGGER {PREFIX}head AFTER INSERT OR UPDATE ON {HEADS_TABLE} "
    f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {_HEADS_FUNCTION}()",
)


def install_head_guard(connection: BaseDatabaseWrapper) -> None:
    """Let the head of a chain only move forward, to an entry that is there at COMMIT.

    On PostgreSQL alone: SQLite defers no trigger.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in _HEADS_STATEMENTS:
                cursor.execute(statement)


def guard_heads() -> RunPython:
    """Return the migration operation that guards the heads of the history, and its reverse."""
    return RunPython(
        lambda apps, editor: install_head_guard(editor.connection),
        lambda apps, editor: uninstall(editor.connection, HEADS_TABLE),
    )


def append_only_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
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


def install(connection: BaseDatabaseWrapper, table: str | AppendOnlyTable) -> None:
    guarded = AppendOnlyTable(table) if isinstance(table, str) else table
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, guarded.table)
        columns = [column.name for column in described]
        for statement in trigger_statements(connection.vendor, guarded, columns):
            cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the triggers off the table again; for reversing a migration, and for tests."""
    for guarded, name in append_only_triggers(connection):
        if guarded != table:
            continue
        suffix = f' ON "{table}"' if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{suffix}")


def make_append_only(table: str | AppendOnlyTable) -> RunPython:
    """Return the migration operation that makes the table append-only, and its reverse."""
    name = table if isinstance(table, str) else table.table

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        install(editor.connection, table)

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        uninstall(editor.connection, name)

    return RunPython(forwards, backwards)
