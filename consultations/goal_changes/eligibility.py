"""Why a step of a goal change cannot be taken now, by this person. Reads, never writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from consultations.goal_changes.transitions import (
    StaleVersionError,
    case_change_reason,
    fresh_user,
    lock_change,
)
from consultations.models import Consultation, Decision, Evidence, GoalChange
from consultations.policy import FORMAL, ConsultationContent, is_name_of, why_unsupported
from consultations.workflow import (
    OPEN,
    TRANSITIONS,
    Check,
    Status,
    Step,
    StepContext,
    reasons_against,
)
from directory.errors import StepNotAllowedError, refuse
from directory.models import Appointment, User
from directory.roles import DECIDES, WRITES_CASES, Role
from permanency.goals import clocks
from permanency.goals.store import current_goal
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus, Goal, asks_for_adoption_reasons
from permanency.policy.months import day_in_words

OPEN_ALREADY = (
    "Another goal change for this child is open. Finish or withdraw that one first: a child has "
    "one open goal change at a time."
)


def start_step(
    step: Step, change: GoalChange, *, by: User, on: date, version: int | None
) -> tuple[GoalChange, Appointment]:
    """Return the locked change, and the appointment under which the person takes the step."""
    change, person = lock_change(change, by), fresh_user(by)
    context = step_context_for(change, person, on=on)
    return change, check_step(step, change, person, context, on=on, version=version)


def check_step(
    step: Step,
    change: GoalChange,
    person: User,
    context: StepContext,
    *,
    on: date,
    version: int | None,
) -> Appointment:
    """Return the appointment under which the person takes the step; refuse with every reason."""
    refuse(*reasons_against(step, context))
    if version is not None and version != change.version:
        raise StaleVersionError("goal change")
    roles = TRANSITIONS[step].roles_for(context.case_managed_by)
    for wanted in (roles & WRITES_CASES, roles & DECIDES):
        if held := person.appointment_for(wanted, on=on, district=change.child.district):
            return held
    raise StepNotAllowedError("You hold no appointment for this step today.")


def step_context_for(change: GoalChange, user: User, *, on: date) -> StepContext:
    """Return what a step on the change, read with `reader_asked` of this person, depends on."""
    child, status = change.child, Status(change.status)
    held = user.appointments_in_force(on=on)
    ended = clocks.ending_of(child, on=on)
    consultation_error, rows = "", TRANSITIONS.values()
    if any(Check.CONSULTATION in row.checks for row in rows if status in row.starts):
        another = child.goal_changes.open().exclude(pk=change.pk).exists()
        consultation_error = (
            OPEN_ALREADY if another else why_change_is_unsupported(change.consultation)
        )
    return StepContext(
        status=status,
        case_managed_by=child.case_managed_by,
        person=user.pk,
        roles=frozenset(
            Role(each.role) for each in held if each.district_id in {None, child.district_id}
        ),
        requested_by=change.requested_by_id,
        endorsed_by=change.endorsed_by_id,
        is_named_as_requester=is_named_requester(change, user),
        has_asked=change.reader_asked,
        missing_parts=missing_parts(change) if status in OPEN else (),
        consultation_error=consultation_error,
        ending_sentence=ended.sentence() if ended else "",
        case_change_sentence=case_change_reason(change),
    )


def reasons_against_one_step(
    child: Child, user: User, *, asked_by: str, on: date
) -> dict[Step, tuple[str, ...]]:
    """Return why a change, recorded together with its consultation, cannot be proposed or endorsed.

    `asked_by` is who asks for the consultation. What the change itself lacks is looked at when it
    is saved.
    """
    held = user.appointments_in_force(on=on)
    ended = clocks.ending_of(child, on=on)
    context = StepContext(
        status=Status.DRAFT,
        case_managed_by=child.case_managed_by,
        person=user.pk,
        roles=frozenset(
            Role(each.role) for each in held if each.district_id in {None, child.district_id}
        ),
        is_named_as_requester=is_name_of_user(asked_by, user),
        consultation_error=OPEN_ALREADY if child.goal_changes.open().exists() else "",
        ending_sentence=ended.sentence() if ended else "",
    )
    return {
        Step.PROPOSE: reasons_against(Step.PROPOSE, context),
        Step.ENDORSE: reasons_against(Step.ENDORSE, replace(context, status=Status.PROPOSED)),
    }


CONSULTATION_STRUCK = "This consultation was recorded by mistake and is struck."


def is_name_of_user(name: str, user: User) -> bool:
    return is_name_of(name, name=user.name, email=user.email)


def is_named_requester(change: GoalChange, user: User) -> bool:
    """Say whether the change, or the consultation it rests on, names this person as asking."""
    typed = change.requested_by_name if change.requested_by_id is None else ""
    return is_name_of_user(typed, user) or is_name_of_user(change.consultation.asked_by_name, user)


def missing_parts(change: GoalChange) -> tuple[str, ...]:
    """Return what a change must still say before it is proposed, endorsed or approved, or ""s."""
    current = current_goal(change.child)
    return (
        "" if change.goal else "Choose the goal that is proposed.",
        "" if change.reasons.strip() else "Give the reasons for the change.",
        "" if change.requested_by_name.strip() else "Say who asked for the change.",
        f"{current} is the goal in force already."
        if current is not None and current.goal == change.goal
        else "",
        cultural_consultation_error(change.goal, change.cultural_consultation, change.child),
    )


def cultural_consultation_error(goal: str, text: str, child: Child) -> str:
    """Return the sentence that asks for the consultation before adoption, or "" (D12)."""
    if goal not in Goal.values or text.strip():
        return ""
    if not asks_for_adoption_reasons(Goal(goal), AboriginalStatus(child.aboriginal_status)):
        return ""
    return (
        "Write who was consulted about adoption in the child's family, community and Aboriginal "
        "or Torres Strait Islander organisations, and what they said."
    )


def why_change_is_unsupported(
    consultation: Consultation, *, corrected: ConsultationContent | None = None
) -> str:
    """Return why the consultation, or one `corrected` like this, cannot carry a goal change."""
    if consultation.struck_on is not None:
        return CONSULTATION_STRUCK
    approvals = Decision.objects.filter(goal_change__child=consultation.child_id, step=Step.APPROVE)
    approval = approvals.order_by("pk").last()
    now = corrected or consultation
    options = corrected.options if corrected else consultation.options.all()
    return why_unsupported(
        is_formal=now.kind == FORMAL,
        is_recorded=consultation.recorded_on is not None,
        are_options_weighed=any(each.is_practicable for each in options),
        held_on=now.held_on,
        begun_at=consultation.begun_at,
        approved_on=approval.on if approval else None,
        approved_at=approval.at if approval else None,
    )


def missing_evidence(change: GoalChange) -> tuple[str, ...]:
    rows = change.consultation.evidence.all()
    return tuple(each.get_kind_display() for each in rows if each.state == Evidence.State.MISSING)


def exemption_errors(
    missing: tuple[str, ...], *, because: str, until: date | None, on: date
) -> dict[str, str]:
    if not missing:
        return {}
    errors = {}
    if not because.strip():
        errors["evidence_exempted_because"] = "Say why you endorse without the missing evidence."
    if until is None:
        errors["evidence_exempted_until"] = "Say by when the missing evidence will be there."
    elif until < on:
        errors["evidence_exempted_until"] = "The evidence is to come today or later."
    return errors


def effective_on_errors(change: GoalChange, effective_on: date, *, on: date) -> list[str]:
    """Return what is wrong with the day from which the new goal is to hold; empty if nothing is."""
    current, held_on = current_goal(change.child), change.consultation.held_on
    errors = []
    if effective_on > on:
        errors.append("The goal cannot take effect after today.")
    if effective_on < held_on:
        day = day_in_words(held_on)
        errors.append(f"The goal cannot take effect before the consultation, held on {day}.")
    if current is not None and effective_on < current.effective_on:
        day = day_in_words(current.effective_on)
        errors.append(f"The goal cannot take effect before the current goal did, on {day}.")
    reviewed_on = current.last_review_held_on if current is not None else None
    if reviewed_on is not None and effective_on < reviewed_on:
        day = day_in_words(reviewed_on)
        errors.append(f"A review of the current goal was held on {day}: it was in force then.")
    return errors
