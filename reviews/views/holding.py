"""Holding a review in two steps: check what it does to the dates, then save."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultations.forms.typed import with_another_row
from directory.http import CaseworkRequest
from permanency.http import to_child
from permanency.models import CasePlanGoal, Child
from reviews import services
from reviews.forms.holding import (
    ACTIONS,
    MOST_ACTIONS,
    ActionRows,
    HoldForm,
    NotHeldForm,
    action_rows,
)
from reviews.models import GoalReview
from reviews.standing import review_standing
from reviews.views.access import goal_to_review

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
        to_child,
    ),
}


@require_http_methods(["GET", "POST"])
def new_review(request: CaseworkRequest) -> HttpResponse:
    """Ask for a review of the goal in force, or for why it was not held (`held=no`)."""
    goal = goal_to_review(request)
    name = request.user.name
    if request.GET.get("held") == "no":
        return _not_held(request, goal)
    if request.method != "POST":
        return _page(request, goal, _hold_form(request, goal), action_rows(None, by_name=name))
    form = _hold_form(request, goal, sent=request.POST)
    actions = action_rows(request.POST, by_name=name)
    if "add_action" in request.POST:
        return _with_another_row(request, goal)
    if not _is_sound(form, actions):
        return _page(request, goal, form, actions, status=422)
    if request.POST.get("step") == "save" and form.dates_were_seen:
        return _save(request, goal, form, actions)
    form.offer_saving()
    return _page(request, goal, form, actions, effect=_effect(request, goal, form))


def _hold_form(
    request: CaseworkRequest,
    goal: CasePlanGoal,
    *,
    sent: QueryDict | None = None,
    is_quiet: bool = False,
) -> HoldForm:
    return HoldForm(
        sent,
        is_quiet=is_quiet,
        goal=goal,
        on=request.today,
        cancel_url=to_child(goal.child),
    )


def _is_sound(form: HoldForm, actions: ActionRows) -> bool:
    is_sound = [form.is_valid(), actions.is_valid()]
    held_on = form.cleaned_data.get("held_on")
    return (held_on is None or actions.must_be_due_after(held_on)) and all(is_sound)


def _with_another_row(request: CaseworkRequest, goal: CasePlanGoal) -> HttpResponse:
    more = with_another_row(request.POST, prefix=ACTIONS, most=MOST_ACTIONS)
    rows = action_rows(more, by_name=request.user.name, is_quiet=True)
    return _page(request, goal, _hold_form(request, goal, sent=more, is_quiet=True), rows)


def _effect(
    request: CaseworkRequest, goal: CasePlanGoal, form: HoldForm
) -> services.EffectOfReview:
    said = form.cleaned_data
    return services.effect_of_review(
        goal, held_on=said["held_on"], outcome=said["outcome"], on=request.today
    )


def _page(
    request: CaseworkRequest,
    goal: CasePlanGoal,
    form: HoldForm,
    actions: ActionRows,
    *,
    effect: services.EffectOfReview | None = None,
    status: int = 200,
) -> HttpResponse:
    form.formsets = (actions,)
    context = {
        "child": goal.child,
        "goal": goal,
        "standing": review_standing(goal, on=request.today),
        "form": form,
        "effect": effect,
    }
    return render(request, "reviews/hold.html", context, status=status)


def _save(
    request: CaseworkRequest, goal: CasePlanGoal, form: HoldForm, actions: ActionRows
) -> HttpResponse:
    said = form.cleaned_data
    review = services.hold(
        goal,
        held_on=said["held_on"],
        outcome=said["outcome"],
        account=form.account,
        actions=actions.agreed,
        backdated_reasons=said["backdated_reasons"],
        by=request.user,
        on=request.today,
    )
    words, address = NEXT.get(Outcome(review.outcome), ("The review is saved.", to_child))
    messages.success(request, words)
    return redirect(address(goal.child))


def _not_held(request: CaseworkRequest, goal: CasePlanGoal) -> HttpResponse:
    form = NotHeldForm(request.POST or None, on=request.today, cancel_url=to_child(goal.child))
    if request.method == "POST" and form.is_valid():
        services.record_not_held(
            goal,
            reasons=form.cleaned_data["not_held_reasons"],
            planned_on=form.cleaned_data["planned_on"],
            by=request.user,
            on=request.today,
        )
        messages.success(request, "Saved. The due date has not moved.")
        return redirect(to_child(goal.child))
    context = {
        "child": goal.child,
        "goal": goal,
        "standing": review_standing(goal, on=request.today),
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "reviews/not_held.html", context, status=status)
