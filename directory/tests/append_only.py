"""Keeps the append-only triggers out of the way of tests that flush the database.

After a transactional test Django empties every table, which the triggers refuse. So they come off
once, when the test database has been made, and the tests about them put them back on inside their
own transaction (fixture `history_is_guarded`).
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from directory.database import append_only

_made_by_migrations: set[str] = set()


def guarded_tables() -> set[str]:
    """Return the names of the tables that the database keeps append-only."""
    return {table for table, _ in append_only.append_only_triggers(connection)}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Note which tables the migrations have guarded, then lift the triggers for the tests.

    At the end, sessions that a thread or a browser's last request left behind are closed: they
    would keep the test database from being dropped.
    """
    with django_db_blocker.unblock():
        _made_by_migrations.update(guarded_tables())
        for table in _made_by_migrations:
            append_only.uninstall(connection, table)
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"  # not the vacuum's
            )


@pytest.fixture(scope="session")
def tables_guarded_by_migrations(django_db_setup: None) -> frozenset[str]:
    """Return the tables that are append-only in a freshly migrated database."""
    return frozenset(_made_by_migrations)


@pytest.fixture
def history_is_guarded(db: None) -> None:
    """Put the triggers of the history back on for one test; its rollback takes them off."""
    append_only.install(connection, append_only.HISTORY_TABLE)
