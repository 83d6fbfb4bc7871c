"""One line of figures for each district within a person's reach, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db.models import Count
from django.urls import reverse

from consultations.workflow import WAITING
from directory.models import District, User
from directory.roles import READS_CASES, READS_DASHBOARD
from directory.web.result_cache import ResultCache
from reviews.due_state import Window
from reviews.figures.district_counts import place_counts, total_counts
from reviews.figures.scope import FiguresScope, figures_scope_of, list_url, row_security_for

COLUMNS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (Window.EVERY.value, "Goals in force", "reviews", {"window": Window.EVERY.value}),
    (Window.OVERDUE.value, "Reviews overdue", "reviews", {"window": Window.OVERDUE.value}),
    (Window.NEXT_30.value, "Due in 30 days", "reviews", {"window": Window.NEXT_30.value}),
    ("two_year_passed", "Two-year date passed", "children", {"state": "two_year_passed"}),
    ("waiting", "Changes waiting", "changes-waiting", {}),
    ("no_goal", "No goal", "children", {"state": "no_goal"}),
)


@dataclass(frozen=True)
class FigureCell:
    """A number under its heading, with the list of exactly those rows and what the link says."""

    heading: str
    number: int
    url: str
    says: str


@dataclass(frozen=True)
class DistrictRow:
    """The figures of one district."""

    name: str
    url: str
    cells: Sequence[FigureCell]


@dataclass(frozen=True)
class DistrictFigures:
    """The figures of every district within reach, and their sum."""

    headings: Sequence[str]
    rows: Sequence[DistrictRow]
    totals: Sequence[FigureCell]
    note: str


def district_figures(user: User, *, on: date) -> DistrictFigures:
    """Return one line of figures for each district whose dashboard this person may open."""
    return ResultCache(user, on=on).get("figures of districts", lambda: _figures(user, on=on))


def _figures(user: User, *, on: date) -> DistrictFigures:
    scope = figures_scope_of(user, on=on)
    reads = user.reach(READS_CASES, on=on)
    with row_security_for(user, on=on):
        found = _numbers_by_district(user, scope, on=on)
    districts = list(District.objects.filter(user.reach(READS_DASHBOARD, on=on).q("pk")))
    urls = [list_url(name, **filters) for _, _, name, filters in COLUMNS]
    lines = [
        _row(each, found.get(each.pk, {}), urls, has_lists=each in reads) for each in districts
    ]
    return DistrictFigures(
        headings=[heading for _, heading, _, _ in COLUMNS],
        rows=lines,
        totals=_totals(lines, urls, has_lists=all(each in reads for each in districts)),
        note=scope.note,
    )


def _numbers_by_district(user: User, scope: FiguresScope, *, on: date) -> dict[int, dict[str, int]]:
    """Return the numbers by district and column."""
    district_of = attrgetter("district")
    by_district = groupby(sorted(place_counts(user, on=on), key=district_of), key=district_of)
    found = {district: total_counts(list(cells)) for district, cells in by_district}
    waiting = (
        scope.changes.filter(status__in=WAITING)
        .order_by()
        .values_list("child__district")
        .annotate(number=Count("pk"))
    )
    for district, number in waiting:
        found.setdefault(district, {})["waiting"] = number
    return found


def _row(
    district: District, numbers: dict[str, int], urls: Sequence[str], *, has_lists: bool
) -> DistrictRow:
    cells = [
        FigureCell(
            heading,
            numbers.get(key, 0),
            f"{url}{'&' if '?' in url else '?'}district={district.slug}" if has_lists else "",
            f"{heading.lower()}, {district.name}",
        )
        for (key, heading, _, _), url in zip(COLUMNS, urls, strict=True)
    ]
    return DistrictRow(district.name, reverse("dashboard", args=[district.slug]), cells)


def _totals(
    rows: Sequence[DistrictRow], urls: Sequence[str], *, has_lists: bool
) -> list[FigureCell]:
    return [
        FigureCell(
            heading,
            sum(row.cells[number].number for row in rows),
            urls[number] if has_lists else "",
            f"{heading.lower()}, all districts",
        )
        for number, (_, heading, _, _) in enumerate(COLUMNS)
    ]
