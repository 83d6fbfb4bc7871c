"""An endorsement binds to what was endorsed and to the case as it was; else it is void (rule 9)."""

from __future__ import annotations

from datetime import date
from typing import Any

from consultations.goal_changes.transitions import apply_step
from consultations.models import Decision, GoalChange
from consultations.workflow import Status, Step
from directory import history
from directory.errors import refuse
from directory.models import User
from directory.roles import CaseManagement
from permanency.goals.store import current_goal
from permanency.models import Child
from permanency.policy.months import lower_first

VOID_CLAUSE = "so the endorsement no longer stands."

# What an endorsement leaves on a change; the decision itself stays on the record.
NO_ENDORSEMENT: dict[str, Any] = {
    "endorsed_by": None,
    "endorsed_case_managed_by": "",
    "endorsed_provider": None,
    "endorsed_district": None,
    "endorsed_aboriginal_status": "",
    "evidence_exempted_because": "",
    "evidence_exempted_until": None,
}


def endorsed_case_fields(child: Child) -> dict[str, Any]:
    """Return what an endorsement given now is bound to."""
    return {
        "endorsed_case_managed_by": child.case_managed_by,
        "endorsed_provider": child.provider,
        "endorsed_district": child.district,
        "endorsed_aboriginal_status": child.aboriginal_status,
    }


def case_change_reason(change: GoalChange) -> str:
    """Return how the case or the goal in force has moved under a change that waits, or ""."""
    if change.status == Status.ENDORSED:
        return " ".join(filter(None, (_case_move_reason(change), _goal_move_reason(change))))
    return _goal_move_reason(change) if change.status == Status.PROPOSED else ""


def _case_move_reason(change: GoalChange) -> str:
    child = change.child
    if (change.endorsed_case_managed_by, change.endorsed_provider_id) != (
        child.case_managed_by,
        child.provider_id,
    ):
        now = child.provider or CaseManagement(child.case_managed_by).label
        return f"The case moved to {now} after the endorsement, {VOID_CLAUSE}"
    if change.endorsed_district_id != child.district_id:
        return f"The case moved to {child.district} after the endorsement, {VOID_CLAUSE}"
    if change.endorsed_aboriginal_status != child.aboriginal_status:
        return (
            "What is recorded about whether the child is Aboriginal or Torres Strait Islander "
            f"changed after the endorsement, {VOID_CLAUSE}"
        )
    return ""


def _goal_move_reason(change: GoalChange) -> str:
    current = current_goal(change.child)
    if (current.pk if current else None) == change.current_goal_id:
        return ""
    was, now = change.current_goal or "no goal", current or "no goal"
    return (
        f"This change was proposed with {lower_first(str(was))} in force; now it is "
        f"{lower_first(str(now))}. Edit the change or ask for more, so that it is proposed "
        "again on what is in force."
    )


def void_endorsement(change: GoalChange, *, because: str, by: User | None, on: date) -> Decision:
    """Return the decision that puts an endorsed change back to proposed; the child is locked."""
    refuse("" if change.status == Status.ENDORSED else "This goal change is not endorsed.")
    return apply_step(
        change,
        Step.VOID,
        by=by,
        on=on,
        appointment=history.acting_appointment(by, change.child.district, on=on),
        reasons=because,
        **NO_ENDORSEMENT,
    )


def void_if_case_changed(child: Child, *, by: User | None, on: date, **kwargs: Any) -> None:
    """Make the endorsement of the child's open change void; called in the move's transaction."""
    for change in child.goal_changes.endorsed():
        change.child = child
        if because := case_change_reason(change):
            void_endorsement(change, because=because, by=by, on=on)
