"""Correcting the days from which the dates of a goal are counted.

What was held stays held, and keeps the due date that it answered. A date that moves settles the
notices of the old one; what an inbox was told is not told again.
"""

from __future__ import annotations

from copy import copy
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max, Min

from consultations.models import GoalChange
from directory import history
from directory.errors import StaleEditError, refuse
from directory.models import User
from permanency.goals import clocks, lifecycle
from permanency.goals import store as goals_store
from permanency.goals.clocks import GoalDates
from permanency.goals.store import save_dates
from permanency.models import CasePlanGoal, Child, check_may_write
from permanency.policy.goals import EndReason
from permanency.policy.months import day_in_words

CORRECT_DAYS_VERB = "corrected the days of the goal"
CORRECT_END_VERB = "corrected the end of the goal, which another one follows"


@dataclass(frozen=True)
class Anchors:
    """The days that a goal is counted from, as they should be."""

    effective_on: date
    first_two_year_goal_on: date | None = None
    last_review_held_on: date | None = None


@dataclass(frozen=True)
class GoalCorrection:
    """A correction as it would be saved, on rows that are not saved yet.

    `before` is the goal whose end follows; `current` the one in force, whose dates move.
    """

    goal: CasePlanGoal
    before: CasePlanGoal | None
    current: CasePlanGoal | None
    was: GoalDates | None
    now: GoalDates | None


def anchors_of(goal: CasePlanGoal) -> Anchors:
    """Return the days that a goal is counted from, as they are recorded."""
    return Anchors(goal.effective_on, goal.first_two_year_goal_on, goal.last_review_held_on)


def is_opened_in_force(goal: CasePlanGoal) -> bool:
    """Say whether the goal was opened as already in force, with what had gone before it."""
    return goal.source == CasePlanGoal.Source.OPENED_IN_FORCE


def has_reviews(goal: CasePlanGoal) -> bool:
    """Say whether a review of the goal is recorded here: those are corrected one by one."""
    return goal.reviews.filter(held_on__isnull=False).exists()


def goal_correction(goal: CasePlanGoal, anchors: Anchors, *, on: date) -> GoalCorrection:
    """Return what a correction would do, told before it is saved. Reads only."""
    child = Child.objects.prefetch_related("goals", "care_episodes").get(pk=goal.child_id)
    goal_periods = sorted(child.goals.all(), key=lambda each: (each.effective_on, each.pk))
    place = next(number for number, each in enumerate(goal_periods) if each.pk == goal.pk)
    goal, before = goal_periods[place], goal_periods[place - 1] if place else None
    if before is not None and not _follows(before, goal):
        before = None
    if before is not None:
        before.ended_on = anchors.effective_on
    for name, day in asdict(anchors).items():
        setattr(goal, name, day)
    current = next((each for each in goal_periods if each.ended_on is None), None)
    if current is None:
        return GoalCorrection(goal, before, None, None, None)
    was = clocks.dates_on_goal(current) if current.review_derivation else None
    return GoalCorrection(goal, before, current, was, clocks.goal_dates(current, on=on))


def _follows(before: CasePlanGoal, goal: CasePlanGoal) -> bool:
    is_replaced = before.end_reason == EndReason.GOAL_CHANGED
    return is_replaced and before.ended_on == goal.effective_on


def anchor_errors(goal: CasePlanGoal, anchors: Anchors, *, on: date) -> dict[str, str]:
    """Return what is wrong with other days of a goal, by field; empty if nothing is."""
    described = copy(goal)
    for name, day in asdict(anchors).items():
        setattr(described, name, day)
    errors = lifecycle.opening_errors(described, on=on)
    sentence = errors.get("effective_on") or _effective_on_error(goal, anchors.effective_on)
    return {"effective_on": sentence} if sentence else errors


def _effective_on_error(goal: CasePlanGoal, since: date) -> str:
    if goal.ended_on is not None and since > goal.ended_on:
        return f"This goal ended on {day_in_words(goal.ended_on)}: it took effect no later."
    return _previous_goal_error(goal, since) or _own_record_error(goal, since)


