"""A log line finds a fault and tells nothing that somebody typed."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory

from directory.models import District, User
from directory.request_notes import notes_of
from directory.web.log_format import LogFormatter, exception_lines

NAME = "Quillon Zebedee"


def line(message: object, *args: object, fault: BaseException | None = None, **more: object) -> str:
    """Return how a record reads in the log."""
    caught = None if fault is None else (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("a.logger", logging.ERROR, "", 1, str(message), args, caught)
    record.__dict__.update(more)
    return LogFormatter().format(record)


def read_number(name: str) -> None:
    """Fail with an exception that quotes this name, raised from another that quotes it too."""
    try:
        int(name)
    except ValueError as fault:
        raise KeyError(name) from fault


def fail_with(name: str) -> BaseException:
    """Return that exception, as it is caught."""
    with pytest.raises(KeyError) as caught:
        read_number(name)
    return caught.value


def test_an_exception_is_told_by_kind_and_code_and_not_by_its_message() -> None:
    written = line("It failed: %s", fail_with(NAME), fault=fail_with(NAME))
    assert "Zebedee" in repr(fail_with(NAME)), "the exception quotes it"
    assert "Zebedee" not in written
    assert "It failed: KeyError" in written
    assert "from ValueError" in written
    assert "directory/tests/test_log_lines.py:" in written


def test_a_message_loses_queries_and_addresses_of_people_and_stays_one_line() -> None:
    written = line("GET /find?who=Zebedee by %s\nERROR forged", "vera.vacant@example.org")
    assert "Zebedee" not in written
    assert "vera" not in written
    assert "\n" not in written


def test_a_request_is_told_by_the_address_that_the_site_writes() -> None:
    request = RequestFactory().get("/children/Zebedee/", {"who": "Zebedee"})
    notes_of(request).reference = "BCDFG-HJKMN"
    written = line("Not Found: %s", request.path, request=request, status_code=404)
    assert "Zebedee" not in written
    assert written.endswith("[BCDFG-HJKMN]: GET (no address of ours) 404")


def test_a_line_that_cannot_be_written_is_said_to_be_one() -> None:
    assert line("%d", NAME).endswith("(a line that could not be written)")


def test_a_refusal_by_the_database_names_the_constraint_and_no_value(hunter: District) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        District.objects.create(name="Elsewhere", slug=hunter.slug)
    written = "\n".join(exception_lines(refused.value))
    assert hunter.slug not in written
    assert "Elsewhere" not in written
    if connection.vendor == "postgresql":
        assert hunter.slug in str(refused.value), "PostgreSQL quotes the value"
        assert "23505" in written
    else:
        assert "UNIQUE constraint failed" in written


def test_the_number_on_the_page_is_the_number_in_the_log(
    client: Client, coordinator: User, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(coordinator)
    page = client.get("/children/987654321/").content.decode()
    number = page.partition('<strong class="app-reference">')[2].partition("<")[0]
    assert len(number) == 11
    written = [LogFormatter().format(record) for record in caplog.records]
    assert [each for each in written if f"[{number}]: GET /children/987654321/ 404" in each]
