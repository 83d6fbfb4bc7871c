"""The answer to a calendar that reads a feed: by a secret in the address, without a session."""

from __future__ import annotations

from datetime import date, datetime, time

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from directory import clock, fence, read_log
from directory.addresses import client_address
from directory.models import CalendarFeed, ReadEntry
from directory.read_log import Kind, Read
from directory.services import feeds
from reviews.calendar import Dated, cases_of, dated, written

ROUTE = "calendar-feed"


@login_not_required
@sensitive_variables("token")
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar of this secret; 404 for any other, and where its rights have ended.

    Whoever is signed in in the same browser does not matter: the feed is that of whoever made it.
    """
    feed = feeds.found(token)
    zone = feed.made_by.time_zone(on=clock.today()) if feed else clock.SYDNEY
    on = clock.today(zone)
    if feed is None or not feeds.may_be_read(feed, on=on):
        raise Http404
    days = _days(feed, on=on)
    midnight, address = datetime.combine(on, time.min, clock.zone(zone)), client_address(request)
    with transaction.atomic():
        feeds.note_read(feed, network_address=address, events=len(days), since=midnight)
        _log(feed, days, on=on)
    answer = HttpResponse(
        written(days, at=clock.now()), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = 'inline; filename="permanency.ics"'
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _days(feed: CalendarFeed, *, on: date) -> list[Dated]:
    if feed.inbox is not None:
        # As its mail does, the calendar of an inbox holds the matters of all the districts served.
        with fence.lifted():
            return dated(cases_of(feed, on=on), on=on)
    with fence.asked_by(feed.made_by_id, on):
        return dated(cases_of(feed, on=on), on=on)


def _log(feed: CalendarFeed, days: list[Dated], *, on: date) -> None:
    """Write to the read log which children a feed showed, each once a day: calendars ask hourly."""
    shown = ReadEntry.objects.filter(by=feed.made_by, on=on, kind=Kind.FEED)
    known = {
        number
        for detail, numbers in shown.values_list("detail", "shown")
        if detail.get("calendar") == feed.pk
        for number in numbers
    }
    new = tuple(dict.fromkeys(each.child for each in days if each.child not in known))
    if new:
        read = Read(Kind.FEED, shown=new, detail={"rows": len(new), "calendar": feed.pk})
        read_log.write([read], by=feed.made_by, on=on, route=ROUTE)
