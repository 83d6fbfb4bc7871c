"""The page frame and the forms as a person meets them, wide, on a phone and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from directory.models import User
from directory.tests import look_urls

pytestmark = [
    pytest.mark.urls("directory.tests.look_urls"),
    pytest.mark.django_db(transaction=True),
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture(autouse=True)
def nothing_saved() -> None:
    """Start each test with nothing saved."""
    look_urls.saved.clear()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_a_form_at_fault_is_accessible_and_starts_at_its_summary(
    coordinator: User,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    size: dict[str, int],
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
    page.goto("/my-work/")
    assert axe() == []
    page.get_by_role("button", name="Save visit").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: New visit"))
    page.get_by_role("link", name="Kind: Choose one.").click()
    expect(page.get_by_label("First")).to_be_focused()
    assert axe() == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_a_fault_of_ours_has_a_page_that_says_so_and_nothing_of_the_fault(
    page: Page, axe: Callable[[], list[str]], size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
    answer = page.goto("/broken/")
    assert answer is not None
    assert answer.status == 500
    expect(page.get_by_role("heading", level=1)).to_have_text("Something went wrong on our side")
    assert "ZeroDivisionError" not in page.content()
    assert axe() == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_menu_of_a_phone_opens_and_closes(
    coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    page.goto("/my-work/")
    entry = page.get_by_role("link", name="Contacts")
    expect(entry).to_be_hidden()
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    expect(entry).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "true")
    entry.focus()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(menu).to_be_focused()


def test_without_scripts_the_whole_navigation_and_the_form_work(
    coordinator: User, sign_in: Callable[[User], Page], browser: Browser, live_server: LiveServer
) -> None:
    cookies = sign_in(coordinator).context.cookies()
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what came out goes in again
    page = context.new_page()
    page.goto(f"{live_server.url}/my-work/")
    expect(page.get_by_role("link", name="Contacts")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    expect(page.get_by_role("button", name="Add another")).to_be_hidden()
    fill(page)
    page.get_by_role("button", name="Save visit").click()
    expect(page.locator("#sent")).to_have_text("Saved for the 1 time")
    context.close()


def test_a_second_click_does_not_send_the_form_twice(page: Page) -> None:
    page.goto("/")
    fill(page)
    page.get_by_role("button", name="Save visit").dblclick(no_wait_after=True)
    expect(page.locator("#sent")).to_be_visible()
    assert look_urls.saved == ["Dubbo"]


def test_typed_text_is_not_lost_without_a_question(page: Page) -> None:
    questions: list[str] = []

    def stay(dialog: object) -> None:
        questions.append(dialog.type)  # type: ignore[attr-defined]  # a Playwright dialog
        dialog.dismiss()  # type: ignore[attr-defined]  # a Playwright dialog

    page.on("dialog", stay)
    page.goto("/")
    page.get_by_label("Place", exact=True).press_sequentially("Dub")
    page.get_by_role("link", name="Cancel").click(no_wait_after=True)
    expect(page.get_by_label("Place", exact=True)).to_have_value("Dub")
    assert questions == ["beforeunload"]


def test_leaving_a_form_that_nobody_touched_asks_nothing(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.type))
    page.goto("/contacts/")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/")


def test_rows_are_added_up_to_the_most_that_may_be_sent(page: Page) -> None:
    page.goto("/")
    more = page.get_by_role("button", name="Add another")
    more.click()
    expect(page.get_by_role("group", name="Step 2").get_by_label("What")).to_be_focused()
    more.click()
    expect(more).to_be_hidden()
    fill(page)
    page.get_by_role("button", name="Save visit").click()
    expect(page.locator("#sent")).to_be_visible()


def fill(page: Page) -> None:
    """Fill in what the form asks for."""
    for part, value in (("Day", "14"), ("Month", "5"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_label("Place", exact=True).fill("Dubbo")
    page.get_by_text("First", exact=True).click()


def test_a_script_that_got_into_a_page_does_not_run_and_is_told(
    page: Page, complaints: list[str]
) -> None:
    """Shows that the fixture `page` is red where the content policy is violated."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto("/")
    assert complaints == []
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend",
             "<p style='color: red'>a</p><img src='/x' onerror='alert(1)'>"
             + "<img src='https://elsewhere.example.org/a.png'>")"""
    )
    page.wait_for_function("document.images.length > 1")
    page.wait_for_timeout(300)
    told = " ".join(complaints)
    for directive in ("style-src", "script-src", "img-src"):
        assert directive in told
    complaints.clear()


@pytest.mark.urls("directory.tests.fault_urls")
@pytest.mark.parametrize("status", [413, 429, 503])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_each_page_about_a_fault_looks_as_the_others(
    page: Page, axe: Callable[[], list[str]], size: dict[str, int], status: int
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
    if status == 413:
        page.goto("/accounts/login/")
        page.evaluate(
            """() => { const form = document.querySelector("form[method=post]");
                 form.querySelector("[name=login]").type = "text";
                 form.querySelector("[name=login]").value = "x".repeat(3000000);
                 form.noValidate = true; HTMLFormElement.prototype.submit.call(form); }"""
        )
        page.wait_for_function("document.title.startsWith('Too much')")
    else:
        answer = page.goto(f"/fault/{status}/")
        assert answer is not None
        assert answer.status == status
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".app-reference")).to_be_visible()
    assert axe() == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
