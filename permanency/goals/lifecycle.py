"""A goal comes into force, its dates move, and it ends: for itself or with the child's clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from directory import history
from directory.errors import refuse
from directory.models import Appointment, User
from permanency.goals import clocks, store
from permanency.goals.clocks import GoalDates
from permanency.models import CasePlanGoal, Child, check_may_write
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import adults_born_by
from permanency.policy.two_year_clock import first_two_year_goal_error

# Sent, within the transaction, when that has changed on which an endorsement rests: who manages the
# case, where, and which goal is in force. With the child as it stands now, and `by` and `on`.
case_moved = Signal()

OPENED = "opened with the goal in force"
IN_FORCE_AGAIN = "put the goal in force again, its ending taken back"
HAS_A_GOAL = "This child has a goal here already: it changes by consultation."
OPENED_NOTE = "Already in force in ChildStory; no decision was taken here."


def opening_errors(goal: CasePlanGoal, *, entered_care_on: date | None, on: date) -> dict[str, str]:
    """Return what is wrong with a goal to be opened in force, by field; empty if nothing is.

    A last review before the goal took effect is none of it: it does not count (rule 2).
    """
    born_on, since = goal.child.born_on, goal.effective_on
    days = (
        (
            "effective_on",
            since,
            (born_on, "The goal cannot take effect before the child was born."),
            (on, "The goal cannot take effect after today."),
        ),
        (
            "last_review_held_on",
            goal.last_review_held_on,
            (born_on, "A review cannot be held before the child was born."),
            (on, "A review cannot be held after today."),
        ),
        (
            "first_two_year_goal_on",
            goal.first_two_year_goal_on,
            (born_on, "The first two-year goal cannot be before the child was born."),
            (since, "The first two-year goal took effect no later than this goal."),
        ),
    )
    errors = {}
    for field, day, (earliest, too_early), (latest, too_late) in days:
        if day is not None and not earliest <= day <= latest:
            errors[field] = too_late if day > latest else too_early
    first_on = goal.first_two_year_goal_on
    if first_on is not None and "first_two_year_goal_on" not in errors:
        error = first_two_year_goal_error(
            first_on, effective_on=since, entered_care_on=entered_care_on
        )
        errors |= {"first_two_year_goal_on": error} if error else {}
    return errors


@transaction.atomic
def open_with_goal_in_force(
    child: Child,
    *,
    goal: str,
    effective_on: date,
    source_note: str,
    by: User | None,
    on: date,
    last_review_held_on: date | None = None,
    first_two_year_goal_on: date | None = None,
) -> CasePlanGoal:
    """Return the goal of a child without one here, as it is in force in ChildStory (rule 6)."""
    child = store.lock_child(child)
    check_may_write(by, child.district, on=on)
    refuse(HAS_A_GOAL if child.goals.exists() else "")
    opened = CasePlanGoal(
        child=child,
        goal=goal,
        effective_on=effective_on,
        source=CasePlanGoal.Source.OPENED_IN_FORCE,
        source_note=source_note,
        last_review_held_on=last_review_held_on,
        reviewed_before_on=last_review_held_on,
        first_two_year_goal_on=first_two_year_goal_on,
    )
    entered_on = clocks.entered_care_on(child)
    refuse(*opening_errors(opened, entered_care_on=entered_on, on=on).values())
    store.save_dates(opened, clocks.goal_dates(opened, on=on))
    history.record_change(OPENED, opened, {}, by=by, on=on, note=OPENED_NOTE)
    case_moved.send(Child, child=child, by=by, on=on)
    return opened


def put_in_force(
    child: Child,
    *,
    goal: str,
    effective_on: date,
    by: User | None,
    on: date,
    appointment: Appointment | None = None,
) -> CasePlanGoal:
    """Return the approved goal, which ends the one before it. The caller has locked the child."""
    current = store.current_goal(child)
    refuse(
        "The goal cannot take effect after today." if effective_on > on else "",
        "The goal cannot take effect before the one it replaces."
        if current is not None and effective_on < current.effective_on
        else "",
    )
    if current is not None:
        who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
        store.end_goal(current, EndReason.GOAL_CHANGED, ended_on=effective_on, **who)
    new = CasePlanGoal(
        child=child, goal=goal, effective_on=effective_on, source=CasePlanGoal.Source.APPROVED
    )
    store.save_dates(new, clocks.goal_dates(new, on=on))
    history.record_change("put the goal in force", new, {}, by=by, on=on, appointment=appointment)
    return new


def save_review_held(
    goal: CasePlanGoal, dates: GoalDates, *, held_on: date, by: User, on: date
) -> None:
    """Count the next review of a goal, locked and checked, from the day it was held (rule 2)."""
    before = history.values(goal)
    goal.last_review_held_on = max(filter(None, (goal.last_review_held_on, held_on)))
    store.save_dates(goal, dates, "last_review_held_on")
    history.record_change("worked out the date of the next review", goal, before, by=by, on=on)


@transaction.atomic
def record_move_home(
    goal: CasePlanGoal, *, moved_home_on: date, by: User, on: date
) -> CasePlanGoal:
    """Return the restoration goal with the day the child moved home: not yet its achievement."""
    goal = store.lock_goal_to_write(goal, by=by, on=on)
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
    goal = store.lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if Goal(goal.goal).has_two_year_clock else "This goal has no legal achievement.",
        *achievement_errors(goal, achieved_on, on=on),
    )
    store.end_goal(goal, EndReason.ACHIEVED, ended_on=achieved_on, by=by, on=on)
    case_moved.send(Child, child=goal.child, by=by, on=on)
    if note:
        history.record_change("noted the achievement", goal, by=by, on=on, note=note)
    return goal


@transaction.atomic
def correct_achievement(
    goal: CasePlanGoal, *, achieved_on: date | None, why: str, by: User, on: date
) -> CasePlanGoal:
    """Return the goal, achieved on another day, or in force again where it was not (None)."""
    child = store.lock_child(goal.child)
    check_may_write(by, child.district, on=on)
    achieved = store.achieved_goal(child)
    refuse(
        "" if achieved.pk == goal.pk else "Another goal has come after this one.",
        "" if why.strip() else "Say why it is corrected.",
        *achievement_errors(achieved, achieved_on, on=on),
    )
    if achieved_on is not None:
        reason = EndReason.ACHIEVED
        store.end_goal(achieved, reason, ended_on=achieved_on, by=by, on=on, note=why)
        return achieved
    before = history.values(achieved)
    achieved.ended_on, achieved.end_reason = None, ""
    store.save_dates(achieved, clocks.goal_dates(achieved, on=on), "ended_on", "end_reason")
    history.record_change("took back the achievement", achieved, before, by=by, on=on, note=why)
    case_moved.send(Child, child=child, by=by, on=on)
    # A fact may have ended the clocks meanwhile.
    return refresh_clocks(child, by=by, on=on) or achieved


def achievement_errors(goal: CasePlanGoal, achieved_on: date | None, *, on: date) -> list[str]:
    """Return why permanency cannot have been achieved that day, as sentences."""
    if achieved_on is not None and achieved_on > on:
        return ["Permanency cannot be achieved after today."]
    if achieved_on is not None and achieved_on < goal.effective_on:
        return ["Permanency cannot be achieved before the goal took effect."]
    return []


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


@transaction.atomic
def refresh_clocks(child: Child, *, by: User | None, on: date) -> CasePlanGoal | None:
    """Return the goal in force, its dates worked out again; None where the clocks end (rule 4).

    Where the fact that had ended the last goal was taken back, that goal is in force again.
    """
    child = store.lock_child(child)
    goal = store.goal_that_follows_facts(child)
    if goal is None:
        return None
    ended = clocks.ending_of(child, on=on)
    if ended is not None:
        store.end_goal(goal, ended.reason, ended_on=max(ended.on, goal.effective_on), by=by, on=on)
        return None
    before = history.values(goal)
    goal.ended_on, goal.end_reason = None, ""
    store.save_dates(goal, clocks.goal_dates(goal, on=on), "ended_on", "end_reason")
    if history.changes(before, history.values(goal))[1]:
        verb = IN_FORCE_AGAIN if before["ended_on"] else store.WORKED_OUT_AGAIN
        history.record_change(verb, goal, before, by=by, on=on)
    return goal


def end_goals_of_adults(
    *, on: date, failed: Callable[[int, Exception], object] | None = None
) -> int:
    """Return how many goals ended at 18 (rule 4); an exception is raised, or told to `failed`."""
    in_force = CasePlanGoal.objects.in_force().filter(child__born_on__lte=adults_born_by(on))
    ended = 0
    for child in list(in_force.values_list("child", flat=True)):
        try:
            refresh_clocks(Child.objects.get(pk=child), by=None, on=on)
        except Exception as fault:
            if failed is None:
                raise
            failed(child, fault)
        else:
            ended += 1
    return ended
