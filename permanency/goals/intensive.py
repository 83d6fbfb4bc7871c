"""A goal is marked intensive, and no more: each mark is kept with its days (rules 1 and 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.models import User
from permanency.goals import clocks, store
from permanency.goals.clocks import GoalDates
from permanency.models import CasePlanGoal, IntensiveMark
from permanency.policy.goals import Goal
from permanency.policy.open_review import Mark, mark_error

NOT_INTENSIVE = "Only a two-year goal can be intensive."


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
    save_mark(goal, dates, from_on=on, reasons=reasons, by=by, on=on)
    return goal


def save_mark(
    goal: CasePlanGoal, dates: GoalDates, *, from_on: date, reasons: str, by: User, on: date
) -> None:
    """Mark a goal, locked and checked, intensive from a day: `dates` are those after it."""
    before = history.values(goal)
    goal.marks.create(from_on=from_on, reasons=reasons, by=by)
    goal.intensive_since = from_on
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


@transaction.atomic
def correct_mark(
    mark: IntensiveMark, facts: Mapping[str, Any] | None, *, why: str, by: User, on: date
) -> None:
    """Save other days or reasons of a mark, or take it back (None): the history keeps what it said.

    The review date is the one that the marks come to now (rule 4).
    """
    goal, was = store.lock_recorded(mark, why=why, by=by, on=on)
    refuse("" if goal.pk == mark.goal_id else "This goal is no longer in force.")
    if facts is not None:
        refuse(*mark_errors(goal, facts["from_on"], facts["until_on"], mark=mark, on=on).values())
    before = history.values(goal)
    store.write_correction(mark, "a mark as intensive", was, facts, by=by, on=on, note=why)
    still = goal.marks.filter(until_on=None).first()
    goal.intensive_since = still.from_on if still else None
    dates = clocks.dates_with_marks(goal, clocks.recorded_marks(goal), on=on)
    store.save_dates(goal, dates, "intensive_since")
    store.tell_dates(goal, before, by=by, on=on)


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
