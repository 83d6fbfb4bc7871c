"""What an endorsement is bound to beside the change's own words, and how that moved (rule 9)."""

from __future__ import annotations

from typing import Any

from consultations.models import GoalChange
from consultations.workflow import Status
from directory.roles import CaseManagement
from permanency.models import CasePlanGoal, Child

NO_LONGER = "so the endorsement no longer stands."

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


def the_case_as_it_is(child: Child) -> dict[str, Any]:
    """Return what an endorsement given now is bound to."""
    return {
        "endorsed_case_managed_by": child.case_managed_by,
        "endorsed_provider": child.provider,
        "endorsed_district": child.district,
        "endorsed_aboriginal_status": child.aboriginal_status,
    }


def current_goal(child: Child) -> CasePlanGoal | None:
    """Return the goal in force from the goals already read with the child."""
    return next((each for each in child.goals.all() if each.ended_on is None), None)


def how_it_moved(change: GoalChange) -> str:
    """Return how the case or the goal in force has moved under a change that waits, or ""."""
    if change.status == Status.ENDORSED:
        return " ".join(filter(None, (_how_the_case_moved(change), _how_the_goal_moved(change))))
    return _how_the_goal_moved(change) if change.status == Status.PROPOSED else ""


def _how_the_case_moved(change: GoalChange) -> str:
    child = change.child
    if (change.endorsed_case_managed_by, change.endorsed_provider_id) != (
        child.case_managed_by,
        child.provider_id,
    ):
        now = child.provider or CaseManagement(child.case_managed_by).label
        return f"The case moved to {now} after the endorsement, {NO_LONGER}"
    if change.endorsed_district_id != child.district_id:
        return f"The case moved to {child.district} after the endorsement, {NO_LONGER}"
    if change.endorsed_aboriginal_status != child.aboriginal_status:
        return (
            "What is recorded about whether the child is Aboriginal or Torres Strait Islander "
            f"changed after the endorsement, {NO_LONGER}"
        )
    return ""


def _how_the_goal_moved(change: GoalChange) -> str:
    """Return how the goal in force is no longer the one that this change would replace, or ""."""
    now = current_goal(change.child)
    if (now.pk if now else None) == change.current_goal_id:
        return ""
    was, stands = change.current_goal or "no goal", now or "no goal"
    return (
        f"This change was proposed with {_small(was)} in force; now it is {_small(stands)}. Edit "
        "the change or ask for more, so that it is proposed again on what is in force."
    )


def _small(goal: object) -> str:
    return str(goal)[0].lower() + str(goal)[1:]
