"""Tells the district's inbox what follows from a step, and settles what waited before it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from consultations.goal_changes import eligibility
from consultations.goal_changes.eligibility import (
    case_change_reason,
    is_named_requester,
    missing_parts,
    why_change_is_unsupported,
)
from consultations.goal_changes.locking import StaleVersionError, fresh_user
from consultations.models import Decision, GoalChange
from consultations.workflow import OPEN, TRANSITIONS, Status, Step, StepContext, reasons_against
from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.mail import notices
from directory.models import Appointment, User
from directory.roles import DECIDES, WRITES_CASES, Role
from permanency.goals import clocks, store
from permanency.matters import keys
from permanency.models import RuleVersion


def post_step_notices(change: GoalChange, step: Step, *, on: date) -> None:
    """Settle what waited before the step, and tell the district's inbox what follows from it."""
    notices.settle(keys.of_change(change.pk))
    child = change.child
    for kind in TRANSITIONS[step].notices:
        notices.post(
            kind,
            keys.change(change.pk, str(change.status), change.version),
            district=child.district,
            path=reverse("goal-change", args=[change.pk]),
            owed_on=on,
            child_number=child.pk,
            reference=child.reference,
            about_on=on,
        )


BEFORE_PROPOSAL = frozenset({Status.DRAFT, Status.NOT_ENDORSED, Status.DECLINED})


def step_context_for(
    change: GoalChange, user: User, *, on: date, has_asked: bool | None = None
) -> StepContext:
    """Return where a change stands and who would act on it, for the rules to judge.

    `has_asked` is for a page that has read it with the change; otherwise the records are asked.
    """
    child = change.child
    held = (
        each
        for each in user.appointments_in_force(on=on)
        if each.district_id in {None, child.district_id}
    )
    status = Status(change.status)
    ended = clocks.ending_of(child, on=on)
    return StepContext(
        status=status,
        case_managed_by=child.case_managed_by,
        person=user.pk,
        roles=frozenset(Role(each.role) for each in held),
        requested_by=change.requested_by_id,
        endorsed_by=change.endorsed_by_id,
        is_named_as_requester=is_named_requester(change, user),
        has_asked=eligibility.has_asked(change, user) if has_asked is None else has_asked,
        missing_parts=missing_parts(change) if status in OPEN else (),
        consultation_error=_consultation_error(change, status),
        ending_sentence=ended.sentence() if ended else "",
        case_change_sentence=case_change_reason(change),
    )


def _consultation_error(change: GoalChange, status: Status) -> str:
    """Return why the consultation cannot carry the change; asked before it is proposed."""
    if status not in BEFORE_PROPOSAL:
        return ""
    another = change.child.goal_changes.open().exclude(pk=change.pk).exists()
    return OPEN_ALREADY if another else why_change_is_unsupported(change.consultation)


OPEN_ALREADY = (
    "Another goal change for this child is open. Finish or withdraw that one first: a child has "
    "one open goal change at a time."
)


def lock_change(change: GoalChange) -> GoalChange:
    """Return the change as it stands, its child and itself locked, the child's goals with it."""
    child = store.lock_child(change.child)
    prefetch_related_objects([child], "goals")
    found = GoalChange.objects.select_for_update().get(pk=change.pk)
    found.child = child
    return found


def check_step(
    step: Step, change: GoalChange, *, by: User, on: date, version: int | None
) -> tuple[User, Appointment]:
    """Return the person and the appointment under which they take the step, read at this moment.

    StepNotAllowedError with every reason against it; StaleVersionError where what the person saw
    has changed since.
    """
    person = fresh_user(by)
    refuse(*reasons_against(step, step_context_for(change, person, on=on)))
    if version is not None and version != change.version:
        raise StaleVersionError("goal change")
    held = appointment_for(step, change, person, on=on)
    if held is None:
        raise StepNotAllowedError("You hold no appointment for this step today.")
    return person, held


def appointment_for(
    step: Step, change: GoalChange, person: User, *, on: date
) -> Appointment | None:
    """Return the appointment under which a person takes the step (rule 8), if any."""
    child = change.child
    roles = TRANSITIONS[step].roles_for(child.case_managed_by)
    for wanted in (roles & WRITES_CASES, roles & DECIDES):
        if held := person.appointment_for(wanted, on=on, district=child.district):
            return held
    return None


def apply_step(
    change: GoalChange,
    step: Step,
    *,
    by: User | None,
    on: date,
    appointment: Appointment | None,
    reasons: str = "",
    effects: dict[str, Any] | None = None,
    **values: Any,
) -> Decision:
    """Return the decision. The change moves on only from where the caller saw it stand.

    It keeps the version of the rules that holds today, and `effects` on the dates, if any.
    """
    before, start, end = history_fields(change), change.status, TRANSITIONS[step].end
    told = {**values, "status": end, "status_since_on": on, "version": change.version + 1}
    stands = GoalChange.objects.filter(pk=change.pk, status=start, version=change.version)
    if stands.update(**told) != 1:
        raise StaleVersionError("goal change")
    for name, value in told.items():
        setattr(change, name, value)
    write_history(
        TRANSITIONS[step].verb, change, before, by=by, on=on, appointment=appointment, note=reasons
    )
    post_step_notices(change, step, on=on)
    step_values = {"step": step, "from_status": start, "to_status": end}
    return Decision.objects.create(
        goal_change=change,
        **step_values,
        by=by,
        appointment=appointment,
        on=on,
        reasons=reasons,
        rules_id=RuleVersion.objects.in_force(on=on).version,
        effects=effects or {},
    )


def history_fields(change: GoalChange) -> dict[str, Any]:
    """Return a change as the history tells it."""
    return {
        "status": str(change.status),
        "goal_before": str(change.current_goal or ""),
        "goal": change.goal,
        "reasons": change.reasons,
        "cultural_consultation": change.cultural_consultation,
        "consultation": change.consultation.held_on,
        "requested_by": _name(change.requested_by),
        "requested_by_name": change.requested_by_name,
        "requested_by_role": change.requested_by_role,
        "requested_by_organisation": change.requested_by_organisation,
        "endorsed_by": _name(change.endorsed_by),
        "approved_by": _name(change.approved_by),
        "effective_on": change.effective_on,
        "case_plan_approved_on": change.case_plan_approved_on,
        "entered_in_childstory_on": change.entered_in_childstory_on,
    }


def _name(person: User | None) -> str | None:
    return None if person is None else person.name


def write_history(
    verb: str,
    change: GoalChange,
    before: dict[str, Any],
    *,
    by: User | None,
    on: date,
    appointment: Appointment | None,
    note: str = "",
) -> None:
    """Write the history entry of an act on a change, in the transaction of the act."""
    was, now = history.changes(before, history_fields(change))
    history.record(
        verb,
        f"goal change {change.pk}",
        by=by,
        on=on,
        child_number=change.child_id,
        district=change.child.district,
        appointment=appointment,
        before=was,
        after=now,
        note=note,
    )
