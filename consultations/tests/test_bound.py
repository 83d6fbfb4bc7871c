"""An endorsement is bound to the case and the goal in force as they were when it was given."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.goal_changes.services import Proposal
from consultations.models import GoalChange
from consultations.tests.cases import (
    EFFECTIVE_ON,
    TODAY,
    change_in,
    make_child,
    open_goal,
    reload_change,
)
from consultations.workflow import Status
from directory.errors import StepNotAllowedError
from directory.models import District, User
from directory.tests.people import make_district
from permanency.children import services as register
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, Goal

ABORIGINAL = AboriginalStatus.ABORIGINAL
CONSULTED = "The grandmother and the land council."


def endorsed(child: Child, coordinator: User, cfdu: User, **said: Any) -> GoalChange:
    return change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu, **said)


def put_right(child: Child, by: User, **facts: Any) -> None:
    child.refresh_from_db()
    register.edit_child(child, changes=facts, version=child.version, by=by, on=TODAY)  # type: ignore[arg-type]  # facts by name


def why_void(change: GoalChange) -> str:
    change = reload_change(change)
    assert (change.status, change.endorsed_by) == (Status.PROPOSED, None)
    assert (change.endorsed_district, change.endorsed_aboriginal_status) == (None, "")
    last = change.decisions.last()
    assert last is not None
    return last.reasons


def test_adoption_is_not_approved_once_the_child_is_known_to_be_aboriginal(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu, goal="adoption")
    put_right(child, coordinator, aboriginal_status=ABORIGINAL)
    assert "Aboriginal or Torres Strait Islander changed after the endorsement" in why_void(change)
    with pytest.raises(StepNotAllowedError, match="who was consulted about adoption"):
        decisions.endorse(reload_change(change), by=coordinator, on=TODAY)
    change = reload_change(change)
    said: Proposal = {"cultural_consultation": CONSULTED}
    changes.edit(change, version=change.version, by=coordinator, on=TODAY, **said)
    decisions.endorse(reload_change(change), by=coordinator, on=TODAY)
    assert decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)


def test_a_status_changed_behind_the_registers_back_is_seen_at_the_approval(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu, goal="adoption")
    Child.objects.filter(pk=child.pk).update(aboriginal_status=ABORIGINAL)
    with pytest.raises(StepNotAllowedError, match="no longer stands"):
        decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)
    assert "no longer stands" in why_void(change)


def test_what_a_change_must_say_is_asked_at_the_approval_too(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu, goal="adoption")
    Child.objects.filter(pk=child.pk).update(aboriginal_status=ABORIGINAL)
    GoalChange.objects.filter(pk=change.pk).update(endorsed_aboriginal_status=ABORIGINAL)
    with pytest.raises(StepNotAllowedError, match="who was consulted about adoption"):
        decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_move_to_another_district_makes_the_endorsement_void(
    is_told: bool, child: Child, coordinator: User, cfdu: User
) -> None:
    change, sydney = endorsed(child, coordinator, cfdu), make_district("Sydney")
    if is_told:
        put_right(child, coordinator, district=sydney)
    else:
        Child.objects.filter(pk=child.pk).update(district=sydney)
        with pytest.raises(StepNotAllowedError, match="no longer stands"):
            decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)
    assert "The case moved to Sydney after the endorsement" in why_void(change)


def test_an_achieved_goal_makes_the_endorsement_void_at_once(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu)
    goal = child.goals.in_force().get()
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    assert "restoration in force; now it is no goal." in why_void(change)
    with pytest.raises(StepNotAllowedError, match="now it is no goal"):
        decisions.endorse(reload_change(change), by=coordinator, on=TODAY)
    decisions.ask_for_more(reload_change(change), by=coordinator, on=TODAY, reasons="Look again.")
    decisions.propose(reload_change(change), by=coordinator, on=TODAY)
    assert reload_change(change).current_goal is None
    assert decisions.endorse(reload_change(change), by=coordinator, on=TODAY)


def test_a_goal_opened_meanwhile_makes_the_endorsement_void(
    hunter: District, coordinator: User, cfdu: User
) -> None:
    child = make_child(hunter)
    change = endorsed(child, coordinator, cfdu)
    open_goal(child)
    assert "no goal in force; now it is restoration." in why_void(change)


def another_goal(child: Child, goal: str) -> None:
    child.goals.in_force().update(ended_on=TODAY, end_reason="goal_changed")
    CasePlanGoal.objects.create(child=child, goal=goal, effective_on=TODAY, source="approved")


def test_another_goal_put_in_force_is_seen_at_the_approval(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu)
    another_goal(child, Goal.LONG_TERM_CARE)
    with pytest.raises(StepNotAllowedError, match="now it is long term care"):
        decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)
    assert "now it is long term care" in why_void(change)
    change = reload_change(change)
    changes.edit(change, version=change.version, by=coordinator, on=TODAY, reasons=change.reasons)
    change = reload_change(change)
    assert change.current_goal == child.goals.in_force().get()


def test_what_an_approval_by_the_page_finds_void_stays_void(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    """What a refused form wrote is undone, but for this. Red without `keeps_changes`."""
    change = endorsed(child, coordinator, cfdu)
    approve = reverse("take-step", args=[change.pk, "approve"])
    client.force_login(cfdu)
    page = client.get(approve).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    assert "submission_token" in hidden
    day = {"effective_on_day": TODAY.day, "effective_on_month": TODAY.month}
    Child.objects.filter(pk=child.pk).update(aboriginal_status=ABORIGINAL)
    sent = {**hidden, **day, "effective_on_year": TODAY.year, "reasons": "All is said."}
    answer = client.post(approve, sent)
    assert answer.status_code == 409
    assert "All is said." in answer.content.decode()
    assert "Torres Strait Islander changed after the endorsement" in why_void(change)
    assert client.post(approve, sent).status_code == 409
    assert decisions.endorse(change, by=coordinator, on=TODAY)


def test_the_goal_in_force_is_never_approved_again(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu)
    another_goal(child, Goal.GUARDIANSHIP)
    now = child.goals.in_force().get()
    GoalChange.objects.filter(pk=change.pk).update(current_goal=now)
    with pytest.raises(StepNotAllowedError, match="is the goal in force already"):
        decisions.approve(reload_change(change), effective_on=TODAY, by=cfdu, on=TODAY)
    assert child.goals.in_force().get() == now


@pytest.mark.parametrize(
    "gone",
    [
        {"endorsed_district": None},
        {"endorsed_case_managed_by": ""},
        {"endorsed_aboriginal_status": ""},
    ],
)
def test_the_database_keeps_what_an_endorsement_is_bound_to(
    gone: dict[str, Any], child: Child, coordinator: User, cfdu: User
) -> None:
    change = endorsed(child, coordinator, cfdu)
    name = "an_endorsement_is_bound_to_the_case_as_it_was"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        GoalChange.objects.filter(pk=change.pk).update(**gone)
    assert EFFECTIVE_ON < TODAY


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("being_worked_out", "Aboriginal or Torres Strait Islander status being worked out."),
        ("unknown", "Aboriginal or Torres Strait Islander status not known."),
        ("aboriginal", "Aboriginal."),
    ],
)
def test_the_lead_says_what_is_being_worked_out_and_the_queue_says_today(
    status: str, words: str, client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    Child.objects.filter(pk=child.pk).update(aboriginal_status=status)
    child.refresh_from_db()
    change = endorsed(child, coordinator, cfdu)
    client.force_login(cfdu)
    assert words in client.get(reverse("goal-change", args=[change.pk])).content.decode()
    page = client.get(reverse("approvals")).content.decode()
    assert "Since today" in page
    assert "0 days" not in page
