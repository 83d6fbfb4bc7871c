"""Fetches what a review is about: 404 where a person may not see the child, 403 where only that."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from directory.http import CaseworkRequest
from directory.refusals import StepNotAllowedError
from permanency.http import child_to_write, number_in, reads_about
from permanency.models import CasePlanGoal
from permanency.services import goals
from reviews.models import GoalReview

NO_GOAL = "No case plan goal is in force for this child, so there is nothing to review."


def goal_to_review(request: CaseworkRequest) -> CasePlanGoal:
    """Return the goal in force of the child named in the address; 409 where there is none."""
    child = child_to_write(request, number_in(request, "child"))
    goal = goals.goal_in_force(child)
    if goal is None:
        raise StepNotAllowedError(NO_GOAL)
    return goal


def review_to_read(request: CaseworkRequest, pk: int) -> GoalReview:
    """Return a review that this person may see, or answer 404."""
    reviews = GoalReview.objects.visible_to(request.user, on=request.today)
    rows = reviews.select_related("child__district", "child__provider", "goal", "by")
    review = get_object_or_404(rows, pk=pk)
    reads_about(request, review.child)
    return review
