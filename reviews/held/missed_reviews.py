"""Reviews that fell due and were not held in time. Worked out from the records, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from permanency.models import CasePlanGoal
from permanency.policy import review_dates
from permanency.policy.goals import Goal
from permanency.policy.months import days_in_words
from permanency.policy.rule_changes import RuleBook
from permanency.policy.rules import period_months
from reviews.models import GoalReview


@dataclass(frozen=True)
class ReviewRow:
    """One line of a child's reviews: one held, one recorded as not held, or a miss."""

    on: date
    goal: CasePlanGoal
    words: str
    tone: str
    review: GoalReview | None = None
    also: str = ""


def missed_due_dates(review: GoalReview) -> tuple[date, ...]:
    """Return the due dates that passed before a late review was held, the answered one first."""
    if review.struck_on or not (
        review.held_on and review.due_on and review.anchor_on and review.period_months
    ):
        return ()
    return review_dates.missed_dates(
        anchor_on=review.anchor_on,
        due_on=review.due_on,
        months=review.period_months,
        on=review.held_on,
    )


def missed_reviews_of(goal: CasePlanGoal, *, book: RuleBook, on: date) -> list[ReviewRow]:
    """Return a row for each due date of a goal that passed and that no review has answered.

    They are counted by the version of the rules that the due date was made under. A goal that
    ended while its review was overdue keeps them for ever (rule 2).
    """
    if goal.review_due_on is None or goal.review_anchor_on is None:
        return []
    rules = book.version(goal.review_rule_version)
    days = review_dates.missed_dates(
        anchor_on=goal.review_anchor_on,
        due_on=goal.review_due_on,
        months=period_months(Goal(goal.goal), intensive=goal.is_intensive, rules=rules),
        on=on,
        ended_on=goal.ended_on,
    )
    return [ReviewRow(day, goal, _words(goal, day, on=on), "error") for day in days]


def _words(goal: CasePlanGoal, due_on: date, *, on: date) -> str:
    if goal.ended_on is not None:
        late = days_in_words((goal.ended_on - due_on).days)
        return f"Not held: the goal ended {late} later"
    return f"Not held yet: {days_in_words((on - due_on).days)} overdue"


def child_review_rows(
    goals: Iterable[CasePlanGoal], reviews: Iterable[GoalReview], *, book: RuleBook, on: date
) -> list[ReviewRow]:
    """Return everything that happened, or did not, about a child's reviews, the newest first."""
    rows = []
    for review in reviews:
        words, tone = lateness(review)
        further = len(missed_due_dates(review)) - 1
        passed = f"{further} more due date{'s' if further > 1 else ''} passed before it."
        day, also = review.held_on or review.recorded_on, passed if further > 0 else ""
        rows.append(ReviewRow(day, review.goal, words, tone, review, also))
    for goal in goals:
        rows += missed_reviews_of(goal, book=book, on=on)
    return sorted(rows, key=lambda row: row.on, reverse=True)


def lateness(review: GoalReview) -> tuple[str, str]:
    """Return how a review stands to its due date, in words and a tone."""
    if review.struck_on is not None:
        return "Recorded by mistake", "neutral"
    if review.held_on is None:
        return "Not held", "warning"
    if review.due_on is None:
        return "Held", "neutral"
    if not review_dates.was_held_late(review.due_on, review.held_on):
        return "Held in time", "success"
    late = days_in_words(review_dates.days_late(review.due_on, on=review.held_on))
    return f"Held {late} late", "warning"
