"""Holding a review of a goal, or recording that it was not held and why."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from directory import history
from directory.errors import OtherEffectError, refuse
from directory.models import User
from permanency.care import services as care
from permanency.goals import clocks, effects, intensive, lifecycle, store
from permanency.goals.clocks import ReviewedDates
from permanency.models import Action, CasePlanGoal, RuleVersion
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from permanency.policy.open_review import Mark, mark_error
from permanency.policy.review_dates import days_late, held_on_error, needs_reason_for_backdating
from permanency.policy.rule_changes import RuleBook
from permanency.policy.rules import period_months
from reviews.models import GoalReview

Outcome = GoalReview.Outcome
HOLD_VERB = "held a review"
ANSWERED_AGAIN = "worked out again what a review has answered"
ANSWERED_FIELDS = ("due_on", "anchor_on", "period_months", "due_derivation")
TWO_YEAR_OUTCOMES = frozenset({Outcome.INTENSIVE, Outcome.EXTENSION_SOUGHT, Outcome.ACHIEVED})


@dataclass(frozen=True)
class ReviewContent:
    """What a review says in words: the part of it that may be corrected later."""

    progress: str
    took_part: str = ""
    progress_reasons: str = ""
    barriers: str = ""
    support_needed: str = ""
    cultural_practice: str = ""
    copy_given_on: date | None = None


def review_errors(
    goal: CasePlanGoal,
    *,
    held_on: date,
    outcome: str,
    reasons: str,
    backdated_reasons: str,
    on: date,
) -> dict[str, str]:
    """Return what is wrong with a review of a goal, by field; empty if nothing is."""
    errors = {}
    (goal,) = clocks.goals_by_facts(goal.child, [copy(goal)], on=on)
    impossible = held_on_error(
        held_on,
        on=on,
        born_on=goal.child.born_on,
        effective_on=goal.effective_on,
        ended_on=goal.ended_on,
    )
    if impossible:
        errors["held_on"] = impossible
    elif goal.reviews.held().filter(held_on=held_on).exists():
        errors["held_on"] = (
            f"A review of this goal, held on {day_in_words(held_on)}, is recorded already."
        )
    elif needs_reason_for_backdating(held_on, on=on) and not backdated_reasons.strip():
        errors["backdated_reasons"] = "It was held more than 30 days ago: say why it comes late."
    return {**errors, **_outcome_errors(goal, held_on, outcome, reasons, on=on)}


def _outcome_errors(
    goal: CasePlanGoal, held_on: date, outcome: str, reasons: str, *, on: date
) -> dict[str, str]:
    if outcome in TWO_YEAR_OUTCOMES and not Goal(goal.goal).has_two_year_clock:
        return {"outcome": "Only restoration, guardianship and open adoption can have this."}
    if outcome != Outcome.INTENSIVE:
        return {}
    if goal.ended_on is not None:
        return {"outcome": "This goal has ended: it is marked intensive no more."}
    if goal.is_intensive:
        return {"outcome": "This goal is intensive already: choose to continue with it."}
    others, since = clocks.recorded_marks(goal), goal.effective_on
    _, error = mark_error(Mark(held_on), others=others, effective_on=since, on=on)
    if error:
        return {"outcome": f"The mark begins on the day of the review. {error}"}
    if not reasons.strip():
        return {"progress_reasons": "Say why it needs a review every three months."}
    return {}


@dataclass(frozen=True)
class ReviewEffect:
    """What a review does to the dates of its goal; `days_late` of the review, none if in time."""

    goal: CasePlanGoal
    held_on: date
    outcome: str
    days_late: int
    goal_dates: ReviewedDates

    @property
    def dates(self) -> list[effects.Effect]:
        """Return both dates before and after; empty for a goal that has ended."""
        if self.goal.ended_on is not None:
            return []
        return effects.effects_on(self.goal_dates.was, self.goal_dates.now)

    @property
    def in_words(self) -> str:
        goal = f"{self.goal.goal} {self.goal.pk} {self.goal.ended_on or 'in force'}"
        review = f"{self.held_on.isoformat()} {self.outcome}, {self.days_late} days late"
        return f"{review}, of {goal}: {effects.dates_in_words(self.goal_dates.now)}"


def review_effect(
    goal: CasePlanGoal, *, held_on: date, outcome: str, book: RuleBook, on: date
) -> ReviewEffect:
    """Return what becomes of the dates when a review held on this day is recorded."""
    marks = outcome == Outcome.INTENSIVE
    dates = clocks.dates_after_review(
        goal, held_on=held_on, book=book, on=on, marks_intensive=marks
    )
    return ReviewEffect(goal, held_on, outcome, days_late(goal.review_due_on, on=held_on), dates)


@transaction.atomic
def hold(
    goal: CasePlanGoal,
    *,
    held_on: date,
    outcome: str,
    content: ReviewContent,
    actions: Sequence[AgreedAction] = (),
    done: Sequence[Action] = (),
    backdated_reasons: str = "",
    by: User,
    on: date,
    seen: str | None = None,
) -> GoalReview:
    """Return the review, held; the next one counts from the day on which it was held (rule 2).

    `actions` are agreed at it; `done` are earlier ones that are done now.

    It may be typed in after its goal has ended: it counts for the goal in force that day (rule 4).
    The due date that it answers is kept with it, so that a late review stays a recorded miss. A
    mark as intensive that comes of it begins on the day it was held, as the record says.
    OtherEffectError where its effect in words is not `seen`, the one that was shown.
    """
    goal = store.lock_any_goal_to_write(goal, by=by, on=on)
    said: dict[str, Any] = {
        "held_on": held_on,
        "outcome": outcome,
        "backdated_reasons": backdated_reasons,
    }
    refuse(*review_errors(goal, **said, reasons=content.progress_reasons, on=on).values())
    book = RuleVersion.objects.book()
    effect = review_effect(goal, held_on=held_on, outcome=outcome, book=book, on=on)
    if seen is not None and seen != effect.in_words:
        raise OtherEffectError(effect)
    due = _due_date_fields(goal, held_on, book=book, on=on)
    review = GoalReview.objects.create(**due, **asdict(content), **said, by=by, recorded_on=on)
    review.actions.set(_create_actions(actions, goal, agreed_on=held_on, by=by))
    _write_history(HOLD_VERB, review, by=by, on=on)
    dates = effect.goal_dates
    lifecycle.save_review_held(goal, dates.counted, held_on=held_on, by=by, on=on)
    if dates.marked is not None:
        why = content.progress_reasons
        intensive.save_mark(goal, dates.marked, from_on=held_on, reasons=why, by=by, on=on)
    answer_again(goal, after=held_on, by=by, on=on)
    for action in done:
        care.finish_action(action, by=by, on=on)
    return review


def answer_again(goal: CasePlanGoal, *, after: date, by: User, on: date) -> None:
    """Work out again which due date the next review after a day has answered.

    A review typed in late, or struck, before one that stands may have made a miss, or unmade it.
    """
    standing = goal.reviews.held().order_by("held_on")
    following = standing.filter(held_on__gt=after).first()
    if following is None or following.held_on is None:
        return
    before = standing.filter(held_on__lt=following.held_on).last()
    known = (goal.reviewed_before_on, before.held_on if before else None)
    due = clocks.review_before(goal, max(filter(None, known), default=None), on=following.held_on)
    was = history.values(following)
    following.due_on, following.anchor_on = due.on, due.start_on
    following.period_months, following.due_derivation = due.months or None, due.as_data()
    following.save(update_fields=ANSWERED_FIELDS)
    if following.due_on != was["due_on"]:
        history.record_change(ANSWERED_AGAIN, following, was, by=by, on=on)


@transaction.atomic
def record_not_held(
    goal: CasePlanGoal, *, reasons: str, planned_on: date, by: User, on: date
) -> GoalReview:
    """Return the record that the review was not held, and when it is planned for.

    The due date never moves: an overdue review stays overdue until one is held (rule 2).
    """
    goal = store.lock_goal_to_write(goal, by=by, on=on)
    refuse("The planned date is today or later." if planned_on < on else "")
    said = goal.reviews.standing().filter(
        outcome=Outcome.NOT_HELD, planned_on=planned_on, recorded_on=on, not_held_reasons=reasons
    )
    refuse("This is recorded already." if said.exists() else "")
    review = GoalReview.objects.create(
        **_due_date_fields(goal, None, book=RuleVersion.objects.book(), on=on),
        outcome=Outcome.NOT_HELD,
        not_held_reasons=reasons,
        planned_on=planned_on,
        by=by,
        recorded_on=on,
    )
    _write_history("recorded that a review was not held", review, by=by, on=on)
    return review


def _due_date_fields(
    goal: CasePlanGoal, held_on: date | None, *, book: RuleBook, on: date
) -> dict[str, object]:
    now = book.in_force(on=on).version
    fields: dict[str, object] = {"goal": goal, "child": goal.child, "rules_id": now}
    last_on = goal.last_review_held_on
    if goal.review_due_on is None or (held_on and last_on and held_on <= last_on):
        return fields
    made_under = book.version(goal.review_rule_version)
    months = period_months(Goal(goal.goal), intensive=goal.is_intensive, rules=made_under)
    anchor_on = goal.review_anchor_on or goal.effective_on
    return {
        **fields,
        "due_on": goal.review_due_on,
        "anchor_on": anchor_on,
        "period_months": months,
        "due_derivation": goal.review_derivation,
    }


def _create_actions(
    actions: Sequence[AgreedAction], goal: CasePlanGoal, *, agreed_on: date, by: User
) -> list[Action]:
    return [
        Action.objects.create(
            child=goal.child,
            what=each.what,
            who=each.who,
            owner=by if each.is_mine else None,
            due_on=each.due_on,
            agreed_on=agreed_on,
        )
        for each in actions
    ]


def _write_history(verb: str, review: GoalReview, *, by: User, on: date) -> None:
    after = {name: value for name, value in history.values(review).items() if value}
    note = review.not_held_reasons or review.backdated_reasons
    history.record_change(verb, review, after=after, by=by, on=on, note=note)
