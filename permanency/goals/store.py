"""What every verb on goals shares: the lock, the two dates with their reasons, the history."""

from __future__ import annotations

from datetime import date

from directory import history
from directory.errors import StepNotAllowedError
from directory.mail import notices
from directory.models import Appointment, User
from permanency.goals import clocks
from permanency.matters import keys
from permanency.models import CasePlanGoal, Child
from permanency.permissions import check_may_write
from permanency.policy.endings import EndReason


def lock_child(child: Child) -> Child:
    """Return the child's row, locked until the transaction ends."""
    return Child.objects.select_for_update().get(pk=child.pk)


def goal_in_force(child: Child) -> CasePlanGoal | None:
    """Return the goal in force, read afresh, with this child on it; None if there is none."""
    return child.goals.in_force().first()


def current_goal(child: Child) -> CasePlanGoal | None:
    """Return the goal in force among the child's goals, which may have been read with it."""
    return next((each for each in child.goals.all() if each.ended_on is None), None)


def lock_goal(goal: CasePlanGoal) -> CasePlanGoal:
    """Return the goal as it stands, its child locked; refuses one that is no longer in force."""
    child = lock_child(goal.child)
    current = goal_in_force(child)
    if current is None or current.pk != goal.pk:
        raise StepNotAllowedError("This goal is no longer in force.")
    return current


def lock_goal_to_write(goal: CasePlanGoal, *, by: User | None, on: date) -> CasePlanGoal:
    """Return the goal as it stands, locked, for a person who writes about the child; else 403."""
    goal = lock_goal(goal)
    check_may_write(by, goal.child.district, on=on)
    return goal


def save_dates(goal: CasePlanGoal, dates: clocks.GoalDates, *changed: str) -> None:
    """Save both dates with their reasons, and the fields that changed with them.

    Notices of a date that moved are settled.
    """
    if goal.review_due_on and goal.review_due_on != dates.review.on:
        notices.settle(keys.of_goal_reviews(goal.pk))
    if goal.two_year_on and goal.two_year_on != dates.two_year.on:
        notices.settle(keys.of_goal_two_years(goal.pk))
    dates.copy_to(goal)
    if goal.pk is None:
        goal.save(force_insert=True)
    else:
        goal.save(update_fields=[*changed, *clocks.DATE_FIELDS])


def end_goal(
    goal: CasePlanGoal,
    reason: EndReason,
    *,
    ended_on: date,
    by: User | None,
    on: date,
    appointment: Appointment | None = None,
) -> None:
    """End the goal on this day with this reason; nothing about it is owed any more."""
    before = history.values(goal)
    goal.ended_on, goal.end_reason = ended_on, reason
    goal.save(update_fields=["ended_on", "end_reason"])
    notices.settle(keys.of_goal(goal.pk))
    verb = f"ended the goal: {reason.label.lower()}"
    history.record_change(verb, goal, before, by=by, on=on, appointment=appointment)
