"""Going on: puts the end of the session off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from directory import clock
from directory.forms import drafts, submission_token
from directory.forms.submission_token import Seal
from directory.models import Inbox
from directory.roles import EDITS_DIRECTORY, READS_CASES
from directory.web import calendar_links
from directory.web import request as web_request
from directory.web.request import CaseworkRequest, only, session_end
from directory.web.step_up import detour, is_fresh, needs_fresh_proof


@require_POST
def stay_signed_in(request: CaseworkRequest) -> HttpResponse:
    """Put the end of the session off and say when it is now: to a script, or on a page."""
    request.session.see(at=request.now)
    end = session_end(request, now=request.now)
    if end is not None and not request.accepts("text/html"):
        left = {
            "seconds": end.seconds_left,
            "at": date_format(end.at, "g:i a"),
            "last": end.is_last,
        }
        return JsonResponse(left)
    return render(request, "directory/session.html")


def _own_seal(request: CaseworkRequest) -> Seal | None:
    """Return the seal of a form that was made for whoever sends it."""
    seal = submission_token.read(request.POST.get(submission_token.FIELD, ""))
    return seal if seal is not None and seal.person == request.user.pk else None


@require_POST
def keep_typed(request: CaseworkRequest) -> HttpResponse:
    """Keep what somebody is typing into a form: 204; 422 where it is no form of theirs.

    409 for a sheet that was sent already, 413 for more than is kept.
    """
    seal = _own_seal(request)
    if seal is None:
        return HttpResponse(status=422)
    if drafts.sent_before(seal):
        return HttpResponse(status=409)
    is_kept = drafts.keep(seal, drafts.content_of(request.POST), at=clock.now())
    return HttpResponse(status=204 if is_kept else 413)


@require_POST
def discard_typed(request: CaseworkRequest) -> HttpResponse:
    """Forget what was kept of a form, and go back to it."""
    seal = _own_seal(request)
    if seal is None:
        return render(request, "400.html", status=422)
    drafts.discard(seal.person, seal.form)
    return redirect(seal.form)


@require_safe
@only(READS_CASES | EDITS_DIRECTORY)
def calendar(request: CaseworkRequest) -> HttpResponse:
    """Show the links that the person may revoke, and what they may make."""
    person, on = request.user, request.today
    links = list(calendar_links.feeds_of(person, on=on).open())
    shared = calendar_links.inboxes_of(person, on=on)
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
        shared = calendar_links.inboxes_of(request.user, on=request.today)
        inbox = get_object_or_404(
            Inbox.objects.filter(pk__in=[each.pk for each in shared if str(each.pk) == key])
        )
    made, token = calendar_links.make_feed(by=request.user, on=request.today, inbox=inbox)
    address = web_request.site_address(reverse("calendar-feed", args=[token]))
    context = {"feed": made, "address": address, "way": [("Calendar links", reverse("calendar"))]}
    return render(request, "directory/calendar_made.html", context, status=201)


@require_POST
@only(READS_CASES | EDITS_DIRECTORY)
def revoke_calendar(request: CaseworkRequest, pk: int) -> HttpResponse:
    """Let a link answer nobody any more; of an inbox, which others use too, after fresh proof."""
    feed = get_object_or_404(calendar_links.feeds_of(request.user, on=request.today), pk=pk)
    if feed.inbox is not None and not is_fresh(request):
        return detour(request, back=reverse("calendar"))
    calendar_links.revoke_feed(feed, by=request.user, on=request.today)
    messages.success(request, "The link is revoked. Calendars that used it get nothing any more.")
    return redirect("calendar")
