"""Figures of each district by place, stored with the number of history entries at the counting.

Every change of a fact writes the history in the same transaction, in the chain of the district (of
both where a case moves) or in the one without a district. So stored figures hold while the number
of entries in those two chains, read before the counting, is the same; otherwise they are counted
anew, by the tick or by the next reader.

Stored figures are the same for every reader and contain no restricted child. A reader gets the part
within their appointments; restricted children whom they are named on are counted for them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from directory.database import row_security
from directory.models import District, User
from directory.roles import READS_DASHBOARD
from directory.web.result_cache import district_entry_count
from permanency.models import Child, NamedPerson, due, needs_goal
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import Goal
from reviews.due_state import (
    MONTHS_AHEAD,
    TwoYearState,
    Window,
    in_window,
    two_year_by_month,
    two_year_condition,
)
from reviews.figures.missing_dates import has_no_clock
from reviews.figures.scope import figures_rule
from reviews.models import DistrictSummary

WINDOWS = (
    Window.EVERY,
    Window.OVERDUE,
    Window.LATE_TO_30,
    Window.LATE_TO_90,
    Window.LATE_LONGER,
    Window.NEXT_30,
    Window.IN_31_TO_60,
    Window.IN_61_TO_90,
)
# Two-year dates of this month and of each one after it.
TWO_YEAR_MONTHS = tuple(f"two_year_month_{number}" for number in range(MONTHS_AHEAD))
# The names go with the keys: to group by them as well would take longer.
KEYS = ("district", "case_managed_by", "office", "provider")
NAMES = {"office_name": Min("office__name"), "provider_name": Min("provider__name")}


@dataclass(frozen=True)
class PlaceCounts:
    """The figures of the children of one place whose case one side manages, each by its name."""

    district: int
    managed_by: str
    office: int | None
    provider: int | None
    office_name: str | None
    provider_name: str | None
    numbers: Mapping[str, int]


def conditions(on: date) -> dict[str, Q]:
    """Return the condition of each figure on the children `with_goal_now`, by its name."""
    in_force = due.in_force(on=on, goal="now_")
    found = {goal: in_force & Q(now_goal=goal) for goal in Goal.values}
    found |= {window.value: in_window(window, on=on, goal="now_") for window in WINDOWS}
    for each in (TwoYearState.PASSED, TwoYearState.AHEAD):
        found[f"two_year_{each}"] = two_year_condition(each, on=on, goal="now_")
    for name, condition in zip(TWO_YEAR_MONTHS, two_year_by_month(on, goal="now_"), strict=True):
        found[name] = condition
    found["no_date"] = in_force & Q(now_review_due_on=None)
    found["no_goal"] = needs_goal() & due.not_18(on)
    found["no_clock"] = has_no_clock(on=on)
    return found


def _rows(children: ChildQuerySet, *, on: date) -> QuerySet[Any, Any]:
    counts = {
        f"number_of_{name}": Count("pk", filter=each) for name, each in conditions(on).items()
    }
    return children.with_goal_now().order_by().values_list(*KEYS).annotate(**NAMES, **counts)


# The names of the figures in order; they are the same on every day.
FIGURES = tuple(conditions(date(2000, 1, 1)))


def place_counts_of_row(row: Sequence[Any]) -> PlaceCounts:
    """Return the figures of a stored row."""
    district, managed_by, office, provider, office_name, provider_name, *numbers = row
    by_name = dict(zip(FIGURES, numbers, strict=True))
    return PlaceCounts(district, managed_by, office, provider, office_name, provider_name, by_name)


@lru_cache(maxsize=4)
def recipe(on: date) -> str:
    """Return a digest of how figures are counted on a day."""
    return sha256(str(_rows(Child.objects.all(), on=on).query).encode()).hexdigest()


def total_counts(places: Sequence[PlaceCounts], names: Sequence[str] = FIGURES) -> dict[str, int]:
    return {name: sum(place.numbers[name] for place in places) for name in names}


def districts_to_count(user: User, *, on: date) -> QuerySet[Any, Any]:
    """Return the districts whose figures a person may see, as `place_counts` takes them."""
    named = NamedPerson.objects.in_force(on=on).filter(person=user)
    return District.objects.filter(user.reach(READS_DASHBOARD, on=on).q("pk")).annotate(
        entries=district_entry_count(), is_named=Exists(named)
    )


def place_counts(
    user: User,
    *,
    on: date,
    district: District | None = None,
    with_totals: bool = True,
    summaries: Sequence[Any] | None = None,
) -> list[PlaceCounts]:
    """Return the figures that a person may see by place, in one district or in all within reach.

    A contract manager's totals are among them unless only the cases are asked for that they see.
    `summaries` are `districts_to_count` with what is stored of them, where they were read before
    (`daily_figures.read`). One query otherwise; two more where figures are outdated, and for whom
    a restricted child names.
    """
    if summaries is None:
        districts = districts_to_count(user, on=on)
        if district is not None:
            districts = districts.filter(pk=district.pk)
        summaries = list(_with_stored(districts, on=on))
    rows = [row for each in summaries if each.entries == each.counted_at for row in each.cells]
    rows += _recount(summaries, on=on)
    counts = figures_rule(user, on=on, with_totals=with_totals)
    places = [place_counts_of_row(row) for row in rows]
    places = [each for each in places if counts(each.district, each.managed_by)]
    if any(each.is_named for each in summaries):
        visible = Child.objects.visible_to(user, on=on).exclude(restricted_on=None)
        restricted = visible.filter(district__in=[each.pk for each in summaries])
        places += [place_counts_of_row(row) for row in _rows(restricted, on=on)]
    return places


def refresh(*, on: date) -> int:
    """Count outdated figures anew, and return in how many districts."""
    summaries = [
        each
        for each in _with_stored(District.objects.annotate(entries=district_entry_count()), on=on)
        if each.entries != each.counted_at
    ]
    # One at a time: the figures of one are of use while the next is counted.
    for each in summaries:
        _recount([each], on=on)
    return len(summaries)


def _with_stored(districts: QuerySet[District], *, on: date) -> QuerySet[Any, Any]:
    stored = DistrictSummary.objects.filter(district=OuterRef("pk"), on=on, recipe=recipe(on))
    return districts.order_by("pk").annotate(
        counted_at=Subquery(stored.values("entries")[:1]),
        cells=Subquery(stored.values("cells")[:1]),
    )


def _recount(summaries: Sequence[Any], *, on: date) -> list[Sequence[Any]]:
    """Count in those districts whose figures are outdated, store the rows, and return them.

    They are stored with the entries there were before. Whoever counted longer than another may
    store older numbers: the entries with them show it.
    """
    outdated = [each for each in summaries if each.entries != each.counted_at]
    if not outdated:
        return []
    children = Child.objects.filter(district__in=[each.pk for each in outdated], restricted_on=None)
    with row_security.as_system():
        rows = list(_rows(children, on=on))
    new = [
        DistrictSummary(
            district_id=each.pk,
            on=on,
            entries=each.entries,
            recipe=recipe(on),
            cells=[row for row in rows if row[0] == each.pk],
        )
        for each in outdated
    ]
    # Figures that cannot be stored are right all the same.
    with suppress(DatabaseError), transaction.atomic():
        DistrictSummary.objects.bulk_create(
            new,
            update_conflicts=True,
            unique_fields=["district", "on"],
            update_fields=["entries", "recipe", "cells"],
        )
    return rows
