"""Writing down a consultation: as a draft, on the record, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from consultations.goal_changes import services as goal_changes
from consultations.goal_changes.eligibility import why_change_is_unsupported
from consultations.goal_changes.transitions import StaleVersionError, require_writer_appointment
from consultations.models import Consultation
from consultations.policy import FORMAL, ConsultationContent, content_errors, error_with_option
from consultations.records.content import (
    content_of,
    history_fields,
    with_earlier_actions,
    with_full_lists,
    write_content,
)
from consultations.workflow import Status
from directory import history
from directory.errors import refuse
from directory.history.diff import Version, versions
from directory.models import HistoryEntry, User
from permanency.goals import store
from permanency.models import Child
from permanency.policy.actions import action_due_on_error
from permanency.policy.goals import AboriginalStatus

# What a draft shows in lists before it is on the record; the rest waits as it was typed.
DRAFT_FIELDS = ("kind", "purpose", "held_on", "question")
DRAFT_UPDATE_FIELDS = (*DRAFT_FIELDS, "typed", "version")
BEGIN_DRAFT_VERB = "began a draft of a consultation"
SAVE_DRAFT_VERB = "saved a draft of a consultation"
RECORD_VERB = "recorded a consultation"
CORRECT_VERB = "corrected a consultation"


@transaction.atomic
def save_draft(
    child: Child,
    *,
    typed: Mapping[str, Any],
    answers: Mapping[str, Any],
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> Consultation:
    """Return the draft as typed, for its author alone; the history says only that it was saved."""
    child = store.lock_child(child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = _own_draft(draft, child, by=by, version=version)
    if draft is None:
        consultation.held_on = on
    for name in DRAFT_FIELDS:
        setattr(consultation, name, answers.get(name) or getattr(consultation, name))
    consultation.typed = dict(typed)
    consultation.save(update_fields=None if draft is None else DRAFT_UPDATE_FIELDS)
    verb = BEGIN_DRAFT_VERB if draft is None else SAVE_DRAFT_VERB
    history.record_change(verb, consultation, by=by, on=on, appointment=appointment)
    return consultation


def _own_draft(draft: Consultation | None, child: Child, *, by: User, version: int) -> Consultation:
    if draft is None:
        return Consultation(child=child, by=by)
    locked = Consultation.objects.select_for_update().get(pk=draft.pk)
    refuse(
        "This consultation is on the record already." if locked.recorded_on else "",
        "Only its author writes in a draft." if locked.by_id != by.pk else "",
    )
    if locked.version != version:
        raise StaleVersionError("draft")
    locked.version += 1
    locked.child = child
    return locked


def identical_record(
    child: Child, content: ConsultationContent, *, by: User, on: date
) -> Consultation | None:
    """Return what this author has recorded about the child today in the very same words, if so."""
    values = _comparable_fields(with_full_lists(content, child))
    today = child.consultations.filter(by=by, recorded_on=on, held_on=content.held_on)
    rows = today.prefetch_related("options", "evidence", "actions")
    return next((each for each in rows if _comparable_fields(content_of(each)) == values), None)


def _comparable_fields(content: ConsultationContent) -> dict[str, Any]:
    values = history_fields(content)
    return {**values, "actions": sorted(values["actions"])}


def _refuse_errors(content: ConsultationContent, child: Child, *, on: date) -> None:
    status = AboriginalStatus(child.aboriginal_status)
    errors = content_errors(content, status=status, born_on=child.born_on, on=on)
    refuse(
        *(error_with_option(*each) for each in errors.items()),
        *(action_due_on_error(each.due_on, held_on=content.held_on) for each in content.actions),
    )


@transaction.atomic
def record(
    child: Child,
    content: ConsultationContent,
    *,
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> Consultation:
    """Return the consultation, on the record from now on; the same content is recorded once."""
    child = store.lock_child(child)
    appointment = require_writer_appointment(by, child, on=on)
    content = with_full_lists(content, child)
    _refuse_errors(content, child, on=on)
    if draft is None and (alike := identical_record(child, content, by=by, on=on)):
        return alike
    consultation = _own_draft(draft, child, by=by, version=version)
    consultation.recorded_on, consultation.typed = on, {}
    write_content(consultation, content, on=on)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
    history.record_change(RECORD_VERB, consultation, after=history_fields(content), **who)
    return consultation


@transaction.atomic
def correct(
    consultation: Consultation,
    content: ConsultationContent,
    *,
    version: int,
    by: User,
    on: date,
) -> Consultation:
    """Return the recorded consultation as corrected, in a new version.

    Anything but the actions is material: the endorsement of a change on it becomes void (rule 9).
    """
    child = store.lock_child(consultation.child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
    consultation.child = child
    refuse(why_not_corrected(consultation))
    if consultation.version != version:
        raise StaleVersionError("consultation")
    before = content_of(consultation)
    content = with_full_lists(content, child)
    _refuse_errors(content, child, on=on)
    refuse(change_support_error(consultation, content))
    content = with_earlier_actions(content, consultation)
    was, now = history.changes(history_fields(before), history_fields(content))
    if not now:
        return consultation
    consultation.version += 1
    write_content(consultation, content, on=on)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
    history.record_change(CORRECT_VERB, consultation, was, after=now, **who)
    if set(now) - {"actions"}:
        goal_changes.apply_consultation_correction(consultation, by=by, on=on)
    return consultation


def versions_of(consultation: Consultation) -> list[Version]:
    """Return the versions of a consultation that are on the record, the first one first."""
    return versions(
        f"consultation {consultation.pk}",
        (RECORD_VERB, CORRECT_VERB),
        child_number=consultation.child_id,
    )


def was_corrected(consultation: Consultation) -> bool:
    """Say whether there is more than one version on the record."""
    entries = HistoryEntry.objects.filter(
        child_number=consultation.child_id, subject=f"consultation {consultation.pk}"
    )
    return consultation.version > 1 and entries.filter(verb=CORRECT_VERB).exists()


def why_not_corrected(consultation: Consultation) -> str:
    """Return why a consultation can no longer be corrected, or ""."""
    if not consultation.recorded_on:
        return "This consultation is still a draft."
    if consultation.goal_changes.filter(status=Status.APPROVED).exists():
        return (
            "A goal change that rests on this consultation is approved, so the consultation stays "
            "as it was. Write what is new in another consultation."
        )
    return ""


def change_support_error(consultation: Consultation, content: ConsultationContent) -> str:
    """Return why the open goal change could no longer rest on the consultation, or ""."""
    if not consultation.goal_changes.open().exists():
        return ""
    reason = why_change_is_unsupported(
        consultation, is_formal=content.kind == FORMAL, held_on=content.held_on
    )
    return f"An open goal change rests on this consultation. {reason}" if reason else ""
