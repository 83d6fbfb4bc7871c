"""A web server that is killed takes no word along, and nobody has to sign in again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from consultations.tests.cases import make_child
from directory.models import District, User
from permanency.models import Child
from reviews.tests.test_real_server import Server
from reviews.tests.whole_site.form_parser import Fields, draft_form_of

NOTE = "“I want to stay.” Zoë 🦘\r\n" + "What the family told us. " * 400


def address_of_the_database() -> str:
    """Return the address of the database of this test."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}"))


class Browser:
    """Sends what a browser sends to a real server, with the cookies of somebody signed in."""

    def __init__(self, client: Client) -> None:
        self.cookies: SimpleCookie = client.cookies

    def opened(self, server: Server, address: str) -> str:
        status, headers, body = server.ask(address, Cookie=self._sent())
        assert status == 200, (status, headers.get("Location"))
        for told in headers.get_all("Set-Cookie", ()):
            self.cookies.load(told)
        return body

    def send(self, server: Server, address: str, filled: Fields) -> int:
        words = urlencode(filled, doseq=True)
        kind = "application/x-www-form-urlencoded"
        asked = {"method": "POST", "body": words, "Cookie": self._sent(), "Content_Type": kind}
        return server.ask(address, **asked)[0]

    def _sent(self) -> str:
        return "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    """Return a list; every server that a test puts on it is ended with the test."""
    started: list[Server] = []
    yield started
    for server in started:
        if server.process.poll() is None:
            server.stop()


def started(home: Path, servers: list[Server]) -> Server:
    servers.append(Server(home, address_of_the_database()))
    servers[-1].wait()
    return servers[-1]


def kill(server: Server) -> None:
    """End the server and its workers as a loss of power would: none of them is asked."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(20)


@pytest.fixture
def child(transactional_db: None, hunter: District) -> Child:
    return make_child(hunter)


@pytest.mark.slow
def test_what_was_typed_before_the_web_was_killed_stands_in_the_form_after_it(
    child: Child, coordinator: User, client: Client, servers: list[Server], tmp_path: Path
) -> None:
    client.force_login(coordinator)
    browser = Browser(client)
    address = f"{reverse('new-consultation')}?child={child.pk}"
    first = started(tmp_path, servers)
    filled = {**draft_form_of(browser.opened(first, address)), "question": [NOTE]}
    assert browser.send(first, reverse("keep-typed"), filled) == 204
    kill(first)
    second = started(tmp_path, servers)
    page = browser.opened(second, address)
    assert "This is what you had typed" in page
    again = draft_form_of(page)
    assert again["question"] == [NOTE]
    assert browser.send(second, address, {**again, "save": ["draft"]}) == 302
    assert child.consultations.get().typed["question"] == [NOTE]
    assert settings.SESSION_COOKIE_NAME in browser.cookies
