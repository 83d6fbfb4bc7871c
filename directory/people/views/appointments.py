"""Appointing people, allocating offices and providers to them, and ending either."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format

from directory.forms.layout import ButtonForm
from directory.forms.optimistic_lock import bind_form_to_row, save_unless_stale
from directory.models import Allocation, Appointment, User
from directory.people import appointments
from directory.people.appointments import Reasons
from directory.people.forms import AllocationForm, AppointmentForm, EndingForm
from directory.people.views.people import person_breadcrumbs, redirect_after_leaving
from directory.roles import Role
from directory.web.request import CaseworkRequest, changes_rights, form_page, post_data


@changes_rights
def new_appointment(request: CaseworkRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = AppointmentForm(
        post_data(request),
        person=person,
        by=request.user,
        on=request.today,
        cancel_url=reverse("person", args=[pk]),
    )
    if form.is_valid():
        typed = form.cleaned_data
        made = appointments.appoint(
            person,
            Role(typed["role"]),
            form.chosen_district,
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            instrument=typed["instrument"],
            by=request.user,
            on=request.today,
        )
        messages.success(request, f"{person.name} is appointed: {made}.")
        return redirect("person", pk)
    return form_page(
        request, form, title=f"Appoint {person.name}", breadcrumbs=person_breadcrumbs(person)
    )


@changes_rights
def end_appointment(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Appointment.objects.select_related("person", "district"), pk=pk)
    by, on = request.user, request.today
    return _ending_page(
        request,
        found,
        reasons_against=partial(appointments.reasons_against_ending, found, by=by, on=on),
        end=partial(appointments.end_appointment, found, by=by, on=on),
        lead=f"{found}. The rights end after the last day. To end them at once, choose yesterday.",
        lead_on=redirect_after_leaving,
    )


def _ending_page(
    request: CaseworkRequest,
    found: Appointment | Allocation,
    *,
    reasons_against: Callable[..., Reasons],
    end: Callable[..., None],
    lead: str,
    lead_on: Callable[[CaseworkRequest, User], HttpResponse] | None = None,
) -> HttpResponse:
    back = reverse("person", args=[found.person_id])
    form = EndingForm(
        post_data(request),
        reasons_against=reasons_against,
        on=found.ends_on or max(request.today, found.starts_on),
        cancel_url=back,
    )
    bind_form_to_row(form, found, subject=f"user {found.person_id}")
    if form.is_valid() and save_unless_stale(form, lambda: end(**form.cleaned_data)):
        messages.success(request, "The last day is saved.")
        return lead_on(request, found.person) if lead_on else redirect(back)
    title = f"End an {found._meta.verbose_name}"
    return form_page(
        request, form, title=title, breadcrumbs=person_breadcrumbs(found.person), lead=lead
    )


@changes_rights
def cancel_appointment(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Appointment.objects.select_related("person", "district"), pk=pk)
    back = reverse("person", args=[found.person_id])
    form = ButtonForm(post_data(request), button="Cancel the appointment", cancel_url=back)
    if form.is_valid():
        appointments.cancel_appointment(found, by=request.user, on=request.today)
        messages.success(request, "The appointment is cancelled.")
        return redirect(back)
    first_day = date_format(found.starts_on, "j F Y")
    lead = f"{found}, from {first_day}. It has not begun, so it goes away."
    return form_page(
        request,
        form,
        title="Cancel an appointment",
        breadcrumbs=person_breadcrumbs(found.person),
        lead=lead,
    )


@changes_rights
def new_allocation(request: CaseworkRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    back = reverse("person", args=[pk])
    form = AllocationForm(post_data(request), person=person, on=request.today, cancel_url=back)
    if form.is_valid():
        typed = form.cleaned_data
        appointments.allocate(
            person,
            form.chosen_place,
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            by=request.user,
            on=request.today,
        )
        messages.success(request, f"{person.name} now works with {form.chosen_place}.")
        return redirect(back)
    title = f"Allocate an office or a provider to {person.name}"
    lead = "Lists show the children of these offices and providers under “mine”."
    return form_page(request, form, title=title, breadcrumbs=person_breadcrumbs(person), lead=lead)


@changes_rights
def end_allocation(request: CaseworkRequest, pk: int) -> HttpResponse:
    rows = Allocation.objects.select_related("person", "office", "provider")
    found = get_object_or_404(rows, pk=pk)
    against = partial(appointments.reasons_against_ending_allocation, found, on=request.today)
    end = partial(appointments.end_allocation, found, by=request.user, on=request.today)
    return _ending_page(request, found, reasons_against=against, end=end, lead=f"{found}.")
