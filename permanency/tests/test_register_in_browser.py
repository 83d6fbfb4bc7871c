"""The pages of the register in a real browser: every one accessible, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from directory import clock
from directory.models import District, Office, User
from permanency.goals import lifecycle
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.factories import make_child, make_episode, make_goal, make_order

pytestmark = [pytest.mark.django_db(transaction=True)]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture
def child(hunter: District, coordinator: User) -> Child:
    """Return a child with a goal, a time in care and an order, among others on the list."""
    office = Office.objects.create(name="Mayfield", district=hunter)
    today = clock.today()
    for days in (-400, 10):
        due = date.fromordinal(today.toordinal() + days)
        make_goal(make_child(hunter, office=office), review_due_on=due, two_year_on=due)
    child = make_child(hunter, office=office)
    lifecycle.open_with_goal_in_force(
        child,
        goal=Goal.RESTORATION,
        effective_on=add_months(today, -2),
        source_note="ChildStory",
        by=coordinator,
        on=today,
    )
    make_episode(child)
    make_order(child)
    return child


def fill_date(page: Page, name: str, day: date) -> None:
    for part, number in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name={name}_{part}]").fill(str(number))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_accessible_and_fits(
    child: Child,
    coordinator: User,
    hunter: District,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    size: dict[str, int],
) -> None:
    page = sign_in(coordinator)
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes

    def look() -> None:
        assert axe() == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
        assert page.locator("h1").count() == 1
        assert child.last_name not in page.title()

    for url in (
        reverse("children"),
        f"{reverse('children')}?state=no_goal",
        reverse("new-child"),
        reverse("open-goal", args=[make_child(hunter).pk]),
        reverse("new-care-episode", args=[child.pk]),
        reverse("edit-care-episode", args=[child.care_episodes.get().pk]),
        reverse("new-court-order", args=[child.pk]),
        reverse("edit-court-order", args=[child.court_orders.get().pk]),
        reverse("record-achievement", args=[child.pk]),
        reverse("mark-intensive", args=[child.pk]),
        reverse("new-extension", args=[child.pk]),
        reverse("edit-child", args=[child.pk]),
    ):
        page.goto(url)
        look()
    page.goto(reverse("children"))
    page.get_by_label("ChildStory ID, case reference or name").fill("Robin")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("4 children found")
    look()
    page.goto(reverse("new-child"))
    page.get_by_role("button", name="Register the child").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look()
    page.goto(reverse("mark-intensive", args=[child.pk]))
    page.get_by_label("Why reviews should be held").fill("More support is needed.")
    page.get_by_role("button", name="Check the dates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the dates")
    look()


def test_a_child_is_registered_and_opened_without_scripts(
    coordinator: User,
    hunter: District,
    sign_in: Callable[[User], Page],
    browser: Browser,
    live_server: LiveServer,
) -> None:
    cookies = sign_in(coordinator).context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what came out goes in again
    page = context.new_page()
    since = add_months(clock.today(), -1)

    page.goto(live_server.url + reverse("new-child"))
    page.get_by_label("ChildStory ID").fill("ab12")
    page.get_by_label("First name").fill("Robin")
    page.get_by_label("Last name").fill("Example")
    fill_date(page, "born_on", date(2015, 3, 2))
    page.locator("label", has_text="DCJ").click()
    page.get_by_role("button", name="Register the child").click()
    child = Child.objects.get(childstory_id="AB12")

    page.goto(live_server.url + reverse("open-goal", args=[child.pk]))
    page.locator("label", has_text="Guardianship").click()
    fill_date(page, "effective_on", since)
    page.get_by_label("Where this is written").fill("Case plan in ChildStory")
    page.get_by_role("button", name="Check the dates").click()
    dates = page.get_by_role("table")
    expect(dates).to_contain_text(day_in_words(add_months(since, 6)))
    expect(dates).to_contain_text(day_in_words(add_months(since, 24)))
    assert not child.goals.exists()
    page.get_by_role("button", name="Open with this goal").click()

    assert child.goals.get().review_due_on == add_months(since, 6)
    context.close()
