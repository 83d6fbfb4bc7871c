"""Drafts a goal change, edits it, starts a refused one again and records the dates that follow."""

from __future__ import annotations

from datetime import date
from typing import TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from consultations.goal_changes import decisions
from consultations.goal_changes.eligibility import (
    OPEN_ALREADY,
    is_named_requester,
    missing_parts,
    start_step,
    why_change_is_unsupported,
)
from consultations.goal_changes.transitions import (
    StaleVersionError,
    fresh_user,
    lock_change,
    require_writer_appointment,
    void_endorsement,
)
from consultations.models import Consultation, Decision, GoalChange
from consultations.workflow import APPROVERS, OPEN, Status, Step
from directory import history
from directory.errors import refuse
from directory.models import Appointment, User
from permanency.goals import store
from permanency.models import Child, writer_appointment


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
    """Return a new draft that rests on a recorded formal consultation (rule 6)."""
    child = store.lock_child(consultation.child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = Consultation.objects.get(pk=consultation.pk)
    refuse(why_change_is_unsupported(consultation))
    change = GoalChange(child=child, consultation=consultation, **_with_requester_name(proposal))
    _save_new_draft(change, by=by, on=on)
    history.record_change(
        "drafted a goal change", change, {}, by=by, on=on, appointment=appointment
    )
    return change


def _with_requester_name(proposal: Proposal) -> Proposal:
    person = proposal.get("requested_by")
    return proposal if person is None else {**proposal, "requested_by_name": person.name}


def _save_new_draft(change: GoalChange, *, by: User, on: date) -> None:
    refuse(OPEN_ALREADY if change.child.goal_changes.open().exists() else "")
    change.current_goal = store.goal_in_force(change.child)
    change.recorded_by, change.status_since_on = by, on
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        # SQLite names the column instead of the constraint.
        column = "UNIQUE constraint failed: consultations_goalchange.child_id"
        if "one_open_goal_change_per_child" in str(error) or column in str(error):
            refuse(OPEN_ALREADY)
        raise
    record_requesters(change)


def record_requesters(change: GoalChange) -> None:
    """Add to those who ever asked (rule 7) who asks now: all whom a typed name can mean."""
    people = [person for person in User.objects.all() if is_named_requester(change, person)]
    if change.requested_by is not None:
        people.append(change.requested_by)
    if change.follows is not None:
        people.extend(change.follows.asked_for_by.all())
    known = set(change.asked_for_by.values_list("pk", flat=True))
    change.asked_for_by.add(*(each for each in people if each.pk not in known))


@transaction.atomic
def edit(
    change: GoalChange,
    *,
    version: int,
    by: User,
    on: date,
    **proposal: Unpack[Proposal],
) -> GoalChange:
    """Return the open change with what it says changed; an endorsement of it becomes void."""
    change = lock_change(change, by)
    appointment = require_writer_appointment(by, change.child, on=on)
    refuse(why_not_edited(change))
    if change.version != version:
        raise StaleVersionError("goal change")
    before = history.values(change)
    for name, value in _with_requester_name(proposal).items():
        setattr(change, name, value)
    change.current_goal = store.current_goal(change.child)
    if not history.changes(before, history.values(change))[1]:
        return change
    if change.status != Status.DRAFT:
        refuse(*missing_parts(change))
    if change.status == Status.ENDORSED:
        void_endorsement(change, because="The change was edited after it.", by=by, on=on)
    change.version += 1
    change.save(update_fields=[*PROPOSAL_FIELDS, "current_goal", "version"])
    record_requesters(change)
    history.record_change(
        "edited a goal change",
        change,
        {**before, "status": change.status, "endorsed_by": change.endorsed_by_id},
        by=by,
        on=on,
        appointment=appointment,
    )
    return change


def why_not_edited(change: GoalChange) -> str:
    if change.status in OPEN:
        return ""
    return f"This goal change is {change.get_status_display().lower()} and cannot be edited."


@transaction.atomic
def start_again(
    change: GoalChange, *, by: User, on: date, reasons: str = "", version: int | None = None
) -> Decision:
    """Return the decision that begins a new draft on the same consultation; the old one stays."""
    old, appointment = start_step(Step.START_AGAIN, change, by=by, on=on, version=version)
    new = GoalChange(
        child=old.child,
        consultation=old.consultation,
        follows=old,
        **{name: getattr(old, name) for name in PROPOSAL_FIELDS},
    )
    _save_new_draft(new, by=by, on=on)
    history.record_change(
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
    approved_on = change.status_since_on
    if day > on:
        return "This cannot have happened after today."
    return "This cannot have happened before the change was approved." if day < approved_on else ""


RECORD_DATE_VERBS = {
    "case_plan_approved": "recorded the approval of the case plan",
    "entered_in_childstory": "recorded the entry in ChildStory",
}


def date_appointments(person: User, child: Child, *, on: date) -> dict[str, Appointment | None]:
    """Return the appointment under which a person records each date after an approval, if any."""
    approvers = {APPROVERS[child.case_managed_by]}
    return {
        "case_plan_approved": person.appointment_for(approvers, on=on, district=child.district),
        "entered_in_childstory": writer_appointment(person, child.district, on=on),
    }


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
    """Return the approved change with the days that are given: all of them recorded, or none."""
    change, person = lock_change(change, by), fresh_user(by)
    if version is not None and change.version != version:
        raise StaleVersionError("goal change")
    days = {
        "case_plan_approved": case_plan_approved_on,
        "entered_in_childstory": entered_in_childstory_on,
    }
    appointments = date_appointments(person, change.child, on=on)
    for name, day in days.items():
        if day is None:
            continue
        if (appointment := appointments[name]) is None:
            raise PermissionDenied
        refuse("" if change.status == Status.APPROVED else "This goal change is not approved.")
        refuse(later_date_error(change, day, on=on))
        before = history.values(change)
        setattr(change, f"{name}_on", day)
        setattr(change, f"{name}_by", person)
        change.version += 1
        change.save(update_fields=[f"{name}_on", f"{name}_by", "version"])
        verb = RECORD_DATE_VERBS[name]
        history.record_change(verb, change, before, by=by, on=on, appointment=appointment)
    return change


def apply_consultation_correction(consultation: Consultation, *, by: User, on: date) -> None:
    """Follow a material correction: an endorsement becomes void, or open pages become stale."""
    for change in consultation.goal_changes.open():
        change.child, change.consultation = consultation.child, consultation
        record_requesters(change)
        if change.status == Status.ENDORSED:
            because = "The consultation was corrected after the endorsement."
            void_endorsement(change, because=because, by=by, on=on)
        else:
            GoalChange.objects.filter(pk=change.pk).update(version=change.version + 1)


@transaction.atomic
def save_change(
    change: GoalChange | None,
    consultation: Consultation,
    proposal: Proposal,
    *,
    proposes: bool,
    version: int,
    by: User,
    on: date,
) -> GoalChange:
    """Return the change as drafted or edited, and proposed: where that fails nothing is saved."""
    if change is None:
        saved = draft(consultation, by=by, on=on, **proposal)
    else:
        saved = edit(change, version=version, by=by, on=on, **proposal)
    if proposes and saved.status == Status.DRAFT:
        decisions.propose(saved, by=by, on=on)
    return saved
