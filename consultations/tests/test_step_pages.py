"""The pages of each step of a goal change, and of the facts that follow an approval."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.models import GoalChange
from consultations.policy import EvidenceEntry
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    reload_change,
    shown_with,
)
from consultations.workflow import Status, Step
from directory.models import Appointment, User
from directory.roles import CaseManagement
from directory.tests.people import SINCE
from permanency.models import CasePlanGoal, Child


def today_boxes(name: str) -> dict[str, int]:
    return {f"{name}_day": TODAY.day, f"{name}_month": TODAY.month, f"{name}_year": TODAY.year}


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    client.force_login(coordinator)
    return client


def page_of(client: Client, change: GoalChange) -> str:
    return client.get(reverse("goal-change", args=[change.pk])).content.decode()


# Steps


def take(client: Client, change: GoalChange, step: str, **sent: Any) -> Any:
    """Send the form of a step as its page would, whether or not that would be shown."""
    address, now = reverse("take-step", args=[change.pk, step]), reload_change(change)
    return client.post(address, {"version": now.version, "seen": shown_with(now), **sent})


def test_the_whole_way_through_the_pages(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    client.force_login(coordinator)
    for step in ("propose", "endorse"):
        response = take(client, change, step)
        assert response.headers["Location"] == reverse("goal-change", args=[change.pk])
    client.force_login(cfdu)
    assert take(client, change, "approve", **today_boxes("effective_on")).status_code == 302
    assert child.goals.in_force().get().goal == "guardianship"
    assert "Approved. The new goal is in force." in page_of(client, change)


@pytest.mark.parametrize("step", [each for each in Step if each is not Step.VOID])
def test_a_step_that_has_moved_on_is_409_with_reasons(
    step: Step, client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.WITHDRAWN, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu if step in {Step.APPROVE, Step.DECLINE} else coordinator)
    sent = {"reasons": "Typed with care", **today_boxes("effective_on")}
    response = take(client, change, step, **sent)
    assert response.status_code == 409
    page = response.content.decode()
    assert "This goal change has moved on: it is now withdrawn." in page
    assert "Typed with care" in page
    assert f"/{step}/" not in page
    assert "Withdrawn. The goal in force stays." in page
    assert client.get(reverse("take-step", args=[change.pk, step])).status_code == 409


@pytest.mark.parametrize("step", ["void", "fly", "case-plan-x"])
def test_a_step_that_people_do_not_take_is_404(
    step: str, desk: Client, child: Child, coordinator: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    assert take(desk, change, step).status_code == 404


@pytest.mark.parametrize(
    ("step", "sent", "sentence"),
    [
        ("not_endorse", {}, "Give your reasons."),
        ("ask_for_more", {}, "Say what is missing."),
        ("withdraw", {}, "Give your reasons."),
        ("endorse", {"reasons": "Good words"}, "Say why you endorse without the missing evidence."),
    ],
)
def test_a_step_asks_for_what_it_needs_and_keeps_what_was_typed(
    step: str, sent: dict[str, str], sentence: str, desk: Client, child: Child, coordinator: User
) -> None:
    consultation = consult(child, coordinator, evidence=(EvidenceEntry("legal", "missing"),))
    change = draft_change(consultation, coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    response = take(desk, change, step, **sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert all(words in page for words in sent.values())


@pytest.mark.parametrize(
    ("days", "sentence"), [(1, "after today"), (-30, "before the consultation")]
)
def test_a_wrong_effective_date_is_a_field_error(
    days: int, sentence: str, client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    day = (TODAY + timedelta(days=days)).isoformat()
    response = take(client, change, "approve", effective_on=day, reasons="Typed with care")
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Typed with care" in response.content.decode()


def test_a_decision_on_an_old_page_is_refused_and_its_words_kept(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    response = take(client, change, "decline", version=1, reasons="Typed with care")
    page = response.content.decode()
    assert response.status_code == 409
    assert "was saved meanwhile, in another tab or by somebody else" in page
    assert "Typed with care" in page
    assert reload_change(change).status == Status.ENDORSED


def test_one_person_in_two_places_is_refused_by_the_page_in_words(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    Appointment.objects.create(
        person=coordinator, role="cfdu_approver", district=child.district, starts_on=SINCE
    )
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(coordinator)
    sentence = "You endorsed this change, so somebody else decides it."
    assert sentence in page_of(client, change)
    response = take(client, change, "approve", **today_boxes("effective_on"))
    assert response.status_code == 409
    assert sentence in response.content.decode()
    assert CasePlanGoal.objects.in_force().get().goal == "restoration"


# Facts after the approval


def test_each_person_records_their_own_fact(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("record-case-plan", args=[change.pk])
    both = {**today_boxes("case_plan_approved_on"), **today_boxes("entered_in_childstory_on")}
    client.force_login(coordinator)
    seen = {**both, "version": reload_change(change).version}
    assert client.post(address, seen).status_code == 302
    assert reload_change(change).entered_in_childstory_on == TODAY
    assert reload_change(change).case_plan_approved_on is None
    client.force_login(cfdu)
    seen = {**both, "version": reload_change(change).version}
    assert client.post(address, seen).status_code == 302
    assert reload_change(change).case_plan_approved_by == cfdu


def test_a_fact_from_before_the_approval_is_a_field_error(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    response = desk.post(
        reverse("record-case-plan", args=[change.pk]), {"entered_in_childstory_on": yesterday}
    )
    assert response.status_code == 422
    assert "before the change was approved" in response.content.decode()


def test_no_fact_follows_a_change_that_is_not_approved(
    desk: Client, child: Child, coordinator: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    address = reverse("record-case-plan", args=[change.pk])
    assert desk.get(address).status_code == desk.post(address, {}).status_code == 409


def test_a_dcj_case_goes_to_a_manager_casework(
    client: Client, hunter: Any, coordinator: User, casework_manager: User
) -> None:
    child = make_child(hunter, case_managed_by=CaseManagement.DCJ)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=casework_manager)
    client.force_login(casework_manager)
    assert take(client, change, "approve", **today_boxes("effective_on")).status_code == 302
