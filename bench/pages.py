"""Pages: what each costs beside the thinnest page there is, and its queries (goals G6 to G8, G14).

The thin page is signed in, asks one indexed query and fills a small template. It runs through the
same middleware, in turn with each page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from bench.goals import Figures, Found, Goal
from bench.timing import in_turn, refresh_statistics
from directory import clock, history
from directory.database import row_security
from directory.models import District, User
from directory.web.result_cache import CACHE_ALIAS
from permanency.models import Child
from reviews.figures import daily_figures
from reviews.models import DistrictSummary

# Who looks at what: lists at their beginning and further on, dashboards, one child.
LISTS = (
    ("pc.hunter", "/children/"),
    ("mpp", "/children/"),
    ("mpp", "/children/?after={further}"),
    ("mpp", "/children/?state=overdue"),
    ("mpp", "/children/?goal=adoption"),
    ("pc.hunter", "/reviews/"),
    ("mpp", "/reviews/"),
    ("mpp", "/reviews/?window=every&after={further}"),
    ("mpp", "/reviews/changes/"),
    ("cfdu.hunter", "/approvals/"),
    ("pc.hunter", "/children/{child}/history/"),
)
OTHER_LISTS = (("admin", "/directory/people/"), ("admin", "/outbox/"))
DASHBOARDS = (
    ("manager.hunter", "/dashboard/hunter/"),
    ("mpp", "/dashboard/"),
)
# What a working day opens with.
DAILY = (
    ("pc.hunter", "/"),
    ("pc.hunter", "/forecast/"),
    ("mpp", "/forecast/"),
    ("pc.hunter", "/reviews/no-clock/"),
    ("mpp", "/reviews/no-clock/"),
)
OTHERS = (("pc.hunter", "/children/{child}/"), *DAILY)
THIN = (
    '{% extends "base.html" %}{% block title %}Thin{% endblock %}'
    "{% block heading %}{{ district.name }}{% endblock %}{% block content %}<p>.</p>{% endblock %}"
)
ASKS = ("SELECT", "(SELECT", "DECLARE", "WITH")
MOST_QUERIES = 12
MOST_OF_A_LIST = 6
# Up to so many children a dashboard may be counted as somebody looks.
LIVE = 15_000
# As somebody finds a page after a change in a district, and a dashboard where nothing is kept.
CHANGED, COLD = "after a change", "nothing kept"


@cache
def _thin_template() -> Any:
    return engines["django"].from_string(THIN)


def thin(request: HttpRequest) -> HttpResponse:
    """Answer with the thinnest page."""
    context = {"district": District.objects.get(slug="hunter")}
    return HttpResponse(_thin_template().render(context, request))


urlpatterns = [path("bench/thin/", thin), path("", include("permanency.urls"))]


def measure(size: int) -> Figures:
    """Return each page's time as a multiple of the thin page's, and how many queries it asks."""
    settings.ROOT_URLCONF = __name__
    call_command("collectstatic", interactive=False, verbosity=0)
    refresh_statistics()
    in_hunter = Child.objects.filter(district__slug="hunter", restricted_on=None)
    child = in_hunter.filter(goals__ended_on=None).latest("pk").pk
    _store_months()
    row_security.run_process_as_web()
    figures: Figures = {}
    for who, address in (*LISTS, *OTHER_LISTS, *DASHBOARDS, *OTHERS):
        client, name = _signed_in(who), f"{who} {address}"
        place = f"0.{_middle_day()}.1"
        page = address.format(child=child, further=place)
        figures |= _figures(client, page, name)
        if (who, address) in (*LISTS, *DASHBOARDS, *DAILY):
            figures |= _figures(client, page, f"{name}, {CHANGED}", before=_change)
        if (who, address) in DASHBOARDS:
            figures |= _figures(client, page, f"{name}, {COLD}", before=_nothing_kept)
    return figures


def _store_months() -> None:
    """Store figures of each district for the days that the lines of a dashboard go through."""
    figures = {managed: dict.fromkeys(daily_figures.FIGURES, 50) for managed in ("DCJ", "PSP")}
    common = {"entries": 0, "recipe": "", "cells": [], "figures": figures}
    DistrictSummary.objects.bulk_create(
        (
            DistrictSummary(district=district, on=day, **common)
            for district in District.objects.all()
            for day in daily_figures.months_back(clock.today())[:-1]
        ),
        ignore_conflicts=True,
    )


def _nothing_kept() -> None:
    """Forget what is counted in the database and what this process keeps."""
    DistrictSummary.objects.update(recipe="")
    caches[CACHE_ALIAS].clear()


def _change() -> None:
    """Write a line of history in a district: whoever changes a fact there does so too."""
    district = District.objects.get(slug="hunter")
    with row_security.as_system(), transaction.atomic():
        history.record("looked at", "nothing", by=None, on=clock.today(), district=district)


def _signed_in(who: str) -> Client:
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(User.objects.get(email=f"{who}@example.org"))
    return client


def _middle_day() -> str:
    """Return a day deep in the lists, whoever asks."""
    with row_security.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT review_due_on FROM permanency_caseplangoal WHERE ended_on IS NULL "
            "AND review_due_on IS NOT NULL ORDER BY review_due_on LIMIT 1 OFFSET "
            "(SELECT count(*) / 2 FROM permanency_caseplangoal "
            "WHERE ended_on IS NULL AND review_due_on IS NOT NULL)"
        )
        return str(cursor.fetchone()[0])


def _figures(
    client: Client, page: str, name: str, *, before: Callable[[], object] | None = None
) -> Figures:
    """Return the time and the questions of a page as it is found after this, or looked at again."""

    def got(address: str) -> Callable[[], Any]:
        def get() -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answered {answer.status_code}.")

        return get

    (before or got(page))()
    with CaptureQueriesContext(connection) as captured:
        got(page)()
    asked = sum(query["sql"].startswith(ASKS) for query in captured.captured_queries)
    parts = {"before": before or got(page), "page": got(page), "thin": got("/bench/thin/")}
    times = in_turn(parts, rounds=9)
    return {f"{name}, x thin": times["page"] / times["thin"], f"{name}, queries": asked}


def judge(found: Found) -> Iterator[Goal]:
    """Yield the goals of the pages."""
    for vendor in found.vendors:
        for size in found.sizes(vendor):
            told = f"{vendor}, {size:,}: "
            dearest = _most(found, vendor, size, (*LISTS, *OTHER_LISTS), "x thin")
            yield Goal("G6", f"{told}dearest list", dearest, 7)
            asked = _most(found, vendor, size, LISTS, "queries")
            yield Goal("G6", f"{told}queries of a list of cases", asked, MOST_OF_A_LIST, unit="")
            changed, cold = (
                tuple((who, f"{address}, {how}") for who, address in DASHBOARDS)
                for how in (CHANGED, COLD)
            )
            lists_changed = tuple((who, f"{address}, {CHANGED}") for who, address in LISTS)
            if size <= LIVE:
                dearest = _most(found, vendor, size, changed, "x thin")
                yield Goal("G7", f"{told}dearest dashboard, {CHANGED}", dearest, 7)
            else:
                dearest = _most(found, vendor, size, DASHBOARDS, "x thin")
                yield Goal("G7", f"{told}dearest dashboard, nothing changed", dearest, 4)
            if size <= LIVE:
                dearest = _most(found, vendor, size, DAILY, "x thin")
                yield Goal("G14", f"{told}dearest page that a day opens with", dearest, 8)
            every = (*LISTS, *lists_changed, *OTHER_LISTS, *DASHBOARDS, *changed, *cold, *OTHERS)
            most = _most(found, vendor, size, every, "queries")
            yield Goal("G8", f"{told}queries of a page", most, MOST_QUERIES, unit="")
    for vendor in found.vendors:
        who, address = OTHERS[0]
        grown = found.growth(vendor, f"{who} {address}, x thin")
        yield Goal(
            "G8", f"{vendor}: a child's page, largest to smallest", grown, 1.5,
            why_not="only one size was asked for",
        )  # fmt: skip


def _most(
    found: Found, vendor: str, size: int, pages: tuple[tuple[str, str], ...], unit: str
) -> float | None:
    figures = [found.get(vendor, size, f"{who} {address}, {unit}") for who, address in pages]
    taken = [figure for figure in figures if figure is not None]
    return max(taken) if taken else None
