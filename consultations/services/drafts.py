"""What a goal change must say to be proposed, and still says when it is endorsed and approved."""

from __future__ import annotations

from consultations.models import GoalChange
from consultations.services.bound import current_goal
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus, Goal, asks_for_adoption_reasons


def lacking(change: GoalChange) -> tuple[str, ...]:
    """Return what a change must still say before it can be proposed, endorsed or approved."""
    current = current_goal(change.child)
    found = (
        "" if change.goal else "Choose the goal that is proposed.",
        "" if change.reasons.strip() else "Give the reasons for the change.",
        "" if change.requested_by_name.strip() else "Say who asked for the change.",
        f"{current} is the goal in force already."
        if current is not None and current.goal == change.goal
        else "",
        asks_for_cultural_consultation(change.goal, change.cultural_consultation, change.child),
    )
    return tuple(each for each in found if each)


def asks_for_cultural_consultation(goal: str, text: str, child: Child) -> str:
    """Return the sentence that asks for the consultation before adoption, or "" (D12)."""
    if goal not in Goal.values or text.strip():
        return ""
    if not asks_for_adoption_reasons(Goal(goal), AboriginalStatus(child.aboriginal_status)):
        return ""
    return (
        "Write who was consulted about adoption in the child's family, community and Aboriginal "
        "or Torres Strait Islander organisations, and what they said."
    )
