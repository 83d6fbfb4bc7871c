"""What django-axes had written down, before the product kept the log of sign-ins itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from directory import clock
from directory.accounts import backends
from directory.models import SignInTry, User

pytestmark = pytest.mark.dialect

TABLES = ("axes_accessattempt", "axes_accessattemptexpiration")
LOGS = ("axes_accesslog", "axes_accessfailurelog")


def take_over() -> None:
    """Run what the migration runs."""
    found = MigrationLoader(connection).disk_migrations
    name = next(each for app, each in found if app == "directory" and "sign_in_tries" in each)
    (step,) = (each for each in found["directory", name].operations if hasattr(each, "code"))
    step.code(None, SimpleNamespace(connection=connection))


def test_its_log_is_taken_over_and_its_tables_go(db: None) -> None:
    address = "inet" if connection.vendor == "postgresql" else "char(39)"
    columns = (
        f"username varchar(255), ip_address {address}, user_agent varchar(255),"
        " path_info varchar(255), attempt_time timestamp with time zone"
    )
    with connection.cursor() as cursor:
        for table in (*TABLES, *LOGS):
            cursor.execute(f"CREATE TABLE {table} ({columns})")
        for table in LOGS:
            cursor.execute(
                f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s)",  # noqa: S608  # ours
                ["pat@example.org", "203.0.113.7", "Firefox", "/accounts/login/", clock.now()],
            )
        MigrationRecorder(connection).record_applied("axes", "0001_initial")
        take_over()
        assert not {*TABLES, *LOGS} & set(connection.introspection.table_names(cursor))
    tries = SignInTry.objects.values_list("account", "network_address", "outcome")
    assert set(tries) == {
        ("pat@example.org", "203.0.113.7", "signed_in"),
        ("pat@example.org", "203.0.113.7", "forgiven"),
    }
    assert not MigrationRecorder(connection).migration_qs.filter(app="axes").exists()
    person = User(email="pat@example.org")
    assert backends.locked_until(person, at=clock.now()) is None


def test_where_it_never_was_nothing_is_taken_over(db: None) -> None:
    take_over()
    assert not SignInTry.objects.exists()
