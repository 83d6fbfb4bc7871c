"""A step saves what its page has shown: where that has moved meanwhile, it is shown again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import GoalChange
from consultations.tests.cases import (
    EFFECTIVE_ON,
    HELD_ON,
    TODAY,
    change_in,
    consult,
    draft_change,
    reload_change,
)
from consultations.tests.test_change_pages import new_address, said
from consultations.workflow import Status
from directory.models import User
from permanency.goals import lifecycle, two_years
from permanency.models import CasePlanGoal, Child
from permanency.policy.months import add_months, day_in_words
from permanency.tests.answers import form_data

LATER = add_months(EFFECTIVE_ON, 30)


def two_year_date_moves(child: Child, by: User) -> None:
    two_years.record_extension(
        child.goals.in_force().get(),
        extended_to=LATER,
        decided_on=TODAY,
        decided_by_name="A Manager",
        reasons="The court sits late.",
        by=by,
        on=TODAY,
    )


def achieve(child: Child, by: User) -> None:
    goal = child.goals.in_force().get()
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=by, on=TODAY)


def page_form(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """Return what the form of a page sends, hidden fields and all."""
    form = client.get(address).context["form"]
    hidden = {field.html_name: field.value() for field in form.hidden_fields()}
    return {**hidden, **form_data(**typed)}


def again(answer: Any, sent: dict[str, Any]) -> dict[str, Any]:
    form = answer.context["form"]
    return {**sent, **{field.html_name: field.value() for field in form.hidden_fields()}}


def test_an_approval_whose_two_year_date_has_moved_is_shown_again(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    address = reverse("take-step", args=[change.pk, "approve"])
    before = client.get(address).content.decode()
    assert day_in_words(add_months(EFFECTIVE_ON, 24)) in before
    assert day_in_words(LATER) not in before
    sent = page_form(client, address, effective_on=TODAY, reasons="Read with care.")
    two_year_date_moves(child, coordinator)

    answer = client.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Read with care." in page
    assert day_in_words(LATER) in page
    assert reload_change(change).status == Status.ENDORSED
    assert client.post(address, again(answer, sent)).status_code == 302
    assert reload_change(change).status == Status.APPROVED


def test_an_approval_for_another_day_shows_the_dates_of_that_day_first(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    address = reverse("take-step", args=[change.pk, "approve"])
    day = HELD_ON + timedelta(days=1)
    answer = client.post(address, sent := page_form(client, address, effective_on=day))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f"if the goal took effect on {day_in_words(day)}" in page
    assert day_in_words(add_months(day, 6)) in page
    assert client.post(address, again(answer, sent)).status_code == 302
    goal = child.goals.in_force().get()
    assert (goal.effective_on, goal.review_due_on) == (day, add_months(day, 6))


def test_an_endorsement_whose_dates_have_moved_is_shown_again(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(coordinator)
    address = reverse("take-step", args=[change.pk, "endorse"])
    sent = page_form(client, address, reasons="Read with care.")
    two_year_date_moves(child, coordinator)
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert reload_change(change).status == Status.PROPOSED
    assert client.post(address, again(answer, sent)).status_code == 302


def test_a_proposal_is_shown_again_where_permanency_was_achieved_meanwhile(
    client: Client, child: Child, coordinator: User, colleague: User
) -> None:
    address = new_address(consult(child, coordinator))
    client.force_login(coordinator)
    sent = said(**page_form(client, address), reasons="Typed with care.")
    achieve(child, colleague)
    answer = client.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed with care." in page
    assert f"None: restoration ended on {day_in_words(TODAY)} (permanency achieved)" in page
    assert not GoalChange.objects.exists()
    # A draft of it loses nothing and proposes nothing.
    assert client.post(address, {**sent, "save": "draft"}).status_code == 302
    assert GoalChange.objects.get().status == Status.DRAFT


@pytest.mark.parametrize("way", ["take-step", "edit-goal-change"])
def test_a_draft_is_not_proposed_over_an_achievement_unseen(
    way: str, client: Client, child: Child, coordinator: User, colleague: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    client.force_login(coordinator)
    arguments = [change.pk, "propose"] if way == "take-step" else [change.pk]
    address = reverse(way, args=arguments)
    sent = page_form(client, address)
    sent = sent if way == "take-step" else said(**sent)
    achieve(child, colleague)
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert reload_change(change).status == Status.DRAFT
    page = client.get(reverse("goal-change", args=[change.pk])).content.decode()
    assert "drafted with restoration in force; now it is no goal." in page
    assert client.post(address, again(answer, sent)).status_code == 302
    assert reload_change(change).status == Status.PROPOSED
    assert not CasePlanGoal.objects.in_force().exists()
