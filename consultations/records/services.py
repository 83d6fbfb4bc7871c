"""Writing down a consultation: as a draft, on the record, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from consultations.goal_changes import endorsement
from consultations.goal_changes.eligibility import why_change_is_unsupported
from consultations.goal_changes.locking import StaleVersionError, writer
from consultations.models import Consultation
from consultations.policy import FORMAL, Account, by_itself, what_is_wrong, why_not_due
from consultations.records.content import account_of, complete, facts, with_standing_actions, write
from consultations.workflow import OPEN, Status
from directory import history
from directory.errors import refuse
from directory.history.diff import Version, versions
from directory.models import Appointment, HistoryEntry, User
from permanency.goals import store
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus

# What a draft shows in lists before it is on the record; the rest waits as it was typed.
SHOWN_OF_A_DRAFT = ("kind", "purpose", "held_on", "question")
WRITTEN_IN_A_DRAFT = (*SHOWN_OF_A_DRAFT, "typed", "version")
BEGAN_A_DRAFT = "began a draft of a consultation"
SAVED_A_DRAFT = "saved a draft of a consultation"
RECORDED = "recorded a consultation"
CORRECTED = "corrected a consultation"


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
    """Return the draft, with every typed word kept; `answers` are those that could be read.

    Only its author sees it. The history tells that it was saved, and nothing of what it says.
    """
    child = store.lock(child)
    appointment = writer(by, child, on=on)
    consultation = _own_draft(draft, child, by=by, version=version)
    if draft is None:
        consultation.held_on = on
    for name in SHOWN_OF_A_DRAFT:
        setattr(consultation, name, answers.get(name) or getattr(consultation, name))
    consultation.typed = dict(typed)
    consultation.save(update_fields=None if draft is None else WRITTEN_IN_A_DRAFT)
    verb = BEGAN_A_DRAFT if draft is None else SAVED_A_DRAFT
    _write_history(verb, consultation, appointment, by=by, on=on)
    return consultation


def _write_history(
    verb: str,
    consultation: Consultation,
    appointment: Appointment,
    *,
    by: User,
    on: date,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    child = consultation.child
    history.record(
        verb,
        f"consultation {consultation.pk}",
        by=by,
        on=on,
        child_number=child.pk,
        district=child.district,
        appointment=appointment,
        before=before,
        after=after,
    )


def _own_draft(draft: Consultation | None, child: Child, *, by: User, version: int) -> Consultation:
    """Return a new draft, or the author's own, locked and its version one further."""
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


def errors_in(account: Account, child: Child, *, on: date) -> dict[str, str]:
    """Return what keeps an account of this child's consultation off the record, by field."""
    return what_is_wrong(
        account,
        status=AboriginalStatus(child.aboriginal_status),
        born_on=child.born_on,
        on=on,
    )


def recorded_alike(child: Child, account: Account, *, by: User, on: date) -> Consultation | None:
    """Return what this author has recorded about the child today in the very same words, if so."""
    told = _in_any_order(complete(account, child))
    today = child.consultations.filter(by=by, recorded_on=on, held_on=account.held_on)
    rows = today.prefetch_related("options", "evidence", "actions")
    return next((each for each in rows if _in_any_order(account_of(each)) == told), None)


def _in_any_order(account: Account) -> dict[str, Any]:
    told = facts(account)
    return {**told, "actions": sorted(told["actions"])}


def _check(account: Account, child: Child, *, on: date) -> None:
    refuse(
        *(by_itself(*each) for each in errors_in(account, child, on=on).items()),
        *(why_not_due(each.due_on, held_on=account.held_on) for each in account.actions),
    )


@transaction.atomic
def record(
    child: Child,
    account: Account,
    *,
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> Consultation:
    """Return the consultation, on the record from now on; the very same account is recorded once.

    StepNotAllowedError where the account is not complete, StaleVersionError where the draft was
    saved elsewhere since.
    """
    child = store.lock(child)
    appointment = writer(by, child, on=on)
    account = complete(account, child)
    _check(account, child, on=on)
    if draft is None and (alike := recorded_alike(child, account, by=by, on=on)):
        return alike
    consultation = _own_draft(draft, child, by=by, version=version)
    consultation.recorded_on, consultation.typed = on, {}
    write(consultation, account, on=on)
    _write_history(RECORDED, consultation, appointment, by=by, on=on, after=facts(account))
    return consultation


@transaction.atomic
def correct(
    consultation: Consultation,
    account: Account,
    *,
    version: int,
    by: User,
    on: date,
) -> Consultation:
    """Return the recorded consultation as corrected: a new version, what stood before in history.

    Refused where a change that rests on it is approved. Where one is endorsed, anything but the
    actions is material and makes the endorsement void (rule 9).
    """
    child = store.lock(consultation.child)
    appointment = writer(by, child, on=on)
    consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
    consultation.child = child
    refuse(why_not_corrected(consultation))
    if consultation.version != version:
        raise StaleVersionError("consultation")
    return _put_right(consultation, account, appointment, by=by, on=on)


def _put_right(
    consultation: Consultation, account: Account, appointment: Appointment, *, by: User, on: date
) -> Consultation:
    before, child = account_of(consultation), consultation.child
    account = complete(account, child)
    _check(account, child, on=on)
    refuse(*why_change_would_fall(consultation, account))
    account = with_standing_actions(account, consultation)
    was, now = history.changes(facts(before), facts(account))
    if not now:
        return consultation
    consultation.version += 1
    write(consultation, account, on=on)
    _write_history(CORRECTED, consultation, appointment, by=by, on=on, before=was, after=now)
    if set(now) - {"actions"}:
        endorsement.consultation_corrected(consultation, by=by, on=on)
    return consultation


def versions_of(consultation: Consultation) -> list[Version]:
    """Return the versions of a consultation that are on the record, the first one first."""
    return versions(
        f"consultation {consultation.pk}",
        (RECORDED, CORRECTED),
        child_number=consultation.child_id,
    )


def was_corrected(consultation: Consultation) -> bool:
    """Say whether there is more than one version on the record."""
    entries = HistoryEntry.objects.filter(
        child_number=consultation.child_id, subject=f"consultation {consultation.pk}"
    )
    return consultation.version > 1 and entries.filter(verb=CORRECTED).exists()


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


def why_change_would_fall(consultation: Consultation, account: Account) -> tuple[str, ...]:
    """Return why the open goal change could no longer rest on the consultation, if it could not."""
    if not consultation.goal_changes.filter(status__in=sorted(OPEN)).exists():
        return ()
    found = why_change_is_unsupported(
        consultation, is_formal=account.kind == FORMAL, held_on=account.held_on
    )
    return (f"An open goal change rests on this consultation. {found}",) if found else ()
