"""Drafting a goal change, editing it, starting a refused one again, and the facts that follow."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from consultations.goal_changes import decisions, eligibility, transitions
from consultations.goal_changes.eligibility import (
    NO_ENDORSEMENT,
    missing_parts,
    why_change_is_unsupported,
)
from consultations.goal_changes.endorsement import void_endorsement
from consultations.goal_changes.locking import (
    StaleVersionError,
    fresh_user,
    is_violation_of,
    require_writer_appointment,
)
from consultations.models import Consultation, Decision, GoalChange
from consultations.workflow import APPROVERS, OPEN, Status, Step
from directory import history
from directory.errors import refuse
from directory.models import Appointment, User
from directory.roles import CaseManagement
from permanency.goals import store
from permanency.models import Child
from permanency.permissions import writer_appointment


class Proposal(TypedDict, total=False):
    """What a goal change says. All of it is material to an endorsement (rule 9)."""

    goal: str
    reasons: str
    cultural_consultation: str
    requested_by: User | None
    requested_by_name: str
    requested_by_role: str
    requested_by_organisation: str


PROPOSAL_FIELDS = tuple(Proposal.__annotations__)


@transaction.atomic
def draft(
    consultation: Consultation,
    *,
    by: User,
    on: date,
    **proposal: Unpack[Proposal],
) -> GoalChange:
    """Return a new draft that rests on a recorded formal consultation (rule 6).

    StepNotAllowedError where the consultation cannot carry it or another change is open.
    """
    child = store.lock_child(consultation.child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = Consultation.objects.get(pk=consultation.pk)
    refuse(why_change_is_unsupported(consultation))
    change = GoalChange(child=child, consultation=consultation, **_with_requester_name(proposal))
    _save_new_draft(change, by=by, on=on)
    transitions.write_history(
        "drafted a goal change", change, {}, by=by, on=on, appointment=appointment
    )
    return change


def _with_requester_name(proposal: Proposal) -> Proposal:
    """Return the proposal with the requester's own name where the requester is a user."""
    person = proposal.get("requested_by")
    return proposal if person is None else {**proposal, "requested_by_name": person.name}


def _save_new_draft(change: GoalChange, *, by: User, on: date) -> None:
    """Save a new draft; the database knows the child's open change even where nobody looked."""
    refuse(transitions.OPEN_ALREADY if change.child.goal_changes.open().exists() else "")
    change.current_goal = store.goal_in_force(change.child)
    change.recorded_by, change.status_since_on = by, on
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        column = "consultations_goalchange.child_id"
        if is_violation_of(error, "one_open_goal_change_per_child", column):
            refuse(transitions.OPEN_ALREADY)
        raise
    eligibility.record_requesters(change)


@transaction.atomic
def edit(
    change: GoalChange,
    *,
    version: int,
    by: User,
    on: date,
    **proposal: Unpack[Proposal],
) -> GoalChange:
    """Return the open change with what it says changed; an endorsement of it becomes void.

    StaleVersionError where somebody has saved or decided it since this version was read.
    """
    change = transitions.lock_change(change)
    appointment = require_writer_appointment(by, change.child, on=on)
    refuse(why_not_edited(change))
    if change.version != version:
        raise StaleVersionError("goal change")
    return _apply_edit(change, proposal, appointment, by=by, on=on)


def _apply_edit(
    change: GoalChange, proposal: Proposal, appointment: Appointment, *, by: User, on: date
) -> GoalChange:
    before = transitions.history_fields(change)
    for name, value in _with_requester_name(proposal).items():
        setattr(change, name, value)
    change.current_goal = store.goal_in_force(change.child)
    if not history.changes(before, transitions.history_fields(change))[1]:
        return change
    if change.status != Status.DRAFT:
        refuse(*missing_parts(change))
    _void_for_edit(change, by=by, on=on)
    change.version += 1
    change.save(update_fields=[*PROPOSAL_FIELDS, "current_goal", "version"])
    eligibility.record_requesters(change)
    transitions.write_history(
        "edited a goal change",
        change,
        {**before, "status": change.status, "endorsed_by": change.endorsed_by_id},
        by=by,
        on=on,
        appointment=appointment,
    )
    return change


def _void_for_edit(change: GoalChange, *, by: User, on: date) -> None:
    if change.status != Status.ENDORSED:
        return
    void_endorsement(change, because="The change was edited after it.", by=by, on=on)
    change.refresh_from_db(fields=["status", "status_since_on", "version", *NO_ENDORSEMENT])


def why_not_edited(change: GoalChange) -> str:
    """Return why a change can no longer be edited, or ""."""
    if change.status in OPEN:
        return ""
    return f"This goal change is {change.get_status_display().lower()} and cannot be edited."


