"""The role that runs the product owns nothing, and may do what running needs and no more."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from directory import history
from directory.database import append_only, grants, limits
from directory.models import District, HistoryEntry, HistoryHead
from directory.tests.roles import RUNNER

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

# What the owner of the tables may do, each in a transaction that is undone.
OF_THE_OWNER = (
    "DROP TRIGGER append_only_rows ON directory_historyentry",
    "ALTER TABLE directory_historyentry DISABLE TRIGGER USER",
    "ALTER TABLE directory_historyentry DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE permanency_child NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY who_may_see_the_child ON permanency_child",
    "CREATE POLICY everybody ON permanency_child USING (true)",
    "CREATE OR REPLACE FUNCTION fence_is_lifted() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    f"DROP FUNCTION {append_only.FUNCTION}() CASCADE",
    "CREATE FUNCTION public.fence_day(text) RETURNS date LANGUAGE sql AS 'SELECT current_date'",
    "CREATE TABLE public.directory_new (id int)",
    "CREATE TEMPORARY TABLE directory_appointment (id int)",
    "CREATE SCHEMA ours",
    "SELECT setval('directory_historyentry_id_seq', 1)",
    "DELETE FROM directory_historyhead",
    "UPDATE directory_historyhead SET chain = 'another'",
    "UPDATE django_migrations SET name = 'another'",
)
# What a trigger refuses the owner too, until they take it off.
OF_NOBODY = (
    "UPDATE directory_historyentry SET verb = 'another'",
    "UPDATE directory_historyentry SET note = 'another'",
    "DELETE FROM directory_historyentry",
    "TRUNCATE directory_historyentry CASCADE",
    "SET session_replication_role = replica",
    "ALTER ROLE runner BYPASSRLS",
    "SET SESSION AUTHORIZATION pg_database_owner",
)
REFUSED = r"must be (owner|superuser)|permission denied|only ever added"
HEAD = "UPDATE directory_historyhead SET "
TAMPERED = (
    f"{HEAD} sequence = sequence - 1",
    f"{HEAD} sequence = sequence + 1",
    f"{HEAD} digest = repeat('0', 64)",
    f"{HEAD} sequence = 0, digest = repeat('0', 64)",
    "INSERT INTO directory_historyhead (chain, sequence, digest) VALUES ('a', 7, repeat('0', 64))",
)


@pytest.fixture
def entries(hunter: District) -> None:
    """Write three entries of one chain."""
    for verb in ("one", "two", "three"):
        write(verb, hunter)


@transaction.atomic
def write(verb: str, district: District) -> None:
    history.record(verb, "the history", by=None, on=date(2026, 5, 14), district=district)


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        transaction.set_rollback(True)


@transaction.atomic
def commit(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.usefixtures("entries", "runner")
def test_the_runner_is_refused_what_protects_the_rows() -> None:
    for statement in (*OF_THE_OWNER, *OF_NOBODY):
        with pytest.raises(DatabaseError, match=REFUSED):
            run(statement)


@pytest.mark.usefixtures("entries")
def test_it_is_the_role_that_is_refused() -> None:
    append_only.install(connection, append_only.HISTORY_TABLE)
    for statement in OF_THE_OWNER:
        run(statement)
    append_only.uninstall(connection, append_only.HISTORY_TABLE.table)


@pytest.mark.usefixtures("entries")
def test_the_runner_does_not_become_the_owner(request: pytest.FixtureRequest) -> None:
    owner = connection.settings_dict["USER"]
    request.getfixturevalue("runner")
    with pytest.raises(ProgrammingError, match="permission denied to set role"):
        run(f'SET ROLE "{owner}"')


@pytest.mark.usefixtures("entries", "runner")
def test_a_head_only_moves_forward_with_its_entry(hunter: District) -> None:
    before = list(HistoryHead.objects.values())
    for statement in TAMPERED:
        with pytest.raises(IntegrityError, match="only moves forward"):
            commit(statement)
    assert list(HistoryHead.objects.values()) == before
    write("four", hunter)
    assert HistoryEntry.objects.latest("pk").sequence == HistoryHead.objects.get().sequence == 4


@pytest.mark.usefixtures("entries")
def test_it_is_the_guard_of_the_heads_that_refuses() -> None:
    for statement in TAMPERED:
        commit(statement)


def test_every_table_that_rows_are_only_added_to_is_granted_so(
    tables_guarded_by_migrations: frozenset[str],
) -> None:
    assert tables_guarded_by_migrations == set(grants.ADDED_TO)
    assert set(grants.our_tables(connection)) >= {*grants.ADDED_TO, *grants.READ}


def test_granting_again_changes_nothing() -> None:
    def held() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, relacl::text FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace UNION ALL"
                " SELECT datname, datacl::text FROM pg_database ORDER BY 1"
            )
            return list(cursor.fetchall())

    call_command("grants", RUNNER, verbosity=0)
    once = held()
    call_command("grants", RUNNER, verbosity=0)
    assert held() == once


def test_a_role_that_cannot_be_the_runner_is_refused_with_what_to_do() -> None:
    for role, said in (("nowhere", "CREATE ROLE"), (connection.settings_dict["USER"], "owns")):
        with pytest.raises(CommandError, match=said):
            call_command("grants", role)


def test_migrating_grants_the_runner_of_the_settings(settings: LazySettings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON directory_user FROM {RUNNER}")
        settings.DATABASE_RUNNER = RUNNER
        limits.set_after_migrate(using="default")
        call_command("migrate", verbosity=0)
        cursor.execute(f"SELECT has_table_privilege('{RUNNER}', 'directory_user', 'UPDATE')")
        assert cursor.fetchone() == (True,)
