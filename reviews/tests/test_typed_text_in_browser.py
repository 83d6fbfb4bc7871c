"""A long note survives the end of the session, with a script while it is typed and without one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from consultations.tests.cases import make_child
from directory.accounts.services import end_sessions
from directory.models import District, Draft, User
from directory.tests.people import PASSWORD
from permanency.models import Child

NOTE = "She said: “I want to stay.”\n\n" + "What the family told us, at length. " * 280


@pytest.fixture
def child(transactional_db: None, hunter: District) -> Child:
    return make_child(hunter)


def sign_in_again(page: Page, person: User) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.slow
def test_what_is_typed_is_saved_while_typing_and_is_there_after_the_session_ended(
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    child: Child,
    coordinator: User,
) -> None:
    address = f"{reverse('new-consultation')}?child={child.pk}"
    sign_in(coordinator).goto(address)
    page.get_by_label("The question").fill(NOTE)
    expect(page.get_by_text(re.compile(r"Saved as you typed it at \d\d:\d\d"))).to_be_visible()
    assert Draft.objects.get().person == coordinator
    end_sessions(coordinator)

    page.goto(address)
    sign_in_again(page, coordinator)
    expect(page.get_by_text("This is what you had typed on")).to_be_visible()
    expect(page.get_by_label("The question")).to_have_value(NOTE)
    assert axe() == []
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("The question")).to_have_value("")
    assert not Draft.objects.exists()


@pytest.mark.slow
def test_what_is_sent_after_the_session_ended_is_there_without_a_script(
    browser: Browser,
    sign_in: Callable[[User], Page],
    child: Child,
    coordinator: User,
    live_server: LiveServer,
) -> None:
    cookies = sign_in(coordinator).context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what came out goes in again
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('new-consultation')}?child={child.pk}")
    page.get_by_role("button", name="Informal advice").click()
    page.get_by_label("The question").fill(NOTE)
    end_sessions(coordinator)
    page.get_by_role("button", name="Record", exact=True).click()

    sign_in_again(page, coordinator)
    expect(page.get_by_text("This is what you had typed on")).to_be_visible()
    expect(page.get_by_role("heading", name="Note informal advice")).to_be_visible()
    expect(page.get_by_label("The question")).to_have_value(NOTE)
    assert not child.consultations.exists()
    page.get_by_role("button", name="Save as draft").click()
    expect(page).not_to_have_url(re.compile("/new/"))
    assert child.consultations.get().typed["question"] == [NOTE.replace("\n", "\r\n")]
    assert not Draft.objects.exists()
    context.close()
