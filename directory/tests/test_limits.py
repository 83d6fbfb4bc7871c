"""No statement of a page goes on for ever, and none of a migration is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models.signals import pre_migrate

from directory.database import limits

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
SLOW = "SELECT pg_sleep(0.6)"


def run(statement: str, **signal: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a statement take a fifth of a second, from the next connection on."""
    monkeypatch.setitem(limits.LIMITS, "statement_timeout", "200ms")
    limits.set_after_migrate(using="default")
    connection.close()
    yield
    monkeypatch.undo()
    limits.set_after_migrate(using="default")
    connection.close()


@pytest.fixture
def slow_migration(short: None) -> Iterator[Callable[[], list[Any]]]:
    """Give a function that migrates, a slow statement among it, and returns what it found."""
    found = []

    def step(**signal: Any) -> None:
        found.append((run(SLOW), run("SHOW lock_timeout")))

    def migrate() -> list[Any]:
        call_command("migrate", verbosity=0)
        return found

    # Told after `directory`, as migrations run after it.
    pre_migrate.connect(step, sender=apps.get_app_config("reviews"))
    yield migrate
    pre_migrate.disconnect(step, sender=apps.get_app_config("reviews"))


def test_a_new_connection_has_the_limits_and_compiles_nothing() -> None:
    connection.close()
    found = {name: run(f"SHOW {name}") for name in (*limits.LIMITS, *limits.SETTINGS)}
    assert found == {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
        "jit": "off",
    }


def test_a_slow_statement_of_a_page_is_cut_off(short: None) -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        run(SLOW)


def test_a_slow_migration_is_not_cut_off_and_what_follows_it_is(
    slow_migration: Callable[[], list[Any]],
) -> None:
    assert slow_migration() == [("", "5s")], "waiting for a lock has its limit all the same"
    with pytest.raises(OperationalError, match="statement timeout"):
        run(SLOW)


def test_it_is_the_lifting_that_lets_it_go_on(
    slow_migration: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LIFTED", ())
    with pytest.raises(OperationalError, match="statement timeout"):
        slow_migration()
