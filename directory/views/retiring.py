"""Retiring inboxes, offices and providers, and bringing them back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from directory.editing import edits, is_saved
from directory.forms.places import RetiringForm
from directory.http import CaseworkRequest, only
from directory.models import Inbox, Office, Provider
from directory.roles import EDITS_DIRECTORY
from directory.services import places
from directory.views.pages import form_page, posted, way_below

# What retires, by the name of its list.
KINDS: dict[str, QuerySet[Any]] = {
    "inboxes": Inbox.objects.all(),
    "offices": Office.objects.all(),
    "providers": Provider.objects.all(),
}
LEAD = (
    "It stays on everything that refers to it. Before it retires, move its children and its "
    "allocations to another one."
)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def retire(request: CaseworkRequest, kind: str, pk: int) -> HttpResponse:
    """Retire an inbox, an office or a provider from a day on."""
    found = get_object_or_404(KINDS[kind].all(), pk=pk)
    form = RetiringForm(posted(request), on=request.today, cancel_url=reverse(kind))
    edits(form, found)
    against = places.reasons_against_retiring(found, on=request.today)
    for sentence in against if form.is_bound else ():
        form.add_error(None, sentence)
    if form.is_valid() and is_saved(
        form,
        lambda: places.retire(found, by=request.user, on=request.today, **form.cleaned_data),
    ):
        messages.success(request, f"{found} is retired.")
        return redirect(kind)
    way = way_below((kind.capitalize(), reverse(kind)))
    lead = " ".join(against) or LEAD
    return form_page(request, form, title=f"Retire {found}", way=way, lead=lead)


@require_POST
@only(EDITS_DIRECTORY)
def bring_back(request: CaseworkRequest, kind: str, pk: int) -> HttpResponse:
    """Undo a retirement."""
    found = get_object_or_404(KINDS[kind].all(), pk=pk)
    places.bring_back(found, by=request.user, on=request.today)
    messages.success(request, f"{found} is back.")
    return redirect(kind)
