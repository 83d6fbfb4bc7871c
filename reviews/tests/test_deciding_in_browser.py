"""Deciding, and recording a review, in a real browser: what opens, the cursor, the widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from consultations.models import Evidence, GoalChange
from consultations.tests.cases import TODAY, change_in, make_child, open_goal
from consultations.workflow import Status
from directory.models import District, User
from permanency.models import Action, CourtOrder
from permanency.policy.months import add_months
from reviews.tests.cases import open_child

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = (320, 390, 1280)


def look(page: Page, axe: Callable[[], list[str]]) -> None:
    """Check a page for what axe finds, and that nothing scrolls sideways at any width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert axe() == [], width


def change_without_legal_advice(
    hunter: District, status: Status, coordinator: User, approver: User
) -> GoalChange:
    child = make_child(hunter)
    open_goal(child)
    change = change_in(status, child, coordinator=coordinator, approver=approver)
    Evidence.objects.filter(consultation=change.consultation, kind="legal").update(state="missing")
    return change


def test_each_answer_opens_only_what_it_needs(
    hunter: District,
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
    cfdu: User,
) -> None:
    change = change_without_legal_advice(hunter, Status.ENDORSED, coordinator, cfdu)
    CourtOrder.objects.create(
        child=change.child, kind="short_term", expires_on=TODAY + timedelta(9)
    )
    sign_in(cfdu)
    page.goto(reverse("goal-change", args=[change.pk]) + "?from=approvals")
    decline, approve = page.locator("#id_decide_decline-reasons"), page.get_by_label("Words to go")
    expect(decline).to_be_hidden()
    expect(approve).to_be_hidden()
    look(page, axe)
    page.locator("label", has_text="Approve").click()
    expect(approve).to_be_visible()
    expect(decline).to_be_hidden()
    look(page, axe)
    approve.fill("Please send the advice when it is there.")
    page.get_by_role("button", name="Check before deciding").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your decision: approve")
    look(page, axe)
    page.get_by_role("button", name="Change what you answered to: Words to go with it").click()
    expect(approve).to_be_focused()
    expect(approve).to_have_value("Please send the advice when it is there.")
    page.get_by_role("button", name="Check before deciding").click()
    page.get_by_role("button", name="Approve the goal change").click()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    look(page, axe)


def test_a_coordinator_marks_evidence_on_the_page(
    hunter: District,
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
    cfdu: User,
) -> None:
    change = change_without_legal_advice(hunter, Status.PROPOSED, coordinator, cfdu)
    sign_in(coordinator)
    page.goto(reverse("goal-change", args=[change.pk]))
    page.get_by_text("Mark it here").click()
    look(page, axe)
    page.get_by_text("Seen", exact=True).click()
    page.locator(".app-missing").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Evidence: 8 seen, 0 missing")).to_be_visible()


def test_the_page_of_a_review_and_its_check_fit_and_lead_to_the_field(
    hunter: District,
    page: Page,
    sign_in: Callable[[User], Page],
    axe: Callable[[], list[str]],
    coordinator: User,
) -> None:
    child = open_child(hunter, coordinator, effective_on=add_months(TODAY, -7)).child
    Action.objects.create(
        child=child, what="Ring the school", who="Jo", agreed_on=TODAY, due_on=TODAY
    )
    sign_in(coordinator)
    page.goto(f"{reverse('new-review')}?child={child.pk}&held=no")
    look(page, axe)
    page.get_by_role("link", name="It was held").click()
    look(page, axe)
    page.get_by_role("radio", name="Done").check()
    page.get_by_text("On track", exact=True).click()
    page.get_by_text("Continue with the goal", exact=True).click()
    page.get_by_role("button", name="Check the dates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the review")
    look(page, axe)
    page.get_by_role("button", name="Change what you answered to: Date held").click()
    expect(page.get_by_label("Day").first).to_be_focused()
    expect(page.get_by_role("radio", name="Done")).to_be_checked()
    page.get_by_role("button", name="Check the dates").click()
    page.get_by_role("button", name="Save the review").click()
    expect(page.get_by_text(f"The review of {child.reference} is saved.")).to_be_visible()
    assert Action.objects.get().done_on == TODAY
