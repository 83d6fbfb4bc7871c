"""The pages of a goal change: drafting, the desk at which it is decided, and each step."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.models import Consultation, GoalChange
from consultations.tests.cases import (
    EFFECTIVE_ON,
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    open_goal,
    reload_change,
)
from consultations.workflow import Status, Step
from directory.models import User
from permanency.models import Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import day_in_words


def said(**changed: Any) -> dict[str, Any]:
    return {
        "save": "propose",
        "goal": "guardianship",
        "reasons": "The aunt has offered a home.",
        "requested_by_name": "Toni Worker",
        "version": 1,
        "seen": f"Restoration, since {day_in_words(EFFECTIVE_ON)}",
        **changed,
    }


def today_boxes(name: str) -> dict[str, int]:
    return {f"{name}_day": TODAY.day, f"{name}_month": TODAY.month, f"{name}_year": TODAY.year}


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    client.force_login(coordinator)
    return client


def new_address(consultation: Consultation) -> str:
    return f"{reverse('new-goal-change')}?consultation={consultation.pk}"


def page_of(client: Client, change: GoalChange) -> str:
    return client.get(reverse("goal-change", args=[change.pk])).content.decode()


# Drafting


def test_the_form_begins_with_what_the_consultation_says(
    desk: Client, child: Child, coordinator: User
) -> None:
    page = desk.get(new_address(consult(child, coordinator))).content.decode()
    assert 'value="guardianship"' in page
    assert "checked" in page.split('value="guardianship"')[1][:120]
    assert 'value="Toni Worker"' in page
    assert "Robin is settled there." in page


def test_who_asked_and_signs_in_here_is_chosen_as_a_person(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator, asked_by_name="jo colleague")
    page = desk.get(new_address(consultation)).content.decode()
    assert f'<option value="{colleague.pk}" selected' in page


def test_a_change_is_proposed_in_one_go(desk: Client, child: Child, coordinator: User) -> None:
    response = desk.post(new_address(consult(child, coordinator)), said())
    change = GoalChange.objects.get()
    assert response.headers["Location"] == reverse("goal-change", args=[change.pk])
    assert change.status == Status.PROPOSED


def test_a_change_is_saved_as_a_draft(desk: Client, child: Child, coordinator: User) -> None:
    sent = said(save="draft", reasons="", requested_by_name="")
    assert desk.post(new_address(consult(child, coordinator)), sent).status_code == 302
    assert GoalChange.objects.get().status == Status.DRAFT


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reasons": ""}, "Give the reasons for the change."),
        ({"requested_by_name": ""}, "Say who asked for the change."),
        ({"goal": ""}, "Choose one."),
        ({"goal": "restoration"}, "Restoration is the goal in force already."),
        ({"requested_by_name": "jo colleague"}, "choose them from the list"),
    ],
)
def test_an_incomplete_proposal_says_so_and_keeps_what_was_typed(
    changed: dict[str, str],
    sentence: str,
    desk: Client,
    child: Child,
    coordinator: User,
    colleague: User,
) -> None:
    sent = said(requested_by_role="A long role", **changed)
    response = desk.post(new_address(consult(child, coordinator)), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "A long role" in page
    assert not GoalChange.objects.exists()


def test_a_chosen_person_takes_the_place_of_the_name_filled_in_beforehand(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    sent = said(
        requested_by=colleague.pk,
        requested_by_role="Caseworker",
        requested_by_organisation="Example Care",
    )
    assert desk.post(new_address(consult(child, coordinator)), sent).status_code == 302
    change = GoalChange.objects.get()
    assert (change.requested_by, change.requested_by_name) == (colleague, "Jo Colleague")
    assert change.requested_by_organisation == ""


def test_a_person_and_another_name_are_one_too_many(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    sent = said(requested_by=colleague.pk, requested_by_name="Somebody Else")
    response = desk.post(new_address(consult(child, coordinator)), sent)
    assert response.status_code == 422
    assert "Keep one of the two" in response.content.decode()


def test_a_person_of_another_district_is_no_choice(
    desk: Client, child: Child, coordinator: User, stranger: User
) -> None:
    sent = said(requested_by=stranger.pk)
    assert desk.post(new_address(consult(child, coordinator)), sent).status_code == 422


@pytest.mark.parametrize(
    ("status", "asks"), [(AboriginalStatus.UNKNOWN, True), (AboriginalStatus.NEITHER, False)]
)
def test_adoption_asks_for_the_consultation_that_was_had(
    status: str, asks: bool, desk: Client, child: Child, coordinator: User
) -> None:
    Child.objects.filter(pk=child.pk).update(aboriginal_status=status)
    child.refresh_from_db()
    address = new_address(consult(child, coordinator))
    response = desk.post(address, said(goal="adoption"))
    assert response.status_code == (422 if asks else 302)
    if asks:
        assert "who was consulted about adoption" in response.content.decode()
        consulted = said(goal="adoption", cultural_consultation="The grandmother.")
        assert desk.post(address, consulted).status_code == 302


@pytest.mark.parametrize("reason", ["informal", "open already"])
def test_a_change_that_cannot_begin_is_a_plain_page(
    reason: str, desk: Client, child: Child, coordinator: User
) -> None:
    consultation = consult(
        child, coordinator, kind="informal" if reason == "informal" else "formal"
    )
    if reason == "open already":
        draft_change(consultation, coordinator)
    response = desk.get(new_address(consultation))
    assert response.status_code == 409
    sent = desk.post(new_address(consultation), said(requested_by_role="Typed with care"))
    assert sent.status_code == 409
    assert "Typed with care" in sent.content.decode()


# Editing


def test_a_stale_edit_shows_both_and_loses_nothing(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    changes.edit(change, version=1, by=colleague, on=TODAY, reasons="Theirs, saved first.")
    address = reverse("edit-goal-change", args=[change.pk])
    response = desk.post(address, said(save="draft", reasons="Mine, typed long.", version=1))
    page = response.content.decode()
    assert response.status_code == 409
    assert colleague.name in page
    assert 'became <strong class="app-prose">Theirs, saved first.</strong>' in page
    assert "Mine, typed long." in page
    assert reload_change(change).reasons == "Theirs, saved first."
    assert 'name="version" value="2"' in page


def test_a_draft_is_edited_and_proposed_at_once(
    desk: Client, child: Child, coordinator: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator, reasons="")
    address = reverse("edit-goal-change", args=[change.pk])
    assert desk.post(address, said()).status_code == 302
    change = reload_change(change)
    assert (change.status, change.reasons) == (Status.PROPOSED, "The aunt has offered a home.")


def test_editing_an_endorsed_change_warns_and_makes_the_endorsement_void(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("edit-goal-change", args=[change.pk])
    assert "makes the endorsement void" in desk.get(address).content.decode()
    sent = said(save="draft", reasons="New reasons.", version=change.version)
    assert desk.post(address, sent).status_code == 302
    assert reload_change(change).status == Status.PROPOSED
    page = page_of(desk, change)
    assert "app-struck" in page
    assert ">void</span>" in page


def test_a_finished_change_is_not_edited(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.DECLINED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("edit-goal-change", args=[change.pk])
    assert desk.get(address).status_code == desk.post(address, said()).status_code == 409


# The desk


@pytest.mark.parametrize(
    ("status", "coordinator_sees", "approver_sees"),
    [
        (Status.DRAFT, {"propose", "withdraw"}, set()),
        (Status.PROPOSED, {"endorse", "not_endorse", "ask_for_more", "withdraw"}, {"ask_for_more"}),
        (Status.ENDORSED, {"ask_for_more", "withdraw"}, {"approve", "decline", "ask_for_more"}),
        (Status.NOT_ENDORSED, {"start_again"}, set()),
        (Status.DECLINED, {"start_again"}, set()),
        (Status.APPROVED, set(), set()),
        (Status.WITHDRAWN, set(), set()),
    ],
)
def test_the_page_offers_each_person_their_own_steps(
    status: Status,
    coordinator_sees: set[str],
    approver_sees: set[str],
    client: Client,
    child: Child,
    coordinator: User,
    colleague: User,
    cfdu: User,
    district_manager: User,
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    for person, sees in (
        (colleague, coordinator_sees),
        (cfdu, approver_sees),
        (district_manager, set()),
    ):
        client.force_login(person)
        page = page_of(client, change)
        own_form, choice = f'action="/goal-changes/{change.pk}/{{}}/"', 'name="decision" value="{}"'
        offered = {s for s in Step if own_form.format(s) in page or choice.format(s) in page}
        assert {each.value for each in offered} == sees, person


def test_the_page_holds_everything_needed_to_decide(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    CourtOrder.objects.create(child=child, kind="short_term", starts_on=TODAY - timedelta(days=90))
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    page = page_of(client, change)
    for words in (
        "Robin Example",
        "Robin Example: restoration to guardianship",
        "The aunt has offered a home.",
        "Weighed with care.",
        "Robin likes living with the aunt.",
        "On the file",
        "Evidence: 8 seen, 0 missing",
        "The home is safe and settled.",
        "Next review",
        "Two-year date",
        "Short term care order",
        "Waits for a CFDU approver of Hunter to decide.",
    ):
        assert words in page


def test_whose_turn_it_is_not_reads_why(desk: Client, child: Child, coordinator: User) -> None:
    change = draft_change(
        consult(child, coordinator), coordinator, requested_by=coordinator, requested_by_name=""
    )
    decisions.propose(change, by=coordinator, on=TODAY)
    assert "You asked for this change, so somebody else endorses it or not." in page_of(
        desk, change
    )


@pytest.mark.parametrize("status", [Status.NOT_ENDORSED, Status.DECLINED])
def test_disagreement_has_its_next_step_on_the_page(
    status: Status, desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    page = page_of(desk, change)
    assert "If you do not agree" in page
    assert "group supervision" in page


def test_cautions_stand_on_the_page_and_block_nothing(
    desk: Client, hunter: Any, coordinator: User, cfdu: User
) -> None:
    child = make_child(hunter)
    open_goal(child, Goal.LONG_TERM_CARE)
    CourtOrder.objects.create(child=child, kind="long_term", starts_on=TODAY - timedelta(days=90))
    change = change_in(
        Status.PROPOSED, child, coordinator=coordinator, approver=cfdu, goal="restoration"
    )
    assert "no application to change it (section 90) is recorded" in page_of(desk, change)
    CourtOrder.objects.update(section_90_on=TODAY)
    assert "section 90) is recorded" not in page_of(desk, change)
