"""Pages of a time in care and of a court order."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from directory.crispy import NswForm
from directory.editing import edits, is_saved, status_of
from directory.http import CaseworkRequest
from permanency.forms.care import CareEpisodeForm, CourtOrderForm
from permanency.http import child_to_write, sent, to_child, way_to
from permanency.models import CareEpisode, Child, CourtOrder
from permanency.services import care, orders


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
    form = CareEpisodeForm(**_asked(request, child), episode=episode)
    edits(form, episode, child_number=child.pk)
    save = partial(care.correct_episode, episode, by=request.user, on=request.today)
    if not (form.is_valid() and is_saved(form, lambda: save(**form.cleaned_data))):
        lead = "The dates of the goal follow: they are worked out again when you save."
        return _page(request, child, form, "Time in care", lead)
    messages.success(request, "The time in care is saved.")
    return redirect("child", child.pk)


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
