"""The second fence: row-level security of PostgreSQL on every table with a child behind it.

It says the scope a second time, in SQL, from the appointments, the restriction and two settings of
the connection (`directory/database/row_security.py`), and so holds where a query of ours forgets
`visible_to`. It binds the owner of the tables too; only a superuser, or a role that may bypass it,
is outside. Migrations call `fence` for their tables. On SQLite they do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POLICY = "who_may_see_the_child"

# The last two read tables as the system: the policies of those tables ask what these answer. The
# person is an argument there, as the setting says something else meanwhile.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION fence_is_lifted() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('tracker.person', true), '') = 'system'
$$;
CREATE OR REPLACE FUNCTION fence_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('tracker.person', true) ~ '^[0-9]+$'
           THEN current_setting('tracker.person', true)::bigint END
$$;
CREATE OR REPLACE FUNCTION fence_day() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('tracker.day', true), '')::date
$$;
CREATE OR REPLACE FUNCTION fence_reads_the_state() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM directory_appointment held
        JOIN directory_user person ON person.id = held.person_id
        WHERE person.id = fence_person() AND person.is_active
          AND held.starts_on <= fence_day()
          AND (held.ends_on IS NULL OR held.ends_on >= fence_day())
          AND held.district_id IS NULL
          AND held.role IN ('coordinator', 'district_manager', 'practice_manager')
    );
END $$;
CREATE OR REPLACE FUNCTION fence_reach(managed_by text) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY (SELECT district.id FROM directory_district district WHERE EXISTS (
        SELECT 1 FROM directory_appointment held
        JOIN directory_user person ON person.id = held.person_id
        WHERE person.id = fence_person() AND person.is_active
          AND held.starts_on <= fence_day()
          AND (held.ends_on IS NULL OR held.ends_on >= fence_day())
          AND (held.district_id IS NULL OR held.district_id = district.id)
          AND (held.role IN ('coordinator', 'district_manager', 'practice_manager')
               OR held.role = 'cfdu_approver' AND managed_by = 'PSP'
               OR held.role = 'casework_manager' AND managed_by = 'DCJ')
    ));
END $$;
CREATE OR REPLACE FUNCTION fence_named(who bigint, today date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    asking text := coalesce(current_setting('tracker.person', true), '');
BEGIN
    PERFORM set_config('tracker.person', 'system', true);
    RETURN QUERY SELECT named.child_id FROM permanency_namedperson named
        WHERE named.person_id = who AND named.starts_on <= today
          AND (named.ends_on IS NULL OR named.ends_on >= today)
          AND (named.taken_off_on IS NULL OR named.taken_off_on > today);
    PERFORM set_config('tracker.person', asking, true);
END $$;
CREATE OR REPLACE FUNCTION fence_hidden(who bigint, today date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    asking text := coalesce(current_setting('tracker.person', true), '');
BEGIN
    PERFORM set_config('tracker.person', 'system', true);
    RETURN QUERY SELECT child.id FROM permanency_child child
        WHERE child.restricted_on IS NOT NULL
          AND child.id NOT IN (SELECT fence_named(who, today));
    PERFORM set_config('tracker.person', asking, true);
END $$;
"""
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
    """Return the SQL that lets only rows of this condition be read and written."""
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
    """Return the tables that the fence stands around, in order."""
    query = (
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
        "WHERE polname = %s AND relrowsecurity AND relforcerowsecurity ORDER BY relname"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [POLICY])
        return [name for (name,) in cursor]


def create_functions() -> RunPython:
    """Return the migration operation that makes the functions of the policies."""
    return _operation([FUNCTIONS], [NO_FUNCTIONS])


def renew_functions() -> RunPython:
    """Return the migration operation that makes them again, as they are now."""
    return _operation([FUNCTIONS], [])


def enable_row_security(table: str, condition: str) -> RunPython:
    """Return the migration operation that puts the fence around a table, and its reverse."""

    def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            disable_row_security(editor.connection, table)

    operation = _operation(policy_statements(table, condition), [])
    operation.reverse_code = backwards
    return operation


def renew_row_security(table: str, condition: str) -> RunPython:
    """Return the migration operation that puts the fence of today in place of an earlier one."""
    return _operation(
        [f"DROP POLICY {POLICY} ON {table}", policy_statements(table, condition)[-1]],
        [],
    )


def drop_former_functions() -> RunPython:
    """Return the migration operation that drops the functions which no policy asks any more."""
    return _operation(["DROP FUNCTION IF EXISTS fence_districts(text)"], [])


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
