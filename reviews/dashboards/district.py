"""The figures of a district. Each number leads to exactly its list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q

from consultations.workflow import Status
from directory.models import District, User
from directory.web.result_cache import ResultCache
from directory.working_days import working_days_between
from permanency.coordinators import Coordinator
from permanency.policy.goals import Goal
from reviews.due_state import TwoYearState, Window
from reviews.figures.district_counts import PlaceCounts, place_counts, total_counts
from reviews.figures.scope import FiguresScope, Tile, figures_scope_of, row_security_for, tone_if
from reviews.forecast.workload import person_as_coordinator

PLACE_WINDOWS = (Window.EVERY, Window.OVERDUE, Window.NEXT_30)


@dataclass(frozen=True)
class GoalBar:
    """How many children have a goal; `percent` of the most frequent one, for the bar."""

    label: str
    value: int
    percent: float
    url: str


@dataclass
class PlaceFigures:
    """An office or provider with its figures: goals in force, reviews overdue and coming."""

    label: str
    urls: dict[str, str]
    is_mine: bool = False
    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACE_WINDOWS, 0))

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """Return heading, number and address of each figure."""
        headings = ("Goals in force", "Reviews overdue", "Due in 30 days")
        return [
            (heading, self.numbers[window], self.urls[window])
            for heading, window in zip(headings, PLACE_WINDOWS, strict=True)
        ]


@dataclass(frozen=True)
class Dashboard:
    """Everything that one district's dashboard shows."""

    district: District
    note: str
    has_lists: bool
    total: int
    goals: Sequence[GoalBar]
    overdue: Sequence[Tile]
    due: Sequence[Tile]
    two_year: Sequence[Tile]
    waiting: Sequence[Tile]
    gaps: Sequence[Tile]
    offices: Sequence[PlaceFigures]
    providers: Sequence[PlaceFigures]


def dashboard(district: District, *, by: User, on: date, entries: int | None = None) -> Dashboard:
    """Return a district's figures, as far as they are this person's to see.

    `entries` are those of `entries_of_the_district`, where they were read with it.
    """

    def work_out() -> Dashboard:
        with row_security_for(by, on=on):
            return _figures(district, by=by, on=on)

    return ResultCache(by, on=on, entries=entries).get("dashboard", work_out, district.pk)


def _figures(district: District, *, by: User, on: date) -> Dashboard:
    scope = figures_scope_of(by, on=on, district=district)
    cells = place_counts(by, on=on, district=district)
    counts = total_counts(cells)
    offices, providers = _places(scope, cells, person_as_coordinator(by, on=on))
    return Dashboard(
        district=district,
        note=scope.note,
        has_lists=scope.has_lists,
        total=counts[Window.EVERY.value],
        goals=_bars(scope, counts),
        overdue=_overdue(scope, counts),
        due=_due(scope, counts),
        two_year=_two_year(scope, counts),
        waiting=waiting_tiles(scope, on=on),
        gaps=_gaps(scope, counts),
        offices=offices,
        providers=providers,
    )


def _bars(scope: FiguresScope, counts: dict[str, int]) -> list[GoalBar]:
    most = max(counts[goal] for goal in Goal.values) or 1
    return [
        GoalBar(
            label=goal.label,
            value=counts[goal],
            percent=counts[goal] * 100 / most,
            url=scope.url("children", goal=goal.value),
        )
        for goal in Goal
    ]


def _window_tile(
    scope: FiguresScope, counts: dict[str, int], window: Window, label: str, tone: str = ""
) -> Tile:
    number = counts[window.value]
    url = scope.url("reviews", window=window.value)
    return Tile(number, label, url, tone_if(number, tone))


def _overdue(scope: FiguresScope, counts: dict[str, int]) -> list[Tile]:
    return [
        _window_tile(scope, counts, Window.OVERDUE, "Reviews overdue", "error"),
        _window_tile(scope, counts, Window.LATE_TO_30, "by 1 to 30 days"),
        _window_tile(scope, counts, Window.LATE_TO_90, "by 31 to 90 days"),
        _window_tile(scope, counts, Window.LATE_LONGER, "by more than 90 days", "error"),
    ]


