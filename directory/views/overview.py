"""The front page of the directory: what there is, what is missing, what changed lately."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory import contact_list, who_read
from directory.http import CaseworkRequest, only
from directory.models import District, HistoryEntry, Inbox, Office, Provider, User
from directory.roles import EDITS_DIRECTORY
from directory.services import leaving
from directory.views.changes import shown

RECENT = 10
LOOK_BACK = timedelta(days=7)


@require_safe
@only(EDITS_DIRECTORY)
def directory(request: CaseworkRequest) -> HttpResponse:
    """Show an administrator the state of the directory."""
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
        "gaps": contact_list.without_inbox(on=on),
        "to_confirm": [each for each in inboxes if each.to_be_confirmed],
        "left": leaving.without_home(on=on),
        "entries": shown(entries),
        "busy": who_read.busy_days(most=most, since=on - LOOK_BACK),
        "most": most,
    }
    return render(request, "directory/directory.html", context)
