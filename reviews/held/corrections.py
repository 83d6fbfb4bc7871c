"""Striking and correcting reviews, the days on which they were held, and the days of a goal.

Outcomes stand, and so does the due date that a review answered. A date that moves settles the
notices of the old one; what an inbox was told is not told again.
"""

from __future__ import annotations

from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Max, Min, QuerySet

from consultations.models import GoalChange
from directory import history
from directory.errors import StaleEditError, StepNotAllowedError, refuse
from directory.models import HistoryEntry, User
from permanency.care.services import strike_actions
from permanency.goals import clocks, intensive, lifecycle, store
from permanency.goals.clocks import GoalDates
from permanency.goals.store import save_dates
from permanency.models import CasePlanGoal, Child, check_may_write
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import held_on_error
from reviews.held.services import HOLD_VERB, ReviewContent, answer_again
from reviews.models import GoalReview

CORRECT_VERB = "corrected a review"
CORRECT_DATE_VERB = "corrected the day a review was held"
CORRECT_DAYS_VERB = "corrected the days of the goal"
CORRECT_END_VERB = "corrected the end of the goal, which another one follows"
STRIKE_VERB = "struck a review that was recorded by mistake"
STRUCK = "This review was recorded by mistake and is struck."
# The acts that write a version of a review.
VERSION_VERBS = (HOLD_VERB, CORRECT_VERB, CORRECT_DATE_VERB)


def date_corrections(review: GoalReview) -> QuerySet[HistoryEntry]:
    """Return the entries that corrected the day a review was held."""
    return HistoryEntry.objects.filter(
        child_number=review.child_id, subject=f"review {review.pk}", verb=CORRECT_DATE_VERB
    )


@transaction.atomic
def correct(
    review: GoalReview, content: ReviewContent, *, version: int, by: User, on: date
) -> GoalReview:
    """Return the review with its words corrected; before and after stay in the history.

    `version` is the one that the person saw: StaleEditError if somebody saved since.
    """
    child = store.lock_child(review.child)
    check_may_write(by, child.district, on=on)
    review = _locked_review(review, version)
    new = asdict(content)
    before, after = history.changes({name: getattr(review, name) for name in new}, new)
    if not after:
        return review
    for name, words in after.items():
        setattr(review, name, words)
    review.version += 1
    review.save(update_fields=[*after, "version"])
    history.record_change(CORRECT_VERB, review, before, after=after, by=by, on=on)
    return review


def review_date_error(review: GoalReview, held_on: date, *, on: date) -> str:
    """Return why a review cannot have been held on another day, as a sentence, or "" if it can."""
    (goal,) = clocks.goals_by_facts(review.child, [copy(review.goal)], on=on)
    impossible = held_on_error(
        held_on,
        on=on,
        born_on=review.child.born_on,
        effective_on=goal.effective_on,
        ended_on=goal.ended_on,
    )
    if impossible:
        return impossible
    if held_on > review.recorded_on:
        return f"It was recorded on {day_in_words(review.recorded_on)}, so it was held by then."
    if review.copy_given_on is not None and held_on > review.copy_given_on:
        given = day_in_words(review.copy_given_on)
        return f"A copy was given to the provider on {given}: correct that day first."
    if goal.reviews.held().filter(held_on=held_on).exclude(pk=review.pk).exists():
        return f"Another review of this goal was held on {day_in_words(held_on)}."
    return ""


def clocks_after(
    review: GoalReview, *, held_on: date | None, on: date
) -> tuple[GoalDates, GoalDates] | None:
    """Return both dates now, and as they will be when the review was held that day, or never.

    Only the last review of a goal moves its dates. None where the goal is no longer in force.
    """
    goal = CasePlanGoal.objects.select_related("child").get(pk=review.goal_id)
    return None if goal.ended_on is not None else _dates_after(goal, review, held_on, on=on)


def _dates_after(
    goal: CasePlanGoal, review: GoalReview, held_on: date | None, *, on: date
) -> tuple[GoalDates, GoalDates]:
    was, last_on = clocks.dates_on_goal(goal), _last_review_on(goal, review, held_on)
    if last_on == goal.last_review_held_on:
        return was, was
    goal = copy(goal)
    goal.last_review_held_on = last_on
    return was, replace(was, review=clocks.goal_dates(goal, on=on).review)


def _last_review_on(goal: CasePlanGoal, review: GoalReview, held_on: date | None) -> date | None:
    others = goal.reviews.held().exclude(pk=review.pk).values_list("held_on", flat=True)
    return max(filter(None, (held_on, goal.reviewed_before_on, *others)), default=None)


