"""What is counted in each district, kept for as long as nothing changes: exact at any moment.

The numbers of a district on a day follow from the facts, and whoever changes a fact that counts
here writes the history in the same transaction: that of the district, of both where a case moves,
or the one without a district. So numbers are kept with the number of entries in those two chains,
read before they were counted: where it is still the same, nothing was committed since and they are
what would be counted now. Otherwise they are counted anew. The tick does so before anybody looks.

What is kept is the same for every reader and is of children who are not restricted, apart by who
manages the case. A reader is given the part within their appointments; restricted children whom
they are named on are counted for them alone and never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from directory.database import row_security
from directory.models import District, User
from directory.roles import READS_DASHBOARD
from directory.web.result_cache import district_entry_count
from permanency.models import Child, NamedPerson, needs_goal
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import Goal
from reviews.due_windows import TwoYearState, Window, in_window, two_year_condition
from reviews.figures.missing_dates import has_no_clock
from reviews.figures.scope import figures_rule
from reviews.models import DistrictSummary

WINDOWS = (
    Window.EVERY,
    Window.OVERDUE,
    Window.LATE_TO_30,
    Window.LATE_TO_90,
    Window.LATE_LONGER,
    Window.TODAY,
    Window.NEXT_30,
    Window.NEXT_60,
    Window.NEXT_90,
    Window.THIS_MONTH,
)
KEYS = ("district", "case_managed_by", "office", "provider")
# The names go with the keys: to group by them as well would take longer.
NAMES = {"office_name": Min("office__name"), "provider_name": Min("provider__name")}
GROUP_SIZE = len(KEYS) + len(NAMES)


@dataclass(frozen=True)
class PlaceCounts:
    """The numbers of the children of one place whose case one side manages, each by its name."""

    names: Sequence[str]
    in_order: Sequence[int]
    district: int
    managed_by: str
    office: int | None
    provider: int | None
    office_name: str | None
    provider_name: str | None

    @property
    def numbers(self) -> Mapping[str, int]:
        """Return each number by its name."""
        return dict(zip(self.names, self.in_order, strict=True))


def conditions(on: date) -> dict[str, Q]:
    """Return what is counted of the children `with_goal_now`, each under its name."""
    found = {goal: Q(now_goal=goal) for goal in Goal.values}
    found |= {window.value: in_window(window, on=on, goal="now_") for window in WINDOWS}
    for each in TwoYearState.values:
        found[f"two_year_{each}"] = two_year_condition(each, on=on, goal="now_")
    found["no_date"] = Q(now_id__isnull=False, now_review_due_on=None)
    found["no_goal"] = needs_goal()
    found["no_clock"] = has_no_clock(on=on)
    return found


@dataclass(frozen=True)
class Recipe:
    """How numbers are counted on a day: their names in order, and a digest of the statement."""

    names: tuple[str, ...]
    digest: str

    def cell(self, district: int, *places: Any) -> PlaceCounts:
        """Return a cell from its places and, last, the numbers in order."""
        *where, numbers = places
        return PlaceCounts(self.names, numbers, district, *where)


@lru_cache(maxsize=4)
def _recipe(on: date) -> Recipe:
    """Return how it is counted by the code that runs: another release may count otherwise."""
    statement = str(_statement(Child.objects.all(), on=on).query)
    return Recipe(tuple(conditions(on)), sha256(statement.encode()).hexdigest())


def total_counts(cells: Sequence[PlaceCounts], *, on: date) -> dict[str, int]:
    """Return the sum of each number by its name."""
    names = _recipe(on).names
    columns = zip(*(cell.in_order for cell in cells), strict=True)
    return dict(zip(names, map(sum, columns), strict=True)) if cells else dict.fromkeys(names, 0)


def place_counts(
    user: User, *, on: date, district: District | None = None, with_totals: bool = True
) -> list[PlaceCounts]:
    """Return what a person's figures count, in one district or in all within reach.

    A contract manager's totals are among them unless only the cases are asked for that they see.
    One question; another where something changed since the numbers were kept, and another for
    whom a restricted child names.
    """
    recipe, counts = _recipe(on), figures_rule(user, on=on, with_totals=with_totals)
    districts = District.objects.filter(user.reach(READS_DASHBOARD, on=on).q("pk"))
    if district is not None:
        districts = districts.filter(pk=district.pk)
    named = NamedPerson.objects.in_force(on=on).filter(person=user)
    rows = list(_stored_summaries(districts, recipe, Exists(named), on=on))
    cells, stale = list[PlaceCounts](), dict[int, int]()
    for pk, now, then, kept_cells, _ in rows:
        if now == then:
            cells += [recipe.cell(pk, *each) for each in kept_cells]
        else:
            stale[pk] = now
    if stale:
        cells += _recount(stale, recipe, on=on)
    cells = [cell for cell in cells if counts(cell.district, cell.managed_by)]
    if any(is_named for *_, is_named in rows):
        cells += _restricted_counts(user, [pk for pk, *_ in rows], recipe, on=on)
    return cells


def refresh(*, on: date) -> int:
    """Count anew what is not kept as it is now, and return in how many districts.

    What was kept before yesterday is dropped: where the state's districts lie, one may still have
    yesterday.
    """
    recipe = _recipe(on)
    districts = _stored_summaries(District.objects.all(), recipe, on=on)
    stale = {pk: now for pk, now, then, *_ in districts if now != then}
    # One at a time: what is kept of one is of use while the next is counted.
    for pk, now in stale.items():
        _recount({pk: now}, recipe, on=on)
    if stale:
        DistrictSummary.objects.filter(on__lt=on - timedelta(days=1)).delete()
    return len(stale)


def _stored_summaries(
    districts: QuerySet[District], recipe: Recipe, *more: Any, on: date
) -> QuerySet[Any]:
    """Return each district with the entries there are, those there were, and what was counted."""
    kept = DistrictSummary.objects.filter(district=OuterRef("pk"), on=on, recipe=recipe.digest)
    rows: QuerySet[Any] = districts.order_by("pk").values_list(
        "pk",
        district_entry_count(),
        Subquery(kept.values("entries")[:1]),
        Subquery(kept.values("cells")[:1]),
        *more,
    )
    return rows


def _recount(districts: Mapping[int, int], recipe: Recipe, *, on: date) -> list[PlaceCounts]:
    """Count in these districts, keep it with the entries there were before, and return it.

    Whoever counted longer than another may keep older numbers: the entries with them say so.
    """
    statement, values = _statement_for(len(districts), on=on)
    keys = dict(enumerate(districts, start=-len(districts)))
    with row_security.as_system(), connection.cursor() as cursor:
        cursor.execute(
            statement, [keys.get(each, each) if isinstance(each, int) else each for each in values]
        )
        found = _split_rows(cursor.fetchall())
    # Numbers that cannot be kept are right all the same.
    with suppress(DatabaseError), transaction.atomic():
        _store_summaries(districts, found, recipe, on=on)
    return [recipe.cell(*each) for each in found]


def _store_summaries(
    districts: Mapping[int, int], found: Sequence[Sequence[Any]], recipe: Recipe, *, on: date
) -> None:
    rows = [
        DistrictSummary(
            district_id=pk,
            on=on,
            entries=entries,
            recipe=recipe.digest,
            cells=[each for district, *each in found if district == pk],
        )
        for pk, entries in districts.items()
    ]
    DistrictSummary.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["district", "on"],
        update_fields=["entries", "recipe", "cells"],
    )


def _restricted_counts(
    user: User, districts: Sequence[int], recipe: Recipe, *, on: date
) -> list[PlaceCounts]:
    visible = Child.objects.visible_to(user, on=on).filter(district__in=districts)
    return [recipe.cell(*each) for each in _count_rows(visible.exclude(restricted_on=None), on=on)]


def _count_rows(children: ChildQuerySet, *, on: date) -> list[tuple[Any, ...]]:
    """Return the places of each cell of these children and, last, its numbers in order."""
    return _split_rows(_statement(children, on=on))


def _split_rows(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [(*row[:GROUP_SIZE], row[GROUP_SIZE:]) for row in rows]


@lru_cache(maxsize=64)
def _statement_for(districts: int, *, on: date) -> tuple[str, Sequence[Any]]:
    """Return what counts in so many districts; their keys stand in it as -1, -2 and so on.

    To build it takes as long as to count a thousand children.
    """
    children = Child.objects.filter(district__in=range(-districts, 0), restricted_on=None)
    sql, values = _statement(children, on=on).query.sql_with_params()
    return sql, values


def _statement(children: ChildQuerySet, *, on: date) -> Any:
    counts = {
        f"number_of_{name}": Count("pk", filter=each) for name, each in conditions(on).items()
    }
    return children.with_goal_now().order_by().values_list(*KEYS).annotate(**NAMES, **counts)
