"""What to be careful about with a goal for one child, given the court order in force."""

from __future__ import annotations

from permanency.models import Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, Goal, goal_warnings


def child_goal_warnings(goal: str, child: Child, order: CourtOrder | None) -> tuple[str, ...]:
    """Return what to be careful about with a goal for this child; none of it blocks the goal."""
    if goal not in Goal.values:
        return ()
    return goal_warnings(
        Goal(goal),
        AboriginalStatus(child.aboriginal_status),
        order.kind if order else None,
        section_90_recorded=order is not None and order.section_90_on is not None,
    )