@transaction.atomic
def correct_date(
    review: GoalReview, *, held_on: date, reasons: str, version: int, by: User, on: date
) -> GoalReview:
    """Return the review, held on this day instead; of the last one, the next review follows.

    The due date that it answered stays with it. `version` is the one that the person saw.
    """
    child = store.lock_child(review.child)
    check_may_write(by, child.district, on=on)
    review = _locked_review(review, version)
    refuse(
        review_date_error(review, held_on, on=on),
        "" if reasons.strip() else "Say why it is corrected.",
    )
    before, after = history.changes({"held_on": review.held_on}, {"held_on": held_on})
    if not after:
        return review
    goal = child.goals.get(pk=review.goal_id)
    moved = _dates_after(goal, review, held_on, on=on)[1]
    last_on = _last_review_on(goal, review, held_on)
    review.held_on, review.version = held_on, review.version + 1
    review.save(update_fields=["held_on", "version"])
    history.record_change(
        CORRECT_DATE_VERB, review, before, after=after, by=by, on=on, note=reasons
    )
    if last_on != goal.last_review_held_on:
        was = history.values(goal)
        goal.last_review_held_on = last_on
        save_dates(goal, moved, "last_review_held_on")
        history.record_change("worked out the date of the next review", goal, was, by=by, on=on)
    return review


def _locked_review(review: GoalReview, version: int) -> GoalReview:
    review = GoalReview.objects.select_for_update().get(pk=review.pk)
    refuse(STRUCK if review.struck_on else "")
    if review.held_on is None:
        raise StepNotAllowedError("This review was not held: there is nothing to correct in it.")
    if review.version != version:
        raise StaleEditError("Somebody has corrected this review since you opened it.")
    return review


def why_not_struck(review: GoalReview) -> str:
    """Return why a review cannot be struck, as a sentence, or "" if it can."""
    if review.struck_on is not None:
        return STRUCK
    marks = review.goal.marks.filter(from_on=review.held_on or review.recorded_on)
    is_marked = review.goal.ended_on is None and marks.exists()
    if review.outcome == GoalReview.Outcome.INTENSIVE and is_marked:
        return "This review marked the goal intensive: take that mark back first."
    return ""


@transaction.atomic
def strike(review: GoalReview, *, reasons: str, version: int, by: User, on: date) -> GoalReview:
    """Return the review, struck with its actions; the dates of its goal follow from the others.

    `version` is the one that the person saw: StaleEditError if somebody corrected it since.
    """
    child = store.lock_child(review.child)
    check_may_write(by, child.district, on=on)
    review = GoalReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    refuse(why_not_struck(review), "" if reasons.strip() else "Say why it is struck.")
    if review.version != version:
        raise StaleEditError("Somebody has corrected this review since you opened it.")
    goal = child.goals.get(pk=review.goal_id)
    last_on = _last_review_on(goal, review, None)
    moved = _dates_after(goal, review, None, on=on)[1] if review.held_on else None
    before = history.values(review)
    review.strike(reasons=reasons, by=by, on=on)
    strike_actions(review.actions.all(), on=on)
    history.record_change(STRIKE_VERB, review, before, by=by, on=on, note=reasons)
    if moved is not None and last_on != goal.last_review_held_on:
        was = history.values(goal)
        goal.last_review_held_on = last_on
        save_dates(goal, moved, "last_review_held_on")
        history.record_change(store.WORKED_OUT_AGAIN, goal, was, by=by, on=on)
    if review.held_on is not None:
        answer_again(goal, after=review.held_on, by=by, on=on)
    return review


@dataclass(frozen=True)
class Anchors:
    """What a goal is counted from, as it should be: its kind and days."""

    goal: str
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
    return Anchors(
        goal.goal, goal.effective_on, goal.first_two_year_goal_on, goal.last_review_held_on
    )


def goal_correction(goal: CasePlanGoal, anchors: Anchors, *, on: date) -> GoalCorrection:
    """Return what a correction would do, told before it is saved."""
    child = Child.objects.prefetch_related("goals", "care_episodes").get(pk=goal.child_id)
    goal_periods = sorted(child.goals.all(), key=lambda each: (each.effective_on, each.pk))
    place = next(number for number, each in enumerate(goal_periods) if each.pk == goal.pk)
    goal, before = goal_periods[place], goal_periods[place - 1] if place else None
    current = next((each for each in goal_periods if each.ended_on is None), None)
    was = clocks.dates_on_goal(current) if current and current.review_derivation else None
    if before is not None and not _follows(before, goal):
        before = None
    if before is not None:
        before.ended_on = anchors.effective_on
    if anchors.last_review_held_on != goal.last_review_held_on:
        goal.reviewed_before_on = anchors.last_review_held_on
    for name, value in asdict(anchors).items():
        setattr(goal, name, value)
    if current is None:
        return GoalCorrection(goal, before, None, None, None)
    return GoalCorrection(goal, before, current, was, clocks.goal_dates(current, on=on))


