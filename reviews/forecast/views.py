"""What falls due in the weeks ahead, as a page and as files; the calendar feeds."""

from __future__ import annotations

from datetime import date, datetime, time

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from directory import clock
from directory.database import row_security
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.models import CalendarFeed, ReadEntry
from directory.roles import READS_CASES, READS_DASHBOARD, Role
from directory.web import calendar_links
from directory.web.exports import ExportRow, Listing, export
from directory.web.request import CaseworkRequest, client_address, only
from directory.web.result_cache import ResultCache
from permanency.http import address_with_filters
from permanency.policy.forecast import last_day
from reviews.figures.place_filter import NO_PLACE
from reviews.figures.scope import FiguresScope, figures_scope_of, list_url, row_security_for
from reviews.forecast.calendar import CalendarEntry, calendar_entries, calendar_file, feed_cases
from reviews.forecast.forms import ForecastFilterForm
from reviews.forecast.weeks import (
    SOON_WEEKS,
    Forecast,
    Workload,
    forecast,
    forecast_charts,
    fullest_weeks,
    workloads,
)


@require_safe
@only(READS_DASHBOARD)
def forecast_page(request: CaseworkRequest) -> HttpResponse:
    cache = ResultCache(request.user, on=request.today)
    form, scope, weeks = forecast_of_request(request, cache)
    led, own = paces(request, form, cache)
    context = {
        "form": form,
        "scope": scope,
        "forecast": weeks,
        "grouping": form.grouping.label,
        "charts": forecast_charts(weeks),
        "fullest": fullest_weeks(weeks),
        "places": [(each, _row_url(form, each.key)) for each in weeks.places],
        "is_shared": form.is_shared,
        "led": led,
        "over": [each for each in led or () if each.is_over],
        "unknown": sum(not each.held for each in led or ()),
        "own": own,
        "soon_until": last_day(request.today, SOON_WEEKS),
    }
    return render(request, "reviews/forecast.html", context)


def paces(
    request: CaseworkRequest, form: ForecastFilterForm, cache: ResultCache
) -> tuple[list[Workload] | None, Workload | None]:
    """Return the workload of those whom the reader leads, if any, and the reader's own."""
    by, on = request.user, request.today

    def work_out() -> tuple[list[Workload] | None, Workload | None]:
        led, own = None, None
        if form.leads:
            led = workloads(form.led, by=by, within=form.leads.q("child__district"), on=on)
        if form.own is not None:
            (own,) = workloads([form.own], by=by, within=Q(), on=on)
        return led, own

    return cache.get("paces", work_out)


def forecast_of_request(
    request: CaseworkRequest, cache: ResultCache
) -> tuple[ForecastFilterForm, FiguresScope, Forecast]:
    by, on = request.user, request.today
    form = ForecastFilterForm(request.GET or None, by=by, on=on)
    scope = figures_scope_of(by, on=on, district=form.district_chosen)
    reads, totals = by.reach(READS_CASES, on=on), by.reach({Role.CONTRACT_MANAGER}, on=on)
    if scope.district is not None:
        has_full_lists = scope.district in reads
    else:
        has_rest = not totals.everywhere and totals.district_ids <= reads.district_ids
        has_full_lists = reads.everywhere or has_rest

    def list_of(kind: str, value: str) -> str:
        if form.is_other_person or not has_full_lists:
            return ""
        filters = {"office": form.chosen.get("office"), "mine": "on" if form.is_mine else ""}
        return scope.url("reviews", **{kind: value}, **filters)

    @row_security_for(by, on=on)
    def work_out() -> Forecast:
        return forecast(scope, form.place(), rows=form.grouping, on=on, list_of=list_of)

    chosen = sorted(form.chosen.items())
    return form, scope, cache.get("forecast", work_out, chosen)


def _row_url(form: ForecastFilterForm, key: int | None) -> str:
    chosen = dict(form.chosen)
    if form.grouping.label == "district":
        slug = next((each.slug for each in form.districts if each.pk == key), "")
        return list_url("forecast", **{**chosen, "district": slug, "office": ""})
    name = "office" if form.grouping.label == "office" else "pc"
    place = str(key or NO_PLACE)
    if chosen.get(name) or not form.offers(name, place):
        return ""
    return list_url("forecast", **{**chosen, name: place, "rows": ""})


@require_http_methods(["GET", "POST"])
@only(READS_DASHBOARD)
def export_forecast(request: CaseworkRequest) -> HttpResponse:
    cache = ResultCache(request.user, on=request.today)
    form, _, weeks = forecast_of_request(request, cache)
    rows: list[ExportRow] = [
        (
            None,
            (
                whole.starts_on,
                place.name,
                week.first,
                week.after,
                week.reviews,
                week.two_year,
                "Yes" if whole.is_peak else "",
            ),
        )
        for number, whole in enumerate(weeks.weeks)
        for place in weeks.places
        for week in [place.weeks[number]]
    ]
    listing = Listing(
        title="Forecast",
        back=address_with_filters(request, reverse("forecast")),
        filters=form,
        headings=(
            "Week beginning",
            capfirst(form.grouping.label),
            "Reviews due by dates on record",
            "Reviews due after those",
            "Reviews",
            "Two-year dates",
            "Peak of all places",
        ),
        count=len(rows),
        rows=lambda most: rows[:most],
        is_figures=True,
    )
    return export(request, listing)


ROUTE = "calendar-feed"


@login_not_required
@sensitive_variables("token")
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar of this secret, by the rights of who made it and not of the session.

    404 for any other secret, and where those rights have ended.
    """
    feed = calendar_links.feed_by_token(token)
    zone = feed.made_by.time_zone(on=clock.today()) if feed else clock.SYDNEY
    on = clock.today(zone)
    if feed is None or not calendar_links.may_be_read(feed, on=on):
        raise Http404
    days = _days(feed, on=on)
    midnight, address = datetime.combine(on, time.min, clock.zone(zone)), client_address(request)
    with transaction.atomic():
        calendar_links.note_read(feed, network_address=address, events=len(days), since=midnight)
        _log(feed, days, on=on)
    answer = HttpResponse(
        calendar_file(days, at=clock.now()), content_type="text/calendar; charset=utf-8"
    )
    answer["Content-Disposition"] = 'inline; filename="permanency.ics"'
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _days(feed: CalendarFeed, *, on: date) -> list[CalendarEntry]:
    if feed.inbox is not None:
        # Like its mail, the calendar of an inbox covers all the districts that it serves.
        with row_security.as_system():
            return calendar_entries(feed_cases(feed, on=on), on=on)
    with row_security.as_person(feed.made_by_id, on):
        return calendar_entries(feed_cases(feed, on=on), on=on)


def _log(feed: CalendarFeed, days: list[CalendarEntry], *, on: date) -> None:
    shown = ReadEntry.objects.filter(by=feed.made_by, on=on, kind=Kind.FEED)
    known = {
        number
        for detail, numbers in shown.values_list("detail", "shown")
        if detail.get("calendar") == feed.pk
        for number in numbers
    }
    new = tuple(dict.fromkeys(each.child for each in days if each.child not in known))
    if new:
        read = ReadEvent(Kind.FEED, shown=new, detail={"rows": len(new), "calendar": feed.pk})
        access_log.write_reads([read], by=feed.made_by, on=on, route=ROUTE)
