"""Forms that correct a day from which dates are counted: of a goal, and of a review."""

from __future__ import annotations

from datetime import date
from typing import Any

from directory.widgets import DateField
from permanency.forms.goals import CorrectingForm
from permanency.models import CasePlanGoal
from permanency.policy.goals import Goal
from reviews.models import GoalReview
from reviews.services import anchors, correcting
from reviews.services.anchors import Anchors


class GoalDaysForm(CorrectingForm):
    """Corrects the days of a goal; what is not asked for stays as it is."""

    layout: tuple[str, ...] = (
        "effective_on",
        "first_two_year_goal_on",
        "last_review_held_on",
        "reasons",
    )

    effective_on = DateField(label="In force since")
    first_two_year_goal_on = DateField(
        label="First two-year goal in this time in care",
        required=False,
        help_text="Where an earlier goal of restoration, guardianship or adoption came before.",
    )
    last_review_held_on = DateField(
        label="Last review before the goal was opened here",
        required=False,
        help_text="If no review was held since the goal took effect, leave it empty.",
    )

    def __init__(self, *args: Any, goal: CasePlanGoal, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goal, self.on = goal, on
        self.initial = {**vars(anchors.anchors_of(goal)), **self.initial}
        is_opened = anchors.opened_here(goal)
        if not (is_opened and Goal(goal.goal).has_two_year_clock):
            del self.fields["first_two_year_goal_on"]
        if not is_opened or goal.ended_on is not None or anchors.has_reviews(goal):
            del self.fields["last_review_held_on"]
        self.layout = tuple(name for name in self.layout if name in self.fields)

    def clean(self) -> dict[str, Any]:
        """Refuse what the service would refuse, beside the field that it is about."""
        cleaned = super().clean()
        if "effective_on" in cleaned and not self.errors.keys() & self.fields.keys() - {"reasons"}:
            self.add_errors(anchors.anchor_errors(self.goal, self.anchors, on=self.on))
        return cleaned

    @property
    def anchors(self) -> Anchors:
        """Return the days as they should be."""
        as_recorded = vars(anchors.anchors_of(self.goal))
        typed = {name: self.cleaned_data[name] for name in as_recorded if name in self.cleaned_data}
        return Anchors(**{**as_recorded, **typed})


class ReviewDateForm(CorrectingForm):
    """Corrects the day on which a review was held."""

    layout = ("held_on", "reasons")

    held_on = DateField(label="Date held")

    def __init__(self, *args: Any, review: GoalReview, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review, self.on = review, on
        self.initial = {"held_on": review.held_on, **self.initial}

    def clean(self) -> dict[str, Any]:
        """Refuse what the service would refuse, beside the field."""
        cleaned = super().clean()
        if "held_on" in cleaned:
            error = correcting.date_errors(self.review, cleaned["held_on"], on=self.on)
            self.add_errors({"held_on": error} if error else {})
        return cleaned
