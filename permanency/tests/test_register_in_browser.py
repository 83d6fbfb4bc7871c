"""The register in a real browser. All pages are looked at in `reviews/tests/whole_site`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from directory import clock
from directory.models import District, User
from permanency.models import Child
from permanency.policy.months import add_months, day_in_words

pytestmark = [pytest.mark.django_db(transaction=True)]


def fill_date(page: Page, name: str, day: date) -> None:
    for part, number in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name={name}_{part}]").fill(str(number))


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
    page.get_by_label("ChildStory ID", exact=True).fill("ab12")
    page.get_by_label("First name").fill("Robin")
    page.get_by_label("Last name").fill("Example")
    fill_date(page, "born_on", date(2015, 3, 2))
    page.locator("label", has_text="DCJ").click()
    page.get_by_role("button", name="Register the child").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Robin Example")
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
    expect(page).to_have_url(live_server.url + reverse("child", args=[child.pk]))
    assert child.goals.get().review_due_on == add_months(since, 6)
    context.close()
