"""Drafting and editing a goal change; what makes an endorsement void; the facts afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.goal_changes.transitions import StaleVersionError
from consultations.models import Consultation, GoalChange
from consultations.records import services as consultations
from consultations.tests.cases import TODAY, change_in, consult, draft_change, reload_change
from consultations.workflow import OPEN, Status
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, User
from permanency.models import Child

YESTERDAY = TODAY - timedelta(days=1)


# No goal change without a formal consultation about it


def test_an_informal_consultation_carries_no_change(child: Child, coordinator: User) -> None:
    advice = consult(child, coordinator, kind=Consultation.Kind.INFORMAL)
    with pytest.raises(StepNotAllowedError, match="Informal advice"):
        draft_change(advice, coordinator)


def test_a_draft_of_a_consultation_carries_no_change(child: Child, coordinator: User) -> None:
    draft = consultations.save_draft(child, typed={}, answers={}, by=coordinator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="Record the consultation first"):
        draft_change(draft, coordinator)


@pytest.mark.parametrize("held_days_ago", [10, 1])
def test_a_consultation_from_before_the_last_approval_carries_no_change(
    held_days_ago: int, child: Child, coordinator: User, cfdu: User
) -> None:
    before = consult(child, coordinator, held_on=TODAY - timedelta(days=held_days_ago))
    approved = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    for consultation in (before, approved.consultation):
        with pytest.raises(StepNotAllowedError, match="held before the last goal change"):
            draft_change(consultation, coordinator)


def test_a_consultation_of_the_same_day_counts_if_it_was_written_after_the_approval(
    child: Child, coordinator: User, cfdu: User
) -> None:
    earlier = consult(child, coordinator, held_on=TODAY)
    change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="held before"):
        draft_change(earlier, coordinator)
    later = consult(child, coordinator, held_on=TODAY, recommended_goal="long_term_care")
    assert draft_change(later, coordinator, goal="long_term_care").status == Status.DRAFT


# One open change


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PROPOSED, Status.ENDORSED])
def test_a_second_open_change_is_refused_in_words(
    status: Status, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="one open goal change at a time"):
        draft_change(change.consultation, coordinator)
    assert GoalChange.objects.count() == 1


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN))
def test_a_finished_change_makes_room(
    status: Status, child: Child, coordinator: User, cfdu: User
) -> None:
    change_in(status, child, coordinator=coordinator, approver=cfdu)
    another = consult(child, coordinator, held_on=TODAY)
    assert draft_change(another, coordinator, goal="long_term_care").status == Status.DRAFT


def test_the_database_itself_keeps_one_open_change(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        GoalChange.objects.create(
            child=child,
            consultation=change.consultation,
            goal="adoption",
            status_since_on=TODAY,
            recorded_by=coordinator,
        )


@pytest.mark.parametrize("who", ["cfdu", "district_manager", "stranger", "administrator"])
def test_only_a_writer_of_the_district_drafts_or_edits(
    who: str, child: Child, coordinator: User, request: pytest.FixtureRequest
) -> None:
    other = request.getfixturevalue(who)
    consultation = consult(child, coordinator)
    with pytest.raises(PermissionDenied):
        draft_change(consultation, other)
    change = draft_change(consultation, coordinator)
    with pytest.raises(PermissionDenied):
        changes.edit(change, version=1, by=other, on=TODAY, reasons="Mine.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reasons": " "}, "Give the reasons"),
        ({"requested_by_name": ""}, "Say who asked"),
        ({"goal": "restoration"}, "Restoration is the goal in force already"),
        ({"goal": ""}, "Choose the goal"),
    ],
)
def test_a_draft_may_be_incomplete_and_a_proposal_may_not(
    said: dict[str, Any], sentence: str, child: Child, coordinator: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator, **said)
    with pytest.raises(StepNotAllowedError, match=sentence):
        decisions.propose(change, by=coordinator, on=TODAY)


# Editing


def edit(change: GoalChange, by: User, **said: Any) -> GoalChange:
    return changes.edit(change, version=change.version, by=by, on=TODAY, **said)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PROPOSED])
def test_an_edit_before_the_endorsement_leaves_the_status(
    status: Status, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    edited = edit(change, coordinator, reasons="Better reasons.")
    assert (edited.status, edited.reasons) == (status, "Better reasons.")
    entry = HistoryEntry.objects.filter(verb="edited a goal change").get()
    assert entry.before == {"reasons": "The aunt has offered a home."}


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN))
def test_a_finished_change_is_not_edited(
    status: Status, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="cannot be edited"):
        edit(change, coordinator, reasons="Other reasons.")
    assert reload_change(change).reasons == change.reasons


def test_a_proposal_is_not_edited_into_an_incomplete_one(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="Give the reasons"):
        edit(change, coordinator, reasons="")


def test_a_stale_edit_overwrites_nothing(child: Child, coordinator: User, colleague: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    edit(change, colleague, reasons="Theirs.")
    with pytest.raises(StaleVersionError):
        edit(change, coordinator, reasons="Mine.")
    assert reload_change(change).reasons == "Theirs."


def test_a_step_makes_an_open_edit_page_stale(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    with pytest.raises(StaleVersionError):
        edit(change, coordinator, reasons="From before.")