def _previous_goal_error(goal: CasePlanGoal, since: date) -> str:
    earlier = goal.child.goals.exclude(pk=goal.pk).filter(effective_on__lte=goal.effective_on)
    before = earlier.exclude(effective_on=goal.effective_on, pk__gt=goal.pk).first()
    if before is None or before.ended_on is None:
        return ""
    name = str(before).lower()
    if not _follows(before, goal):
        ended = day_in_words(before.ended_on)
        return (
            f"The goal before it, {name}, ended on {ended}: the two would overlap."
            if since < before.ended_on
            else ""
        )
    if since < before.effective_on:
        began = day_in_words(before.effective_on)
        return f"The goal before it, {name}, took effect on {began}: this one took effect later."
    held_on = before.reviews.aggregate(last=Max("held_on"))["last"]
    if held_on is not None and held_on > since:
        return f"A review of the goal before it was held on {day_in_words(held_on)}."
    return ""


def _own_record_error(goal: CasePlanGoal, since: date) -> str:
    held_on = goal.reviews.aggregate(first=Min("held_on"))["first"]
    decided_on = goal.extensions.aggregate(first=Min("decided_on"))["first"]
    happened = (
        (held_on, "A review of this goal was held on {day}: it would fall before the goal."),
        (decided_on, "An extension was decided on {day}: it would fall before the goal."),
        (goal.intensive_since, "The goal was marked intensive on {day}."),
        (goal.moved_home_on, "The child moved home on {day}."),
    )
    for day, sentence in happened:
        if day is not None and day < since:
            return sentence.format(day=day_in_words(day))
    consulted_on = GoalChange.objects.filter(new_goal=goal).aggregate(
        on=Max("consultation__held_on")
    )["on"]
    if consulted_on is not None and since < consulted_on:
        return f"The consultation about it was held on {day_in_words(consulted_on)}."
    return ""


@transaction.atomic
def correct_goal(
    goal: CasePlanGoal, anchors: Anchors, *, reasons: str, version: int, by: User, on: date
) -> CasePlanGoal:
    """Return the goal with these days, and the dates of the goal in force counted from them.

    `version` is the one that the person saw: StaleEditError if somebody corrected it since.
    """
    child = goals_store.lock_child(goal.child)
    check_may_write(by, child.district, on=on)
    goal = CasePlanGoal.objects.select_for_update().get(pk=goal.pk)
    if goal.version != version:
        raise StaleEditError("Somebody has corrected this goal since you opened it.")
    refuse(
        *anchor_errors(goal, anchors, on=on).values(),
        "" if reasons.strip() else "Say why it is corrected.",
    )
    plan = goal_correction(goal, anchors, on=on)
    if anchors == anchors_of(goal) and plan.was == plan.now:
        return goal
    return _save(plan, history.values(goal), reasons, by=by, on=on)


def _save(
    plan: GoalCorrection, was: dict[str, object], reasons: str, *, by: User, on: date
) -> CasePlanGoal:
    goal, before, current = plan.goal, plan.before, plan.current
    goal.version += 1
    changed = [*Anchors.__dataclass_fields__, "version"]
    if current is not None and plan.now is not None and current.pk == goal.pk:
        save_dates(goal, plan.now, *changed)
    else:
        goal.save(update_fields=changed)
        if current is not None and plan.now is not None:
            _store_dates(current, plan.now, by=by, on=on)
    if before is not None:
        _save_previous_end(before, by=by, on=on)
    history.record_change(CORRECT_DAYS_VERB, goal, was, by=by, on=on, note=reasons)
    return goal


def _store_dates(goal: CasePlanGoal, now: GoalDates, *, by: User, on: date) -> None:
    was = history.values(goal)
    save_dates(goal, now)
    if history.values(goal) != was:
        history.record_change("worked the dates out again", goal, was, by=by, on=on)


def _save_previous_end(before: CasePlanGoal, *, by: User, on: date) -> None:
    was = {
        **history.values(before),
        "ended_on": CasePlanGoal.objects.get(pk=before.pk).ended_on,
    }
    if before.ended_on != was["ended_on"]:
        before.save(update_fields=["ended_on"])
        history.record_change(CORRECT_END_VERB, before, was, by=by, on=on)
