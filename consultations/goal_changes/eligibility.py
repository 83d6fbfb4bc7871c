"""Who asked for a goal change, now and at any time before: rule 7 goes by person, not by edit."""

from __future__ import annotations

from datetime import date
from typing import Any

from consultations.models import Consultation, Decision, GoalChange
from consultations.policy import FORMAL, is_name_of, why_unsupported
from consultations.workflow import Status, Step
from directory.models import User
from directory.roles import CaseManagement
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, Goal, asks_for_adoption_reasons
from permanency.policy.months import lower_first


def is_name_of_user(name: str, user: User) -> bool:
    """Say whether a typed name can be this person's, however it is spelled."""
    return is_name_of(name, name=user.name, email=user.email)


def is_named_requester(change: GoalChange, user: User) -> bool:
    """Say whether the change, or the consultation it rests on, names this person as asking."""
    typed = change.requested_by_name if change.requested_by_id is None else ""
    return is_name_of_user(typed, user) or is_name_of_user(change.consultation.asked_by_name, user)


def has_asked(change: GoalChange, user: User) -> bool:
    """Say whether this person was ever down as asking for the change or for one it follows."""
    return change.asked_for_by.filter(pk=user.pk).exists()


def record_requesters(change: GoalChange) -> None:
    """Add who asks now to those who ever asked; nothing takes them away again.

    Called in the transaction of each act that says who asks: drafting, editing, starting again,
    and correcting the consultation. Typed names are kept as the people they can mean.
    """
    asked = [person for person in User.objects.all() if is_named_requester(change, person)]
    if change.requested_by is not None:
        asked.append(change.requested_by)
    if change.follows is not None:
        asked.extend(change.follows.asked_for_by.all())
    known = set(change.asked_for_by.values_list("pk", flat=True))
    change.asked_for_by.add(*(each for each in asked if each.pk not in known))


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


def current_goal(child: Child) -> CasePlanGoal | None:
    """Return the goal in force from the goals already read with the child."""
    return next((each for each in child.goals.all() if each.ended_on is None), None)


def case_change_reason(change: GoalChange) -> str:
    """Return how the case or the goal in force has moved under a change that waits, or ""."""
    if change.status == Status.ENDORSED:
        return " ".join(filter(None, (_case_move_reason(change), _goal_change_reason(change))))
    return _goal_change_reason(change) if change.status == Status.PROPOSED else ""


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


def _goal_change_reason(change: GoalChange) -> str:
    """Return how the goal in force is no longer the one that this change would replace, or ""."""
    now = current_goal(change.child)
    if (now.pk if now else None) == change.current_goal_id:
        return ""
    was, stands = change.current_goal or "no goal", now or "no goal"
    return (
        f"This change was proposed with {lower_first(str(was))} in force; now it is "
        f"{lower_first(str(stands))}. Edit the change or ask for more, so that it is proposed "
        "again on what is in force."
    )


def missing_parts(change: GoalChange) -> tuple[str, ...]:
    """Return what a change must still say before it can be proposed, endorsed or approved."""
    current = current_goal(change.child)
    found = (
        "" if change.goal else "Choose the goal that is proposed.",
        "" if change.reasons.strip() else "Give the reasons for the change.",
        "" if change.requested_by_name.strip() else "Say who asked for the change.",
        f"{current} is the goal in force already."
        if current is not None and current.goal == change.goal
        else "",
        cultural_consultation_error(change.goal, change.cultural_consultation, change.child),
    )
    return tuple(each for each in found if each)


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
    consultation: Consultation, *, is_formal: bool | None = None, held_on: date | None = None
) -> str:
    """Return why the consultation cannot carry a goal change, or "".

    `is_formal` and `held_on` ask how it would be after a correction that is not saved yet.
    """
    approval = (
        Decision.objects.filter(goal_change__child=consultation.child_id, step=Step.APPROVE)
        .order_by("pk")
        .last()
    )
    return why_unsupported(
        is_formal=consultation.kind == FORMAL if is_formal is None else is_formal,
        is_recorded=consultation.recorded_on is not None,
        held_on=held_on or consultation.held_on,
        begun_at=consultation.begun_at,
        approved_on=approval.on if approval else None,
        approved_at=approval.at if approval else None,
    )
