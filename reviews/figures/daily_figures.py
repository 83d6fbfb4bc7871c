"""Figures of each district day by day, stored once a day by the tick and kept for two years.

They stand in the row of the day that `district_counts` keeps, by who manages the case, so that
each reader is given the part within their appointments. No restricted child is in them, and
nothing about a child.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from consultations.models import GoalChange
from consultations.workflow import WAITING
from directory.database import row_security
from directory.models import User
from permanency.models import unrestricted
from permanency.policy.months import add_months
from reviews.figures import district_counts
from reviews.figures.scope import figures_rule
from reviews.models import DistrictSummary, GoalReview

KEPT_MONTHS = 24
COUNTED = ("every", "overdue", "two_year_passed")
FIGURES = (*COUNTED, "waiting", "held", "held_in_time")
# The figures of one day; None where no tick stored any.
DayFigures = Mapping[str, int] | None


def store(*, on: date) -> int:
    """Store the figures of this day for each district without any; return for how many.

    Called after `district_counts.refresh`. A second tick of the day changes nothing, and a day
    before the last one stored is left as it is, whatever was corrected since.
    """
    stored = DistrictSummary.objects.exclude(figures__isnull=True)
    pending = list(DistrictSummary.objects.filter(on=on, figures__isnull=True))
    if not pending or stored.filter(on__gt=on).exists():
        return 0
    with row_security.as_system():
        found = _waiting_and_held(on=on)
    for each in pending:
        by_management: dict[str, Counter[str]] = defaultdict(Counter)
        for row in each.cells:
            place = district_counts.place_counts_of_row(row)
            for name in COUNTED:
                by_management[place.managed_by][name] += place.numbers[name]
        for (district, managed_by), numbers in found.items():
            if district == each.district_id:
                by_management[managed_by].update(numbers)
        each.figures = by_management
    DistrictSummary.objects.bulk_update(pending, ["figures"])
    _forget(on=on)
    return len(pending)


def _waiting_and_held(*, on: date) -> dict[tuple[int, str], Counter[str]]:
    """Count the changes that wait, and the reviews held in the month that ends on this day."""
    found: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    place = ("child__district", "child__case_managed_by")
    waiting = GoalChange.objects.ongoing(on=on).filter(unrestricted("child__"), status__in=WAITING)
    for *key, number in waiting.order_by().values_list(*place).annotate(number=Count("pk")):
        found[key[0], key[1]]["waiting"] = number
    days = (add_months(on, -1) + timedelta(days=1), on)
    held = GoalReview.objects.held().filter(
        unrestricted("child__"), held_on__range=days, due_on__isnull=False
    )
    in_time = Count("pk", filter=Q(held_on__lte=F("due_on")))
    counts = held.order_by().values_list(*place).annotate(number=Count("pk"), in_time=in_time)
    for *key, number, number_in_time in counts:
        found[key[0], key[1]].update(held=number, held_in_time=number_in_time)
    return found


def _forget(*, on: date) -> None:
    """Delete what is older than two years or has no figures; empty the counts by place.

    Those of yesterday stay: in another time zone it may still be yesterday.
    """
    past = DistrictSummary.objects.filter(on__lt=on - timedelta(days=1))
    past.filter(Q(on__lt=add_months(on, -KEPT_MONTHS)) | Q(figures__isnull=True)).delete()
    past.exclude(recipe="").update(cells=[], recipe="")


def months_back(on: date) -> list[date]:
    """Return the same day of each of the last twelve months, the oldest first, and today."""
    return [add_months(on, -months) for months in range(12, -1, -1)]


def read(user: User, districts: Sequence[Any], *, on: date) -> dict[int, list[DayFigures]]:
    """Return the figures that a person may see on each of `months_back`, by district.

    What is counted for today is put on the districts for `place_counts`: one query for both.
    """
    counts = figures_rule(user, on=on, with_totals=True)
    days = months_back(on)
    found: dict[int, list[DayFigures]] = {each.pk: [None] * len(days) for each in districts}
    by_key = {each.pk: each for each in districts}
    for each in districts:
        each.counted_at = None
    rows = DistrictSummary.objects.filter(district__in=by_key, on__in=days).order_by()
    # As values: many rows of the past, of which two columns count.
    for district, day, figures, *today in rows.values_list(
        "district_id", "on", "figures", "recipe", "entries", "cells"
    ):
        if day == on and today[0] == district_counts.recipe(on):
            _, by_key[district].counted_at, by_key[district].cells = today
        if figures is None:
            continue
        seen = [numbers for managed_by, numbers in figures.items() if counts(district, managed_by)]
        found[district][days.index(day)] = _sums(seen)
    return found


def totals_by_month(districts: Iterable[Sequence[DayFigures]]) -> list[DayFigures]:
    """Return the sums of several districts; None for a day on which one of them has no figures."""
    return [
        _sums([each for each in days if each is not None]) if None not in days else None
        for days in zip(*districts, strict=True)
    ]


def _sums(given: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(each.get(name, 0) for each in given) for name in FIGURES}
