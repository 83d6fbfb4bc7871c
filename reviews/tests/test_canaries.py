"""The scan for canaries finds one in each place it watches. Each test here lets one fly."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from celery.signals import before_task_publish
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

from consultations.tests import cases
from directory.models import District, Inbox, Mail, User
from directory.tests.mail_server import MailServer
from directory.tests.people import PASSWORD
from permanency.tests.factories import BORN_ON
from reviews.tests.canaries import SCAN, CanaryScan, LogScan, ProcessScan, scan_answer, scan_rows
from reviews.tests.whole_site.fixtures import FIRST_NAME, LAST_NAME

NAME = f"{FIRST_NAME} {LAST_NAME}"


@pytest.fixture
def caught(request: pytest.FixtureRequest, watch: ProcessScan) -> Callable[[], list[str]]:
    """Give a function that takes the hits of the scan that runs beside every test."""
    return request.config.stash[SCAN].take_hits


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        "Robin Example17",
        BORN_ON.isoformat(),
        "born 2 March 2015",
        f"password={PASSWORD}",
        f"notes: {cases.content().child_views}",
    ],
)
def test_names_dates_notes_and_passwords_are_canaries(text: str) -> None:
    scan = CanaryScan()
    scan.look("here", text)
    assert scan.take_hits()


def test_what_may_be_told_is_none() -> None:
    scan = CanaryScan()
    scan.look("here", "GET /children/12/ 200 [BCDFG-HJKMN] Example Care, due 14 May 2026")
    assert not scan.take_hits()


def test_a_name_in_a_line_of_the_log_is_caught(caught: Callable[[], list[str]]) -> None:
    logging.getLogger("reviews").warning("Nothing is owed about %s", NAME)
    assert caught()


def test_a_test_that_sets_up_the_logging_anew_does_not_end_the_hunt(
    watch: ProcessScan, caught: Callable[[], list[str]]
) -> None:
    logging.getLogger().removeHandler(watch.lines)
    watch.listen()
    logging.getLogger("reviews").warning("Nothing is owed about %s", NAME)
    assert caught()


def test_without_our_log_lines_a_fault_would_tell_the_name() -> None:
    plain, ours = CanaryScan(), CanaryScan()
    try:
        int(NAME)
    except ValueError as fault:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "It failed", (), None)
        record.exc_info = (type(fault), fault, fault.__traceback__)
    LogScan(plain, logging.Formatter()).emit(record)
    record.exc_text = None
    assert plain.take_hits()
    watch = ProcessScan(ours)
    watch.lines.emit(record)
    assert not ours.take_hits()


def test_a_name_in_a_mail_is_caught(
    hunter: District, mail_server: MailServer, caught: Callable[[], list[str]]
) -> None:
    EmailMessage("A review", f"About {NAME}", "a@example.org", ["b@example.org"]).send()
    assert any("mails sent" in hit for hit in caught())
    inbox = Inbox.objects.create(name="Hunter", address="hunter@example.org")
    Mail.objects.create(
        inbox=inbox, on=cases.TODAY, part="digest", subject=NAME, message_id="<a@example.org>"
    )
    scan = CanaryScan()
    scan_rows(scan)
    assert scan.take_hits()
    Mail.objects.all().delete()


def test_a_name_in_a_session_is_caught(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    session = client.session
    session["last child"] = NAME
    session.save()
    scan = CanaryScan()
    scan_rows(scan)
    assert scan.take_hits()
    session.flush()


def test_a_name_on_the_queue_is_caught(caught: Callable[[], list[str]]) -> None:
    before_task_publish.send("a task", headers={}, body=((NAME,), {}, {}))
    assert caught()


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(f'<a href="/children/?who={LAST_NAME}">'),
        HttpResponse(headers={"Location": f"/children/?who={LAST_NAME}"}),
        HttpResponse(headers={"Content-Disposition": f'attachment; filename="{LAST_NAME}.csv"'}),
    ],
)
def test_a_name_in_an_address_or_file_name_is_caught(response: HttpResponse) -> None:
    scan = CanaryScan()
    scan_answer(scan, response)
    assert scan.take_hits()


def test_a_name_that_a_page_shows_is_none() -> None:
    scan = CanaryScan()
    scan_answer(scan, HttpResponse(f"<h1>{NAME}</h1>"))
    assert not scan.take_hits()
