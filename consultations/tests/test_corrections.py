"""Correcting a consultation that is on the record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.goal_changes.transitions import StaleVersionError
from consultations.models import Consultation
from consultations.policy import EvidenceEntry
from consultations.records import services as consultations
from consultations.records.services import NEW_OWNER_VERB, content_of
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    reload_change,
)
from consultations.workflow import Status, Step
from directory.errors import StepNotAllowedError
from directory.mail import notices
from directory.models import HistoryEntry, Notice, User
from permanency import matters
from permanency.care import services as care
from permanency.models import Action, Child
from permanency.policy.actions import AgreedAction


def entries(verb: str) -> list[HistoryEntry]:
    return list(HistoryEntry.objects.filter(verb=verb))


# Corrections


def correct(consultation: Consultation, by: User, **facts: Any) -> Consultation:
    changed = replace(content_of(consultation), **facts)
    return consultations.correct(
        consultation, changed, version=consultation.version, by=by, on=TODAY
    )


def test_a_correction_is_a_new_version_and_history_has_what_stood(
    child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator)
    corrected = correct(consultation, colleague, question="Can the aunt become guardian?")
    assert corrected.version == 2
    (entry,) = entries("corrected a consultation")
    assert entry.before == {"question": "Can an aunt become guardian?"}
    assert entry.after == {"question": "Can the aunt become guardian?"}
    assert entry.by == colleague


def test_saving_without_a_change_is_no_correction(child: Child, coordinator: User) -> None:
    consultation = consult(child, coordinator)
    assert correct(consultation, coordinator).version == 1
    assert entries("corrected a consultation") == []


def test_a_stale_correction_overwrites_nothing(
    child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator)
    correct(consultation, colleague, question="Theirs?")
    with pytest.raises(StaleVersionError):
        correct(consultation, coordinator, question="Mine?")
    assert Consultation.objects.get().question == "Theirs?"


def test_an_open_action_is_put_right_and_a_done_one_stays(child: Child, coordinator: User) -> None:
    due_on = TODAY + timedelta(days=5)
    rows = (AgreedAction("Visit", "Toni", due_on), AgreedAction("Write", "Toni", due_on))
    consultation = consult(child, coordinator, actions=rows)
    visit, write = Action.objects.order_by("pk")
    care.finish_action(write, by=coordinator, on=TODAY)
    later = due_on + timedelta(days=7)
    other = AgreedAction("Write again", "Toni", later, write.pk)
    with pytest.raises(StepNotAllowedError, match="was done on"):
        correct(consultation, coordinator, actions=(other,))
    correct(
        consultation,
        coordinator,
        actions=(
            AgreedAction("Visit the aunt", "Toni", later, visit.pk),
            AgreedAction("Write", "Toni", due_on, write.pk),
        ),
    )
    visit.refresh_from_db()
    write.refresh_from_db()
    assert (visit.what, visit.due_on) == ("Visit the aunt", later)
    assert (write.what, write.due_on) == ("Write", due_on)


def test_an_action_keeps_its_owner_unless_somebody_else_is_to_do_it(
    child: Child, coordinator: User, colleague: User
) -> None:
    row = AgreedAction("Visit", coordinator.name, TODAY)
    consultation = consult(child, coordinator, actions=(row,))
    action = Action.objects.get()
    assert action.owner == coordinator
    # As when a Coordinator leaves and the work goes to a colleague.
    Action.objects.update(owner=colleague)
    same = replace(row, number=action.pk)
    consultation = correct(consultation, coordinator, actions=(same,), question="One word more?")
    action.refresh_from_db()
    assert action.owner == colleague
    assert entries(NEW_OWNER_VERB) == []

    other = replace(same, who=f"{coordinator.name} ")
    correct(consultation, colleague, actions=(other,))
    action.refresh_from_db()
    assert action.owner == coordinator
    (entry,) = entries(NEW_OWNER_VERB)
    assert entry.subject == f"action {action.pk}"
    assert (entry.before, entry.after) == ({"owner": colleague.name}, {"owner": coordinator.name})


def test_an_action_left_out_of_a_correction_stays(child: Child, coordinator: User) -> None:
    row = AgreedAction("Visit", "Toni", TODAY)
    consultation = consult(child, coordinator, actions=(row,))
    correct(consultation, coordinator, actions=(), question="Other?")
    assert consultation.actions.count() == 1


def test_an_action_of_another_child_is_out_of_reach(child: Child, coordinator: User) -> None:
    other = make_child(child.district)
    consult(other, coordinator, actions=(AgreedAction("Theirs", "Toni", TODAY),))
    foreign = Action.objects.get()
    consultation = consult(child, coordinator)
    correct(consultation, coordinator, actions=(AgreedAction("Mine", "Me", TODAY, foreign.pk),))
    foreign.refresh_from_db()
    assert foreign.what == "Theirs"
    assert not consultation.actions.exists()


def test_a_moved_due_date_settles_the_notice_of_the_old_one(
    child: Child, coordinator: User
) -> None:
    consultation = consult(child, coordinator, actions=(AgreedAction("Visit", "Toni", TODAY),))
    action = Action.objects.get()
    notice = notices.post(
        Notice.Kind.ACTION_OVERDUE,
        matters.action(action.pk, TODAY),
        district=child.district,
        path="/",
        owed_on=TODAY,
    )
    later = AgreedAction("Visit", "Toni", TODAY + timedelta(days=9), action.pk)
    correct(consultation, coordinator, actions=(later,))
    notice.refresh_from_db()
    assert notice.settled_at is not None


def test_what_an_approved_change_rests_on_stays_as_it_was(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="is approved"):
        correct(change.consultation, coordinator, question="Something else?")


def test_a_correction_that_takes_the_ground_from_an_open_change_is_refused(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="An open goal change rests on this"):
        correct(change.consultation, coordinator, kind=Consultation.Kind.INFORMAL)
    decisions.withdraw(change, by=coordinator, on=TODAY, reasons="Other plans.")
    assert correct(change.consultation, coordinator, kind="informal").kind == "informal"


@pytest.mark.parametrize(
    "facts",
    [
        {"reasons": "Other reasons."},
        {"evidence": (EvidenceEntry("legal", "missing"),)},
        {"child_views": "Robin has changed their mind."},
    ],
    ids=["reasons", "evidence", "views"],
)
def test_a_material_correction_makes_the_endorsement_void(
    facts: dict[str, Any], child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    correct(change.consultation, coordinator, **facts)
    change = reload_change(change)
    assert (change.status, change.endorsed_by) == (Status.PROPOSED, None)
    assert change.decisions.filter(step=Step.VOID).exists()


def test_a_new_action_is_not_material(child: Child, coordinator: User, cfdu: User) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    correct(change.consultation, coordinator, actions=(AgreedAction("Visit", "Toni", TODAY),))
    assert reload_change(change).status == Status.ENDORSED


def test_who_opened_the_change_before_a_correction_does_not_endorse_it_unseen(
    child: Child, coordinator: User, colleague: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    correct(change.consultation, coordinator, reasons="Other reasons.")
    with pytest.raises(StaleVersionError):
        decisions.endorse(change, by=colleague, on=TODAY, version=change.version)


def test_a_correction_leaves_a_draft_change_alone(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    correct(change.consultation, coordinator, reasons="Other reasons.")
    assert reload_change(change).status == Status.DRAFT
    assert changes.why_not_edited(reload_change(change)) == ""
