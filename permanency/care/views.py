"""Pages of a time in care and of a court order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from directory.forms.optimistic_lock import bind_form_to_row, save_unless_stale
from directory.web.request import CaseworkRequest, post_data
from permanency.care import services as care
from permanency.care.forms import CareEpisodeForm, CorrectEpisodeForm, CourtOrderForm
from permanency.goals import effects
from permanency.http import (
    StepTexts,
    child_address,
    child_form_page,
    child_to_write,
    show_then_save,
)
from permanency.models import Action, CareEpisode, Child, CourtOrder


def _form_arguments(request: CaseworkRequest, child: Child) -> dict[str, Any]:
    return {
        "data": post_data(request),
        "child": child,
        "on": request.today,
        "cancel_url": child_address(child),
    }


@require_http_methods(["GET", "POST"])
def new_care_episode(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    form = CareEpisodeForm(**_form_arguments(request, child))

    def effect() -> Sequence[effects.Effect] | None:
        entered_on = form.cleaned_data["entered_on"]
        moved = care.dates_after_entry(child, entered_on=entered_on, on=request.today)
        found = effects.effects_on(*moved) if moved else []
        return found if any(each.moves for each in found) else None

    def save() -> str:
        care.enter_care(child, by=request.user, on=request.today, **form.service_values())
        return "The time in care is recorded."

    step = StepTexts(
        "Record entering care",
        "Record entering care",
        "A new time in care starts the two years afresh.",
    )
    return show_then_save(request, child, step, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def edit_care_episode(request: CaseworkRequest, pk: int) -> HttpResponse:
    episodes = CareEpisode.objects.visible_to(request.user, on=request.today)
    episode = get_object_or_404(episodes, pk=pk)
    child = child_to_write(request, episode.child_id)
    form = CorrectEpisodeForm(**_form_arguments(request, child), episode=episode)
    bind_form_to_row(form, episode, child_number=child.pk)

    def effect() -> Sequence[effects.Effect] | None:
        entered_on = form.cleaned_data["entered_on"]
        if entered_on == episode.entered_on:
            return None
        moved = care.dates_after_entry(
            child, entered_on=entered_on, on=request.today, instead_of=episode
        )
        return effects.effects_on(*moved) if moved else ()

    def save() -> str:
        answers = form.service_values()
        care.correct_episode(episode, by=request.user, on=request.today, **answers)
        return "The time in care is saved."

    step = StepTexts(
        "Time in care",
        "Save the correction",
        "Another day of entering care may move the two-year date: you see it before you save.",
    )
    return show_then_save(request, child, step, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def new_court_order(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    form = CourtOrderForm(**_form_arguments(request, child))
    if not (request.method == "POST" and form.is_valid()):
        lead = "If it replaces an earlier order, record the end of that one as well."
        return child_form_page(request, child, form, "Record a court order", lead)
    care.record_order(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, "The court order is recorded.")
    return redirect("child", child.pk)


@require_http_methods(["GET", "POST"])
def edit_court_order(request: CaseworkRequest, pk: int) -> HttpResponse:
    every = CourtOrder.objects.visible_to(request.user, on=request.today)
    order = get_object_or_404(every, pk=pk)
    child = child_to_write(request, order.child_id)
    form = CourtOrderForm(**_form_arguments(request, child), order=order)
    bind_form_to_row(form, order, child_number=child.pk)
    save = partial(care.correct_order, order, by=request.user, on=request.today)
    if not (form.is_valid() and save_unless_stale(form, lambda: save(**form.cleaned_data))):
        return child_form_page(
            request, child, form, "Court order", "Correct the order, or record its end."
        )
    messages.success(request, "The court order is saved.")
    return redirect("child", child.pk)


@require_POST
def action_done(request: CaseworkRequest, pk: int) -> HttpResponse:
    visible = Action.objects.visible_to(request.user, on=request.today)
    action = get_object_or_404(visible.select_related("child"), pk=pk)
    if "again" in request.POST:
        care.reopen_action(action, by=request.user, on=request.today)
        messages.success(request, "The action is open again.")
    else:
        care.finish_action(action, by=request.user, on=request.today)
        messages.success(request, "The action is done.")
    back = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if own else child_address(action.child))