@transaction.atomic
def start_again(
    change: GoalChange, *, by: User, on: date, reasons: str = "", version: int | None = None
) -> Decision:
    """Return the decision that begins a new draft on the same consultation; the old one stays."""
    old = transitions.lock_change(change)
    _, appointment = transitions.check_step(Step.START_AGAIN, old, by=by, on=on, version=version)
    new = GoalChange(
        child=old.child,
        consultation=old.consultation,
        follows=old,
        **{name: getattr(old, name) for name in PROPOSAL_FIELDS},
    )
    _save_new_draft(new, by=by, on=on)
    transitions.write_history(
        "started a goal change again", new, {}, by=by, on=on, appointment=appointment, note=reasons
    )
    return Decision.objects.create(
        goal_change=new,
        step=Step.START_AGAIN,
        from_status=old.status,
        to_status=Status.DRAFT,
        by=by,
        appointment=appointment,
        on=on,
        reasons=reasons,
    )


def later_date_error(change: GoalChange, day: date, *, on: date) -> str:
    """Return what is wrong with the day of a fact that follows the approval, or ""."""
    approved_on = change.status_since_on
    if day > on:
        return "This cannot have happened after today."
    return "This cannot have happened before the change was approved." if day < approved_on else ""


def case_plan_appointment(person: User, child: Child, *, on: date) -> Appointment | None:
    """Return the appointment under which a person records that the case plan was approved."""
    role = APPROVERS[CaseManagement(child.case_managed_by)]
    return person.appointment_for({role}, on=on, district=child.district)


def childstory_appointment(person: User, child: Child, *, on: date) -> Appointment | None:
    """Return the appointment under which a person records the entry in ChildStory."""
    return writer_appointment(person, child, on=on)


@transaction.atomic
def record_case_plan(
    change: GoalChange, *, approved_on: date, by: User, on: date, note: str = ""
) -> GoalChange:
    """Return the approved change with the day on which the case plan itself was approved."""
    return _record_date(
        change, "case_plan_approved", approved_on, case_plan_appointment, by=by, on=on, note=note
    )


@transaction.atomic
def record_childstory(
    change: GoalChange, *, entered_on: date, by: User, on: date, note: str = ""
) -> GoalChange:
    """Return the approved change with the day on which the new goal was entered in ChildStory."""
    return _record_date(
        change, "entered_in_childstory", entered_on, childstory_appointment, by=by, on=on, note=note
    )


@transaction.atomic
def record_dates(
    change: GoalChange,
    *,
    case_plan_approved_on: date | None = None,
    entered_in_childstory_on: date | None = None,
    version: int | None = None,
    by: User,
    on: date,
) -> GoalChange:
    """Return the approved change with the days that are given: all of them recorded, or none.

    StaleVersionError where `version`, where one is named, is no longer that of the change.
    """
    if version is not None and transitions.lock_change(change).version != version:
        raise StaleVersionError("goal change")
    if case_plan_approved_on is not None:
        change = record_case_plan(change, approved_on=case_plan_approved_on, by=by, on=on)
    if entered_in_childstory_on is not None:
        change = record_childstory(change, entered_on=entered_in_childstory_on, by=by, on=on)
    return change


def _record_date(
    change: GoalChange, name: str, day: date, recorder: Any, *, by: User, on: date, note: str
) -> GoalChange:
    change = transitions.lock_change(change)
    person = fresh_user(by)
    appointment = recorder(person, change.child, on=on)
    if appointment is None:
        raise PermissionDenied
    refuse("" if change.status == Status.APPROVED else "This goal change is not approved.")
    refuse(later_date_error(change, day, on=on))
    before = transitions.history_fields(change)
    setattr(change, f"{name}_on", day)
    setattr(change, f"{name}_by", person)
    change.version += 1
    change.save(update_fields=[f"{name}_on", f"{name}_by", "version"])
    verb = {
        "case_plan_approved": "recorded the approval of the case plan",
        "entered_in_childstory": "recorded the entry in ChildStory",
    }[name]
    transitions.write_history(
        verb, change, before, by=by, on=on, appointment=appointment, note=note
    )
    return change


@transaction.atomic
def save_change(
    change: GoalChange | None,
    consultation: Consultation,
    said: Proposal,
    *,
    proposes: bool,
    version: int,
    by: User,
    on: date,
) -> GoalChange:
    """Return the change, drafted anew where there is none yet and edited where there is one.

    Where it is to be proposed and cannot be, nothing of it is saved either.
    """
    if change is None:
        saved = draft(consultation, by=by, on=on, **said)
    else:
        saved = edit(change, version=version, by=by, on=on, **said)
    if proposes and saved.status == Status.DRAFT:
        decisions.propose(saved, by=by, on=on)
    return saved
