"""Pages about people, the front page of the directory, and its history in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from directory.accounts import backends, mfa, separation_of_duties, sso
from directory.accounts import services as accounts
from directory.accounts.forms import PasswordForm
from directory.audit import access_report
from directory.audit.access_report import ReadingFilterForm
from directory.errors import StepNotAllowedError
from directory.forms.layout import ButtonForm
from directory.forms.optimistic_lock import bind_form_to_row, save_unless_stale
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.mail import smtp
from directory.models import (
    Appointment,
    District,
    HistoryEntry,
    Inbox,
    Office,
    Provider,
    ReadEntry,
    User,
)
from directory.people import services as people_services
from directory.people.forms import NewPersonForm, PeopleFilterForm, PersonForm
from directory.people.services import has_open_work, without_home
from directory.places.services import districts_without_inbox
from directory.roles import EDITS_DIRECTORY
from directory.web.pagination import PAGE_ROWS
from directory.web.request import (
    CaseworkRequest,
    changes_rights,
    directory_breadcrumbs,
    form_page,
    needs_fresh_proof,
    only,
    post_data,
)

SYSTEM = "The system"


@dataclass(frozen=True)
class ShownEntry:
    at: datetime
    by: str
    sentence: str
    details: tuple[str, ...]


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, ""):
        return "empty"
    try:
        return date_format(date.fromisoformat(value), "j F Y")
    except (TypeError, ValueError):
        return str(value)


def _details(entry: HistoryEntry) -> tuple[str, ...]:
    lines = []
    for key, value in entry.after.items():
        if value in (None, "", entry.note) and key not in entry.before:
            continue
        label = key.replace("_", " ").capitalize()
        before = f"{_word(entry.before[key])} became " if key in entry.before else ""
        lines.append(f"{label}: {before}{_word(value)}")
    return tuple(lines)


def shown(entries: Iterable[HistoryEntry]) -> list[ShownEntry]:
    return [
        ShownEntry(
            entry.at,
            entry.by.name if entry.by else SYSTEM,
            f"{entry.verb.capitalize()}: {entry.note or entry.subject}",
            _details(entry),
        )
        for entry in entries
    ]


MAIL_IS_LIVE = "Mail leaves from here, so nobody sets a password for somebody else. Send a link."
# Where a session keeps the number of a link that its administrator is shown once.
SHOWN_LINK = "shown_link"


def people_breadcrumbs() -> list[tuple[str, str]]:
    return directory_breadcrumbs(("People", reverse("people")))


def person_breadcrumbs(person: User) -> list[tuple[str, str]]:
    return [*people_breadcrumbs(), (person.name, reverse("person", args=[person.pk]))]


def redirect_after_leaving(request: CaseworkRequest, person: User) -> HttpResponse:
    if has_open_work(person, on=request.today):
        messages.info(request, f"{person.name} has open work. See to it that it has a home.")
        return redirect("open-work", person.pk)
    return redirect("person", person.pk)


def _filter_people(form: PeopleFilterForm, request: CaseworkRequest) -> QuerySet[User]:
    in_force = Appointment.objects.in_force(on=request.today).select_related("district")
    current = Prefetch("appointments", in_force, to_attr="current")
    rows: QuerySet[User] = User.objects.prefetch_related(current)
    if not form.is_valid():
        return rows.order_by("name", "pk")
    chosen = form.cleaned_data
    if chosen["name"]:
        rows = rows.filter(pk__in=people_services.people_named(chosen["name"]))
    if chosen["role"] or chosen["district"]:
        held = Appointment.objects.in_force(on=request.today)
        if chosen["role"]:
            held = held.filter(role=chosen["role"])
        if chosen["district"]:
            held = held.filter(district=chosen["district"])
        rows = rows.filter(pk__in=held.values("person"))
    return rows.order_by("name", "pk")


@require_safe
@only(EDITS_DIRECTORY)
def people(request: CaseworkRequest) -> HttpResponse:
    form = PeopleFilterForm(request.GET)
    page = Paginator(_filter_people(form, request), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "breadcrumbs": directory_breadcrumbs()}
    return render(request, "directory/people.html", context)


@require_safe
@only(EDITS_DIRECTORY)
def person(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    changes = HistoryEntry.objects.filter(child_number=None, subject=f"user {pk}")
    no_password, factors_stay = separation_of_duties.refusal_reasons(
        found, by=request.user, on=request.today
    )
    number = request.session.pop(SHOWN_LINK, None)
    links = found.links.open(at=request.now).select_related("person")
    link = None if number is None else links.filter(pk=number).first()
    context = {
        "person": found,
        "is_self": found == request.user,
        "may_set_password": not settings.MAIL_LIVE,
        "why_no_password": no_password,
        "why_factors_stay": factors_stay,
        "shown_link": link.address if link else "",
        "locked_until": backends.locked_until(found, at=request.now),
        "factors": mfa.factors_of(found),
        "subjects": list(found.subjects.order_by("pk")),
        "appointments": found.appointments.select_related("district").order_by("-starts_on", "pk"),
        "allocations": found.allocations.select_related("office__district", "provider").order_by(
            "-starts_on", "pk"
        ),
        "entries": shown(changes.select_related("by")[:PAGE_ROWS]),
        "breadcrumbs": people_breadcrumbs(),
    }
    return render(request, "directory/person.html", context)


@changes_rights
def new_person(request: CaseworkRequest) -> HttpResponse:
    form = NewPersonForm(post_data(request), cancel_url=reverse("people"))
    if form.is_valid():
        added = people_services.add_person(by=request.user, on=request.today, **form.cleaned_data)
        messages.success(request, f"{added.name} is added. Appoint them, then invite them.")
        return redirect("person", added.pk)
    lead = "They choose their password themselves, by an invitation that you send next."
    return form_page(
        request, form, title="Add a person", breadcrumbs=people_breadcrumbs(), lead=lead
    )


@changes_rights
def edit_person(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    initial = {"name": found.name, "email": found.email}
    back = reverse("person", args=[pk])
    form = PersonForm(post_data(request), person=found, initial=initial, cancel_url=back)
    bind_form_to_row(form, found)
    if form.is_valid() and save_unless_stale(
        form,
        lambda: people_services.edit_person(
            found, by=request.user, on=request.today, **form.cleaned_data
        ),
    ):
        messages.success(request, "Saved.")
        return redirect(back)
    return form_page(
        request, form, title=f"Edit {found.name}", breadcrumbs=person_breadcrumbs(found)
    )


@sensitive_post_parameters("password", "again")
@changes_rights
def new_password(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    if settings.MAIL_LIVE:
        raise StepNotAllowedError(MAIL_IS_LIVE)
    back = reverse("person", args=[pk])
    form = PasswordForm(post_data(request), person=found, cancel_url=back)
    if form.is_valid():
        accounts.set_password(
            found, form.cleaned_data["password"], by=request.user, on=request.today
        )
        messages.success(request, f"{found.name} has a new password and is signed out everywhere.")
        return redirect(back)
    lead = "It ends every session of this person. Tell them by telephone or in person."
    title = f"Set a password for {found.name}"
    return form_page(request, form, title=title, breadcrumbs=person_breadcrumbs(found), lead=lead)


@changes_rights
def remove_factors(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    back = reverse("person", args=[pk])
    form = ButtonForm(post_data(request), button="Remove all second factors", cancel_url=back)
    if form.is_valid():
        mfa.remove_all_factors(found, by=request.user, on=request.today)
        messages.success(request, f"{found.name} has no second factor and is signed out.")
        return redirect(back)
    lead = "Speak to them first, so that you know it is them. They add new ones when they sign in."
    title = f"Remove the second factors of {found.name}"
    return form_page(request, form, title=title, breadcrumbs=person_breadcrumbs(found), lead=lead)


@changes_rights
def remove_single_sign_on(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    back = reverse("person", args=[pk])
    form = ButtonForm(post_data(request), button="Remove single sign-on", cancel_url=back)
    if form.is_valid():
        sso.remove_single_sign_on(found, by=request.user, on=request.today)
        messages.success(request, f"{found.name} is disconnected and signed out.")
        return redirect(back)
    lead = "They are signed out at once. They sign in otherwise to connect it again themselves."
    title = f"Remove the single sign-on of {found.name}"
    return form_page(request, form, title=title, breadcrumbs=person_breadcrumbs(found), lead=lead)


@changes_rights
def disable_person(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    back = reverse("person", args=[pk])
    form = ButtonForm(post_data(request), button="Disable", cancel_url=back)
    if form.is_valid():
        people_services.disable_person(found, by=request.user, on=request.today)
        messages.success(request, f"{found.name} can no longer sign in.")
        return redirect_after_leaving(request, found)
    lead = "They are signed out at once and cannot sign in. Their name stays on what they did."
    title = f"Disable {found.name}"
    return form_page(request, form, title=title, breadcrumbs=person_breadcrumbs(found), lead=lead)


@require_POST
@only(EDITS_DIRECTORY)
@needs_fresh_proof(back="person")
def enable_person(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    people_services.enable_person(found, by=request.user, on=request.today)
    messages.success(request, f"{found.name} can sign in again.")
    return redirect("person", pk)


@require_POST
@only(EDITS_DIRECTORY)
@needs_fresh_proof(back="person")
def unlock_person(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    accounts.unlock_person(found, by=request.user, on=request.today)
    messages.success(request, f"{found.name} can try again at once.")
    return redirect("person", pk)


@require_POST
@only(EDITS_DIRECTORY)
@needs_fresh_proof(back="person")
def send_link(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    made: dict[str, Any] = {"by": request.user, "on": request.today, "at": request.now}
    if settings.MAIL_LIVE and not smtp.is_mail_held():
        accounts.send_link(found, **made)
        messages.success(request, f"A mail with a link is on its way to {found.name}.")
    else:
        request.session[SHOWN_LINK] = accounts.make_link(found, **made).pk
    return redirect("person", pk)


RECENT = 10
LOOK_BACK = timedelta(days=7)


@require_safe
@only(EDITS_DIRECTORY)
def directory(request: CaseworkRequest) -> HttpResponse:
    on, most = request.today, settings.UNUSUAL_READING_CHILDREN
    inboxes = list(Inbox.objects.current(on=on))
    tiles = (
        ("People who can sign in", User.objects.filter(is_active=True).count(), reverse("people")),
        ("Districts", District.objects.current(on=on).count(), reverse("districts")),
        (
            "Inboxes",
            sum(not each.is_fallback for each in inboxes),
            reverse("inboxes"),
        ),
        ("Offices", Office.objects.current(on=on).count(), reverse("offices")),
        ("Providers", Provider.objects.current(on=on).count(), reverse("providers")),
    )
    entries = HistoryEntry.objects.filter(child_number=None).select_related("by")[:RECENT]
    context = {
        "tiles": tiles,
        "gaps": districts_without_inbox(on=on),
        "to_confirm": [each for each in inboxes if each.to_be_confirmed],
        "left": without_home(on=on),
        "entries": shown(entries),
        "busy": access_report.busy_days(most=most, since=on - LOOK_BACK),
        "most": most,
    }
    return render(request, "directory/directory.html", context)


PERSON_LOOK_BACK = timedelta(days=30)


@require_safe
@only(EDITS_DIRECTORY)
def person_reading(request: CaseworkRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = ReadingFilterForm(request.GET)
    entries = form.narrow(ReadEntry.objects.filter(by=person).order_by("-at", "-pk"))
    page = Paginator(entries, PAGE_ROWS).get_page(request.GET.get("page"))
    rows = [access_report.read_log_row(entry) for entry in page]
    # It shows no case: whose reading was looked at is written down, and no child.
    access_log.add_read(
        request, ReadEvent(Kind.LIST, detail={"rows": len(rows), "person": person.pk})
    )
    most = settings.UNUSUAL_READING_CHILDREN
    context = {
        "person": person,
        "form": form,
        "page": page,
        "rows": rows,
        "most": most,
        "busy": access_report.busy_days(
            most=most, since=request.today - PERSON_LOOK_BACK, by=person
        ),
        "breadcrumbs": person_breadcrumbs(person),
    }
    return render(request, "directory/person_reading.html", context)
