"""Every answer of the site carries the headers that keep a browser from harm, errors included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory.models import User
from directory.tests.test_faults import STATUSES, ask
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.routes import ROWS
from reviews.tests.whole_site.visitor import Visitor

EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Whoever follows a link to choose a password tells no other page of it.
REFERRER = {"same-origin", "no-referrer"}
POLICY = ("default-src 'none'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'")
VERSIONS = ("Server", "X-Powered-By", "Via")


def faults(headers: Any, *, is_file: bool = False) -> list[str]:
    """Return what is wrong with the headers of one answer."""
    found = [
        f"{name}: {headers.get(name)}" for name, is_ in EXACTLY.items() if headers.get(name) != is_
    ]
    if (told := headers.get("Referrer-Policy")) not in REFERRER:
        found.append(f"Referrer-Policy: {told}")
    policy = headers.get("Content-Security-Policy", "")
    found += [f"policy without {part}" for part in POLICY if part not in policy]
    found += [f"policy with {part}" for part in ("unsafe", "*", "http:") if part in policy]
    found += [f"tells its {name}" for name in VERSIONS if name in headers]
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        found.append("no Permissions-Policy")
    if not is_file and "no-store" not in headers.get("Cache-Control", ""):
        found.append(f"may be kept: {headers.get('Cache-Control')}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "coordinator", "administrator"])
def test_every_address_answers_with_them(who: str, visitor: Visitor, house: SiteObjects) -> None:
    wrong, statuses = [], set()
    for row in {(row.route, row.method): row for row in ROWS}.values():
        for method in {row.method, "OPTIONS"}:
            answer = visitor.go(method, house.address(row))
            statuses.add(answer.status)
            wrong += [f"{method} {row}: {answer.status} {each}" for each in faults(answer.headers)]
    assert not wrong, "\n".join(["", *wrong])
    assert {302, 405} <= statuses


@pytest.mark.urls("directory.tests.fault_urls")
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
@pytest.mark.parametrize("status", STATUSES)
def test_every_error_page_answers_with_them(
    status: int, signed_in: bool, client: Client, coordinator: User
) -> None:
    client.raise_request_exception = False
    if signed_in:
        client.force_login(coordinator)
    answer = ask(client, status)
    assert answer.status_code == status
    assert faults(answer.headers) == []


def test_a_form_without_its_token_is_answered_with_them(coordinator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    answer = client.post(reverse("find-child"), {"who": "a"})
    assert answer.status_code == 403
    assert faults(answer.headers) == []


def test_without_the_outermost_layer_these_tests_are_red(settings: LazySettings, db: None) -> None:
    assert faults(Client().get("/").headers) == []
    settings.MIDDLEWARE = settings.MIDDLEWARE[1:]
    assert faults(Client().get("/").headers)


@pytest.fixture
def https(settings: LazySettings) -> LazySettings:
    """Return the settings as they are where the address is https."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


def test_plain_http_is_led_to_https_which_says_to_stay_there(https: LazySettings, db: None) -> None:
    client = Client()
    led = client.get("/", headers={"host": "localhost"})
    assert led.status_code == 301
    assert led.headers["Location"] == "https://localhost/"
    assert faults(led.headers) == []
    stays = client.get("/", headers={"host": "localhost", "x-forwarded-proto": "https"})
    assert int(stays.headers["Strict-Transport-Security"].partition("=")[2].split(";")[0]) >= (
        365 * 24 * 60 * 60
    )
    refused = client.get("/", headers={"host": "evil.example.org"})
    assert refused.status_code == 400
    assert faults(refused.headers) == []


def test_static_files_answer_with_them(settings: LazySettings, tmp_path: Path, db: None) -> None:
    (tmp_path / "a.css").write_text("p {}")
    settings.STATIC_ROOT = tmp_path
    client = Client()
    file = client.get("/static/a.css")
    assert (file.status_code, b"".join(file)) == (200, b"p {}")
    assert faults(file.headers, is_file=True) == []
    assert "max-age" in file.headers["Cache-Control"]
    gone = client.get("/static/no-such-file.css")
    assert gone.status_code == 404
    assert faults(gone.headers) == []
