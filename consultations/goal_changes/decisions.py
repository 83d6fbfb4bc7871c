"""The steps of a goal change, as the staff call them. The table is in `workflow`.

Every verb locks the child and the change, reads the person's appointments afresh, asks the rules,
and writes status, decision, history and notices in one transaction. `version` is that of the page
on which the person decided: nobody decides on what they have not seen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from consultations.goal_changes.eligibility import (
    NO_ENDORSEMENT,
    case_change_reason,
    current_goal,
    endorsed_case_fields,
)
from consultations.goal_changes.endorsement import void_endorsement
from consultations.goal_changes.transitions import apply_step, check_step, lock_change
from consultations.models import Decision, Evidence, GoalChange
from consultations.workflow import Status, Step
from directory.errors import StepNotAllowedError, refuse
from directory.models import Appointment, User
from permanency.goals import clocks, effects, lifecycle
from permanency.policy.months import day_in_words


@transaction.atomic
def propose(
    change: GoalChange, *, by: User, on: date, reasons: str = "", version: int | None = None
) -> Decision:
    """Return the decision that puts a draft before a Permanency Coordinator for endorsement.

    What is proposed is to replace the goal that is in force now.
    """
    change = lock_change(change)
    _, appointment = check_step(Step.PROPOSE, change, by=by, on=on, version=version)
    now = current_goal(change.child)
    authorship: dict[str, Any] = {
        "by": by,
        "on": on,
        "appointment": appointment,
        "reasons": reasons,
    }
    return apply_step(change, Step.PROPOSE, current_goal=now, **authorship)


def missing_evidence(change: GoalChange) -> tuple[str, ...]:
    """Return what the checklist of the consultation still names as missing, in words."""
    rows = change.consultation.evidence.all()
    return tuple(each.get_kind_display() for each in rows if each.state == Evidence.State.MISSING)


def exemption_errors(
    missing: tuple[str, ...], *, because: str, until: date | None, on: date
) -> dict[str, str]:
    """Return what is wrong with endorsing despite missing evidence, by field."""
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


@transaction.atomic
def endorse(
    change: GoalChange,
    *,
    by: User,
    on: date,
    reasons: str = "",
    evidence_exempted_because: str = "",
    evidence_exempted_until: date | None = None,
    version: int | None = None,
) -> Decision:
    """Return the endorsement: evidence complete, or exempted with a reason and a date."""
    change = lock_change(change)
    person, appointment = check_step(Step.ENDORSE, change, by=by, on=on, version=version)
    missing = missing_evidence(change)
    because, until = evidence_exempted_because.strip(), evidence_exempted_until
    refuse(*exemption_errors(missing, because=because, until=until, on=on).values())
    exempted: dict[str, Any] = {}
    if missing and until is not None:
        exempted = {"evidence_exempted_because": because, "evidence_exempted_until": until}
        reasons = f"{reasons}\n\n{_exemption_note(missing, because, until)}".strip()
    return _endorse(change, person, appointment, on=on, reasons=reasons, **exempted)


def _endorse(
    change: GoalChange,
    person: User,
    appointment: Appointment,
    *,
    on: date,
    reasons: str,
    **exempted: Any,
) -> Decision:
    """Bind the endorsement to the case as it is now (rule 9)."""
    return apply_step(
        change,
        Step.ENDORSE,
        by=person,
        on=on,
        appointment=appointment,
        reasons=reasons,
        endorsed_by=person,
        **endorsed_case_fields(change.child),
        **exempted,
    )


def _exemption_note(missing: tuple[str, ...], because: str, until: date) -> str:
    return f"Evidence to come by {day_in_words(until)} ({'; '.join(missing)}): {because}"


@transaction.atomic
def not_endorse(
    change: GoalChange, *, by: User, on: date, reasons: str, version: int | None = None
) -> Decision:
    """Return the decision not to endorse; the requester may start again or ask for supervision."""
    _require_reasons(reasons, "Give your reasons for not endorsing.")
    return _take_step(Step.NOT_ENDORSE, change, by=by, on=on, reasons=reasons, version=version)


@transaction.atomic
def ask_for_more(
    change: GoalChange, *, by: User, on: date, reasons: str, version: int | None = None
) -> Decision:
    """Return the decision that sends the change back to draft and says what is missing."""
    _require_reasons(reasons, "Say what is missing.")
    change = lock_change(change)
    _, appointment = check_step(Step.ASK_FOR_MORE, change, by=by, on=on, version=version)
    return apply_step(
        change,
        Step.ASK_FOR_MORE,
        by=by,
        on=on,
        appointment=appointment,
        reasons=reasons,
        **NO_ENDORSEMENT,
    )


def effective_on_errors(change: GoalChange, effective_on: date, *, on: date) -> tuple[str, ...]:
    """Return what is wrong with the day from which the new goal is to hold; empty if nothing is."""
    current = current_goal(change.child)
    held_on = change.consultation.held_on
    found = (
        "The goal cannot take effect after today." if effective_on > on else "",
        f"The goal cannot take effect before the consultation, held on {day_in_words(held_on)}."
        if effective_on < held_on
        else "",
        "The goal cannot take effect before the current goal did, on "
        f"{day_in_words(current.effective_on)}."
        if current is not None and effective_on < current.effective_on
        else "",
    )
    return tuple(each for each in found if each)


def approve(
    change: GoalChange,
    *,
    effective_on: date,
    by: User,
    on: date,
    reasons: str = "",
    version: int | None = None,
) -> Decision:
    """Return the approval; the goal is in force from the effective date on.

    Where the case or the goal in force has moved since the endorsement without anybody being told,
    the endorsement becomes void, which stays, and the approval is refused.
    """
    with transaction.atomic():
        now = lock_change(change)
        moved = case_change_reason(now) if now.status == Status.ENDORSED else ""
        if not moved:
            return _approve(
                now, effective_on=effective_on, by=by, on=on, reasons=reasons, seen=version
            )
        void_endorsement(now, because=moved, by=by, on=on)
    raise StepNotAllowedError(moved)


def _approve(
    change: GoalChange, *, effective_on: date, by: User, on: date, reasons: str, seen: int | None
) -> Decision:
    person, appointment = check_step(Step.APPROVE, change, by=by, on=on, version=seen)
    refuse(*effective_on_errors(change, effective_on, on=on))
    current = current_goal(change.child)
    before = clocks.dates_on_goal(current) if current else None
    new = lifecycle.put_in_force(
        change.child,
        goal=change.goal,
        effective_on=effective_on,
        by=by,
        on=on,
        appointment=appointment,
    )
    return apply_step(
        change,
        Step.APPROVE,
        by=by,
        on=on,
        appointment=appointment,
        reasons=reasons,
        effects=effects.effects_as_data(before, clocks.dates_on_goal(new)),
        approved_by=person,
        effective_on=effective_on,
        new_goal=new,
    )


@transaction.atomic
def decline(
    change: GoalChange, *, by: User, on: date, reasons: str, version: int | None = None
) -> Decision:
    """Return the decision that declines an endorsed change; the goal in force stays."""
    _require_reasons(reasons, "Give your reasons for declining.")
    return _take_step(Step.DECLINE, change, by=by, on=on, reasons=reasons, version=version)


@transaction.atomic
def withdraw(
    change: GoalChange, *, by: User, on: date, reasons: str, version: int | None = None
) -> Decision:
    """Return the decision that takes an open change away."""
    _require_reasons(reasons, "Give the reasons for withdrawing.")
    return _take_step(Step.WITHDRAW, change, by=by, on=on, reasons=reasons, version=version)


def _require_reasons(reasons: str, sentence: str) -> None:
    refuse("" if reasons.strip() else sentence)


def _take_step(
    step: Step, change: GoalChange, *, by: User, on: date, reasons: str, version: int | None
) -> Decision:
    change = lock_change(change)
    _, appointment = check_step(step, change, by=by, on=on, version=version)
    return apply_step(change, step, by=by, on=on, appointment=appointment, reasons=reasons)
