"""Reviews and two-year dates of the weeks ahead: in total, by place, as a chart, as workload.

Two grouped queries, whatever the number of children: the policy works out the reviews of equal
goals once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, reduce
from operator import or_
from statistics import median
from typing import Any

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, When

from directory.models import User
from directory.models.people import Reach
from directory.roles import Role
from permanency.models import Coordinator, RuleVersion, coordinators
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.forecast import (
    WEEKS,
    is_peak,
    last_day,
    peaks,
    review_days,
    week_number,
    weeks_ahead,
)
from permanency.policy.goals import Goal
from permanency.policy.months import adults_born_by, day_in_words
from reviews.due_state import Window
from reviews.figures.pictures import Column, Columns, columns
from reviews.figures.scope import FiguresScope, figures_condition, figures_scope_of
from reviews.models import GoalReview

SOON_WEEKS = 4
# A row by its key and name; without a key it is the rest.
RowKey = tuple[int | None, str]


@dataclass(frozen=True)
class Grouping:
    """How goals are grouped into rows: `keys` returns a goal's rows from the values of `columns`.

    A goal may be in several rows, or in the one of the rest, which has the key None.
    """

    label: str
    rest: str
    columns: tuple[str, ...]
    keys: Callable[..., Sequence[RowKey]]


def group_by_place(kind: str, rest: str) -> Grouping:
    """Return the grouping by the "district" or the "office" of the children."""
    columns = (f"child__{kind}", f"child__{kind}__name")
    return Grouping(kind, rest, columns, lambda key, name: ((key, name or ""),))


def group_by_coordinator(people: Sequence[Coordinator], within: Reach, rest: str) -> Grouping:
    """Return the grouping by Coordinator, as far as the districts are within reach.

    The children of an office of one and a provider of another are in both rows.
    """
    columns = ("child__district", "child__office", "child__provider")

    @cache
    def keys(district: int, office: int | None, provider: int | None) -> Sequence[RowKey]:
        found = (
            (each.pk, each.name)
            for each in people
            if district in within and each.has(district=district, office=office, provider=provider)
        )
        return tuple(found) or ((None, ""),)

    return Grouping("Permanency Coordinator", rest, columns, keys)


@dataclass
class Week:
    """One week: reviews by the dates on record and after those, two-year dates, and their lists.

    `late` of the first ones are overdue already: they count in this week and are not drawn in it.
    """

    starts_on: date
    first: int = 0
    late: int = 0
    after: int = 0
    two_year: int = 0
    is_peak: bool = False
    is_two_year_peak: bool = False
    url: str = ""
    two_year_url: str = ""

    @property
    def reviews(self) -> int:
        return self.first + self.after

    @property
    def on_record(self) -> int:
        return self.first - self.late

    @property
    def falling_due(self) -> int:
        return self.reviews - self.late


@dataclass(frozen=True)
class WeeksAhead:
    """The weeks of all places, or of one district, office or person with its key and name."""

    weeks: Sequence[Week]
    key: int | None = None
    name: str = ""

    @property
    def reviews(self) -> int:
        return sum(week.reviews for week in self.weeks)

    @property
    def soon(self) -> int:
        return sum(week.reviews for week in self.weeks[:SOON_WEEKS])

    @property
    def two_year(self) -> int:
        return sum(week.two_year for week in self.weeks)


@dataclass(frozen=True)
class Forecast(WeeksAhead):
    places: Sequence[WeeksAhead] = ()
    late_url: str = ""

    @property
    def until(self) -> date:
        return last_day(self.weeks[0].starts_on)

    @property
    def late(self) -> int:
        return self.weeks[0].late

    @property
    def falling_due(self) -> int:
        return self.reviews - self.late

    @property
    def usual(self) -> float:
        """Return how many reviews the middle one of the weeks holds."""
        return median(week.falling_due for week in self.weeks)


def due_in_week(starts_on: date, *, on: date) -> Q:
    """Return the condition on a goal in force that its review is ahead, in this week."""
    return Q(review_due_on__range=(max(starts_on, on), last_day(starts_on, 1)))


def two_year_in_week(starts_on: date, *, on: date) -> Q:
    """Return the condition on a goal in force that its two-year date is ahead, in this week."""
    days = (max(starts_on, on), last_day(starts_on, 1))
    return Q(two_year_on__range=days)


def forecast(
    scope: FiguresScope,
    narrowed: Q,
    *,
    rows: Grouping,
    on: date,
    list_of: Callable[[str, str], str],
) -> Forecast:
    """Return the weeks ahead of the goals in a scope that a condition narrows.

    `list_of` returns the address of the list with a filter: of the reviews of a week ("week"), of
    its two-year dates ("two_year_week"), of late reviews. Call it inside `row_security_for`.
    """
    goals = scope.goals.filter(narrowed)

    def empty_weeks() -> list[Week]:
        return [Week(starts_on) for starts_on in weeks_ahead(on)]

    whole, lines = empty_weeks(), defaultdict[RowKey, list[Week]](empty_weeks)

    def lines_of(values: Sequence[Any]) -> Iterator[list[Week]]:
        yield whole
        for key in rows.keys(*values):
            yield lines[key]

    for values, weeks, number, is_late in _review_counts(goals, rows.columns, on=on):
        for line in lines_of(values):
            _add_reviews(line, weeks, number)
            line[0].late += number * is_late
    two_year: Any = (
        goals.filter(two_year_on__range=(on, last_day(on)))
        .order_by()
        .values_list("two_year_on", *rows.columns)
        .annotate(number=Count("pk"))
    )
    for day, *values, number in two_year:
        for line in lines_of(values):
            line[week_number(day, on=on)].two_year += number
    _add_peaks_and_lists(whole, list_of)
    # By name; the rest, which has no key, comes last.
    in_order = sorted(lines, key=lambda row: (row[0] is None, row[1], row[0] or 0))
    places = [WeeksAhead(lines[key, name], key, name or rows.rest) for key, name in in_order]
    return Forecast(whole, places=places, late_url=list_of("window", Window.OVERDUE))


def _add_reviews(line: Sequence[Week], weeks: Sequence[int], number: int) -> None:
    for week in weeks[:1]:
        line[week].first += number
    for week in weeks[1:]:
        line[week].after += number


def _add_peaks_and_lists(weeks: Sequence[Week], list_of: Callable[[str, str], str]) -> None:
    review_peaks = peaks([each.falling_due for each in weeks])
    two_year_peaks = peaks([each.two_year for each in weeks])
    for week, *marks in zip(weeks, review_peaks, two_year_peaks, strict=True):
        week.is_peak, week.is_two_year_peak = marks
        week.url = list_of("week", week.starts_on.isoformat())
        week.two_year_url = list_of("two_year_week", week.starts_on.isoformat())


def _review_counts(
    goals: CasePlanGoalQuerySet, columns: Sequence[str], *, on: date
) -> Iterator[tuple[Sequence[Any], tuple[int, ...], int, bool]]:
    until, rules = last_day(on), RuleVersion.objects.in_force(on=on)

    @cache
    def weeks_of(due_on: date, goal: str, intensive: bool, born_on: date | None) -> tuple[int, ...]:
        days = review_days(
            due_on,
            goal=Goal(goal),
            intensive=intensive,
            on=on,
            until=until,
            rules=rules,
            born_on=born_on,
        )
        return tuple(week_number(day, on=on) for day in days)

    rows = (
        goals.filter(review_due_on__lte=until)
        .annotate(
            intensive=ExpressionWrapper(
                Q(intensive_since__isnull=False), output_field=BooleanField()
            ),
            # A birthday matters where it is the 18th and falls into these weeks.
            turning_18=Case(When(child__born_on__lte=adults_born_by(until), then="child__born_on")),
        )
        .order_by()
        .values_list("review_due_on", "goal", "intensive", "turning_18", *columns)
        .annotate(number=Count("pk"))
    )
    for due_on, goal, intensive, born_on, *values, number in rows:
        weeks = weeks_of(max(due_on, on), goal, intensive, born_on)
        # Nobody will hold it who is 18 by then.
        yield values, weeks, number, due_on < on and bool(weeks)


TALLEST = 170
FULLEST, PLACES_NAMED = 3, 4


def forecast_charts(forecast: Forecast) -> dict[str, Columns]:
    """Return the columns of reviews and of two-year dates, on one scale."""
    weeks = forecast.weeks
    reviews = [week.falling_due for week in weeks]
    two_year = [week.two_year for week in weeks]
    ticks = month_ticks([week.starts_on for week in weeks])
    names = [f"week of {day_in_words(week.starts_on)}" for week in weeks]
    scale: dict[str, Any] = {
        "most": max(*reviews, *two_year),
        "tallest": TALLEST,
        "in_groups": True,
    }
    review_peaks = [week.is_peak for week in weeks]
    two_year_peaks = [week.is_two_year_peak for week in weeks]
    return {
        "reviews": columns(
            list(map(Column, names, reviews, ticks, review_peaks)), usual=forecast.usual, **scale
        ),
        "two_year": columns(list(map(Column, names, two_year, ticks, two_year_peaks)), **scale),
    }


def month_ticks(weeks: Sequence[date]) -> list[str]:
    """Return the month for the first week of each, and "" for the others.

    A month is that of most days of the week; one of a single week has no room for its name.
    """
    months = [f"{starts_on + timedelta(days=3):%b}" for starts_on in weeks]
    ticks = [
        name if not number or name != months[number - 1] else ""
        for number, name in enumerate(months)
    ]
    if ticks[1]:
        ticks[0] = ""
    return ticks


def fullest_weeks(forecast: Forecast) -> list[tuple[Week, str]]:
    """Return the weeks in which most reviews fall due, each with the places that have most."""
    numbered = sorted(enumerate(forecast.weeks), key=lambda each: -each[1].falling_due)
    found = []
    for number, week in numbered[:FULLEST]:
        if week.falling_due:
            places = sorted(
                ((place.weeks[number].falling_due, place.name) for place in forecast.places),
                key=lambda place: -place[0],
            )
            words = [f"{name} {count}" for count, name in places[:PLACES_NAMED] if count]
            found.append((week, ", ".join(words)))
    return found


LEADER_ROLES = frozenset({Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER})
REVIEWER_ROLES = frozenset({Role.COORDINATOR})
LOOK_BACK = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Workload:
    """The reviews of the four weeks ahead beside those held in the weeks before."""

    coordinator: Coordinator
    ahead: int
    held: int

    @property
    def usual(self) -> float:
        return self.held * SOON_WEEKS / WEEKS

    @property
    def is_over(self) -> bool:
        return bool(self.held) and is_peak(self.ahead, self.usual)


def team_coordinators(user: User, *, on: date) -> list[Coordinator]:
    """Return the Coordinators of the districts that a person manages, by name; often none."""
    leads = user.reach(LEADER_ROLES, on=on)
    if leads.everywhere or not leads:
        return coordinators(on=on) if leads else []
    return [
        each
        for each in coordinators(on=on)
        if each.reach.everywhere or not leads.district_ids.isdisjoint(each.reach.district_ids)
    ]


def person_as_coordinator(user: User, *, on: date) -> Coordinator:
    """Return a person as a Coordinator, with what is allocated to them wherever they see cases."""
    places = list(user.allocations.in_force(on=on).values_list("office", "provider"))
    offices, providers = (frozenset(filter(None, (each[n] for each in places))) for n in (0, 1))
    return Coordinator(user.pk, user.name, offices, providers, Reach(True, frozenset()))


def without_coordinator(people: Iterable[Coordinator]) -> Q:
    """Return the condition that a goal is of a child of none of these people."""
    children = [each.children for each in people]
    return ~reduce(or_, children) if children else Q()


def workloads(people: Sequence[Coordinator], *, by: User, within: Q, on: date) -> list[Workload]:
    """Return the workload of each of these people, in a reader's cases narrowed by a condition.

    Two queries, whatever the number of people and of children.
    """
    ahead = (
        figures_scope_of(by, on=on)
        .goals.filter(within, review_due_on__lte=last_day(on, SOON_WEEKS))
        .order_by()
        .values_list("child__district", "child__office", "child__provider")
        .annotate(number=Count("pk"))
    )
    counted = list(ahead)
    held = Counter(
        dict(
            GoalReview.objects.held()
            .filter(
                within,
                figures_condition(by, on=on),
                by__in=[each.pk for each in people],
                held_on__range=(on - LOOK_BACK + timedelta(days=1), on),
            )
            .order_by()
            .values_list("by")
            .annotate(number=Count("pk"))
        )
    )
    return [
        Workload(
            each,
            sum(
                number
                for district, office, provider, number in counted
                if each.has(district=district, office=office, provider=provider)
            ),
            held[each.pk],
        )
        for each in people
    ]
