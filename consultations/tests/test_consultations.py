"""Recording, drafting and correcting a consultation."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from consultations.goal_changes.transitions import StaleVersionError
from consultations.models import Consultation, Evidence, OptionWeighed
from consultations.policy import EvidenceEntry
from consultations.records import services as consultations
from consultations.records.services import content_of
from consultations.tests.cases import HELD_ON, TODAY, consult, content
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, User
from permanency.models import Action, Child
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import AboriginalStatus, Goal


def entries(verb: str) -> list[HistoryEntry]:
    return list(HistoryEntry.objects.filter(verb=verb))


def test_a_recorded_consultation_keeps_its_whole_account(child: Child, coordinator: User) -> None:
    consultation = consult(child, coordinator)
    assert content_of(consultation) == content()
    assert consultation.recorded_on == TODAY
    (entry,) = entries("recorded a consultation")
    assert (entry.by, entry.child_number) == (coordinator, child.pk)
    assert entry.appointment is not None
    assert entry.after["question"] == "Can an aunt become guardian?"


def test_options_stand_in_the_order_in_which_they_are_considered(
    child: Child, coordinator: User
) -> None:
    Child.objects.filter(pk=child.pk).update(aboriginal_status=AboriginalStatus.BOTH)
    child.refresh_from_db()
    consultation = consult(child, coordinator)
    goals = [each.goal for each in OptionWeighed.objects.filter(consultation=consultation)]
    assert goals[-1] == Goal.ADOPTION


def test_evidence_that_nobody_named_is_missing_but_for_views_that_are_written(
    child: Child, coordinator: User
) -> None:
    consultation = consult(child, coordinator, evidence=(EvidenceEntry("case_plan", "seen"),))
    states = dict(consultation.evidence.values_list("kind", "state"))
    assert states.pop("case_plan") == Evidence.State.SEEN
    assert states.pop("other") == Evidence.State.NOT_NEEDED
    assert states.pop("child_views") == Evidence.State.SEEN
    assert set(states.values()) == {Evidence.State.MISSING}


def test_actions_are_agreed_on_the_day_and_belong_to_who_signs_in(
    child: Child, coordinator: User, colleague: User
) -> None:
    due_on = TODAY + timedelta(days=20)
    rows = (
        AgreedAction("Ask the school", "jo colleague", due_on),
        AgreedAction("Visit the aunt", "Toni Worker", due_on),
    )
    consult(child, coordinator, actions=rows)
    ours, theirs = Action.objects.order_by("pk")
    assert (ours.owner, theirs.owner) == (colleague, None)
    assert (ours.agreed_on, ours.due_on) == (HELD_ON, due_on)


def test_nothing_incomplete_comes_on_the_record(child: Child, coordinator: User) -> None:
    with pytest.raises(StepNotAllowedError, match="child's views"):
        consult(child, coordinator, child_views="")
    with pytest.raises(StepNotAllowedError, match="after today"):
        consult(child, coordinator, held_on=TODAY + timedelta(days=1))
    early = AgreedAction("Visit", "Toni", HELD_ON - timedelta(days=1))
    with pytest.raises(StepNotAllowedError, match="due then or later"):
        consult(child, coordinator, actions=(early,))
    assert not Consultation.objects.exists()
    assert not HistoryEntry.objects.filter(subject__startswith="consultation").exists()


def test_the_database_itself_refuses_an_empty_record(child: Child, coordinator: User) -> None:
    with (
        pytest.raises(IntegrityError, match="a_recorded_consultation_says_who_asked_what"),
        transaction.atomic(),
    ):
        Consultation.objects.create(
            child=child, by=coordinator, held_on=HELD_ON, recorded_on=TODAY, question="Why?"
        )


def test_informal_advice_is_short(child: Child, coordinator: User) -> None:
    consultation = consult(
        child,
        coordinator,
        kind=Consultation.Kind.INFORMAL,
        child_views="",
        family_views="",
        took_part="",
        options=(),
        evidence=(),
        recommended_goal="",
    )
    assert consultation.recorded_on == TODAY


@pytest.mark.parametrize("who", ["cfdu", "district_manager", "contract_manager", "stranger"])
def test_only_a_writer_of_the_district_records(
    who: str, child: Child, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        consult(child, by)
    with pytest.raises(PermissionDenied):
        consultations.save_draft(child, typed={}, answers={}, by=by, on=TODAY)
    assert not Consultation.objects.exists()


def test_the_manager_practice_and_permanency_may_act_as_coordinator(
    child: Child, mpp: User
) -> None:
    assert consult(child, mpp).by == mpp


def test_a_writer_whose_appointment_ended_yesterday_records_nothing(
    child: Child, coordinator: User
) -> None:
    coordinator.appointments_in_force(
        on=TODAY
    )  # read before the appointment ended, as by an open page
    coordinator.appointments.update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(PermissionDenied):
        consult(child, coordinator)


# Drafts


def test_a_draft_needs_only_the_child_and_keeps_every_word(child: Child, coordinator: User) -> None:
    typed = {"held_on_day": ["31"], "held_on_month": ["2"], "actions-0-who": ["Toni"]}
    draft = consultations.save_draft(child, typed=typed, answers={}, by=coordinator, on=TODAY)
    draft.refresh_from_db()
    assert (draft.typed, draft.recorded_on, draft.held_on) == (typed, None, TODAY)
    assert not Action.objects.exists()


def test_the_history_tells_nothing_of_what_a_draft_says(child: Child, coordinator: User) -> None:
    answers = {"question": "A secret thought"}
    consultations.save_draft(
        child, typed={"question": ["A secret thought"]}, answers=answers, by=coordinator, on=TODAY
    )
    (entry,) = entries("began a draft of a consultation")
    assert (entry.before, entry.after, entry.note) == ({}, {}, "")


def test_each_saving_of_a_draft_is_told_and_nothing_of_what_it_says(
    child: Child, coordinator: User
) -> None:
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    draft = consultations.save_draft(child, typed={}, answers={}, **who)
    secret = {"question": "A secret thought"}
    saved = consultations.save_draft(
        child, typed={"question": ["A secret thought"]}, answers=secret, draft=draft, **who
    )
    (entry,) = entries("saved a draft of a consultation")
    assert (entry.by, entry.child_number) == (coordinator, child.pk)
    assert (entry.before, entry.after, entry.note) == ({}, {}, "")
    assert len(entries("began a draft of a consultation")) == 1
    saved.refresh_from_db()
    assert (saved.version, saved.question) == (2, "A secret thought")


def test_a_draft_is_seen_and_written_by_its_author_alone(
    child: Child, coordinator: User, colleague: User
) -> None:
    draft = consultations.save_draft(child, typed={}, answers={}, by=coordinator, on=TODAY)
    assert list(Consultation.objects.visible_to(coordinator, on=TODAY)) == [draft]
    assert not Consultation.objects.visible_to(colleague, on=TODAY).exists()
    with pytest.raises(StepNotAllowedError, match="Only its author"):
        consultations.record(child, content(), by=colleague, on=TODAY, draft=draft)
    with pytest.raises(StepNotAllowedError, match="Only its author"):
        consultations.save_draft(child, typed={}, answers={}, by=colleague, on=TODAY, draft=draft)


def test_a_recorded_draft_keeps_no_typed_words(child: Child, coordinator: User) -> None:
    draft = consultations.save_draft(
        child, typed={"question": ["Why?"]}, answers={}, by=coordinator, on=TODAY
    )
    recorded = consultations.record(
        child, content(), by=coordinator, on=TODAY, draft=draft, version=draft.version
    )
    assert recorded.pk == draft.pk
    assert recorded.typed == {}
    assert content_of(recorded) == content()


def test_a_draft_saved_in_another_window_is_not_overwritten(
    child: Child, coordinator: User
) -> None:
    draft = consultations.save_draft(child, typed={}, answers={}, by=coordinator, on=TODAY)
    seen = draft.version
    who: dict[str, Any] = {"by": coordinator, "on": TODAY, "draft": draft, "version": seen}
    consultations.save_draft(child, typed={"a": ["b"]}, answers={}, **who)
    with pytest.raises(StaleVersionError):
        consultations.save_draft(child, typed={}, answers={}, **who)
    with pytest.raises(StaleVersionError):
        consultations.record(child, content(), **who)
    assert Consultation.objects.get().typed == {"a": ["b"]}


# One form, one record


def test_a_form_sent_twice_is_recorded_once(child: Child, coordinator: User) -> None:
    first = consultations.record(child, content(), by=coordinator, on=TODAY)
    second = consultations.record(child, content(), by=coordinator, on=TODAY)
    assert first.pk == second.pk
    assert Consultation.objects.count() == len(entries("recorded a consultation")) == 1
