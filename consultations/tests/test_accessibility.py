"""Every page of consultations and goal changes in a real browser, at desk and at phone width."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from consultations.tests.cases import TODAY, change_in, consult, make_child, open_goal
from consultations.workflow import Status
from directory.models import User
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus, Goal

WIDTHS = [1280, 390]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def addresses(child: Child, coordinator: User, cfdu: User, colleague: User) -> dict[str, str]:
    """Return the address of a page for each kind, with something to see on it."""
    approved = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    second = make_child(child.district, aboriginal_status=AboriginalStatus.ABORIGINAL)
    open_goal(second, Goal.LONG_TERM_CARE)
    proposed = change_in(
        Status.PROPOSED,
        second,
        coordinator=coordinator,
        approver=cfdu,
        goal=Goal.ADOPTION,
        cultural_consultation="The grandmother and the community were asked.",
    )
    third = make_child(child.district)
    open_goal(third)
    endorsed = change_in(Status.ENDORSED, third, coordinator=coordinator, approver=cfdu)
    fourth = make_child(child.district)
    held = consult(fourth, coordinator)
    return {
        "list": reverse("child-consultations", args=[child.pk]),
        "formal": f"{reverse('new-consultation')}?child={child.pk}",
        "informal": f"{reverse('new-consultation')}?child={child.pk}&kind=informal",
        "consultation": reverse("consultation", args=[held.pk]),
        "correct": reverse("edit-consultation", args=[held.pk]),
        "new change": f"{reverse('new-goal-change')}?consultation={held.pk}",
        "proposed": reverse("goal-change", args=[proposed.pk]),
        "endorsed": reverse("goal-change", args=[endorsed.pk]),
        "edit endorsed": reverse("edit-goal-change", args=[endorsed.pk]),
        "approved": reverse("goal-change", args=[approved.pk]),
        "case plan": reverse("record-case-plan", args=[approved.pk]),
        "step": reverse("take-step", args=[proposed.pk, "not_endorse"]),
        "approvals": reverse("approvals"),
        "decide": reverse("goal-change", args=[endorsed.pk]),
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(
    width: int,
    addresses: dict[str, str],
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
    cfdu: User,
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for name, address in addresses.items():
        sign_in(cfdu if name in {"approvals", "decide"} else coordinator)
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[name] = [*axe(), *(["wider than the window"] if wide else [])]
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_errors_of_the_long_form_are_accessible(
    addresses: dict[str, str],
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
) -> None:
    sign_in(coordinator)
    page.goto(addresses["formal"])
    page.get_by_label("Who asked for it").fill("")
    page.get_by_role("button", name="Record", exact=True).click()
    assert page.get_by_role("heading", name="There is something to put right").is_visible()
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
    for words in ("Toni Worker", str(TODAY.day), str(TODAY.month), str(TODAY.year)):
        keys.press("Tab")
        keys.type(words)
    keys.press("Tab")
    keys.press("Enter")  # Add another
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
    assert page.get_by_label("What will be done").count() == 2
    assert page.get_by_label("The question").input_value() == "Half a thought"
    assert page.get_by_label("What will be done").nth(0).input_value() == "Ask the school"
    context.close()
