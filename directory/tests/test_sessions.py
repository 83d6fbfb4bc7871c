"""When a session ends, and that it ends for good.

Tried by hand: with `expire_date` written as twelve hours from now, the idle tests are red; with
`end_sessions` doing nothing, a session revives when its person is enabled again, and that is red.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from directory import clock
from directory.accounts import services as accounts
from directory.models import Session, User
from directory.people import services as people
from directory.tests.people import PASSWORD, sign_in
from directory.web.sessions import SessionStore

TODAY = date(2026, 5, 14)
LOGIN = "/accounts/login/"
A_PAGE = "/contacts/"


def let_pass(time: timedelta) -> None:
    """Put every session back in time, as if nobody had done anything since."""
    for row in Session.objects.all():
        row.began_at -= time
        row.seen_at -= time
        row.expire_date -= time
        content = row.get_decoded()
        for name in ("began_at", "proved_at"):
            if name in content:
                content[name] = (row.began_at).isoformat()
        row.session_data = SessionStore().encode(content)
        row.save()


def is_in(client: Client) -> bool:
    """Say whether this browser is signed in."""
    return client.get(A_PAGE).status_code == 200


def test_a_session_ends_thirty_minutes_after_the_person_was_last_seen(
    client: Client, coordinator: User
) -> None:
    sign_in(client, coordinator)
    let_pass(timedelta(minutes=29))
    assert is_in(client)
    let_pass(timedelta(minutes=29))
    assert is_in(client)
    let_pass(timedelta(minutes=30))
    assert not is_in(client)


def test_a_session_ends_twelve_hours_after_signing_in_whatever_is_done(
    client: Client, coordinator: User
) -> None:
    sign_in(client, coordinator)
    for _ in range(28):
        let_pass(timedelta(minutes=25))
        assert is_in(client)
        # What is written into the session, a message for example, is no new beginning either.
        session = client.session
        session["written"] = "something"
        session.save()
    let_pass(timedelta(minutes=20))
    assert not is_in(client)


def test_the_moment_last_seen_is_written_once_a_minute_at_most(
    client: Client, coordinator: User
) -> None:
    sign_in(client, coordinator)
    let_pass(timedelta(seconds=50))
    before = Session.objects.get().seen_at
    client.get(A_PAGE)
    assert Session.objects.get().seen_at == before
    let_pass(timedelta(seconds=15))
    client.get(A_PAGE)
    assert Session.objects.get().seen_at > before


def test_after_the_end_the_sign_in_page_says_so_and_leads_back(
    client: Client, coordinator: User
) -> None:
    sign_in(client, coordinator)
    let_pass(timedelta(minutes=31))
    asked = client.get(A_PAGE)
    assert asked["Location"] == f"{LOGIN}?next={A_PAGE}&ended=1"
    assert "Your session has ended" in client.get(asked["Location"]).text
    typed = {"login": coordinator.email, "password": PASSWORD}
    assert client.post(asked["Location"], typed)["Location"] == A_PAGE


def test_who_never_signed_in_is_not_told_that_a_session_ended(client: Client, db: None) -> None:
    assert client.get(A_PAGE)["Location"] == f"{LOGIN}?next={A_PAGE}"
    assert "session has ended" not in client.get(LOGIN).text


def test_a_disabled_person_is_out_at_once_and_their_session_never_comes_back(
    client: Client, coordinator: User, administrator: User
) -> None:
    sign_in(client, coordinator)
    people.disable_person(coordinator, by=administrator, on=TODAY)
    assert not is_in(client)
    people.enable_person(coordinator, by=administrator, on=TODAY)
    assert not is_in(client)
    assert not Session.objects.filter(person=coordinator).exists()


def test_a_session_that_slipped_in_while_its_person_was_disabled_does_not_come_back(
    client: Client, coordinator: User, administrator: User
) -> None:
    people.disable_person(coordinator, by=administrator, on=TODAY)
    sign_in(client, coordinator)
    assert not is_in(client)
    people.enable_person(coordinator, by=administrator, on=TODAY)
    assert not is_in(client)


def test_a_request_under_way_does_not_bring_a_deleted_session_back(coordinator: User) -> None:
    client = sign_in(Client(), coordinator)
    under_way = SessionStore(client.session.session_key)
    under_way["written"] = "by a slow page"
    under_way.record_activity(at=clock.now())
    accounts.end_sessions(coordinator)
    under_way.record_activity(at=clock.now() + timedelta(minutes=5))
    with pytest.raises(UpdateError):
        under_way.save()
    assert not Session.objects.exists()


def test_a_row_says_whose_session_it_is_and_begins_anew_at_sign_in(
    client: Client, coordinator: User
) -> None:
    session = client.session
    session["planted"] = "before"
    session.save()
    let_pass(timedelta(minutes=20))
    assert Session.objects.get().person is None
    client.post(LOGIN, {"login": coordinator.email, "password": PASSWORD})
    row = Session.objects.get()
    assert row.person == coordinator
    assert clock.now() - row.began_at < timedelta(minutes=1)


def test_going_on_takes_a_press_and_puts_the_end_off(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    let_pass(timedelta(seconds=50))
    before = Session.objects.get().expire_date
    address = reverse("stay-signed-in")
    assert client.get(address).status_code == 405
    answer = client.post(address, headers={"accept": "application/json"})
    assert answer.json()["seconds"] >= 30 * 60 - 1
    assert Session.objects.get().expire_date > before
    assert "You are still signed in" in client.post(address).text


def test_the_last_end_cannot_be_put_off(client: Client, coordinator: User) -> None:
    sign_in(client, coordinator)
    row = Session.objects.get()
    content = row.get_decoded()
    content["began_at"] = (row.began_at - timedelta(hours=11, minutes=50)).isoformat()
    row.session_data = SessionStore().encode(content)
    row.began_at -= timedelta(hours=11, minutes=50)
    row.save()
    answer = client.post(reverse("stay-signed-in"), headers={"accept": "application/json"}).json()
    assert answer["last"]
    assert answer["seconds"] <= 10 * 60
    assert "Then you sign in again" in client.get(A_PAGE).text


def test_a_page_says_when_the_session_ends_without_any_script(
    client: Client, coordinator: User
) -> None:
    sign_in(client, coordinator)
    text = client.get(A_PAGE).text
    assert "This session ends at" in text
    assert "unless you go on" in text
    assert 'data-warn="300"' in text


COOKIES = """
import django; django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,
      s.SESSION_COOKIE_SAMESITE, s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_NAME,
      s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY, s.CSRF_COOKIE_PATH, s.CSRF_COOKIE_DOMAIN)
