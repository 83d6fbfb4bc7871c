"""Correcting what a review says, and the day on which it was held.

Its outcome stands, and so does the due date that it answered. The day it was held has moved the
clock, so correcting it is an act of its own.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from directory import history
from directory.errors import StaleEditError, StepNotAllowedError, refuse
from directory.history.diff import Version, versions
from directory.models import HistoryEntry, User
from permanency.goals import clocks, lifecycle
from permanency.goals import store as goals_store
from permanency.goals.clocks import GoalDates
from permanency.goals.store import save_dates
from permanency.models import CasePlanGoal, check_may_write
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import held_on_error
from reviews.held.goal_days import CORRECT_DAYS_VERB
from reviews.held.services import HOLD_VERB, ReviewContent
from reviews.models import GoalReview

CORRECT_VERB = "corrected a review"
CORRECT_DATE_VERB = "corrected the day a review was held"


def versions_of(review: GoalReview) -> list[Version]:
    """Return the versions of a review, the first one first."""
    verbs = (HOLD_VERB, CORRECT_VERB, CORRECT_DATE_VERB)
    return versions(f"review {review.pk}", verbs, child_number=review.child_id)


def date_corrections(review: GoalReview, *relations: str) -> QuerySet[HistoryEntry]:
    """Return the entries that corrected the day a review was held; `relations` is read as well."""
    entries = HistoryEntry.objects.filter(
        child_number=review.child_id, subject=f"review {review.pk}", verb=CORRECT_DATE_VERB
    )
    return entries.select_related(*relations)


@transaction.atomic
def correct(
    review: GoalReview, content: ReviewContent, *, version: int, by: User, on: date
) -> GoalReview:
    """Return the review with its words corrected; before and after stay in the history.

    `version` is the one that the person saw: StaleEditError if somebody saved since.
    """
    child = goals_store.lock_child(review.child)
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
    goal = review.goal
    impossible = held_on_error(
        held_on, on=on, born_on=review.child.born_on, effective_on=goal.effective_on
    )
    if impossible:
        return impossible
    if held_on > review.recorded_on:
        return f"It was recorded on {day_in_words(review.recorded_on)}, so it was held by then."
    if goal.ended_on is not None and held_on > goal.ended_on:
        return f"The goal ended on {day_in_words(goal.ended_on)}, so it was held by then."
    if review.copy_given_on is not None and held_on > review.copy_given_on:
        given = day_in_words(review.copy_given_on)
        return f"A copy was given to the provider on {given}: correct that day first."
    if goal.reviews.filter(held_on=held_on).exclude(pk=review.pk).exists():
        return f"Another review of this goal was held on {day_in_words(held_on)}."
    return ""


def clocks_after(
    review: GoalReview, *, held_on: date, on: date
) -> tuple[GoalDates, GoalDates] | None:
    """Return both dates now, and as they will be when the review was held on this day instead.

    Only the last review of a goal moves its dates. None where the goal is no longer in force.
    """
    goal = CasePlanGoal.objects.select_related("child").get(pk=review.goal_id)
    if goal.ended_on is not None:
        return None
    was, last_on = clocks.dates_on_goal(goal), _last_review_on(goal, review, held_on)
    if last_on == goal.last_review_held_on:
        return was, was
    goal.last_review_held_on = last_on
    return was, replace(was, review=clocks.goal_dates(goal, on=on).review)


def _last_review_on(goal: CasePlanGoal, review: GoalReview, held_on: date) -> date:
    others = goal.reviews.held().exclude(pk=review.pk).values_list("held_on", flat=True)
    return max(filter(None, (held_on, _last_review_before_opening(goal), *others)))


def _last_review_before_opening(goal: CasePlanGoal) -> date | None:
    entries = HistoryEntry.objects.filter(
        child_number=goal.child_id,
        subject=f"case plan goal {goal.pk}",
        verb__in=(lifecycle.OPENED, CORRECT_DAYS_VERB),
    )
    recorded_days = [
        entry["last_review_held_on"]
        for entry in entries.order_by("pk").values_list("after", flat=True)
        if "last_review_held_on" in entry
    ]
    return date.fromisoformat(recorded_days[-1]) if recorded_days and recorded_days[-1] else None


@transaction.atomic
def correct_date(
    review: GoalReview, *, held_on: date, reasons: str, version: int, by: User, on: date
) -> GoalReview:
    """Return the review, held on this day instead; of the last one, the next review follows.

    The due date that it answered stays with it. `version` is the one that the person saw.
    """
    child = goals_store.lock_child(review.child)
    check_may_write(by, child.district, on=on)
    review = _locked_review(review, version)
    refuse(
        review_date_error(review, held_on, on=on),
        "" if reasons.strip() else "Say why it is corrected.",
    )
    before, after = history.changes({"held_on": review.held_on}, {"held_on": held_on})
    if not after:
        return review
    moved = clocks_after(review, held_on=held_on, on=on)
    last_on = _last_review_on(review.goal, review, held_on)
    review.held_on, review.version = held_on, review.version + 1
    review.save(update_fields=["held_on", "version"])
    history.record_change(
        CORRECT_DATE_VERB, review, before, after=after, by=by, on=on, note=reasons
    )
    if moved is not None and last_on != review.goal.last_review_held_on:
        _store_next_review(review.goal, last_on, moved[1], by=by, on=on)
    return review


def _store_next_review(
    goal: CasePlanGoal, last_on: date, now: GoalDates, *, by: User, on: date
) -> None:
    was = history.values(goal)
    goal.last_review_held_on = last_on
    save_dates(goal, now, "last_review_held_on")
    history.record_change("counted the next review", goal, was, by=by, on=on)


def _locked_review(review: GoalReview, version: int) -> GoalReview:
    review = GoalReview.objects.select_for_update().get(pk=review.pk)
    if review.held_on is None:
        raise StepNotAllowedError("This review was not held: there is nothing to correct in it.")
    if review.version != version:
        raise StaleEditError("Somebody has corrected this review since you opened it.")
    return review
