"""Each error page says what to do and gives a number; of the cause it says nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from directory.models import User
from directory.tests.fault_urls import SECRET
from directory.web.log_format import LogFormatter, OncePerRequestFilter
from directory.web.middleware import server_error, unavailable

STATUSES = (400, 403, 404, 409, 413, 429, 500, 503)
NUMBER = re.compile(r'<strong class="app-reference">([0-9A-Z]{5}-[0-9A-Z]{5})</strong>')
# What would tell somebody how the site is built or what went wrong in it.
HERE = str(settings.BASE_DIR)
TELLING = ("Traceback", "ZeroDivisionError", "OperationalError", ".py", "Django", HERE, SECRET)


@pytest.fixture
def plain(client: Client) -> Client:
    """Return a client that gets the page about a fault, as a browser does."""
    client.raise_request_exception = False
    return client


class Lines(logging.Handler):
    """Keeps the lines as the console would show them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LogFormatter())
        self.addFilter(OncePerRequestFilter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Give the lines that the log gets in this test."""
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


def ask(client: Client, status: int) -> Any:
    """Return an answer with this status."""
    if status == 400:
        return client.get("/", headers={"host": "evil.example.org"})
    if status == 404:
        return client.get("/no/such/page/")
    if status == 413:
        return client.post("/fault/413/", {"note": "x" * 3_000_000})
    return client.get(f"/fault/{status}/")


@pytest.mark.urls("directory.tests.fault_urls")
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_has_a_number_and_nothing_of_the_cause(
    status: int, signed_in: bool, plain: Client, coordinator: User, lines: list[str]
) -> None:
    if signed_in:
        plain.force_login(coordinator)
    answer = ask(plain, status)
    page = answer.content.decode()
    assert answer.status_code == status
    assert page.count("<h1") == 1
    assert not [word for word in TELLING if word in page]
    number = NUMBER.findall(page)
    assert len(number) == 1
    assert "no-store" in answer.headers["Cache-Control"]
    told = [line for line in lines if f"[{number[0]}]" in line]
    assert len(told) == 1, "the log tells it once, under the number of the page"
    assert SECRET not in told[0]
    assert all(len(each) > 10 for each in NUMBER.findall(page))


@pytest.mark.urls("directory.tests.fault_urls")
def test_each_request_has_a_number_of_its_own(plain: Client) -> None:
    pages = [ask(plain, 500).content.decode() for _ in range(20)]
    assert len({number for page in pages for number in NUMBER.findall(page)}) == 20


@pytest.mark.urls("directory.tests.fault_urls")
def test_a_connection_that_the_server_closed_is_no_fault_of_ours(plain: Client) -> None:
    answer = plain.get("/closed/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.parametrize("name", ["my-work", "children", "sign-in", "contacts"])
def test_without_a_database_every_page_is_a_civil_503(
    plain: Client, coordinator: User, name: str
) -> None:
    """A page, and the page about the fault, ask the database nothing more."""
    plain.force_login(coordinator)

    def away(*_: Any) -> None:
        raise OperationalError(SECRET)

    with connection.execute_wrapper(away):
        answer = plain.get(reverse(name))
    assert answer.status_code == 503
    page = answer.content.decode()
    assert NUMBER.search(page)
    assert SECRET not in page


def test_a_fault_page_asks_the_database_nothing(
    coordinator: User, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    request = rf.get("/")
    request.user = coordinator
    with django_assert_num_queries(0):
        assert server_error(request).status_code == 500
        assert unavailable(request).status_code == 503


def test_far_too_many_fields_are_a_bad_request(plain: Client, coordinator: User) -> None:
    plain.force_login(coordinator)
    answer = plain.post(reverse("find-child"), {f"field{n}": "" for n in range(1_001)})
    assert answer.status_code == 400
    assert NUMBER.search(answer.content.decode())