"""


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (
            "https://permanency.example.org",
            "__Host-sessionid True True Lax / None __Host-csrftoken True True / None",
        ),
        ("http://127.0.0.1:8000", "sessionid False True Lax / None csrftoken False True / None"),
    ],
    ids=["https", "this machine"],
)
def test_cookies_are_bound_to_the_host_where_the_address_is_https(
    base_url: str, expected: str, settings: LazySettings
) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if k not in {"DEMO", "DJANGO_SETTINGS_MODULE"}},
        "BASE_URL": base_url,
        "DJANGO_SETTINGS_MODULE": "permanency.settings",
        "VAR_DIR": str(settings.VAR_DIR),
        "SECRET_KEY": "a-secret-for-this-test-only-long-enough",
    }
    told = subprocess.run(  # noqa: S603  # our own settings in an interpreter of their own
        [sys.executable, "-c", COOKIES], env=environment, check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == expected


def test_a_page_warns_in_time_and_goes_on_only_when_asked(
    sign_in: Callable[[User], Page],
    coordinator: User,
    axe: Callable[[], list[str]],
) -> None:
    page: Any = sign_in(coordinator)
    page.clock.install()
    page.goto(A_PAGE)
    box = page.locator("[data-session]")
    ends_at = Session.objects.get().expire_date
    page.clock.fast_forward("24:30")
    expect(box.get_by_role("status")).to_be_empty()
    page.clock.fast_forward("00:40")
    expect(box).to_have_class("app-session app-session--soon")
    expect(box.get_by_role("status")).to_contain_text("Less than 5 minutes left.")
    page.clock.fast_forward("03:30")
    expect(box.get_by_role("status")).to_contain_text("Less than 2 minutes left.")
    assert axe() == []
    # The page did nothing by itself: the end stands where it stood.
    assert Session.objects.get().expire_date == ends_at
    let_pass(timedelta(minutes=28))
    box.get_by_role("button", name="Stay signed in").click()
    expect(box.get_by_role("status")).to_contain_text("You are still signed in, until")
    expect(box).to_have_class("app-session")
    assert Session.objects.get().expire_date >= ends_at


def test_at_the_end_the_page_says_so_and_keeps_what_was_typed(
    sign_in: Callable[[User], Page], coordinator: User
) -> None:
    page: Any = sign_in(coordinator)
    page.clock.install()
    page.goto(reverse("children"))
    page.locator("[name=who]").fill("typed")
    box = page.locator("[data-session]")
    page.clock.fast_forward("30:01")
    expect(box.get_by_role("status")).to_contain_text("This session has ended")
    expect(box.get_by_role("button", name="Stay signed in")).to_be_hidden()
    expect(box.get_by_role("link", name="Sign in again in a new tab")).to_be_visible()
    assert page.locator("[name=who]").input_value() == "typed"
