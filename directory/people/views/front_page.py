"""The front page of the directory: what there is, what is missing, what changed lately."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory.audit import access_report
from directory.audit.forms import ReadingFilterForm
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.models import District, HistoryEntry, Inbox, Office, Provider, User
from directory.people import signals
from directory.people.views.people import person_breadcrumbs, shown
from directory.places import contacts
from directory.roles import EDITS_DIRECTORY
from directory.web.pagination import PAGE_ROWS
from directory.web.request import CaseworkRequest, only

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
        "gaps": contacts.districts_without_inbox(on=on),
        "to_confirm": [each for each in inboxes if each.to_be_confirmed],
        "left": signals.without_home(on=on),
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
    entries = form.narrow(access_report.entries_by_reader(person))
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
