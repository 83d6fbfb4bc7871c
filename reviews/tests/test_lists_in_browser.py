"""The lists of cases in a real browser: dense, within the window, and found by the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from directory.models import District, Office, Provider, User
from permanency.models import Child
from permanency.policy.goals import Goal
from reviews.tests.cases import TODAY, open_child

pytestmark = [pytest.mark.django_db(transaction=True)]

WIDTHS = (1280, 800, 390, 320)
MOST_PIXELS = 2_600
ROWS = 50
FIRST_NAMES = ("Mohammed", "Ella", "Zoe", "Kai", "Tane", "Jasmine", "Olive")
LAST_NAMES = ("Underwood", "Éclat", "de Bruyn", "Marlow", "Fairweather")
SURNAME = "Wolfeschlegelsteinhausenbergerdorff" * 2 + "Castellane"
PAGES = ("/children/?sort=review", "/reviews/?window=every", "/children/?goal=restoration")


@pytest.fixture
def cases(hunter: District, coordinator: User) -> None:
    """Make a page of cases and a few more: late ones, some with a two-year date that has passed."""
    offices = [
        Office.objects.create(name=name, district=hunter)
        for name in ("Charlestown", "Raymond Terrace", "Cessnock", "Mayfield")
    ]
    providers = [None, Provider.objects.create(name="Yellowbox Community Care"), None, None]
    for number in range(ROWS + 5):
        goal = open_child(
            hunter,
            coordinator,
            list(Goal)[number % len(Goal)],
            first_name=FIRST_NAMES[number % len(FIRST_NAMES)],
            last_name=LAST_NAMES[number % len(LAST_NAMES)],
            office=offices[number % len(offices)],
            provider=providers[number % len(providers)],
        )
        goal.review_due_on = TODAY + timedelta(days=10 * number - 200)
        goal.two_year_on = goal.two_year_on and TODAY + timedelta(days=30 * number - 400)
        goal.save(update_fields=["review_due_on", "two_year_on"])


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_fifty_rows_stand_in_a_dense_view(
    cases: None, coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size({"width": 1280, "height": 900})
    for address in PAGES[:2]:
        page.goto(address)
        assert page.locator(".app-dense tbody tr").count() == ROWS
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height <= MOST_PIXELS, f"{address}: {height} px"


def test_nothing_is_wider_than_the_window_with_the_longest_surname(
    cases: None,
    coordinator: User,
    hunter: District,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
) -> None:
    assert len(SURNAME) == 80
    Child.objects.filter(first_name="Zoe").update(last_name=SURNAME, caseworker=SURNAME)
    page = sign_in(coordinator)
    faults = []
    page.goto("/children/find/")
    page.locator("main [name=who]").fill(SURNAME)
    page.locator("main button[type=submit]").click()
    expect(page.locator("h2")).to_contain_text("children found")
    for address in (*PAGES, page.url):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            page.locator(".app-date-why summary").first.click()
            faults += [f"{address} at {width}: {fault}" for fault in axe()]
            faults += [f"{address} at {width}: {overflow(page)} px"] if overflow(page) > 0 else []
    assert faults == []


def test_a_list_is_put_in_order_narrowed_and_widened_again(
    cases: None, coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(reverse("children"))
    names = page.locator(".app-dense tbody th a")
    page.get_by_role("link", name="Child", exact=True).click()
    expect(page.get_by_role("columnheader", name="Child")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(names.first).to_have_text("Ella de Bruyn")
    page.get_by_role("link", name="Child", exact=True).click()
    expect(names.first).to_have_text("Zoe Underwood")

    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Goal").select_option(label="Open adoption")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("summary", has_text="Filters (1)")).to_be_visible()
    expect(names.first).to_have_text("Zoe Marlow")
    expect(page.locator(".app-dense tbody tr")).to_have_count(11)
    page.locator(".app-chip", has_text="Goal: Open adoption").click()
    expect(page.locator(".app-dense tbody tr")).to_have_count(ROWS)
    expect(page.get_by_role("columnheader", name="Child")).to_have_attribute(
        "aria-sort", "descending"
    )

    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_label("Sort by").select_option(label="Name")
    page.get_by_role("button", name="Sort").click()
    expect(names.first).to_have_text("Ella de Bruyn")


def test_a_reason_opens_for_one_row(
    cases: None, coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/reviews/?window=every")
    dates = page.locator(".app-date-why summary")
    expect(page.get_by_text("It counts from").first).to_be_hidden()
    dates.nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator(".app-date-why[open]").count() == 1
    expect(page.locator(".app-date-why[open]")).to_contain_text("It counts from")


def test_the_way_back_leads_to_what_was_found(
    cases: None, coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.goto(reverse("rules"))
    page.locator("#find-words").fill("fairweather")
    page.keyboard.press("Enter")
    expect(page.locator("h2")).to_contain_text("children found")
    assert "airweather" not in page.url
    page.locator(".app-dense tbody th a").first.click()
    expect(page.locator("h1")).to_contain_text("Fairweather")
    page.go_back()
    expect(page.locator("h2")).to_contain_text("children found")


def test_a_review_recorded_from_a_filtered_list_leads_back_to_it(
    cases: None, coordinator: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(coordinator)
    page.goto("/reviews/?window=every&goal=adoption&sort=name")
    page.locator(".app-row-do a", has_text="Review").first.click()
    page.get_by_role("link", name="It was not held").click()
    page.locator("[name=not_held_reasons]").fill("Ill.")
    day = TODAY + timedelta(days=7)
    for part in ("day", "month", "year"):
        page.locator(f"[name=planned_on_{part}]").fill(str(getattr(day, part)))
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_text("Saved. The due date has not moved.")).to_be_visible()
    assert page.url.endswith("/reviews/?window=every&goal=adoption&sort=name")