def _due(scope: FiguresScope, counts: dict[str, int]) -> list[Tile]:
    return [
        _window_tile(scope, counts, Window.TODAY, "Due today", "warning"),
        _window_tile(scope, counts, Window.NEXT_30, "Due in the next 30 days"),
        _window_tile(scope, counts, Window.NEXT_60, "Due in the next 60 days"),
        _window_tile(scope, counts, Window.NEXT_90, "Due in the next 90 days"),
    ]


def _two_year(scope: FiguresScope, counts: dict[str, int]) -> list[Tile]:
    passed, ahead = counts["two_year_passed"], counts["two_year_ahead"]
    return [
        Tile(
            passed,
            "Two-year date passed",
            scope.url("children", state="two_year_passed"),
            tone_if(passed, "error"),
        ),
        Tile(
            ahead,
            f"Two-year date {TwoYearState.AHEAD.label.lower()}",
            scope.url("children", state="two_year_soon"),
            tone_if(ahead, "warning"),
        ),
    ]


def waiting_tiles(scope: FiguresScope, *, on: date) -> list[Tile]:
    """Return how many goal changes wait for endorsement and approval, and how long the oldest."""
    counts: dict[str, Any] = {}
    for status in (Status.PROPOSED, Status.ENDORSED):
        stands = Q(status=status)
        counts[status.value] = Count("pk", filter=stands)
        counts[f"{status.value}_since"] = Min("status_since_on", filter=stands)
    found = scope.changes.aggregate(**counts)
    return [
        Tile(
            number=found[status.value],
            label=label,
            url=scope.url("changes-waiting", status=status.value),
            tone=tone_if(found[status.value], "warning"),
            note=oldest_wait(found[f"{status.value}_since"], on=on),
        )
        for status, label in (
            (Status.PROPOSED, "Waiting for endorsement"),
            (Status.ENDORSED, "Waiting for approval"),
        )
    ]


def oldest_wait(since: date | None, *, on: date) -> str:
    """Return how long the oldest waits, in working days, or "" where nothing does."""
    if since is None:
        return ""
    days = working_days_between(since, on)
    return f"the oldest for {'1 working day' if days == 1 else f'{days} working days'}"


def _gaps(scope: FiguresScope, counts: dict[str, int]) -> list[Tile]:
    without_clock, without_goal = counts["no_clock"], counts["no_goal"]
    return [
        Tile(without_clock, "No clock", scope.url("no-clock"), tone_if(without_clock, "error")),
        Tile(
            without_goal,
            "No goal in force",
            scope.url("children", state="no_goal"),
            tone_if(without_goal, "warning"),
        ),
        Tile(counts["no_date"], "A goal without a review date", _no_date_url(scope)),
    ]


def _no_date_url(scope: FiguresScope) -> str:
    return scope.url("children", state="no_date")


def _places(
    scope: FiguresScope, cells: Sequence[PlaceCounts], own: Coordinator
) -> tuple[list[PlaceFigures], list[PlaceFigures]]:
    """Return the figures by office and by provider, of those with a goal in force."""
    offices = _place_figures(scope, cells, "office", "No office named", own.offices)
    providers = _place_figures(scope, cells, "provider", "DCJ, or no provider named", own.providers)
    if not scope.has_lists:
        # A reader of totals alone reads no provider's figures but those allocated to them.
        providers = [each for each in providers if each.is_mine]
    return offices, providers


def _place_figures(
    scope: FiguresScope, cells: Iterable[PlaceCounts], kind: str, without_name: str, own: Set[int]
) -> list[PlaceFigures]:
    places: dict[int | None, PlaceFigures] = {}
    for cell in cells:
        numbers = cell.numbers
        if not numbers[Window.EVERY]:
            continue
        key, name = getattr(cell, kind), getattr(cell, f"{kind}_name")
        if key not in places:
            urls = {
                window.value: scope.url("reviews", window=window.value, **{kind: key or "none"})
                for window in PLACE_WINDOWS
            }
            places[key] = PlaceFigures(name or without_name, urls, key in own)
        for window in PLACE_WINDOWS:
            places[key].numbers[window] += numbers[window]
    named = sorted((each for key, each in places.items() if key), key=lambda each: each.label)
    return [*named, *(each for key, each in places.items() if key is None)]