def _follows(before: CasePlanGoal, goal: CasePlanGoal) -> bool:
    is_replaced = before.end_reason == EndReason.GOAL_CHANGED
    return is_replaced and before.ended_on == goal.effective_on


def anchor_errors(goal: CasePlanGoal, anchors: Anchors, *, on: date) -> dict[str, str]:
    """Return what is wrong with other days of a goal, by field; empty if nothing is."""
    described = copy(goal)
    for name, value in asdict(anchors).items():
        setattr(described, name, value)
    if error := _kind_error(goal, anchors.goal):
        return {"goal": error}
    entered_on = clocks.entered_care_on(goal.child)
    errors = lifecycle.opening_errors(described, entered_care_on=entered_on, on=on)
    since, sentence = anchors.effective_on, errors.get("effective_on", "")
    if not sentence and goal.ended_on is not None and since > goal.ended_on:
        sentence = f"This goal ended on {day_in_words(goal.ended_on)}: it took effect no later."
    sentence = sentence or _previous_goal_error(goal, since) or _own_record_error(goal, since)
    return {"effective_on": sentence} if sentence else errors


def may_correct_kind(goal: CasePlanGoal) -> bool:
    """Return whether a goal may have been opened as the wrong one; others were decided on."""
    return goal.source == CasePlanGoal.Source.OPENED_IN_FORCE and goal.ended_on is None


def _kind_error(goal: CasePlanGoal, kind: str) -> str:
    if kind == goal.goal:
        return ""
    if not may_correct_kind(goal):
        return "This goal was decided on: another one takes a consultation."
    if goal.is_intensive and not Goal(kind).has_two_year_clock:
        return f"{intensive.NOT_INTENSIVE} End the intensive reviews first."
    return ""


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
    held_on = before.reviews.held().aggregate(last=Max("held_on"))["last"]
    if held_on is not None and held_on > since:
        return f"A review of the goal before it was held on {day_in_words(held_on)}."
    return ""


def _own_record_error(goal: CasePlanGoal, since: date) -> str:
    held_on = goal.reviews.held().aggregate(first=Min("held_on"))["first"]
    decided = goal.extensions.filter(decided_on__gte=goal.effective_on)
    decided_on = decided.aggregate(first=Min("decided_on"))["first"]
    marked_on = goal.marks.aggregate(first=Min("from_on"))["first"]
    happened = (
        (held_on, "A review of this goal was held on {day}: it would fall before the goal."),
        (decided_on, "An extension was decided on {day}: it would fall before the goal."),
        (marked_on, "The goal was marked intensive on {day}."),
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
    child = store.lock_child(goal.child)
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
    is_other_kind = anchors.goal != goal.goal
    was, goal, current = history.values(goal), plan.goal, plan.current
    goal.version += 1
    changed = [*Anchors.__dataclass_fields__, "reviewed_before_on", "version"]
    if current is not None and plan.now is not None and current.pk == goal.pk:
        save_dates(goal, plan.now, *changed)
    else:
        goal.save(update_fields=changed)
        if current is not None and plan.now is not None:
            was_current = history.values(current)
            save_dates(current, plan.now)
            store.tell_dates(current, was_current, by=by, on=on)
    if plan.before is not None:
        _save_previous_end(plan.before, by=by, on=on)
    history.record_change(CORRECT_DAYS_VERB, goal, was, by=by, on=on, note=reasons)
    if goal.ended_on is not None:
        # A goal that a fact ended before it began ends on the day it took effect.
        lifecycle.refresh_clocks(child, by=by, on=on)
    if is_other_kind:
        lifecycle.case_moved.send(Child, child=child, by=by, on=on)
    return goal


def _save_previous_end(before: CasePlanGoal, *, by: User, on: date) -> None:
    was = {
        **history.values(before),
        "ended_on": CasePlanGoal.objects.get(pk=before.pk).ended_on,
    }
    if before.ended_on != was["ended_on"]:
        before.save(update_fields=["ended_on"])
        history.record_change(CORRECT_END_VERB, before, was, by=by, on=on)
