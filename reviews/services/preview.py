"""What a review would do to the two dates of its goal, told before it is saved. Reads only."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date

from permanency.models import CasePlanGoal
from permanency.policy.review_dates import days_late
from permanency.services import clocks, effects
from reviews.models import GoalReview


@dataclass(frozen=True)
class EffectOfReview:
    """What happens to both dates, in words; `days_late` of the review, none if in time."""

    dates: list[effects.Effect]
    days_late: int


def effect_of_review(
    goal: CasePlanGoal, *, held_on: date, outcome: str, on: date
) -> EffectOfReview:
    """Return what becomes of the dates when a review held on this day is recorded."""
    after = clocks.after_review(goal, held_on=held_on, on=on)
    if outcome == GoalReview.Outcome.INTENSIVE and not goal.is_intensive:
        reviewed = copy(goal)
        reviewed.last_review_held_on = max(filter(None, (goal.last_review_held_on, held_on)))
        after.put_on(reviewed)
        after = clocks.after_marking(reviewed, intensive=True, on=on)
    return EffectOfReview(
        dates=effects.effects_on(clocks.stored(goal), after),
        days_late=days_late(goal.review_due_on, on=held_on),
    )
