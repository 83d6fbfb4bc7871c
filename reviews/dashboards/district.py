"""The figures of one district. Each leads to exactly its list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from consultations.workflow import WAITING, Status
from directory.clock import working_days_between
from directory.models import User
from directory.models.people import Reach
from directory.web.result_cache import ResultCache
from permanency.models import Coordinator, RuleVersion
from permanency.policy.goals import Goal
from reviews.due_state import TwoYearState, months_ahead
from reviews.figures import daily_figures, stands_out
from reviews.figures.daily_figures import DayFigures, months_back
from reviews.figures.district_counts import (
    TWO_YEAR_MONTHS,
    PlaceCounts,
    place_counts,
    total_counts,
)
from reviews.figures.pictures import (
    Column,
    Columns,
    DotRow,
    Dots,
    Part,
    SmallLine,
    StackedBar,
    columns,
    dots,
    small_line,
    stacked_bar,
)
from reviews.figures.place_filter import NO_PLACE
from reviews.figures.scope import (
    Figure,
    FiguresScope,
    Tile,
    figures_scope_of,
    row_security_for,
    tiles,
    tone_if,
)
from reviews.figures.stands_out import Standing, percent
from reviews.forecast.weeks import LEADER_ROLES, REVIEWER_ROLES, person_as_coordinator


def review_figure(window: str, label: str, tone: str = "") -> Figure:
    return Figure(window, label, "reviews", {"window": window}, tone)


OVERDUE = review_figure("overdue", "Reviews overdue", "error")
NEXT_30 = review_figure("next_30", "Due in the next 30 days")
# Six bands of days, none of which contains another: the name of each, and its mark in the chart.
BANDS = (
    (review_figure("late_longer", "More than 90 days late", "error"), "over 90"),
    (review_figure("late_to_90", "31 to 90 days late", "error"), "31 to 90"),
    (review_figure("late_to_30", "1 to 30 days late", "error"), "1 to 30"),
    (NEXT_30, "0 to 30"),
    (review_figure("in_31_to_60", "Due in 31 to 60 days"), "31 to 60"),
    (review_figure("in_61_to_90", "Due in 61 to 90 days"), "61 to 90"),
)
AGEING = (
    ("late_to_30", "1 to 30 days late", "light"),
    ("late_to_90", "31 to 90 days", "hatched"),
    ("late_longer", "More than 90 days", "alert"),
)
TWO_YEAR_PASSED = Figure(
    "two_year_passed", "Two-year date passed", "children", {"state": "two_year_passed"}, "error"
)
TWO_YEAR_AHEAD = Figure(
    "two_year_this_year",
    "Two-year date ahead",
    "reviews",
    {"window": "every", "two_year": TwoYearState.THIS_YEAR.value},
)
NO_CLOCK = Figure("no_clock", "Without a date", "no-clock", {}, "error")
GAPS = (
    Figure("no_goal", "without a goal", "children", {"state": "no_goal"}, "warning"),
    Figure("no_date", "with a goal and no review date", "children", {"state": "no_date"}),
    Figure("no_clock", "for whom something is missing to count from", "no-clock", {}, "error"),
)
GOALS = tuple(Figure(goal.value, goal.label, "children", {"goal": goal.value}) for goal in Goal)
GOAL_LOOKS = {
    Goal.PRESERVATION: "outline",
    Goal.RESTORATION: "hatched",
    Goal.GUARDIANSHIP: "dotted",
    Goal.ADOPTION: "barred",
    Goal.LONG_TERM_CARE: "solid",
}
# What waits: whom for, in the words of the chart, its fill, and the name of its target.
WAITS = (
    (Status.PROPOSED, "To endorse", "outline", "endorsement"),
    (Status.ENDORSED, "To approve", "solid", "approval"),
)
SORTS = ("share", "overdue", "name")


@dataclass(frozen=True)
class Trend:
    """A figure now and a year ago, and a line over the twelve months between."""

    name: str
    label: str
    now: str
    url: str
    before: str
    line: SmallLine
    values: Sequence[str]

    @property
    def description(self) -> str:
        return ", ".join(self.values)


@dataclass(frozen=True)
class PlaceRow:
    """How many reviews of an office or a provider are overdue, and how late they are."""

    standing: Standing
    is_rest: bool
    is_mine: bool
    overdue: Tile
    due: Tile
    bar: StackedBar

    @property
    def share(self) -> str:
        return percent(self.standing.number, self.standing.every)


@dataclass(frozen=True)
class Waiting:
    """How long changes wait, in working days, with the list of those in each status."""

    chart: Dots
    tiles: Sequence[Tile]
    number: int
    over: int


def dashboard(district: Any, *, by: User, on: date) -> dict[str, Any]:
    """Return what the page says of one of `districts_to_count`, for this person to see."""

    @row_security_for(by, on=on)
    def work_out() -> dict[str, Any]:
        scope = figures_scope_of(by, on=on, district=district)
        months = daily_figures.read(by, [district], on=on)[district.pk]
        places = place_counts(by, on=on, summaries=[district])
        counts, own = total_counts(places), _own_places(by, on=on)
        counts[TWO_YEAR_AHEAD.name] = sum(counts[name] for name in TWO_YEAR_MONTHS)
        waiting = _waiting(scope, on=on)
        offices = _places(scope, places, "office", "No office named", own.offices)
        providers = _places(scope, places, "provider", "DCJ, or no provider named", own.providers)
        if not scope.has_lists:
            # A reader of totals alone reads no provider's figures but those allocated to them.
            providers = [each for each in providers if each.is_mine]
        goals = tiles(GOALS, counts, scope.url)
        (overdue,) = tiles([OVERDUE], counts, scope.url)
        (passed, ahead) = tiles([TWO_YEAR_PASSED, TWO_YEAR_AHEAD], counts, scope.url)
        trends = _trends(months, overdue, passed, waiting.number, scope)
        two_years = _two_years(counts, on=on)
        goals_bar = stacked_bar(
            [Part(goal.label, counts[goal], look) for goal, look in GOAL_LOOKS.items()]
        )
        return {
            "district": district,
            "note": scope.note,
            "has_lists": scope.has_lists,
            "total": counts["every"],
            "sentences": stands_out.of_district(
                Standing("", counts["every"], counts["overdue"]),
                offices=[each.standing for each in offices],
                providers=[each.standing for each in providers if not each.is_rest],
                over_target=waiting.over,
                in_time=[(each["held_in_time"], each["held"]) if each else None for each in months],
            ),
            "trends": trends,
            "months": months_back(on),
            "trend_rows": rows_of_trends(trends, on=on),
            "ageing": [Part(label, 0, look) for _, label, look in AGEING],
            "overdue": overdue,
            "overdue_share": percent(counts["overdue"], counts["every"]),
            "bands": tiles((figure for figure, _ in BANDS), counts, scope.url),
            "bands_chart": columns(
                [
                    Column(figure.label, counts[figure.name], tick, is_marked=bool(figure.tone))
                    for figure, tick in BANDS
                ]
            ),
            "waiting": waiting,
            "passed": passed,
            "ahead": ahead,
            "two_years": two_years,
            "two_years_tiles": [
                Tile(each.column.number, each.column.label) for each in two_years.drawn
            ],
            "goals": [
                (each, percent(each.number, counts["every"]), part)
                for each, part in zip(goals, goals_bar.parts, strict=True)
            ],
            "goals_bar": goals_bar,
            "gaps": [each for each in tiles(GAPS, counts, scope.url) if each.number],
            "offices": offices,
            "providers": providers,
        }

    cache = ResultCache(by, on=on, entries=district.entries)
    return cache.get("dashboard", work_out, district.pk)


def _own_places(by: User, *, on: date) -> Coordinator:
    """Return what is allocated to a person; nothing to whoever leads all of it."""
    if by.holds(LEADER_ROLES, on=on) and not by.holds(REVIEWER_ROLES, on=on):
        return Coordinator(by.pk, by.name, frozenset(), frozenset(), Reach(False, frozenset()))
    return person_as_coordinator(by, on=on)


def places_in_order(rows: Iterable[PlaceRow], sort: str) -> list[PlaceRow]:
    """Return the offices or providers of a dashboard in the order of one of `SORTS`."""
    if sort == "name":
        return list(rows)
    if sort == "overdue":
        return sorted(rows, key=lambda each: -each.overdue.number)
    return sorted(rows, key=lambda each: (-each.standing.share, -each.overdue.number))


def _waiting(scope: FiguresScope, *, on: date) -> Waiting:
    found: dict[str, list[int]] = defaultdict(list)
    changes = scope.changes.filter(status__in=WAITING).order_by("status_since_on")
    since = changes.values_list("status", "status_since_on").annotate(number=Count("pk"))
    for status, day, number in since:
        found[status] += [working_days_between(day, on)] * number
    targets = RuleVersion.objects.in_force(on=on).targets_working_days
    rows = [
        DotRow(label, found[status], look, targets[target]) for status, label, look, target in WAITS
    ]
    over = sum(each.over for each in rows)
    return Waiting(
        dots(rows, unit="days"),
        [
            Tile(
                number=len(found[status]),
                label=label,
                url=scope.url("changes-waiting", status=status.value),
                tone=tone_if(row.over, "warning"),
            )
            for (status, label, *_), row in zip(WAITS, rows, strict=True)
        ],
        sum(len(each.values) for each in rows),
        over,
    )


def _two_years(counts: Mapping[str, int], *, on: date) -> Columns:
    months = zip(TWO_YEAR_MONTHS, months_ahead(on), strict=True)
    return columns(
        [Column(f"{day:%B %Y}", counts[name], tick=f"{day:%b}") for name, day in months],
        tallest=100,
    )


def _trends(
    months: Sequence[DayFigures],
    overdue: Tile,
    passed: Tile,
    number_waiting: int,
    scope: FiguresScope,
) -> list[Trend]:
    in_time = [
        round(each["held_in_time"] * 100 / each["held"]) if each and each["held"] else None
        for each in months
    ]
    waiting = Tile(number_waiting, "Changes waiting", scope.url("changes-waiting"))
    return [
        trend("in_time", "Reviews held in time", in_time, high=100, in_words="{:g}%".format),
        *(
            trend(name, tile.label, [*numbers_of(months[:-1], name), tile.number], url=tile.url)
            for name, tile in (
                ("overdue", overdue),
                ("two_year_passed", passed),
                ("waiting", waiting),
            )
        ),
    ]


def rows_of_trends(trends: Sequence[Trend], *, on: date) -> list[tuple[date, tuple[str, ...]]]:
    """Return the rows of a table with the numbers of the lines, one a day."""
    values = zip(*(each.values for each in trends), strict=True)
    return list(zip(months_back(on), values, strict=True))


def numbers_of(months: Iterable[DayFigures], name: str) -> list[int | None]:
    return [None if each is None else each[name] for each in months]


def trend(
    name: str,
    label: str,
    points: Sequence[float | None],
    *,
    url: str = "",
    high: float = 0,
    in_words: Callable[[float], str] = "{:g}".format,
) -> Trend:
    """Return a figure over twelve months; `high` is the upper end, otherwise its highest point."""
    values = ["not counted" if each is None else in_words(each) for each in points]
    most = max((each for each in points if each is not None), default=0)
    line = small_line(points, high=high or most)
    return Trend(name, label, values[-1], url, f"{values[0]} a year ago", line, values)


def _places(
    scope: FiguresScope, places: Sequence[PlaceCounts], kind: str, rest: str, own: Set[int]
) -> list[PlaceRow]:
    by_key: dict[int | None, list[PlaceCounts]] = defaultdict(list)
    for place in places:
        if place.numbers["every"]:
            by_key[getattr(place, kind)].append(place)
    names = {key: getattr(found[0], f"{kind}_name") or rest for key, found in by_key.items()}
    counts = {key: total_counts(found) for key, found in by_key.items()}
    most = max((each["overdue"] for each in counts.values()), default=0)
    rows = []
    for key in sorted(by_key, key=lambda key: (key is None, names[key])):
        numbers = counts[key]
        overdue, due = tiles([OVERDUE, NEXT_30], numbers, scope.url, **{kind: str(key or NO_PLACE)})
        standing = Standing(
            names[key], numbers["every"], numbers["overdue"], numbers["late_longer"]
        )
        parts = [Part(label, numbers[name], look) for name, label, look in AGEING]
        bar = stacked_bar(parts, whole=most)
        rows.append(PlaceRow(standing, key is None, key in own, overdue, due, bar))
    return rows
