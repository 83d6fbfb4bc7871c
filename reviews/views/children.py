"""A child's overview and a child's history."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from directory.http import CaseworkRequest
from directory.models import HistoryEntry, Notice
from permanency.http import child_to_read
from reviews.history_words import in_brief, in_words
from reviews.next_steps import next_steps
from reviews.overview import overview

ENTRIES_ON_A_PAGE = 50
NOTICES_SHOWN = 50


@require_safe
def child(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show who the child is, the goal, its two dates and why, and what comes next."""
    found = overview(child_to_read(request, pk), by=request.user, on=request.today)
    context = {
        "child": found.child,
        "tab": "overview",
        "found": found,
        "entries": [in_brief(entry) for entry in found.entries],
        "steps": next_steps(found),
    }
    return render(request, "reviews/child.html", context)


@require_safe
def child_history(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Show who did what about a child, and which inboxes were told of it."""
    found = child_to_read(request, pk)
    entries = HistoryEntry.objects.filter(child_number=found.pk)
    page = Paginator(entries.select_related("by", "appointment"), ENTRIES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    notices = Notice.objects.filter(child_number=found.pk).select_related("inbox", "mail")
    context = {
        "child": found,
        "tab": "history",
        "page": page,
        "entries": [in_words(entry) for entry in page.object_list],
        "notices": notices.order_by("-owed_on", "-pk")[:NOTICES_SHOWN],
    }
    return render(request, "reviews/child_history.html", context)
