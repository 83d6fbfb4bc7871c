"""The list of reviews due, one review, the reviews of a child, and correcting what one says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from directory import read_log, revisions
from directory.editing import edits, is_saved, status_of
from directory.http import CaseworkRequest, only
from directory.keyset import KeysetPage, Part
from directory.refusals import StepNotAllowedError
from directory.roles import READS_CASES
from permanency.http import (
    check_may_write_about,
    child_to_read,
    may_write_about,
    sent,
    way_to,
)
from permanency.models import CasePlanGoal, RuleVersion
from permanency.policy.derivation import Derivation
from reviews import services
from reviews.due import due_rows, told
from reviews.forms.filters import DueFilterForm
from reviews.forms.holding import ACCOUNT_FIELDS, CorrectionForm
from reviews.history_words import TOLD_WITH, in_words
from reviews.misses import further_misses, late_words, reviews_told
from reviews.models import GoalReview
from reviews.services.correcting import date_corrections
from reviews.views.access import review_to_read


@require_safe
@only(READS_CASES)
def reviews(request: CaseworkRequest) -> HttpResponse:
    """Show the reviews due and overdue that this person may see, worst first."""
    form = DueFilterForm(request.GET or None, by=request.user, on=request.today)
    visible = CasePlanGoal.objects.visible_to(request.user, on=request.today, in_order=True)
    goals = form.narrow(visible)
    part = Part(told(goals), by="due_first_on")
    page = KeysetPage([part], request.GET, counted=goals, kept=form.counted)
    rows = list(due_rows(page, by=request.user, on=request.today))
    read_log.note_list(request, (row.child for row in rows), filters=form)
    context = {"form": form, "page": page, "rows": rows, "window": form.asked_in_words}
    return render(request, "reviews/reviews.html", context)


@require_safe
def review(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show one review."""
    found = review_to_read(request, pk)
    words, tone = late_words(found)
    context = {
        "review": found,
        "child": found.child,
        "actions": found.actions.all(),
        "words": words,
        "tone": tone,
        "misses": further_misses(found),
        "why_due": Derivation.from_data(found.due_derivation).sentences()
        if found.due_derivation
        else (),
        "corrections": [in_words(entry) for entry in date_corrections(found, *TOLD_WITH)],
        "may_correct": found.held_on is not None and may_write_about(request, found.child),
    }
    return render(request, "reviews/review.html", context)


@require_safe
def review_versions(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show the versions of one review, and what changed between two of them."""
    found = review_to_read(request, pk)
    child, here = found.child, reverse("review", args=[pk])
    reviews_of_child = ("Reviews", reverse("child-reviews", args=[child.pk]))
    context = {
        "child": child,
        "way": [*way_to(child), reviews_of_child, ("Review", here)],
        "what": "review",
        "lead": "reviews/_child_lead.html",
        "about_url": here,
        **revisions.compared(services.versions_of(found), request.GET, GoalReview),
    }
    return render(request, "versions.html", context)


@require_safe
def child_reviews(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show every review of a child: held, held late, not held, and the dates that passed."""
    child = child_to_read(request, pk)
    goals = list(child.goals.all())
    rows = reviews_told(
        goals,
        child.reviews.select_related("goal", "by"),
        book=RuleVersion.objects.book(),
        on=request.today,
    )
    context = {
        "child": child,
        "tab": "reviews",
        "rows": rows,
        "has_goal": any(goal.ended_on is None for goal in goals),
        "may_write": may_write_about(request, child),
    }
    return render(request, "reviews/child_reviews.html", context)


@require_http_methods(["GET", "POST"])
def correct_review(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Correct what a review says; its date and outcome stand."""
    found = review_to_read(request, pk)
    check_may_write_about(request, found.child)
    if found.held_on is None:
        raise StepNotAllowedError("This review was not held: there is nothing to correct in it.")
    form = CorrectionForm(
        sent(request),
        initial={name: getattr(found, name) for name in ACCOUNT_FIELDS},
        reviewed_on=found.held_on,
        on=request.today,
        cancel_url=reverse("review", args=[pk]),
    )
    edits(form, found, subject=f"review {pk}", child_number=found.child_id)
    if not (form.is_valid() and is_saved(form, lambda: _correct(request, found, form))):
        context = {"review": found, "child": found.child, "form": form}
        return render(request, "reviews/correct.html", context, status=status_of(form))
    messages.success(request, "The correction is saved. What it said before is in the history.")
    return redirect("review", pk)


def _correct(request: CaseworkRequest, found: GoalReview, form: CorrectionForm) -> None:
    version = form.cleaned_data["version"]
    services.correct(found, form.account, version=version, by=request.user, on=request.today)
