"""One line of figures for each district within a person's reach, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from consultations.workflow import Status
from directory.models import District, User
from directory.roles import READS_CASES, READS_DASHBOARD
from reviews.counted import Scope, fence_of, list_url, scope_of
from reviews.windows import TwoYear, Window, in_window, two_year_stands

WAITING = Q(status__in=[Status.PROPOSED, Status.ENDORSED])
COLUMNS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("in_force", "Goals in force", "reviews", {"window": Window.EVERY.value}),
    ("overdue", "Reviews overdue", "reviews", {"window": Window.OVERDUE.value}),
    ("next_30", "Due in 30 days", "reviews", {"window": Window.NEXT_30.value}),
    ("two_year_passed", "Two-year date passed", "children", {"state": "two_year_passed"}),
    ("waiting", "Changes waiting", "changes-waiting", {}),
    ("no_goal", "No goal", "children", {"state": "no_goal"}),
)


@dataclass(frozen=True)
class Cell:
    """A number under its heading, with the list of exactly those rows."""

    heading: str
    number: int
    url: str


@dataclass(frozen=True)
class DistrictRow:
    """The figures of one district."""

    name: str
    url: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class DistrictFigures:
    """The figures of every district within reach, and their sum."""

    headings: Sequence[str]
    rows: Sequence[DistrictRow]
    totals: Sequence[Cell]
    note: str


def district_figures(user: User, *, on: date) -> DistrictFigures:
    """Return one line of figures for each district whose dashboard this person may open."""
    scope = scope_of(user, on=on)
    reads = user.reach(READS_CASES, on=on)
    with fence_of(user, on=on):
        found = _found(scope, on=on)
    districts = list(District.objects.filter(user.reach(READS_DASHBOARD, on=on).q("pk")))
    lines = [_row(each, found.get(each.pk, {}), has_lists=each in reads) for each in districts]
    return DistrictFigures(
        headings=[heading for _, heading, _, _ in COLUMNS],
        rows=lines,
        totals=_totals(lines, has_lists=all(each in reads for each in districts)),
        note=scope.note,
    )


def _found(scope: Scope, *, on: date) -> dict[int, dict[str, int]]:
    """Return the numbers by district and column, from one grouped query for each table."""
    groups: tuple[QuerySet[Any, Any], ...] = (
        scope.goals.values(district=F("child__district")).annotate(**_counts(on)),
        scope.changes.filter(WAITING)
        .values(district=F("child__district"))
        .annotate(waiting=Count("pk")),
        scope.children.without_goal().values("district").annotate(no_goal=Count("pk")),
    )
    found: dict[int, dict[str, int]] = {}
    for rows in groups:
        for row in rows.order_by():
            found.setdefault(row["district"], {}).update(row)
    return found


def _counts(on: date) -> dict[str, Count]:
    return {
        "in_force": Count("pk"),
        "overdue": Count("pk", filter=in_window(Window.OVERDUE, on=on)),
        "next_30": Count("pk", filter=in_window(Window.NEXT_30, on=on)),
        "two_year_passed": Count("pk", filter=two_year_stands(TwoYear.PASSED, on=on)),
    }


def _row(district: District, numbers: dict[str, int], *, has_lists: bool) -> DistrictRow:
    cells = [
        Cell(
            heading,
            numbers.get(key, 0),
            list_url(name, district=district.slug, **filters) if has_lists else "",
        )
        for key, heading, name, filters in COLUMNS
    ]
    return DistrictRow(district.name, reverse("dashboard", args=[district.slug]), cells)


def _totals(rows: Sequence[DistrictRow], *, has_lists: bool) -> list[Cell]:
    return [
        Cell(
            heading,
            sum(row.cells[number].number for row in rows),
            list_url(name, **filters) if has_lists else "",
        )
        for number, (_, heading, name, filters) in enumerate(COLUMNS)
    ]
