"""Pages that correct a day from which dates are counted. Each shows the dates before it saves."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from directory.editing import edits
from directory.http import CaseworkRequest
from directory.refusals import StepNotAllowedError
from permanency.http import check_may_write_about, child_to_write, sent, to_child
from permanency.models import CasePlanGoal
from permanency.services.effects import Effect, effects_on
from permanency.views.two_steps import Step, in_two_steps
from reviews.forms.correcting import GoalDaysForm, ReviewDateForm
from reviews.services import anchors, correcting
from reviews.views.access import review_to_read

SAVED = "The correction is saved. What stood before is in the history."
DAYS_OF_A_GOAL = Step(
    "Correct the days of a goal",
    "Save the correction",
    "For a day that was recorded wrongly. Another goal is another matter: that takes a "
    "consultation. Reviews that were held stay as they are.",
)
DAY_OF_A_REVIEW = Step(
    "Correct the day a review was held",
    "Save the correction",
    "The due date that the review answered stays with it. If it is the last one, the next review "
    "counts from the corrected day.",
)


@require_http_methods(["GET", "POST"])
def correct_goal(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Correct the days from which the dates of a goal are counted."""
    goals = CasePlanGoal.objects.visible_to(request.user, on=request.today)
    goal = get_object_or_404(goals, pk=pk)
    child = goal.child = child_to_write(request, goal.child_id)
    form = GoalDaysForm(sent(request), goal=goal, on=request.today, cancel_url=to_child(child))
    edits(form, goal, subject=f"case plan goal {pk}", child_number=child.pk)

    def effect() -> Sequence[Effect]:
        plan = anchors.corrected(goal, form.anchors, on=request.today)
        return effects_on(plan.was, plan.now) if plan.now else ()

    def save() -> str:
        said = form.cleaned_data
        anchors.correct_goal(
            goal,
            form.anchors,
            reasons=said["reasons"],
            version=said["version"],
            by=request.user,
            on=request.today,
        )
        return SAVED

    return in_two_steps(request, child, DAYS_OF_A_GOAL, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def correct_review_date(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Correct the day on which a review was held."""
    review = review_to_read(request, pk)
    check_may_write_about(request, review.child)
    if review.held_on is None:
        raise StepNotAllowedError("This review was not held, so there is no day to correct.")
    here = reverse("review", args=[pk])
    form = ReviewDateForm(sent(request), review=review, on=request.today, cancel_url=here)
    edits(form, review, subject=f"review {pk}", child_number=review.child_id)

    def effect() -> Sequence[Effect]:
        held_on = form.cleaned_data["held_on"]
        moved = correcting.clocks_after(review, held_on=held_on, on=request.today)
        return effects_on(*moved) if moved else ()

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("held_on", "reasons", "version")}
        correcting.correct_date(review, **said, by=request.user, on=request.today)
        return SAVED

    return in_two_steps(
        request, review.child, DAY_OF_A_REVIEW, form, effect=effect, save=save, leads_to=here
    )
