"""Calendar links: one's own, those of one's inbox, and for administrators all of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from directory import wording
from directory.http import CaseworkRequest, only
from directory.models import Inbox
from directory.proof import detour, is_fresh, needs_fresh_proof
from directory.roles import EDITS_DIRECTORY, READS_CASES
from directory.services import feeds


@require_safe
@only(READS_CASES | EDITS_DIRECTORY)
def calendar(request: CaseworkRequest) -> HttpResponse:
    """Show the links that the person may revoke, and what they may make."""
    person, on = request.user, request.today
    links = list(feeds.feeds_of(person, on=on).open())
    shared = feeds.inboxes_of(person, on=on)
    context = {
        "may_make": person.holds(READS_CASES, on=on),
        "own": [each for each in links if each.person == person],
        "inboxes": [(inbox, [each for each in links if each.inbox == inbox]) for inbox in shared],
        "others": [each for each in links if each.person != person and each.inbox not in shared],
        "sees_all": person.holds(EDITS_DIRECTORY, on=on),
    }
    return render(request, "directory/calendar.html", context)


@require_POST
@only(READS_CASES)
@needs_fresh_proof(back="calendar")
@sensitive_variables("token", "address")
def make_calendar(request: CaseworkRequest) -> HttpResponse:
    """Make a link, and show it this once."""
    inbox = None
    if key := request.POST.get("inbox", ""):
        shared = feeds.inboxes_of(request.user, on=request.today)
        inbox = get_object_or_404(
            Inbox.objects.filter(pk__in=[each.pk for each in shared if str(each.pk) == key])
        )
    made, token = feeds.make_feed(by=request.user, on=request.today, inbox=inbox)
    address = wording.address(reverse("calendar-feed", args=[token]))
    context = {"feed": made, "address": address, "way": [("Calendar links", reverse("calendar"))]}
    return render(request, "directory/calendar_made.html", context, status=201)


@require_POST
@only(READS_CASES | EDITS_DIRECTORY)
def revoke_calendar(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Let a link answer nobody any more; of an inbox, which others use too, after fresh proof."""
    feed = get_object_or_404(feeds.feeds_of(request.user, on=request.today), pk=pk)
    if feed.inbox is not None and not is_fresh(request):
        return detour(request, back=reverse("calendar"))
    feeds.revoke_feed(feed, by=request.user, on=request.today)
    messages.success(request, "The link is revoked. Calendars that used it get nothing any more.")
    return redirect("calendar")
