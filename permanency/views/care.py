"""Pages of a time in care and of a court order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from directory.crispy import NswForm
from directory.editing import edits, is_saved, status_of
from directory.http import CaseworkRequest
from permanency.forms.care import CareEpisodeForm, CorrectEpisodeForm, CourtOrderForm
from permanency.http import child_to_write, sent, to_child, way_to
from permanency.models import CareEpisode, Child, CourtOrder
from permanency.services import care, effects, orders
from permanency.views.two_steps import Step, in_two_steps

SAVED = "The time in care is saved."


def _page(
    request: CaseworkRequest, child: Child, form: NswForm, title: str, lead: str
) -> HttpResponse:
    context = {"child": child, "way": way_to(child), "form": form, "title": title, "lead": lead}
    return render(request, "permanency/child_form.html", context, status=status_of(form))


def _asked(request: CaseworkRequest, child: Child) -> dict[str, Any]:
    return {
        "data": sent(request),
        "child": child,
        "on": request.today,
        "cancel_url": to_child(child),
    }


@require_http_methods(["GET", "POST"])
def new_care_episode(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Record that a child entered care."""
    child = child_to_write(request, pk)
    form = CareEpisodeForm(**_asked(request, child))
    if not (request.method == "POST" and form.is_valid()):
        lead = "A new time in care starts the two years afresh."
        return _page(request, child, form, "Record entering care", lead)
    care.enter_care(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, "The time in care is recorded.")
    return redirect("child", child.pk)


@require_http_methods(["GET", "POST"])
def edit_care_episode(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Record that a child left care, or correct a time in care."""
    episodes = CareEpisode.objects.visible_to(request.user, on=request.today)
    episode = get_object_or_404(episodes, pk=pk)
    child = child_to_write(request, episode.child_id)
    form = CorrectEpisodeForm(**_asked(request, child), episode=episode)
    edits(form, episode, child_number=child.pk)
    save = partial(care.correct_episode, episode, by=request.user, on=request.today)
    if form.corrects_entry:
        return _correct_entry(request, episode, form, save)
    if not (form.is_valid() and is_saved(form, lambda: save(**form.facts()))):
        lead = (
            "Another day of entering care may move the two-year date: you see it before you save."
        )
        return _page(request, child, form, "Time in care", lead)
    messages.success(request, SAVED)
    return redirect("child", child.pk)


def _correct_entry(
    request: CaseworkRequest,
    episode: CareEpisode,
    form: CorrectEpisodeForm,
    save: Callable[..., object],
) -> HttpResponse:
    """Show what another day of entering care does to the dates, then save it."""

    def effect() -> Sequence[effects.Effect]:
        entered_on = form.cleaned_data["entered_on"]
        moved = care.clocks_after(episode, entered_on=entered_on, on=request.today)
        return effects.effects_on(*moved) if moved else ()

    def saved() -> str:
        save(**form.facts())
        return SAVED

    step = Step("Correct the day of entering care", "Save the correction")
    return in_two_steps(request, episode.child, step, form, effect=effect, save=saved)


@require_http_methods(["GET", "POST"])
def new_court_order(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Record a court order."""
    child = child_to_write(request, pk)
    form = CourtOrderForm(**_asked(request, child))
    if not (request.method == "POST" and form.is_valid()):
        lead = "If it replaces an earlier order, record the end of that one as well."
        return _page(request, child, form, "Record a court order", lead)
    orders.record_order(child, by=request.user, on=request.today, **form.cleaned_data)
    messages.success(request, "The court order is recorded.")
    return redirect("child", child.pk)


@require_http_methods(["GET", "POST"])
def edit_court_order(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Correct or end a court order."""
    every = CourtOrder.objects.visible_to(request.user, on=request.today)
    order = get_object_or_404(every, pk=pk)
    child = child_to_write(request, order.child_id)
    form = CourtOrderForm(**_asked(request, child), order=order)
    edits(form, order, child_number=child.pk)
    save = partial(orders.correct_order, order, by=request.user, on=request.today)
    if not (form.is_valid() and is_saved(form, lambda: save(**form.cleaned_data))):
        return _page(request, child, form, "Court order", "Correct the order, or record its end.")
    messages.success(request, "The court order is saved.")
    return redirect("child", child.pk)
