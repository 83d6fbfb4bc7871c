"""Passkeys and codes in a real browser, with the authenticator that Chromium brings for tests."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from directory import clock
from directory.accounts import sso
from directory.accounts.allauth_internals import format_hotp_value, hotp_value
from directory.accounts.mfa import factors_of
from directory.models import User
from directory.tests.oidc import real_provider
from directory.tests.people import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
WIDTHS = (1280, 390)


@pytest.fixture
def authenticator(page: Page) -> str:
    """Give the browser an authenticator of its own that recognises its owner, and its number."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return str(made["authenticatorId"])


@pytest.fixture
def faults(page: Page, axe: Callable[[], list[str]]) -> Callable[[], list[str]]:
    """Give a function that looks at the page now shown, wide and on a phone."""

    def look() -> list[str]:
        found = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += axe()
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            found += [f"{over} px too wide at {width}"] if over > 0 else []
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        return found

    return look


def type_password(page: Page, person: User) -> None:
    """Sign in with the form, as far as a password leads."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def session_key(page: Page) -> str:
    """Return the key of the session of this browser."""
    return next(each["value"] for each in page.context.cookies() if "sessionid" in each["name"])


def test_a_passkey_is_added_then_signs_in_alone_and_as_second_step(
    page: Page, coordinator: User, authenticator: str, faults: Callable[[], list[str]]
) -> None:
    type_password(page, coordinator)
    page.get_by_role("link", name=coordinator.name).click()
    page.get_by_role("link", name="Add a passkey").click()
    assert faults() == []
    page.get_by_label("What do you call this passkey?").fill("Work laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("The passkey “Work laptop” is added.")).to_be_visible()
    page.get_by_role("button", name="Make recovery codes").click()
    expect(page.locator(".app-codes li")).to_have_count(10)
    assert faults() == []
    page.get_by_role("link", name="back to your account").click()
    expect(page.get_by_role("rowheader", name="Work laptop")).to_be_visible()
    assert faults() == []

    page.get_by_role("button", name="Sign out").click()
    before = session_key(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("work", re.I))
    assert session_key(page) != before

    page.get_by_role("button", name="Sign out").click()
    type_password(page, coordinator)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    assert faults() == []
    before = session_key(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert session_key(page) != before


def test_a_passkey_that_was_not_used_is_said_on_the_page(
    page: Page, coordinator: User, authenticator: str
) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert page.url.endswith("/accounts/login/")


def test_an_approver_is_not_let_in_without_a_passkey(
    page: Page,
    cfdu: User,
    authenticator: str,
    settings: LazySettings,
    faults: Callable[[], list[str]],
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    type_password(page, cfdu)
    page.goto("/approvals/")
    expect(page.get_by_text("Add a passkey before you go on")).to_be_visible()
    assert faults() == []
    page.get_by_role("link", name="Add a passkey").first.click()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("is added.")).to_be_visible()
    page.goto("/approvals/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Approvals")


def test_an_app_is_added_and_its_code_asked_for(
    page: Page, coordinator: User, faults: Callable[[], list[str]]
) -> None:
    type_password(page, coordinator)
    page.goto("/account/authenticator-app/new/")
    assert faults() == []
    secret = page.locator(".app-key").inner_text().replace(" ", "")
    now = int(clock.now().timestamp()) // 30
    page.get_by_label("The six digits").fill(format_hotp_value(hotp_value(secret, now)))
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_text("The authenticator app is added.")).to_be_visible()
    assert factors_of(coordinator).app is not None

    page.get_by_role("button", name="Sign out").click()
    type_password(page, coordinator)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    assert faults() == []
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, now + 1)))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("names_provider", [True, False])
def test_the_content_policy_lets_the_form_lead_to_the_provider_alone(
    page: Page,
    live_server: LiveServer,
    coordinator: User,
    settings: LazySettings,
    names_provider: bool,
) -> None:
    with real_provider() as address:
        settings.OIDC_SERVER_URL, settings.OIDC_NAME = address, "Agency"
        settings.OIDC_CLIENT_ID = settings.OIDC_CLIENT_SECRET = "for tests"
        settings.BASE_URL = live_server.url
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        actions = [*policy["form-action"], *([address] if names_provider else [])]
        directives = {**policy, "form-action": actions}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
        sso.connect(address, "subject-1", by=coordinator, on=clock.today(), session="")
        tab = page.context.new_page()  # may leave our server, which `page` may not
        tab.goto("/accounts/login/")
        tab.get_by_role("button", name="Sign in with Agency").click()
        if not names_provider:
            tab.wait_for_timeout(500)
            assert tab.url.startswith(live_server.url), "held back by the content policy"
            return
        tab.get_by_placeholder("sub").fill("subject-1")
        tab.get_by_role("button", name="Authorize").click()
        expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
