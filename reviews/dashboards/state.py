"""The districts within reach beside each other, by one measure: a rate, a number, a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Min

from consultations.workflow import WAITING, Status
from directory.clock import working_days_between
from directory.models import District, User
from directory.roles import READS_CASES, READS_DASHBOARD
from directory.web.result_cache import ResultCache
from permanency.models import RuleVersion
from reviews.dashboards.district import (
    OVERDUE,
    TWO_YEAR_PASSED,
    WAITS,
    Trend,
    numbers_of,
    rows_of_trends,
    trend,
)
from reviews.figures import daily_figures, stands_out
from reviews.figures.daily_figures import DayFigures, months_back, totals_by_month
from reviews.figures.district_counts import (
    PlaceCounts,
    districts_to_count,
    place_counts,
    total_counts,
)
from reviews.figures.pictures import (
    SmallLine,
    key_of_levels,
    level,
    short_name,
    small_line,
    tile_place,
)
from reviews.figures.scope import (
    Figure,
    FiguresScope,
    Tile,
    figures_scope_of,
    list_url,
    row_security_for,
    tiles,
)
from reviews.figures.stands_out import Measure, Standing, percent

WAITING_FIGURE = Figure("waiting", "Changes waiting", "changes-waiting", {})
FIGURES = (OVERDUE, TWO_YEAR_PASSED, WAITING_FIGURE)


class MeasureName(StrEnum):
    """What districts are compared by; the values stand in addresses."""

    OVERDUE = "overdue"
    TWO_YEAR = "two_year_passed"
    WAITING = "waiting"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    MeasureName.OVERDUE: "Overdue reviews",
    MeasureName.TWO_YEAR: "Two-year dates passed",
    MeasureName.WAITING: "Changes waiting",
}
WORDS = {
    MeasureName.OVERDUE: Measure("overdue reviews", "reviews are overdue"),
    MeasureName.TWO_YEAR: Measure("two-year dates passed", "two-year dates have passed"),
    MeasureName.WAITING: Measure("changes waiting", "children have a change waiting"),
}


def measure_chosen(wanted: str | None) -> MeasureName:
    """Return the measure that was asked for, or overdue reviews."""
    return next((each for each in MeasureName if each == wanted), MeasureName.OVERDUE)


# The shares, in per cent, from which a tile of the map is darker.
STEPS = (5.0, 10.0, 15.0)
# A share is marked from so many times that of all districts.
MARKED_FROM = 1.5
SORTS = ("share", "number", "name", "other", "last", "oldest")


@dataclass(frozen=True)
class DistrictRow:
    """A district by the measure: `number` of `every`, beside the others and over a year."""

    district: District
    standing: Standing
    number: Tile
    others: Sequence[Tile]
    width: float
    is_marked: bool
    oldest: int | None
    is_over_target: bool
    line: SmallLine
    values: Sequence[str]
    level: int
    place: tuple[int, int] | None

    @property
    def share(self) -> str:
        return percent(self.standing.number, self.standing.every, digits=1)

    @property
    def short_name(self) -> str:
        return short_name(self.district.name)

    @property
    def title(self) -> str:
        return f"{self.district.name}: {self.share}"

    @property
    def description(self) -> str:
        return ", ".join(self.values)


def state(user: User, measure: MeasureName, *, on: date) -> dict[str, Any]:
    """Return the figures of each district whose dashboard this person may open, and of all."""
    districts = list(districts_to_count(user, on=on))
    # Each counts the entries without a district too: the sum rises with any of them.
    cache = ResultCache(user, on=on, entries=sum(each.entries for each in districts))
    return cache.get(
        "figures of districts", lambda: _state(districts, user, measure, on=on), measure.value
    )


def _state(
    districts: Sequence[Any], user: User, measure: MeasureName, *, on: date
) -> dict[str, Any]:
    scope, reads = figures_scope_of(user, on=on), user.reach(READS_CASES, on=on)
    reach = user.reach(READS_DASHBOARD, on=on)
    by_district: dict[int, list[PlaceCounts]] = defaultdict(list)
    months = daily_figures.read(user, districts, on=on)
    with row_security_for(user, on=on):
        for place in place_counts(user, on=on, summaries=districts):
            by_district[place.district].append(place)
        waiting = _waiting(scope, on=on)
    none = (0, None, False)
    numbers = {
        each.pk: {
            **total_counts(by_district[each.pk], daily_figures.COUNTED),
            "waiting": waiting.get(each.pk, none)[0],
        }
        for each in districts
    }
    standings = {
        each.pk: Standing(each.name, numbers[each.pk]["every"], numbers[each.pk][measure])
        for each in districts
    }
    whole = Standing(
        "", *(sum(getattr(each, n) for each in standings.values()) for n in ("every", "number"))
    )
    shares = {pk: _shares(months[pk], measure, each) for pk, each in standings.items()}
    highest = max((each for line in shares.values() for each in line if each), default=0)
    most = max((each.share for each in standings.values()), default=0)
    rows = []
    for each in districts:
        standing, (_, oldest, is_over) = standings[each.pk], waiting.get(each.pk, none)
        cells = tiles(
            FIGURES,
            numbers[each.pk],
            list_url if each in reads else None,
            district=each.slug,
        )
        number = next(
            cell for cell, figure in zip(cells, FIGURES, strict=True) if figure.name == measure
        )
        rows.append(
            DistrictRow(
                each,
                standing,
                number,
                [cell for cell in cells if cell is not number],
                round(standing.share * 100 / most, 2) if most else 0,
                bool(standing.number) and standing.share >= MARKED_FROM * whole.share,
                oldest,
                is_over,
                small_line(shares[each.pk], high=highest),
                [_in_words(share) for share in shares[each.pk]],
                level(standing.share * 100, STEPS),
                tile_place(each.slug),
            )
        )
    all_lists = list_url if all(each in reads for each in districts) else None
    totals = {
        figure.name: sum(each[figure.name] for each in numbers.values()) for figure in FIGURES
    }
    total_tiles = tiles(FIGURES, totals, all_lists)
    by_month = totals_by_month(list(months.values())) or [None] * len(months_back(on))
    trends, first = _trends(by_month, measure, whole, total_tiles), by_month[0]
    return {
        "measure": measure,
        "is_state": reach.everywhere,
        "note": scope.note,
        "rows": rows,
        "whole": whole,
        "whole_share": percent(whole.number, whole.every, digits=1),
        "whole_x": round(whole.share * 100 / most, 2) if most else None,
        "total": next(
            cell
            for cell, figure in zip(total_tiles, FIGURES, strict=True)
            if figure.name == measure
        ),
        "total_others": [
            cell
            for cell, figure in zip(total_tiles, FIGURES, strict=True)
            if figure.name != measure
        ],
        "sentences": stands_out.of_districts(
            list(standings.values()),
            words=WORDS[measure],
            year_ago=(first[measure], first["every"]) if first else None,
            over_target=[row.district.name for row in rows if row.is_over_target],
        )
        if rows
        else [],
        "trends": trends,
        "months": months_back(on),
        "trend_rows": rows_of_trends(trends, on=on),
        "key": list(key_of_levels(STEPS)),
    }


def rows_in_order(rows: Sequence[DistrictRow], sort: str) -> list[DistrictRow]:
    """Return the rows of districts, which come by name, in the order of one of `SORTS`."""
    keys = {
        "name": lambda _: 0,
        "number": lambda each: -each.standing.number,
        "other": lambda each: -each.others[0].number,
        "last": lambda each: -each.others[-1].number,
        "oldest": lambda each: -(each.oldest or 0),
        "share": lambda each: (-each.standing.share, -each.standing.number),
    }
    return sorted(rows, key=keys[sort])


def _waiting(scope: FiguresScope, *, on: date) -> dict[int, tuple[int, int | None, bool]]:
    """Return by district how many changes wait, the longest wait, and whether one is too long."""
    targets = RuleVersion.objects.in_force(on=on).targets_working_days
    allowed = {status: targets[target] for status, _, _, target in WAITS}
    found: dict[int, tuple[int, int | None, bool]] = {}
    rows = (
        scope.changes.filter(status__in=WAITING)
        .order_by()
        .values_list("child__district", "status")
        .annotate(number=Count("pk"), since=Min("status_since_on"))
    )
    for district, status, number, since in rows:
        before, oldest, is_over = found.get(district, (0, None, False))
        days = working_days_between(since, on)
        found[district] = (
            before + number,
            max(oldest or 0, days),
            is_over or days > allowed[Status(status)],
        )
    return found


def _shares(
    months: Sequence[DayFigures], measure: MeasureName, now: Standing
) -> list[float | None]:
    """Return the share of a district in each month, the last as it is now."""
    past = [
        each[measure] * 100 / each["every"] if each and each["every"] else None
        for each in months[:-1]
    ]
    return [*past, now.share * 100 if now.every else None]


def _in_words(share: float | None) -> str:
    return "not counted" if share is None else f"{share:.1f}%"


def _trends(
    by_month: Sequence[DayFigures], measure: MeasureName, whole: Standing, totals: Sequence[Tile]
) -> list[Trend]:
    """Return the share by the measure, and the numbers that it is not about, over all districts."""
    label = f"{LABELS[measure]}, share"
    shares = _shares(by_month, measure, whole)
    found = [trend("share", label, shares, in_words=_in_words)]
    for figure, tile in zip(FIGURES, totals, strict=True):
        if figure.name != measure:
            points = [*numbers_of(by_month[:-1], figure.name), tile.number]
            found.append(trend(figure.name, tile.label, points, url=tile.url))
    return found[:2]
