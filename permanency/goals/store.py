"""What every service on goals shares: locking, and storing both dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.mail import notices
from directory.models import Appointment, User
from permanency import matters
from permanency.goals import clocks
from permanency.models import CasePlanGoal, Child, Extension, IntensiveMark, check_may_write
from permanency.policy.goals import ENDED_BY_FACTS, EndReason

WORKED_OUT_AGAIN = "worked the dates out again"
CORRECTED_MEANWHILE = "Somebody has corrected this since you opened it."


def lock_child(child: Child) -> Child:
    return Child.objects.select_for_update().get(pk=child.pk)


def goal_in_force(child: Child) -> CasePlanGoal | None:
    """Return the goal in force, read afresh, with this child on it."""
    return child.goals.in_force().first()


def goal_that_follows_facts(child: Child) -> CasePlanGoal | None:
    """Return the goal in force, or else the last one if a fact of the child ended it (rule 4)."""
    last = goal_in_force(child) or child.goals.first()
    is_followed = last is not None and (
        last.ended_on is None or EndReason(last.end_reason) in ENDED_BY_FACTS
    )
    return last if is_followed else None


def achieved_goal(child: Child) -> CasePlanGoal:
    """Return the last goal, which ended in permanency; StepNotAllowedError if that is not so."""
    last = child.goals.first()
    if goal_in_force(child) or last is None or last.end_reason != EndReason.ACHIEVED:
        raise StepNotAllowedError("No achievement of permanency stands here to be corrected.")
    return last


def current_goal(child: Child) -> CasePlanGoal | None:
    """Return the goal in force among the child's goals, which may have been read with it."""
    return next((each for each in child.goals.all() if each.ended_on is None), None)


def lock_goal(goal: CasePlanGoal) -> CasePlanGoal:
    """Return the goal with its child locked; StepNotAllowedError where it is no longer in force."""
    child = lock_child(goal.child)
    current = goal_in_force(child)
    if current is None or current.pk != goal.pk:
        raise StepNotAllowedError("This goal is no longer in force.")
    return current


def lock_goal_to_write(goal: CasePlanGoal, *, by: User | None, on: date) -> CasePlanGoal:
    """Return the goal, locked; PermissionDenied for whoever does not write about the child.

    StepNotAllowedError where the child is 18 by this day.
    """
    goal = lock_goal(goal)
    check_may_write(by, goal.child.district, on=on)
    ended = clocks.ending_of(goal.child, on=on)
    refuse(ended.sentence() if ended else "")
    return goal


def lock_any_goal_to_write(goal: CasePlanGoal, *, by: User | None, on: date) -> CasePlanGoal:
    """Return the goal, in force or ended, locked with its child, for who writes about them."""
    child = lock_child(goal.child)
    check_may_write(by, child.district, on=on)
    return child.goals.get(pk=goal.pk)


def moved_matters(goal: CasePlanGoal, dates: clocks.GoalDates) -> list[str]:
    """Return the matters of the stored dates that are no longer the goal's."""
    moved = []
    if goal.review_due_on and goal.review_due_on != dates.review.on:
        moved.append(matters.of_goal_reviews(goal.pk))
    if goal.two_year_on and goal.two_year_on != dates.two_year.on:
        moved.append(matters.of_goal_two_years(goal.pk))
    return moved


def save_dates(goal: CasePlanGoal, dates: clocks.GoalDates, *changed: str) -> None:
    """Save both dates and the changed fields, and settle the notices of a date that moved."""
    notices.settle(*moved_matters(goal, dates))
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
    note: str = "",
) -> None:
    if (goal.ended_on, goal.end_reason) == (ended_on, reason):
        return
    before = history.values(goal)
    goal.ended_on, goal.end_reason = ended_on, reason
    goal.save(update_fields=["ended_on", "end_reason"])
    notices.settle(matters.of_goal(goal.pk))
    verb = f"ended the goal: {reason.label.lower()}"
    history.record_change(verb, goal, before, by=by, on=on, appointment=appointment, note=note)


def lock_recorded(
    row: Extension | IntensiveMark, *, why: str, by: User, on: date
) -> tuple[CasePlanGoal, dict[str, Any]]:
    """Return the goal in force, locked, and what the row says; refused where it says other now."""
    child = lock_child(row.child)
    check_may_write(by, child.district, on=on)
    goal, was = goal_in_force(child), history.values(row)
    ended = clocks.ending_of(child, on=on)
    if goal is None or ended is not None:
        raise StepNotAllowedError("This child has no goal in force.")
    stands = type(row).objects.filter(pk=row.pk).first()
    refuse(
        "" if why.strip() else "Say why it is corrected.",
        "" if stands and history.values(stands) == was else CORRECTED_MEANWHILE,
    )
    return goal, was


def write_correction(
    row: Extension | IntensiveMark,
    name: str,
    was: dict[str, Any],
    facts: Mapping[str, Any] | None,
    **told: Any,
) -> None:
    if facts is None:
        history.record_change(f"took back {name}", row, was, after=dict.fromkeys(was), **told)
        row.delete()
        return
    for field in row.HISTORY_FIELDS:
        setattr(row, field, facts[field])
    row.save(update_fields=row.HISTORY_FIELDS)
    history.record_change(f"corrected {name}", row, was, **told)


def tell_dates(goal: CasePlanGoal, before: dict[str, Any], *, by: User, on: date) -> None:
    if history.values(goal) != before:
        history.record_change(WORKED_OUT_AGAIN, goal, before, by=by, on=on)
