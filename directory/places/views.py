"""Districts and inboxes, offices and providers: lists, and editing them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory.errors import StaleEditError
from directory.forms.optimistic_lock import bind_form_to_row, save_unless_stale, show_latest_row
from directory.models import District, Inbox, Office, Provider
from directory.places import contacts as places_contacts
from directory.places import services as places
from directory.places.forms import (
    DistrictForm,
    GuideFilterForm,
    InboxForm,
    OfficeForm,
    PlaceFilterForm,
    ProviderForm,
    RetirementForm,
)
from directory.places.guide import DISAGREEMENT, DISAGREEMENT_RULES, matters
from directory.roles import EDITS_DIRECTORY
from directory.web.request import CaseworkRequest, directory_breadcrumbs, form_page, only, post_data
from directory.web.step_up import needs_fresh_proof


def _save_or_show(
    request: CaseworkRequest,
    form: Any,
    *,
    kind: str,
    act: Callable[..., Any],
    message: Callable[[Any], str],
    title: str,
    lead: str = "",
) -> HttpResponse:
    """Do what a valid form asks, say so above the list of this kind; else return the form's page.

    `message` makes the sentence from what the act returned.
    """
    if form.is_valid():
        try:
            done = act(**form.cleaned_data, by=request.user, on=request.today)
        except StaleEditError:
            show_latest_row(form)
        else:
            messages.success(request, message(done))
            return redirect(kind)
    breadcrumbs = directory_breadcrumbs((kind.capitalize(), reverse(kind)))
    return form_page(request, form, title=title, breadcrumbs=breadcrumbs, lead=lead)


@require_safe
@only(EDITS_DIRECTORY)
def districts(request: CaseworkRequest) -> HttpResponse:
    rows = District.objects.select_related("inbox")
    return render(
        request, "directory/districts.html", {"rows": rows, "breadcrumbs": directory_breadcrumbs()}
    )


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
@needs_fresh_proof()
def edit_district(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(District, pk=pk)
    form = DistrictForm(
        post_data(request), instance=found, on=request.today, cancel_url=reverse("districts")
    )
    bind_form_to_row(form, found)
    return _save_or_show(
        request,
        form,
        kind="districts",
        act=partial(places.edit_district, found),
        message=lambda _: f"{found} is saved.",
        title=f"Edit {found}",
    )


@require_safe
@only(EDITS_DIRECTORY)
def inboxes(request: CaseworkRequest) -> HttpResponse:
    serves = Prefetch("districts", District.objects.current(on=request.today), to_attr="serves")
    rows = Inbox.objects.prefetch_related(serves)
    return render(
        request, "directory/inboxes.html", {"rows": rows, "breadcrumbs": directory_breadcrumbs()}
    )


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_inbox(request: CaseworkRequest) -> HttpResponse:
    return _save_or_show(
        request,
        InboxForm(post_data(request), cancel_url=reverse("inboxes")),
        kind="inboxes",
        act=places.add_inbox,
        message=lambda added: f"{added} is added. Now choose it for its districts.",
        title="Add an inbox",
    )


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
@needs_fresh_proof()
def edit_inbox(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Inbox, pk=pk, is_fallback=False)
    form = InboxForm(post_data(request), instance=found, cancel_url=reverse("inboxes"))
    bind_form_to_row(form, found)
    return _save_or_show(
        request,
        form,
        kind="inboxes",
        act=partial(places.edit_inbox, found),
        message=lambda _: f"{found} is saved.",
        title=f"Edit inbox {found}",
    )


def _filter_by_district(
    request: CaseworkRequest, rows: QuerySet[Any], path: str
) -> tuple[PlaceFilterForm, QuerySet[Any]]:
    form = PlaceFilterForm(request.GET)
    if form.is_valid() and form.cleaned_data["district"]:
        rows = rows.filter(**{path: form.cleaned_data["district"]})
    return form, rows


@require_safe
@only(EDITS_DIRECTORY)
def offices(request: CaseworkRequest) -> HttpResponse:
    every = Office.objects.select_related("district").order_by("district__name", "name")
    form, rows = _filter_by_district(request, every, "district")
    context = {"form": form, "rows": rows, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/offices.html", context)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_office(request: CaseworkRequest) -> HttpResponse:
    return _save_or_show(
        request,
        OfficeForm(post_data(request), on=request.today, cancel_url=reverse("offices")),
        kind="offices",
        act=places.add_office,
        message=lambda added: f"{added} is added to {added.district}.",
        title="Add an office",
    )


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def edit_office(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Office.objects.select_related("district"), pk=pk)
    form = OfficeForm(
        post_data(request), office=found, on=request.today, cancel_url=reverse("offices")
    )
    bind_form_to_row(form, found)
    return _save_or_show(
        request,
        form,
        kind="offices",
        act=partial(places.edit_office, found),
        message=lambda _: f"{form.cleaned_data['name']} is saved.",
        title=f"Edit {found}",
        lead=f"It stays in {found.district}, where its children are.",
    )


@require_safe
@only(EDITS_DIRECTORY)
def providers(request: CaseworkRequest) -> HttpResponse:
    form, rows = _filter_by_district(request, Provider.objects.all(), "districts")
    context = {
        "form": form,
        "rows": rows.prefetch_related("districts"),
        "breadcrumbs": directory_breadcrumbs(),
    }
    return render(request, "directory/providers.html", context)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_provider(request: CaseworkRequest) -> HttpResponse:
    return _save_or_show(
        request,
        ProviderForm(post_data(request), on=request.today, cancel_url=reverse("providers")),
        kind="providers",
        act=places.add_provider,
        message=lambda added: f"{added} is added.",
        title="Add a provider",
    )


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def edit_provider(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Provider, pk=pk)
    form = ProviderForm(
        post_data(request), instance=found, on=request.today, cancel_url=reverse("providers")
    )
    bind_form_to_row(form, found)
    return _save_or_show(
        request,
        form,
        kind="providers",
        act=partial(places.edit_provider, found),
        message=lambda _: f"{found} is saved.",
        title=f"Edit {found}",
    )


# What retires, by the name of its list.
RETIRABLE_ROWS: dict[str, QuerySet[Any]] = {
    "inboxes": Inbox.objects.all(),
    "offices": Office.objects.all(),
    "providers": Provider.objects.all(),
}
RETIREMENT_LEAD = (
    "It stays on everything that refers to it. Before it retires, move its children and its "
    "allocations to another one."
)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def retire(request: CaseworkRequest, kind: str, pk: int) -> HttpResponse:
    found = get_object_or_404(RETIRABLE_ROWS[kind].all(), pk=pk)
    form = RetirementForm(post_data(request), on=request.today, cancel_url=reverse(kind))
    bind_form_to_row(form, found)
    against = places.reasons_against_retiring(found, on=request.today)
    for sentence in against if form.is_bound else ():
        form.add_error(None, sentence)
    if form.is_valid() and save_unless_stale(
        form,
        lambda: places.retire(found, by=request.user, on=request.today, **form.cleaned_data),
    ):
        messages.success(request, f"{found} is retired.")
        return redirect(kind)
    breadcrumbs = directory_breadcrumbs((kind.capitalize(), reverse(kind)))
    lead = " ".join(against) or RETIREMENT_LEAD
    return form_page(request, form, title=f"Retire {found}", breadcrumbs=breadcrumbs, lead=lead)


@require_POST
@only(EDITS_DIRECTORY)
def bring_back(request: CaseworkRequest, kind: str, pk: int) -> HttpResponse:
    found = get_object_or_404(RETIRABLE_ROWS[kind].all(), pk=pk)
    places.bring_back(found, by=request.user, on=request.today)
    messages.success(request, f"{found} is back.")
    return redirect(kind)


@require_safe
def contacts(request: CaseworkRequest) -> HttpResponse:
    form = GuideFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    context = {
        "form": form,
        "matters": matters(**chosen),
        "inboxes": places_contacts.inboxes_with_districts(on=request.today),
        "gaps": places_contacts.districts_without_inbox(on=request.today),
        "teams": places_contacts.district_teams(on=request.today),
        "disagreement": DISAGREEMENT,
        "disagreement_rules": DISAGREEMENT_RULES,
    }
    return render(request, "directory/contacts.html", context)
