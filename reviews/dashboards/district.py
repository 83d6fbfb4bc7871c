"""The figures of one district and of all within reach. Each leads to exactly its list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q

from consultations.workflow import WAITING, Status
from directory.clock import working_days_between
from directory.models import District, User
from directory.roles import READS_CASES, READS_DASHBOARD
from directory.web.result_cache import ResultCache
from permanency.policy.goals import Goal
from reviews.due_state import TwoYearState
from reviews.figures.district_counts import PlaceCounts, place_counts, total_counts
from reviews.figures.place_filter import NO_PLACE
from reviews.figures.scope import (
    Figure,
    FiguresScope,
    Tile,
    figures_scope_of,
    list_url,
    row_security_for,
    tiles,
    tone_if,
)
from reviews.forecast.weeks import person_as_coordinator


def review_figure(window: str, label: str, tone: str = "") -> Figure:
    return Figure(window, label, "reviews", {"window": window}, tone)


OVERDUE = (
    review_figure("overdue", "Reviews overdue", "error"),
    review_figure("late_to_30", "by 1 to 30 days"),
    review_figure("late_to_90", "by 31 to 90 days"),
    review_figure("late_longer", "by more than 90 days", "error"),
)
DUE = (
    review_figure("today", "Due today", "warning"),
    review_figure("next_30", "Due in the next 30 days"),
    review_figure("next_60", "Due in the next 60 days"),
    review_figure("next_90", "Due in the next 90 days"),
)
TWO_YEAR_PASSED = Figure(
    "two_year_passed", "Two-year date passed", "children", {"state": "two_year_passed"}, "error"
)
TWO_YEAR = (
    TWO_YEAR_PASSED,
    Figure(
        "two_year_ahead",
        f"Two-year date {TwoYearState.AHEAD.label.lower()}",
        "children",
        {"state": "two_year_soon"},
        "warning",
    ),
)
NO_CLOCK = Figure("no_clock", "No clock", "no-clock", {}, "error")
GAPS = (
    NO_CLOCK,
    Figure("no_goal", "No goal in force", "children", {"state": "no_goal"}, "warning"),
    Figure("no_date", "A goal without a review date", "children", {"state": "no_date"}),
)
GOALS = tuple(Figure(goal.value, goal.label, "children", {"goal": goal.value}) for goal in Goal)
PLACE_FIGURES = (
    review_figure("every", "Goals in force"),
    review_figure("overdue", "Reviews overdue"),
    review_figure("next_30", "Due in 30 days"),
)
DISTRICT_FIGURES = (
    *PLACE_FIGURES,
    TWO_YEAR_PASSED,
    Figure("waiting", "Changes waiting", "changes-waiting", {}),
    Figure("no_goal", "No goal", "children", {"state": "no_goal"}),
)


def dashboard(
    district: District, *, by: User, on: date, entries: int | None = None
) -> dict[str, Any]:
    """Return what the page says of a district, as far as it is this person's to see.

    `entries` are those of `district_entry_count`, where they were read with the district.
    """

    @row_security_for(by, on=on)
    def work_out() -> dict[str, Any]:
        scope = figures_scope_of(by, on=on, district=district)
        places = place_counts(by, on=on, district=district)
        counts, own = total_counts(places), person_as_coordinator(by, on=on)
        most = max(counts[goal] for goal in Goal.values) or 1
        providers = _places(scope, places, "provider", "DCJ, or no provider named", own.providers)
        return {
            "district": district,
            "note": scope.note,
            "has_lists": scope.has_lists,
            "total": counts["every"],
            "goals": [
                # The share of the most frequent goal, for the bar.
                (each, each.number * 100 / most)
                for each in tiles(GOALS, counts, scope.url)
            ],
            "overdue": tiles(OVERDUE, counts, scope.url),
            "due": tiles(DUE, counts, scope.url),
            "two_year": tiles(TWO_YEAR, counts, scope.url),
            "waiting": _waiting(scope, on=on),
            "gaps": tiles(GAPS, counts, scope.url),
            "offices": _places(scope, places, "office", "No office named", own.offices),
            # A reader of totals alone reads no provider's figures but those allocated to them.
            "providers": [each for each in providers if scope.has_lists or each["is_mine"]],
        }

    return ResultCache(by, on=on, entries=entries).get("dashboard", work_out, district.pk)


def _waiting(scope: FiguresScope, *, on: date) -> list[Tile]:
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


def _places(
    scope: FiguresScope, places: Sequence[PlaceCounts], kind: str, rest: str, own: Set[int]
) -> list[dict[str, Any]]:
    by_key: dict[int | None, list[PlaceCounts]] = defaultdict(list)
    for place in places:
        if place.numbers["every"]:
            by_key[getattr(place, kind)].append(place)
    names = {key: getattr(found[0], f"{kind}_name") or rest for key, found in by_key.items()}
    return [
        {
            "label": names[key],
            "is_mine": key in own,
            "tiles": tiles(
                PLACE_FIGURES, total_counts(by_key[key]), scope.url, **{kind: str(key or NO_PLACE)}
            ),
        }
        for key in sorted(by_key, key=lambda key: (key is None, names[key]))
    ]


def district_figures(user: User, *, on: date) -> dict[str, Any]:
    """Return a row of figures for each district whose dashboard this person may open, and sums."""
    cache = ResultCache(user, on=on)
    return cache.get("figures of districts", lambda: _district_figures(user, on=on))


def _district_figures(user: User, *, on: date) -> dict[str, Any]:
    scope, reads = figures_scope_of(user, on=on), user.reach(READS_CASES, on=on)
    districts = list(District.objects.filter(user.reach(READS_DASHBOARD, on=on).q("pk")))
    by_district: dict[int, list[PlaceCounts]] = defaultdict(list)
    with row_security_for(user, on=on):
        for place in place_counts(user, on=on):
            by_district[place.district].append(place)
        changes = scope.changes.filter(status__in=WAITING).order_by().values_list("child__district")
        waiting = dict(changes.annotate(number=Count("pk")))
    numbers = {
        each.pk: {**total_counts(by_district[each.pk]), "waiting": waiting.get(each.pk, 0)}
        for each in districts
    }
    totals = {
        figure.name: sum(each[figure.name] for each in numbers.values())
        for figure in DISTRICT_FIGURES
    }
    all_lists = list_url if all(each in reads for each in districts) else None
    rows = []
    for each in districts:
        url = list_url if each in reads else None
        cells = tiles(DISTRICT_FIGURES, numbers[each.pk], url, district=each.slug)
        rows.append((each, cells))
    totals_row = tiles(DISTRICT_FIGURES, totals, all_lists)
    return {"rows": rows, "totals": totals_row, "note": scope.note}
