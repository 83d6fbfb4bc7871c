"""Going on: puts the end of the session off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from directory import clock
from directory.forms import drafts
from directory.forms.drafts import SubmissionToken
from directory.models import Inbox
from directory.roles import EDITS_DIRECTORY, READS_CASES
from directory.templatetags.nsw import time_of_day
from directory.web import calendar_links
from directory.web.request import (
    CaseworkRequest,
    has_fresh_proof,
    needs_fresh_proof,
    only,
    session_end,
    site_address,
    step_up_redirect,
)


@require_POST
def stay_signed_in(request: CaseworkRequest) -> HttpResponse:
    request.session.record_activity(at=request.now)
    end = session_end(request, now=request.now)
    if end is not None and not request.accepts("text/html"):
        left = {
            "seconds": end.seconds_left,
            "at": time_of_day(end.at),
            "last": end.is_last,
        }
        return JsonResponse(left)
    return render(request, "directory/session.html")


def own_token(request: CaseworkRequest) -> SubmissionToken | None:
    token = drafts.read_token(request.POST.get(drafts.FIELD_NAME, ""))
    return token if token is not None and token.person == request.user.pk else None


@require_POST
def keep_draft(request: CaseworkRequest) -> HttpResponse:
    """Answer 204, 422 for no form of theirs, 409 if sent already, 413 for more than is kept."""
    token = own_token(request)
    if token is None:
        return HttpResponse(status=422)
    if drafts.earlier_submission(token):
        return HttpResponse(status=409)
    is_kept = drafts.save_draft(token, drafts.content_from_post(request.POST), at=clock.now())
    return HttpResponse(status=204 if is_kept else 413)


@require_POST
def discard_draft(request: CaseworkRequest) -> HttpResponse:
    token = own_token(request)
    if token is None:
        return render(request, "400.html", status=422)
    drafts.discard_draft(token.person, token.form)
    return redirect(token.form)


@require_safe
@only(READS_CASES | EDITS_DIRECTORY)
def calendar(request: CaseworkRequest) -> HttpResponse:
    person, on = request.user, request.today
    links = list(calendar_links.revocable_feeds(person, on=on).open())
    shared = calendar_links.shared_inboxes(person, on=on)
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
    inbox = None
    if key := request.POST.get("inbox", ""):
        shared = calendar_links.shared_inboxes(request.user, on=request.today)
        inbox = get_object_or_404(
            Inbox.objects.filter(pk__in=[each.pk for each in shared if str(each.pk) == key])
        )
    made, token = calendar_links.make_feed(by=request.user, on=request.today, inbox=inbox)
    address = site_address(reverse("calendar-feed", args=[token]))
    context = {
        "feed": made,
        "address": address,
        "breadcrumbs": [("Calendar links", reverse("calendar"))],
    }
    return render(request, "directory/calendar_made.html", context, status=201)


@require_POST
@only(READS_CASES | EDITS_DIRECTORY)
def revoke_calendar(request: CaseworkRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(calendar_links.revocable_feeds(request.user, on=request.today), pk=pk)
    if feed.inbox is not None and not has_fresh_proof(request):
        return step_up_redirect(request, back=reverse("calendar"))
    calendar_links.revoke_feed(feed, by=request.user, on=request.today)
    messages.success(request, "The link is revoked. Calendars that used it get nothing any more.")
    return redirect("calendar")
