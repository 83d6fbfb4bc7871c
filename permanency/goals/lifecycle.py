"""A goal comes into force, its dates move, and it ends: for itself or with the child's clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.models import Appointment, User
from permanency.goals import clocks, store
from permanency.goals.clocks import GoalDates
from permanency.models import CasePlanGoal, Child, Extension, IntensiveMark, check_may_write
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months, adults_born_by
from permanency.policy.open_review import Mark, mark_error
from permanency.policy.two_year_clock import extension_error, first_two_year_goal_error

# Sent, within the transaction, when that has changed on which an endorsement rests: who manages the
# case, where, and which goal is in force. With the child as it stands now, and `by` and `on`.
case_moved = Signal()

OPENED = "opened with the goal in force"
IN_FORCE_AGAIN = "put the goal in force again, its ending taken back"
WORKED_OUT_AGAIN = "worked the dates out again"
CORRECTED_MEANWHILE = "Somebody has corrected this since you opened it."
HAS_A_GOAL = "This child has a goal here already: it changes by consultation."
NOT_INTENSIVE = "Only a two-year goal can be intensive."
OPENED_NOTE = "Already in force in ChildStory; no decision was taken here."
LONGEST_EXTENSION_MONTHS = 60


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


@transaction.atomic
def mark_intensive(goal: CasePlanGoal, *, reasons: str, by: User, on: date) -> CasePlanGoal:
    """Return the goal reviewed every three months from now on (rule 1)."""
    goal = store.lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if Goal(goal.goal).has_two_year_clock else NOT_INTENSIVE,
        "This goal is intensive already." if goal.is_intensive else "",
        "" if reasons.strip() else "Say why the goal is intensive.",
    )
    dates = clocks.dates_after_marking(goal, intensive=True, on=on)
    save_mark(goal, dates, reasons=reasons, by=by, on=on)
    return goal


def save_mark(goal: CasePlanGoal, dates: GoalDates, *, reasons: str, by: User, on: date) -> None:
    """Mark a goal, locked and checked, intensive: `dates` are those after it."""
    before = history.values(goal)
    goal.marks.create(from_on=on, reasons=reasons, by=by)
    goal.intensive_since = on
    store.save_dates(goal, dates, "intensive_since")
    history.record_change("marked the goal intensive", goal, before, by=by, on=on, note=reasons)


@transaction.atomic
def unmark_intensive(goal: CasePlanGoal, *, reasons: str, by: User, on: date) -> CasePlanGoal:
    """Return the goal reviewed at its ordinary period again (rule 1)."""
    goal = store.lock_goal_to_write(goal, by=by, on=on)
    refuse(
        "" if goal.is_intensive else "This goal is not intensive.",
        "" if reasons.strip() else "Say why the goal is no longer intensive.",
    )
    before = history.values(goal)
    dates = clocks.dates_after_marking(goal, intensive=False, on=on)
    goal.marks.filter(until_on=None).update(until_on=on)
    goal.intensive_since = None
    store.save_dates(goal, dates, "intensive_since")
    history.record_change("ended intensive reviews", goal, before, by=by, on=on, note=reasons)
    return goal


def extension_errors(
    goal: CasePlanGoal,
    *,
    extended_to: date,
    decided_on: date,
    on: date,
    instead_of: Extension | None = None,
) -> dict[str, str]:
    """Return what is wrong with an extension, by field; empty if nothing is."""
    others = clocks.other_extensions(goal.child, but=instead_of)
    two_year = clocks.dates_with_new_two_year(goal, on=on, extensions=others).two_year
    errors, current_on = {}, two_year.on
    if instead_of is not None and extended_to == instead_of.extended_to:
        # Only other facts of it are put right: a later one may stand after it.
        pass
    elif current_on is None:
        errors["extended_to"] = "This goal has no two-year date to extend."
    elif error := extension_error(extended_to, current_on=current_on, born_on=goal.child.born_on):
        errors["extended_to"] = error
    elif extended_to > add_months(current_on, LONGEST_EXTENSION_MONTHS):
        errors["extended_to"] = "An extension is at most five years."
    if decided_on > on:
        errors["decided_on"] = "The decision cannot be after today."
    elif two_year.start_on is not None and decided_on < two_year.start_on:
        errors["decided_on"] = "The decision cannot be before the two years began."
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
    goal = store.lock_goal_to_write(goal, by=by, on=on)
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
    store.save_dates(goal, clocks.dates_with_new_two_year(goal, on=on))
    history.record_change("recorded an extension", goal, before, by=by, on=on, note=reasons)
    return extension


@transaction.atomic
def correct_extension(
    extension: Extension, facts: Mapping[str, Any] | None, *, why: str, by: User, on: date
) -> None:
    """Save other facts of an extension, or take it back (None): the history keeps what it said.

    It may have been recorded with a goal before the one in force: the two years go on (rule 3).
    """
    goal, was = _lock_recorded(extension, why=why, by=by, on=on)
    if facts is not None:
        days = {name: facts[name] for name in ("extended_to", "decided_on")}
        refuse(*extension_errors(goal, **days, on=on, instead_of=extension).values())
    _write_correction(extension, "an extension", was, facts, by=by, on=on, note=why)
    before = history.values(goal)
    store.save_dates(goal, clocks.dates_with_new_two_year(goal, on=on))
    _tell_dates(goal, before, by=by, on=on)


@transaction.atomic
def correct_mark(
    mark: IntensiveMark, facts: Mapping[str, Any] | None, *, why: str, by: User, on: date
) -> None:
    """Save other days or reasons of a mark, or take it back (None): the history keeps what it said.

    The review date is the one that the marks come to now (rule 4).
    """
    goal, was = _lock_recorded(mark, why=why, by=by, on=on)
    refuse("" if goal.pk == mark.goal_id else "This goal is no longer in force.")
    if facts is not None:
        refuse(*mark_errors(goal, facts["from_on"], facts["until_on"], mark=mark, on=on).values())
    before = history.values(goal)
    _write_correction(mark, "a mark as intensive", was, facts, by=by, on=on, note=why)
    still = goal.marks.filter(until_on=None).first()
    goal.intensive_since = still.from_on if still else None
    dates = clocks.dates_with_marks(goal, clocks.recorded_marks(goal), on=on)
    store.save_dates(goal, dates, "intensive_since")
    _tell_dates(goal, before, by=by, on=on)


def mark_errors(
    goal: CasePlanGoal, from_on: date, until_on: date | None, *, mark: IntensiveMark, on: date
) -> dict[str, str]:
    """Return what is wrong with other days of a mark, by field; empty if nothing is."""
    if until_on is None and not Goal(goal.goal).has_two_year_clock:
        return {"until_on": NOT_INTENSIVE}
    others = clocks.recorded_marks(goal, but=mark)
    since = goal.effective_on
    name, error = mark_error(Mark(from_on, until_on), others=others, effective_on=since, on=on)
    return {name: error} if error else {}


def _lock_recorded(
    row: Extension | IntensiveMark, *, why: str, by: User, on: date
) -> tuple[CasePlanGoal, dict[str, Any]]:
    """Return the goal in force, locked, and what the row says; refused where it says other now."""
    child = store.lock_child(row.child)
    check_may_write(by, child.district, on=on)
    goal, was = store.goal_in_force(child), history.values(row)
    ended = clocks.ending_of(child, on=on)
    if goal is None or ended is not None:
        raise StepNotAllowedError("This child has no goal in force.")
    stands = type(row).objects.filter(pk=row.pk).first()
    refuse(
        "" if why.strip() else "Say why it is corrected.",
        "" if stands and history.values(stands) == was else CORRECTED_MEANWHILE,
    )
    return goal, was


def _write_correction(
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


def _tell_dates(goal: CasePlanGoal, before: dict[str, Any], *, by: User, on: date) -> None:
    if history.values(goal) != before:
        history.record_change(WORKED_OUT_AGAIN, goal, before, by=by, on=on)


def save_review_held(
    goal: CasePlanGoal, dates: GoalDates, *, held_on: date, by: User, on: date
) -> None:
    """Count the next review of a goal, locked and checked, from the day it was held (rule 2)."""
    before = history.values(goal)
    goal.last_review_held_on = max(filter(None, (goal.last_review_held_on, held_on)))
    store.save_dates(goal, dates, "last_review_held_on")
    history.record_change("counted the next review", goal, before, by=by, on=on)


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
        verb = IN_FORCE_AGAIN if before["ended_on"] else WORKED_OUT_AGAIN
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
