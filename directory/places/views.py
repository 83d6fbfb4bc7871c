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

from directory.forms.optimistic_lock import bind_form_to_row, save_unless_stale
from directory.models import District, Inbox, Office, Provider
from directory.places import services as places
from directory.places.forms import (
    DistrictForm,
    GuideFilterForm,
    InboxForm,
    OfficeForm,
    PlaceFilterForm,
    ProviderFilterForm,
    ProviderForm,
    RetirementForm,
)
from directory.places.guide import DISAGREEMENT, DISAGREEMENT_RULES, matters
from directory.roles import EDITS_DIRECTORY
from directory.web.request import (
    CaseworkRequest,
    changes_rights,
    directory_breadcrumbs,
    form_page,
    only,
    post_data,
)


def _save_or_show(
    request: CaseworkRequest,
    kind: str,
    form: Any,
    act: Callable[..., object],
    message: str,
    *,
    title: str,
    lead: str = "",
    row: Any = None,
) -> HttpResponse:
    """Do what a valid form asks and go to the list of this kind; else return the form's page."""
    if form.is_valid() and save_unless_stale(
        form, lambda: act(**form.cleaned_data, by=request.user, on=request.today)
    ):
        row = row or getattr(form, "instance", None)
        messages.success(request, message.format(row, **form.cleaned_data))
        return redirect(kind)
    breadcrumbs = directory_breadcrumbs((kind.capitalize(), reverse(kind)))
    return form_page(request, form, title=title, breadcrumbs=breadcrumbs, lead=lead)


@require_safe
@only(EDITS_DIRECTORY)
def districts(request: CaseworkRequest) -> HttpResponse:
    rows = District.objects.select_related("inbox")
    context = {"rows": rows, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/districts.html", context)


@changes_rights
def edit_district(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(District, pk=pk)
    back = reverse("districts")
    form = DistrictForm(post_data(request), instance=found, on=request.today, cancel_url=back)
    bind_form_to_row(form, found)
    act = partial(places.edit_district, found)
    return _save_or_show(request, "districts", form, act, "{} is saved.", title=f"Edit {found}")


@require_safe
@only(EDITS_DIRECTORY)
def inboxes(request: CaseworkRequest) -> HttpResponse:
    serves = Prefetch("districts", District.objects.current(on=request.today), to_attr="serves")
    rows = Inbox.objects.prefetch_related(serves)
    context = {"rows": rows, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/inboxes.html", context)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_inbox(request: CaseworkRequest) -> HttpResponse:
    form = InboxForm(post_data(request), cancel_url=reverse("inboxes"))
    message = "{} is added. Now choose it for its districts."
    return _save_or_show(request, "inboxes", form, places.add_inbox, message, title="Add an inbox")


@changes_rights
def edit_inbox(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Inbox, pk=pk, is_fallback=False)
    form = InboxForm(post_data(request), instance=found, cancel_url=reverse("inboxes"))
    bind_form_to_row(form, found)
    act, title = partial(places.edit_inbox, found), f"Edit inbox {found}"
    return _save_or_show(request, "inboxes", form, act, "{} is saved.", title=title)


def _filter_by_district(form: PlaceFilterForm, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    if form.is_valid() and form.cleaned_data["district"]:
        rows = rows.filter(**{path: form.cleaned_data["district"]})
    return rows


@require_safe
@only(EDITS_DIRECTORY)
def offices(request: CaseworkRequest) -> HttpResponse:
    every = Office.objects.select_related("district").order_by("district__name", "name")
    form = PlaceFilterForm(request.GET)
    rows = _filter_by_district(form, every, "district")
    context = {"form": form, "rows": rows, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/offices.html", context)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_office(request: CaseworkRequest) -> HttpResponse:
    form = OfficeForm(post_data(request), on=request.today, cancel_url=reverse("offices"))
    act, message = places.add_office, "{name} is added to {district}."
    return _save_or_show(request, "offices", form, act, message, title="Add an office")


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def edit_office(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Office.objects.select_related("district"), pk=pk)
    back = reverse("offices")
    form = OfficeForm(post_data(request), office=found, on=request.today, cancel_url=back)
    bind_form_to_row(form, found)
    act, title = partial(places.edit_office, found), f"Edit {found}"
    lead = f"It stays in {found.district}, where its children are."
    return _save_or_show(request, "offices", form, act, "{name} is saved.", title=title, lead=lead)


@require_safe
@only(EDITS_DIRECTORY)
def providers(request: CaseworkRequest) -> HttpResponse:
    every = Provider.objects.prefetch_related("districts")
    form = ProviderFilterForm(request.GET)
    rows = form.named(_filter_by_district(form, every, "districts"))
    context = {"form": form, "rows": rows, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/providers.html", context)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def new_provider(request: CaseworkRequest) -> HttpResponse:
    form = ProviderForm(post_data(request), on=request.today, cancel_url=reverse("providers"))
    act, title = places.add_provider, "Add a provider"
    return _save_or_show(request, "providers", form, act, "{} is added.", title=title)


@require_http_methods(["GET", "POST"])
@only(EDITS_DIRECTORY)
def edit_provider(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Provider, pk=pk)
    back = reverse("providers")
    form = ProviderForm(post_data(request), instance=found, on=request.today, cancel_url=back)
    bind_form_to_row(form, found)
    act = partial(places.edit_provider, found)
    return _save_or_show(request, "providers", form, act, "{} is saved.", title=f"Edit {found}")


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
    act, title = partial(places.retire, found), f"Retire {found}"
    lead, done = " ".join(against) or RETIREMENT_LEAD, "{} is retired."
    return _save_or_show(request, kind, form, act, done, title=title, lead=lead, row=found)


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
        "inboxes": places.inboxes_with_districts(on=request.today),
        "gaps": places.districts_without_inbox(on=request.today),
        "teams": places.district_teams(on=request.today),
        "disagreement": DISAGREEMENT,
        "disagreement_rules": DISAGREEMENT_RULES,
    }
    return render(request, "directory/contacts.html", context)
