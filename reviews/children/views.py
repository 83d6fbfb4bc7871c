"""A child's overview, the two years on a time line, the history, and who has seen the record."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from directory import clock
from directory.audit import access_report
from directory.audit.access_report import ReadingFilterForm
from directory.forms.drafts import drafts_from_row, drafts_subquery
from directory.models import HistoryEntry, Notice, ReadEntry
from directory.roles import READS_EVERY_CASE
from directory.web.pagination import KeysetPage, Part
from directory.web.request import CaseworkRequest
from permanency.http import child_to_read, may_write_about
from permanency.models import Child
from reviews.children.clock import KEY, small_pictures
from reviews.children.clock import child_clock as clock_of
from reviews.children.drafts import (
    consultations_from_row,
    consultations_subquery,
    drafts_about,
    form_title,
)
from reviews.children.overview import child_overview
from reviews.history_words import ENTRY_RELATIONS, brief_description, entry_description

RECENT = 6
DAYS_ON_A_PAGE = 25
MAX_NOTICES = 50
HISTORY_KINDS = (
    ("", "Everything"),
    ("people", "What people did"),
    ("product", "What was worked out or imported"),
)
HISTORY_BY_HAND = {"people": True, "product": False}


@require_safe
def child(request: CaseworkRequest, pk: int) -> HttpResponse:
    words = drafts_subquery(drafts_about(pk, request.user))
    consultations = consultations_subquery(request.user, on=request.today)
    found: Any = child_to_read(request, pk, words=words, consultation_rows=consultations)
    overview = child_overview(
        found,
        consultations_from_row(found.consultation_rows),
        by=request.user,
        on=request.today,
    )
    pictures = small_pictures(
        found, overview["goals"], overview["episodes"], overview["reviews"], on=request.today
    )
    done = HistoryEntry.objects.filter(child_number=pk).exclude(by=None)
    entries = done.select_related(*ENTRY_RELATIONS)
    context = {
        "child": found,
        "tab": "overview",
        "found": overview,
        "pictures": pictures,
        "key": KEY,
        "unsaved": [
            (form_title(draft.form), draft.form, draft.saved_at)
            for draft in drafts_from_row(found.words)
        ],
        "entries": [brief_description(entry) for entry in entries[:RECENT]],
        "steps": overview["steps"],
    }
    return render(request, "reviews/child.html", context)


@require_safe
def child_clock(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = child_to_read(request, pk)
    clock = clock_of(found, on=request.today)
    context = {
        "child": found,
        "tab": "clock",
        "clock": clock,
        "may_write": may_write_about(request, found),
    }
    return render(request, "reviews/child_clock.html", context)


@require_safe
def child_history(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = child_to_read(request, pk)
    shown = request.GET.get("show", "")
    entries = HistoryEntry.objects.filter(child_number=found.pk)
    if shown in HISTORY_BY_HAND:
        entries = entries.filter(by__isnull=not HISTORY_BY_HAND[shown])
    page = KeysetPage(
        [Part(entries.select_related(*ENTRY_RELATIONS), descending=True)], request.GET
    )
    notices = Notice.objects.filter(child_number=found.pk).select_related("inbox", "mail")
    context = {
        "child": found,
        "tab": "history",
        "page": page,
        "kinds": [(kind, words, kind == shown) for kind, words in HISTORY_KINDS],
        "entries": [entry_description(entry) for entry in page],
        "notices": notices.order_by("-owed_on", "-pk")[:MAX_NOTICES],
        "may_see_readers": _may_see_readers(request, found),
    }
    return render(request, "reviews/child_history.html", context)


@require_safe
def child_seen(request: CaseworkRequest, pk: int) -> HttpResponse:
    found = child_to_read(request, pk)
    if not _may_see_readers(request, found):
        raise PermissionDenied
    form = ReadingFilterForm(request.GET)
    entries = form.narrow(ReadEntry.objects.of_child(found.pk))
    page = Paginator(access_report.person_days(entries), DAYS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "child": found,
        "tab": "history",
        "form": form,
        "page": page,
        "days": access_report.viewer_days(entries, page.object_list, district=found.district_id),
        "zone": clock.zone(found.district.time_zone),
    }
    return render(request, "reviews/child_seen.html", context)


def _may_see_readers(request: CaseworkRequest, child: Child) -> bool:
    return request.user.holds(READS_EVERY_CASE, on=request.today, district=child.district)
