"""Services that move the dates of a goal in force."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.models import User
from permanency.goals import clocks
from permanency.goals.lifecycle import case_moved
from permanency.goals.store import (
    end_goal,
    lock_goal_to_write,
    save_dates,
)
from permanency.models import CasePlanGoal, Child, Extension
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months
from permanency.policy.two_year_clock import extension_error

MARK_FIELDS = ("intensive_since", "intensive_reasons", "intensive_by")
LONGEST_EXTENSION_MONTHS = 60


@transaction.atomic
def mark_intensive(goal: CasePlanGoal, *, reasons: str, by: User, on: date) -> CasePlanGoal:
    """Return the goal reviewed every three months from now on (rule 1)."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if Goal(goal.goal).has_two_year_clock else "Only a two-year goal can be intensive.",
        "This goal is intensive already." if goal.is_intensive else "",
        "" if reasons.strip() else "Say why the goal is intensive.",
    )
    before = history.values(goal)
    dates = clocks.dates_after_marking(goal, intensive=True, on=on)
    goal.intensive_since, goal.intensive_reasons, goal.intensive_by = on, reasons, by
    save_dates(goal, dates, *MARK_FIELDS)
    history.record_change("marked the goal intensive", goal, before, by=by, on=on, note=reasons)
    return goal


@transaction.atomic
def unmark_intensive(goal: CasePlanGoal, *, reasons: str, by: User, on: date) -> CasePlanGoal:
    """Return the goal reviewed at its ordinary period again (rule 1)."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if goal.is_intensive else "This goal is not intensive.",
        "" if reasons.strip() else "Say why the goal is no longer intensive.",
    )
    before = history.values(goal)
    dates = clocks.dates_after_marking(goal, intensive=False, on=on)
    goal.intensive_since, goal.intensive_reasons, goal.intensive_by = None, "", None
    save_dates(goal, dates, *MARK_FIELDS)
    history.record_change("ended intensive reviews", goal, before, by=by, on=on, note=reasons)
    return goal


def extension_errors(
    goal: CasePlanGoal, *, extended_to: date, decided_on: date, on: date
) -> dict[str, str]:
    """Return what is wrong with an extension, by field; empty if nothing is."""
    errors, current_on = {}, goal.two_year_on
    if current_on is None:
        errors["extended_to"] = "This goal has no two-year date to extend."
    elif error := extension_error(extended_to, current_on=current_on, born_on=goal.child.born_on):
        errors["extended_to"] = error
    elif extended_to > add_months(current_on, LONGEST_EXTENSION_MONTHS):
        errors["extended_to"] = "An extension is at most five years."
    if decided_on > on:
        errors["decided_on"] = "The decision cannot be after today."
    elif decided_on < goal.effective_on:
        errors["decided_on"] = "The decision cannot be before the goal took effect."
    return errors


@transaction.atomic
def record_extension(
    goal: CasePlanGoal,
    *,
    extended_to: date,
    decided_on: date,
    decided_by_name: str,
    reasons: str,
    by: User,
    on: date,
) -> Extension:
    """Return the extension of the two-year date; the original date stays visible (rule 3)."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse(*extension_errors(goal, extended_to=extended_to, decided_on=decided_on, on=on).values())
    before = history.values(goal)
    extension = Extension.objects.create(
        goal=goal,
        extended_to=extended_to,
        decided_on=decided_on,
        decided_by_name=decided_by_name,
        reasons=reasons,
        recorded_by=by,
    )
    save_dates(goal, clocks.dates_with_new_two_year(goal, on=on))
    history.record_change("recorded an extension", goal, before, by=by, on=on, note=reasons)
    return extension


@transaction.atomic
def record_review_held(goal: CasePlanGoal, *, held_on: date, by: User, on: date) -> CasePlanGoal:
    """Return the goal with its next review counted from the day the review was held (rule 2)."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse("A review cannot be held after today." if held_on > on else "")
    before = history.values(goal)
    dates = clocks.dates_after_review(goal, held_on=held_on, on=on)
    goal.last_review_held_on = max(filter(None, (goal.last_review_held_on, held_on)))
    save_dates(goal, dates, "last_review_held_on")
    history.record_change("counted the next review", goal, before, by=by, on=on)
    return goal


@transaction.atomic
def record_move_home(
    goal: CasePlanGoal, *, moved_home_on: date, by: User, on: date
) -> CasePlanGoal:
    """Return the restoration goal with the day the child moved home: not yet its achievement."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if goal.goal == Goal.RESTORATION else "Only a restoration has a move home.",
        "The move home cannot be after today." if moved_home_on > on else "",
        "The move home cannot be before the goal took effect."
        if moved_home_on < goal.effective_on
        else "",
    )
    before = history.values(goal)
    goal.moved_home_on = moved_home_on
    goal.save(update_fields=["moved_home_on"])
    history.record_change("recorded the move home", goal, before, by=by, on=on)
    return goal


@transaction.atomic
def record_achievement(
    goal: CasePlanGoal, *, achieved_on: date, by: User, on: date, note: str = ""
) -> CasePlanGoal:
    """Return the goal, ended because permanency was achieved on this day (rule 3, D4)."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if Goal(goal.goal).has_two_year_clock else "This goal has no legal achievement.",
        "Permanency cannot be achieved after today." if achieved_on > on else "",
        "Permanency cannot be achieved before the goal took effect."
        if achieved_on < goal.effective_on
        else "",
    )
    end_goal(goal, EndReason.ACHIEVED, ended_on=achieved_on, by=by, on=on)
    case_moved.send(Child, child=goal.child, by=by, on=on)
    if note:
        history.record_change("noted the achievement", goal, by=by, on=on, note=note)
    return goal


@transaction.atomic
def record_outcome(
    goal: CasePlanGoal,
    *,
    moved_home_on: date | None,
    achieved_on: date | None,
    by: User,
    on: date,
    note: str = "",
) -> CasePlanGoal:
    """Return the goal with the move home, the achievement, or both, as far as they are new."""
    if moved_home_on is not None and moved_home_on != goal.moved_home_on:
        goal = record_move_home(goal, moved_home_on=moved_home_on, by=by, on=on)
    if achieved_on is not None:
        goal = record_achievement(goal, achieved_on=achieved_on, by=by, on=on, note=note)
    return goal
