"""Who asks is told with each statement of a request, and nothing of it is left behind."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import psycopg2.extensions
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models import Func, TextField, Value
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg2.extensions import TRANSACTION_STATUS_INTRANS as IN_TRANSACTION

from directory.database import row_security
from directory.models import User
from directory.web.middleware import RowSecurityMiddleware

pytestmark = pytest.mark.dialect

ON = date(2026, 7, 1)


class BrokenError(Exception):
    """What a view of these tests fails with."""


TOLD = "SELECT current_setting('tracker.person', true), current_setting('tracker.day', true)"


def told() -> tuple[str, str]:
    """Return the person and the day that a statement of ours knows."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        person, day = cursor.fetchone()
    return person or "", day or ""


def left_behind() -> tuple[str, str]:
    """Return the person and the day that the session knows without being told."""
    connection.ensure_connection()
    with connection.connection.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
        cursor.execute(TOLD)
        person, day = cursor.fetchone()
    return person or "", day or ""


@pytest.fixture
def as_web(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Let this process be as the web is: it asks for nobody."""
    monkeypatch.setattr(row_security, "_default_user", row_security.NOBODY)


def request_of(person: User) -> HttpRequest:
    request = HttpRequest()
    request.user = person
    request.today = ON  # type: ignore[attr-defined]  # named on CaseworkRequest
    return request


@pytest.mark.services
@pytest.mark.usefixtures("as_web")
def test_a_request_tells_its_person_and_day_and_leaves_nothing(coordinator: User) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(told())
        return HttpResponse()

    RowSecurityMiddleware(view)(request_of(coordinator))
    assert seen == [(str(coordinator.pk), "2026-07-01")]
    assert told() == ("", "")


@pytest.mark.services
@pytest.mark.usefixtures("as_web")
def test_a_request_that_fails_leaves_nothing_either(coordinator: User) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with row_security.as_system():
            raise BrokenError

    with pytest.raises(BrokenError):
        RowSecurityMiddleware(view)(request_of(coordinator))
    assert told() == ("", "")


@pytest.mark.services
@pytest.mark.usefixtures("as_web")
def test_a_page_over_the_wire_leaves_nothing(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    assert client.get(reverse("my-work")).status_code == 200
    assert told() == ("", "")


@pytest.mark.services
@pytest.mark.usefixtures("as_web")
def test_lifting_ends_with_its_block_whatever_becomes_of_the_transaction(coordinator: User) -> None:
    asking = (str(coordinator.pk), "2026-07-01")
    with row_security.as_person(coordinator.pk, ON):
        with row_security.as_system():
            assert told() == ("system", "")
        assert told() == asking
        with pytest.raises(BrokenError), transaction.atomic(), row_security.as_system():
            raise BrokenError
        assert told() == asking
        # In a failed transaction nothing can be told; its end takes back what was told in it.
        with pytest.raises(ProgrammingError), transaction.atomic(), row_security.as_system():
            connection.cursor().execute("SELECT * FROM no_such_table")
        assert told() == asking
    assert told() == ("", "")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("as_web")
def test_nothing_is_left_in_the_session_and_nothing_left_there_counts(coordinator: User) -> None:
    with row_security.as_person(coordinator.pk, ON):
        assert told() == (str(coordinator.pk), "2026-07-01")
        assert left_behind() == ("", "")
        with connection.connection.cursor() as cursor:
            cursor.execute("SET tracker.person = 'system'")
        assert left_behind()[0] == "system", "told by other code behind the same pooler"
        assert told()[0] == str(coordinator.pk)
    assert told() == ("", "")


@pytest.mark.services
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT current_setting('tracker.person', true)",
        "  (SELECT current_setting('tracker.person', true)) UNION (SELECT '12')",
        "WITH one AS (SELECT current_setting('tracker.person', true)) SELECT * FROM one",
        "VALUES (current_setting('tracker.person', true))",
        "INSERT INTO told SELECT current_setting('tracker.person', true) RETURNING person",
        "UPDATE told SET person = current_setting('tracker.person', true) RETURNING person",
        "DELETE FROM told RETURNING current_setting('tracker.person', true)",
    ],
)
@pytest.mark.django_db
def test_every_kind_of_statement_about_rows_is_told(statement: str) -> None:
    with connection.cursor() as cursor, row_security.as_person(12, ON):
        cursor.execute("CREATE TEMPORARY TABLE told (person text)")
        cursor.execute("INSERT INTO told VALUES ('')")
        cursor.execute(statement)
        assert cursor.fetchone() == ("12",)
        assert cursor.rowcount == 1
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert connection.connection.get_transaction_status() == IN_TRANSACTION


@pytest.mark.services
@pytest.mark.django_db
def test_many_rows_at_once_are_told_too() -> None:
    with connection.cursor() as cursor, row_security.as_person(12, ON):
        cursor.execute("CREATE TEMPORARY TABLE told (person text, number int)")
        add = "INSERT INTO told VALUES (current_setting('tracker.person', true), %s)"
        cursor.executemany(add, [(1,), (2,)])
        assert cursor.rowcount == 2
        cursor.execute("SELECT * FROM told")
        assert cursor.fetchall() == [("12", 1), ("12", 2)]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_rows_that_come_in_parts_are_told_who_asks_inside_a_transaction_and_outside(
    coordinator: User,
) -> None:
    people = User.objects.annotate(
        told=Func(Value("tracker.person"), function="current_setting", output_field=TextField())
    ).values_list("told", flat=True)
    with row_security.as_person(coordinator.pk, ON):
        with transaction.atomic():
            assert set(people.iterator(chunk_size=1)) == {str(coordinator.pk)}
        assert set(people.iterator(chunk_size=1)) == {str(coordinator.pk)}


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_pages_offer_their_choices_outside_a_transaction(
    client: Client, administrator: User
) -> None:
    """As a server answers them, but hardly a test: Django reads these choices in parts."""
    client.force_login(administrator)
    for name in ("offices", "providers", "people", "new-office"):
        assert client.get(reverse(name)).status_code == 200, name


@pytest.mark.services
@pytest.mark.django_db
def test_what_django_writes_down_of_a_statement_is_without_the_words() -> None:
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["one"])
    assert [each["sql"] for each in captured] == ["SELECT 'one'"]


@pytest.mark.once
@pytest.mark.parametrize(
    "served_by", ["import permanency.wsgi", "import manage; import permanency.wsgi"]
)
def test_the_web_process_rests_as_nobody(served_by: str) -> None:
    imported = "from directory.database import row_security"
    look = f"{served_by}; print(row_security._default_user == row_security.NOBODY)"
    settings_name = {"DJANGO_SETTINGS_MODULE": "permanency.settings_test", "PATH": ""}
    done = subprocess.run(  # noqa: S603  # every word of the command is ours
        [sys.executable, "-c", f"{imported}; row_security.run_process_as_system(); {look}"],
        cwd=settings.BASE_DIR, env=settings_name, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"
