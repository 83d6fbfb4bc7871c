"""The form of a consultation in a real browser. All pages are looked at in `whole_site`."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from directory.models import User
from permanency.models import Child

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_short_form_and_the_errors_of_the_long_one_are_accessible(
    child: Child,
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
) -> None:
    sign_in(coordinator)
    address = f"{reverse('new-consultation')}?child={child.pk}"
    page.goto(f"{address}&kind=informal")
    assert axe() == []
    page.goto(address)
    page.get_by_text("Change who asked").click()
    page.get_by_label("Who asked for it").fill("")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("heading", name="There is something to put right")).to_be_visible()
    assert axe() == []


def test_advice_is_logged_with_the_keyboard_alone(
    child: Child, page: Page, sign_in: Callable[[User], Page], coordinator: User
) -> None:
    sign_in(coordinator)
    page.goto(f"{reverse('new-consultation')}?child={child.pk}&kind=informal")
    page.get_by_label("The question").focus()
    keys = page.keyboard
    keys.type("Which package fits?")
    keys.press("Tab")
    keys.type("The one for the school.")
    page.get_by_label("What will be done").focus()
    keys.type("Ask the school")
    keys.press("Tab")
    keys.type("Toni Worker")
    keys.press("Tab")
    keys.press("Space")  # in two weeks
    page.get_by_role("button", name="Add another action").press("Enter")
    keys.type("Ring the aunt")
    keys.press("Enter")  # sends the form, which the second action's gaps bring back
    expect(page.get_by_role("heading", name="There is something to put right")).to_be_visible()
    assert page.get_by_label("What will be done").nth(1).input_value() == "Ring the aunt"
    page.get_by_label("What will be done").nth(1).fill("")
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    expect(page.get_by_text("Recorded.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Ask the school")).to_be_visible()


@pytest.mark.browser
def test_another_action_fits_in_without_a_script(
    child: Child, browser: Browser, live_server: LiveServer, coordinator: User
) -> None:
    client = Client()
    client.force_login(coordinator)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{reverse('new-consultation')}?child={child.pk}")
    page.get_by_label("The question").fill("Half a thought")
    page.get_by_label("What will be done").fill("Ask the school")
    page.get_by_role("button", name="Add another action").click()
    expect(page.get_by_label("What will be done")).to_have_count(2)
    expect(page.get_by_label("What will be done").nth(0)).to_have_value("Ask the school")
    expect(page.get_by_label("The question")).to_have_value("Half a thought")
    context.close()
