"""Web and worker start on a database that is fit for real cases, and on no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2.extensions
import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

from directory.accounts.demo_people import DEMO_PEOPLE
from directory.database import grants, limits, row_security, startup_check
from directory.database.postgresql import base
from directory.mail.views import UNFIT
from directory.tests.people import make_person
from directory.tests.roles import RUNNER

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
plainly = psycopg2.extensions.cursor.execute
AsOwner = Callable[[str], None]


def faults() -> str:
    return " ".join(startup_check.faults(connection))


@pytest.fixture
def as_owner(runner: None) -> AsOwner:
    """Give a function that runs a statement as the owner, while the test runs as the runner."""
    parameters = connection.get_connection_params() | {"cursor_factory": None}
    owner = urlsplit(os.environ["TEST_DATABASE_URL"]).username

    def run(statement: str) -> None:
        line = psycopg2.connect(**parameters | {"user": owner})
        line.autocommit = True
        line.cursor().execute(statement)
        line.close()
        connection.close()

    return run


@pytest.fixture
def limits_again() -> Iterator[None]:
    """Put the limits of the database back at the end."""
    yield
    limits.set_after_migrate(using="default")


def test_the_runner_with_its_grants_is_fit(runner: None) -> None:
    assert faults() == ""


def test_the_owner_is_not() -> None:
    assert "The role owns permanency_child:" in faults()
    assert "The role may own the database." in faults()


def test_a_superuser_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "USER", "test")
    assert "The role may act as test, whom no policy or grant binds." in faults()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "undo", "said"),
    [
        (
            "CREATE TABLE forgotten (id int)",
            "DROP TABLE forgotten",
            "The role may not DELETE, INSERT, SELECT, UPDATE on forgotten.",
        ),
        (
            f"GRANT TRUNCATE ON permanency_child TO {RUNNER}",
            f"REVOKE TRUNCATE ON permanency_child FROM {RUNNER}",
            "The role may TRUNCATE on permanency_child, and need not.",
        ),
        (
            f"GRANT UPDATE (verb) ON directory_historyentry TO {RUNNER}",
            f"REVOKE UPDATE (verb) ON directory_historyentry FROM {RUNNER}",
            "The role may UPDATE (after, before, note, salt, verb) on directory_historyentry",
        ),
        (
            f"REVOKE DELETE ON directory_session FROM {RUNNER}",
            f"GRANT DELETE ON directory_session TO {RUNNER}",
            "The role may not DELETE on directory_session.",
        ),
        (
            f"GRANT CREATE ON SCHEMA public TO {RUNNER}",
            f"REVOKE CREATE ON SCHEMA public FROM {RUNNER}",
            "The role may make tables.",
        ),
    ],
)
def test_what_is_granted_too_little_or_too_much_is_named(
    as_owner: AsOwner, statement: str, undo: str, said: str
) -> None:
    as_owner(statement)
    assert said in faults()
    as_owner(undo)
    assert faults() == ""


def test_a_forgotten_table_is_granted_by_granting_again(as_owner: AsOwner) -> None:
    as_owner("CREATE TABLE forgotten (id int)")
    assert "forgotten" in faults()
    with pytest.MonkeyPatch.context() as patch:
        owner = urlsplit(os.environ["TEST_DATABASE_URL"]).username
        patch.setitem(connection.settings_dict, "USER", owner)
        connection.close()
        grants.grant(connection, RUNNER)
        connection.close()
    assert faults() == ""
    as_owner("DROP TABLE forgotten")


def test_a_copy_without_its_limits_is_named(limits_again: None, as_owner: AsOwner) -> None:
    as_owner(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" RESET statement_timeout')
    assert "The database sets no statement_timeout." in faults()


@pytest.mark.parametrize(
    ("execute", "said"),
    [
        (lambda cursor, query, values=None: plainly(cursor, query, values), "does not arrive"),
        (
            lambda cursor, query, values=None: (
                plainly(cursor, row_security.words().replace("true", "false")),
                plainly(cursor, query, values),
            ),
            "told for good",
        ),
    ],
)
def test_words_that_do_not_arrive_or_do_not_end_are_named(
    runner: None, execute: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base.Cursor, "execute", execute)
    assert said in faults()
    connection.close()


def test_a_session_that_other_code_told_for_good_is_named(runner: None) -> None:
    connection.ensure_connection()
    plainly(connection.connection.cursor(), f"SET {row_security.PERSON} = 'system'")
    assert "told for good" in faults()


START = {
    "web": [sys.executable, "-c", "import permanency.wsgi"],
    "worker": [sys.executable, "-m", "celery", "-A", "permanency", "worker", "--pool", "solo"],
}


def start(part: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Start a part of the product as in production, on the database and role of this test."""
    line = connection.settings_dict
    address = f"{line['USER']}:{line['PASSWORD']}@{line['HOST']}:{line['PORT']}/{line['NAME']}"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "permanency.settings",
        "SECRET_KEY": "a-secret-for-this-test-only-long-enough",
        "BASE_URL": "https://permanency.example.org",
        "VAR_DIR": str(home),
        "DATABASE_URL": f"postgres://{address}",
        **more,
    }
    return subprocess.run(  # noqa: S603  # every word of the command is ours
        START[part], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("part", START)
def test_neither_web_nor_worker_starts_as_the_owner(part: str, tmp_path: Path) -> None:
    done = start(part, tmp_path)
    assert done.returncode != 0
    assert "The role owns permanency_child:" in done.stderr


def test_the_web_starts_as_the_runner_and_says_who_of_the_demonstration_is_here(
    runner: None, tmp_path: Path
) -> None:
    done = start("web", tmp_path)
    assert done.returncode == 0
    assert "demonstration" not in done.stderr
    make_person(DEMO_PEOPLE[0].email.removesuffix("@example.org"))
    done = start("web", tmp_path)
    assert done.returncode == 0
    assert "1 of the people of the demonstration are in this database" in done.stderr
    assert "demonstration" not in start("web", tmp_path, DEMO="1").stderr


def test_a_demonstration_may_run_as_the_owner(settings: LazySettings) -> None:
    assert settings.DEMO
    startup_check.check_first_connection()
    connection.close()
    connection.ensure_connection()


def test_where_the_database_is_away_the_web_starts_and_looks_later(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = False
    here = connection.settings_dict["PORT"]
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    startup_check.check_first_connection()
    monkeypatch.setitem(connection.settings_dict, "PORT", here)
    for _ in range(2):
        with pytest.raises(startup_check.UnfitDatabaseError):
            connection.ensure_connection()
        assert connection.connection is None
    assert connection_created.disconnect(dispatch_uid="startup check")


def test_health_says_that_the_role_is_not_fit_outside_a_demonstration(
    client: Client, settings: LazySettings
) -> None:
    assert client.get("/health/").json()["role"] == {"ok": True, "reason": ""}
    settings.DEMO = False
    said = client.get("/health/").json()
    assert (said["ok"], said["role"]["ok"]) == (False, False)
    # Anybody may ask: what is wrong stands in the log.
    assert said["role"]["reason"] == UNFIT
