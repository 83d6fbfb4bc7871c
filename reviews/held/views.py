"""The pages of reviews: 404 where a person may not see the child, 403 where only that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from directory.errors import OtherEffectError, StepNotAllowedError, refuse
from directory.forms.drafts import with_another_row
from directory.forms.optimistic_lock import bind_form_to_row, form_status, save_unless_stale
from directory.forms.show_then_save import SEEN, sent_answers
from directory.history import diff
from directory.web.request import CaseworkRequest, post_data
from permanency.care.forms import ACTIONS
from permanency.goals import clocks, store
from permanency.goals.effects import Effect, effects_on
from permanency.goals.forms import StrikeForm
from permanency.http import (
    StepTexts,
    check_may_write_about,
    child_address,
    child_breadcrumbs,
    child_to_read,
    child_to_write,
    list_behind,
    lock_if_sent,
    log_child_read,
    may_write_about,
    number_in,
    show_then_save,
)
from permanency.models import CasePlanGoal, Child, RuleVersion
from permanency.policy.derivation import Derivation
from reviews.due_state import review_state
from reviews.held import corrections
from reviews.held import services as holding
from reviews.held.forms import (
    CONTENT_FIELDS,
    MAX_ACTIONS,
    GoalDaysForm,
    HoldForm,
    NotHeldForm,
    OpenActionsForm,
    ReviewCorrectionForm,
    ReviewDateForm,
    review_action_rows,
)
from reviews.held.missed_reviews import child_review_rows, lateness, missed_due_dates
from reviews.history_words import ENTRY_RELATIONS, entry_description
from reviews.models import GoalReview

NO_GOAL = "No case plan goal is in force for this child, so there is nothing to review."


def goal_to_review(request: CaseworkRequest) -> CasePlanGoal:
    """Return the goal in force, or the one that is asked for, which may have ended."""
    child = child_to_write(request, number_in(request, "child"))
    if "goal" in request.GET:
        return get_object_or_404(child.goals.all(), pk=number_in(request, "goal"))
    goal = store.goal_in_force(child)
    if goal is None:
        raise StepNotAllowedError(NO_GOAL)
    return goal


def review_to_read(request: CaseworkRequest, pk: int) -> GoalReview:
    reviews = GoalReview.objects.visible_to(request.user, on=request.today)
    rows = reviews.select_related("child__district", "child__provider", "goal", "by")
    review = get_object_or_404(lock_if_sent(request, rows, "child"), pk=pk)
    log_child_read(request, review.child)
    return review


Outcome = GoalReview.Outcome
NEXT: dict[GoalReview.Outcome, tuple[str, Callable[[Child], str]]] = {
    Outcome.CHANGE_NEEDED: (
        "The review is saved. Now log the consultation about a change of goal.",
        lambda child: f"{reverse('new-consultation')}?child={child.pk}",
    ),
    Outcome.ACHIEVED: (
        "The review is saved. Now record how and when the goal was achieved.",
        lambda child: reverse("record-achievement", args=[child.pk]),
    ),
    Outcome.EXTENSION_SOUGHT: (
        "The review is saved. Record the extension once it is decided.",
        child_address,
    ),
}


@require_http_methods(["GET", "POST"])
def new_review(request: CaseworkRequest) -> HttpResponse:
    goal = goal_to_review(request)
    if request.GET.get("held") == "no":
        return _not_held_page(request, goal)
    if "add_action" in request.POST:
        more = with_another_row(request.POST, prefix=ACTIONS, most=MAX_ACTIONS)
        return _page(request, goal, _hold_form(request, goal, more, hides_errors=True))
    form = _hold_form(request, goal, post_data(request))
    if request.method != "POST":
        return _page(request, goal, form)
    if not form.is_valid():
        return _page(request, goal, form, status=422)
    if "change" in request.POST:
        return _page(request, goal, form)
    try:
        if "save" in request.POST:
            return _save(request, goal, form)
        effect = holding.review_effect(
            goal,
            held_on=form.cleaned_data["held_on"],
            outcome=form.cleaned_data["outcome"],
            book=RuleVersion.objects.book(),
            on=request.today,
        )
    except OtherEffectError as error:
        effect = error.effect
    return _check_page(request, goal, form, effect)


def _hold_form(
    request: CaseworkRequest,
    goal: CasePlanGoal,
    sent: QueryDict | None,
    *,
    hides_errors: bool = False,
) -> HoldForm:
    return HoldForm(
        sent,
        rows=review_action_rows(sent, by_name=request.user.name, hides_errors=hides_errors),
        open_actions=OpenActionsForm(sent, actions=goal.child.actions.open(), on=request.today),
        hides_errors=hides_errors,
        goal=goal,
        on=request.today,
        initial=_first_answers(request, goal) if sent is None else None,
        cancel_url=_leads_back_to(request, goal.child),
        action_url=_review_address(request, goal),
    )


def _first_answers(request: CaseworkRequest, goal: CasePlanGoal) -> dict[str, Any]:
    """Return what the form begins with: today, and who took part in the last review."""
    last = _last_review(goal.child)
    return {
        "took_part": last.took_part if last else "",
        "held_on": request.today if goal.ended_on is None else None,
    }


def _last_review(child: Child) -> GoalReview | None:
    return child.reviews.held().order_by("-held_on", "-pk").first()


def _review_address(request: CaseworkRequest, goal: CasePlanGoal) -> str:
    """Return the address of the form: the same from whichever list one came, as a draft needs."""
    asked = {"child": str(goal.child_id)}
    asked |= {"goal": str(goal.pk)} if "goal" in request.GET else {}
    return f"{request.path}?{urlencode(asked)}"


def _leads_back_to(request: CaseworkRequest, child: Child) -> str:
    way_back = list_behind(request)
    return way_back[1] if way_back else child_address(child)


def _page(
    request: CaseworkRequest,
    goal: CasePlanGoal,
    form: HoldForm | NotHeldForm,
    *,
    template: str = "reviews/hold.html",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    last = _last_review(goal.child)
    way_back = list_behind(request)
    context = {
        "child": goal.child,
        "goal": goal,
        "review_state": review_state(goal, on=request.today),
        "form": form,
        "last": last,
        "last_lateness": lateness(last)[0] if last else "",
        "way_back": way_back,
        "breadcrumbs": [
            way_back or ("Children", reverse("children")),
            (goal.child.name, child_address(goal.child)),
        ],
        **more,
    }
    return render(request, template, context, status=status)


def _check_page(
    request: CaseworkRequest, goal: CasePlanGoal, form: HoldForm, effect: holding.ReviewEffect
) -> HttpResponse:
    has_moved = "save" in request.POST
    form.remember(effect.in_words)
    return _page(
        request,
        goal,
        form,
        template="reviews/check_review.html",
        effect=effect,
        has_moved=has_moved,
        answers=form.answers(),
        carried=sent_answers(request.POST, effect.in_words),
    )


def _save(request: CaseworkRequest, goal: CasePlanGoal, form: HoldForm) -> HttpResponse:
    said = form.cleaned_data
    review = holding.hold(
        goal,
        held_on=said["held_on"],
        outcome=said["outcome"],
        content=form.content,
        actions=form.rows.agreed_actions(),
        done=form.open_actions.done(),
        backdated_reasons=said["backdated_reasons"],
        by=request.user,
        on=request.today,
        seen=request.POST.get(SEEN, ""),
    )
    if following := NEXT.get(Outcome(review.outcome)):
        messages.success(request, following[0])
        return redirect(following[1](goal.child))
    messages.success(request, f"The review of {goal.child.reference} is saved.")
    return redirect(form.cancel_url)


def _not_held_page(request: CaseworkRequest, goal: CasePlanGoal) -> HttpResponse:
    leads_to = _leads_back_to(request, goal.child)
    form = NotHeldForm(post_data(request), on=request.today, cancel_url=leads_to)
    if request.method == "POST" and form.is_valid():
        holding.record_not_held(
            goal,
            reasons=form.cleaned_data["not_held_reasons"],
            planned_on=form.cleaned_data["planned_on"],
            by=request.user,
            on=request.today,
        )
        messages.success(request, "Saved. The due date has not moved.")
        return redirect(leads_to)
    return _page(request, goal, form, template="reviews/not_held.html", status=form_status(form))


@require_safe
def review(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = review_to_read(request, pk)
    words, tone = lateness(found)
    context = {
        "review": found,
        "child": found.child,
        "actions": found.actions.all(),
        "words": words,
        "tone": tone,
        "misses": missed_due_dates(found),
        "why_due": Derivation.from_data(found.due_derivation).sentences()
        if found.due_derivation
        else (),
        "corrections": [
            entry_description(entry)
            for entry in corrections.date_corrections(found).select_related(*ENTRY_RELATIONS)
        ],
        "may_write": may_write_about(request, found.child),
    }
    return render(request, "reviews/review.html", context)


@require_safe
def review_versions(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = review_to_read(request, pk)
    child, here = found.child, reverse("review", args=[pk])
    reviews_of_child = ("Reviews", reverse("child-reviews", args=[child.pk]))
    known = diff.versions(f"review {pk}", corrections.VERSION_VERBS, child_number=child.pk)
    context = {
        "child": child,
        "breadcrumbs": [*child_breadcrumbs(child), reviews_of_child, ("Review", here)],
        "what": "review",
        "lead": "reviews/_child_lead.html",
        "about_url": here,
        **diff.comparison_context(known, request.GET, GoalReview),
    }
    return render(request, "versions.html", context)


@require_safe
def child_reviews(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_read(request, pk)
    goals = clocks.goals_by_facts(child, child.goals.all(), on=request.today)
    rows = child_review_rows(
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
    found = review_to_read(request, pk)
    check_may_write_about(request, found.child)
    refuse(corrections.STRUCK if found.struck_on else "")
    if found.held_on is None:
        raise StepNotAllowedError("This review was not held: there is nothing to correct in it.")
    form = ReviewCorrectionForm(
        post_data(request),
        initial={name: getattr(found, name) for name in CONTENT_FIELDS},
        reviewed_on=found.held_on,
        on=request.today,
        cancel_url=reverse("review", args=[pk]),
    )
    bind_form_to_row(form, found, subject=f"review {pk}", child_number=found.child_id)

    def save() -> None:
        version = form.cleaned_data["version"]
        corrections.correct(found, form.content, version=version, by=request.user, on=request.today)

    if not (form.is_valid() and save_unless_stale(form, save)):
        context = {"review": found, "child": found.child, "form": form}
        return render(request, "reviews/correct.html", context, status=form_status(form))
    messages.success(request, "The correction is saved. What it said before is in the history.")
    return redirect("review", pk)


CORRECTION_SAVED = "The correction is saved. What stood before is in the history."
GOAL_DAYS_STEP = StepTexts(
    "Correct a goal",
    "Save the correction",
    "For what was recorded wrongly: a day, or the goal that a child was opened with. To change to "
    "another goal takes a consultation. Reviews that were held stay as they are.",
)
REVIEW_DATE_STEP = StepTexts(
    "Correct the day a review was held",
    "Save the correction",
    "The due date that the review answered stays with it. If it is the last one, the next review "
    "counts from the corrected day.",
)


@require_http_methods(["GET", "POST"])
def correct_goal(request: CaseworkRequest, pk: int) -> HttpResponse:
    goals = CasePlanGoal.objects.visible_to(request.user, on=request.today)
    goal = get_object_or_404(goals, pk=pk)
    child = goal.child = child_to_write(request, goal.child_id)
    form = GoalDaysForm(
        post_data(request), goal=goal, on=request.today, cancel_url=child_address(child)
    )
    # Other entries on a goal, as of its reviews, make no other version of it.
    bind_form_to_row(
        form,
        goal,
        subject=f"case plan goal {pk}",
        child_number=child.pk,
        verb=corrections.CORRECT_DAYS_VERB,
    )

    def effect() -> Sequence[Effect]:
        plan = corrections.goal_correction(goal, form.anchors, on=request.today)
        return effects_on(plan.was, plan.now) if plan.now else ()

    def save() -> str:
        said = form.cleaned_data
        corrections.correct_goal(
            goal,
            form.anchors,
            reasons=said["reasons"],
            version=said["version"],
            by=request.user,
            on=request.today,
        )
        return CORRECTION_SAVED

    return show_then_save(request, child, GOAL_DAYS_STEP, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def correct_review_date(request: CaseworkRequest, pk: int) -> HttpResponse:
    review = review_to_read(request, pk)
    check_may_write_about(request, review.child)
    refuse(corrections.STRUCK if review.struck_on else "")
    if review.held_on is None:
        raise StepNotAllowedError("This review was not held, so there is no day to correct.")
    here = reverse("review", args=[pk])
    form = ReviewDateForm(post_data(request), review=review, on=request.today, cancel_url=here)
    bind_form_to_row(form, review, subject=f"review {pk}", child_number=review.child_id)

    def effect() -> Sequence[Effect]:
        held_on = form.cleaned_data["held_on"]
        moved = corrections.clocks_after(review, held_on=held_on, on=request.today)
        return effects_on(*moved) if moved else ()

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("held_on", "reasons", "version")}
        corrections.correct_date(review, **said, by=request.user, on=request.today)
        return CORRECTION_SAVED

    return show_then_save(
        request, review.child, REVIEW_DATE_STEP, form, effect=effect, save=save, leads_to=here
    )


STRIKE_STEP = StepTexts(
    "Strike a review",
    "Strike the review",
    "For one that was recorded by mistake, for example about the wrong child. It stays to be read, "
    "with the reason, and counts no more; actions agreed at it are struck with it.",
)


@require_http_methods(["GET", "POST"])
def strike_review(request: CaseworkRequest, pk: int) -> HttpResponse:
    review = review_to_read(request, pk)
    check_may_write_about(request, review.child)
    refuse(corrections.why_not_struck(review))
    here = reverse("review", args=[pk])
    form = StrikeForm(post_data(request), cancel_url=here)
    bind_form_to_row(form, review, subject=f"review {pk}", child_number=review.child_id)

    def effect() -> Sequence[Effect]:
        moved = corrections.clocks_after(review, held_on=None, on=request.today)
        return effects_on(*moved) if moved and review.held_on else ()

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("reasons", "version")}
        corrections.strike(review, **said, by=request.user, on=request.today)
        return "The review is struck. What it said stays to be read."

    return show_then_save(
        request, review.child, STRIKE_STEP, form, effect=effect, save=save, leads_to=here
    )
