"""Reviews and two-year dates of the weeks ahead: in total, by place, as a chart, as workload.

Two grouped queries, whatever the number of children: the policy works out the reviews of equal
goals once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, When

from directory.models import User
from directory.models.people import Reach
from directory.roles import Role
from permanency.models import Coordinator, RuleVersion, coordinators
from permanency.models.due import not_18
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
from permanency.policy.months import adults_born_by
from reviews.figures.scope import FiguresScope, figures_condition, figures_scope_of
from reviews.models import GoalReview

SOON_WEEKS = 4
# A row by its key and name; without a key it is the rest.
RowKey = tuple[int | None, str]


def _zero_weeks() -> list[int]:
    return [0] * WEEKS


@dataclass
class WeekTotals:
    """For each week: reviews by the dates on record, reviews after those, two-year dates."""

    first: list[int] = field(default_factory=_zero_weeks)
    after: list[int] = field(default_factory=_zero_weeks)
    two_year: list[int] = field(default_factory=_zero_weeks)

    @property
    def reviews(self) -> list[int]:
        return [first + after for first, after in zip(self.first, self.after, strict=True)]

    def add_reviews(self, weeks: Sequence[int], number: int) -> None:
        for occurrence, week in enumerate(weeks):
            (self.after if occurrence else self.first)[week] += number


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


@dataclass(frozen=True)
class Week:
    """One week of the forecast, and the lists of the reviews and dates that are on record."""

    starts_on: date
    first: int
    after: int
    two_year: int
    is_peak: bool
    is_two_year_peak: bool
    url: str = ""
    two_year_url: str = ""

    @property
    def reviews(self) -> int:
        return self.first + self.after


@dataclass(frozen=True)
class PlaceForecast:
    """What falls due in one district or office, or for one person: in four weeks, and in all."""

    key: int | None
    name: str
    soon: int
    reviews: int
    two_year: int
    weeks: Sequence[Week]


@dataclass(frozen=True)
class Forecast:
    weeks: Sequence[Week]
    places: Sequence[PlaceForecast]
    until: date

    @property
    def reviews(self) -> int:
        return sum(week.reviews for week in self.weeks)

    @property
    def two_year(self) -> int:
        return sum(week.two_year for week in self.weeks)

    @property
    def peaks(self) -> list[Week]:
        return [week for week in self.weeks if week.is_peak]


def due_in_week(starts_on: date, *, on: date) -> Q:
    """Return the condition that a review falls into a week; the present one has what is overdue."""
    until = last_day(starts_on, 1)
    due = Q(review_due_on__lte=until)
    if week_number(starts_on, on=on) > 0:
        due &= Q(review_due_on__gte=starts_on)
    return Q(ended_on=None) & due & not_18(on, child="child__")


def two_year_in_week(starts_on: date, *, on: date) -> Q:
    """Return the condition that a two-year date falls into a week and has not passed."""
    days = (max(starts_on, on), last_day(starts_on, 1))
    return Q(ended_on=None, two_year_on__range=days) & not_18(on, child="child__")


def forecast(
    scope: FiguresScope,
    narrowed: Q,
    *,
    rows: Grouping,
    on: date,
    list_of: Callable[[str, date], str] = lambda kind, starts_on: "",
) -> Forecast:
    """Return the weeks ahead of the goals in a scope that a condition narrows.

    `list_of` returns the address of the list of a week: of its reviews ("week") and of its two-year
    dates ("two_year_week"). Call it inside `row_security_for`.
    """
    goals = scope.goals.filter(narrowed, not_18(on, child="child__"))
    whole, lines = WeekTotals(), dict[RowKey, WeekTotals]()

    def lines_of(values: Sequence[Any]) -> Iterator[WeekTotals]:
        yield whole
        for key in rows.keys(*values):
            yield lines.setdefault(key, WeekTotals())

    for values, weeks, number in _review_counts(goals, rows.columns, on=on):
        for line in lines_of(values):
            line.add_reviews(weeks, number)
    two_year: Any = (
        goals.filter(two_year_on__range=(on, last_day(on)))
        .order_by()
        .values_list("two_year_on", *rows.columns)
        .annotate(number=Count("pk"))
    )
    for day, *values, number in two_year.iterator():
        for line in lines_of(values):
            line.two_year[week_number(day, on=on)] += number
    return Forecast(
        weeks=[
            replace(
                week,
                url=list_of("week", week.starts_on),
                two_year_url=list_of("two_year_week", week.starts_on),
            )
            for week in _weeks(whole, on=on)
        ],
        places=[
            PlaceForecast(
                key=key,
                name=name or rows.rest,
                soon=sum(line.reviews[:SOON_WEEKS]),
                reviews=sum(line.reviews),
                two_year=sum(line.two_year),
                weeks=_weeks(line, on=on),
            )
            # By name; the rest, which has no key, comes last.
            for (key, name), line in sorted(
                lines.items(), key=lambda each: (each[0][0] is None, each[0][1], each[0][0] or 0)
            )
        ],
        until=last_day(on),
    )


def _review_counts(
    goals: CasePlanGoalQuerySet, columns: Sequence[str], *, on: date
) -> Iterator[tuple[Sequence[Any], tuple[int, ...], int]]:
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
    for due_on, goal, intensive, born_on, *values, number in rows.iterator():
        yield values, weeks_of(max(due_on, on), goal, intensive, born_on), number


def _weeks(line: WeekTotals, *, on: date) -> list[Week]:
    columns = zip(
        weeks_ahead(on),
        line.first,
        line.after,
        line.two_year,
        peaks(line.reviews),
        peaks(line.two_year),
        strict=True,
    )
    return [Week(*values) for values in columns]


STEP, WIDTH = 20, 14
# The marks of the peaks are above the highest column.
HEIGHT, PEAK_MARK_HEIGHT = 120, 14


@dataclass(frozen=True)
class ColumnPart:
    y: float
    height: float
    look: str


@dataclass(frozen=True)
class Column:
    """One week: the parts of its column from the ground up, and the corners of a peak's mark."""

    x: int
    parts: Sequence[ColumnPart]
    mark: str


@dataclass(frozen=True)
class Chart:
    """The columns of reviews and of two-year dates, with places and heights for the SVG."""

    reviews: Sequence[Column]
    two_year: Sequence[Column]
    most_reviews: int
    most_two_year: int
    width: int
    height: int = HEIGHT + PEAK_MARK_HEIGHT
    bar: int = WIDTH


def forecast_chart(forecast: Forecast) -> Chart:
    weeks = forecast.weeks
    most_reviews = max(week.reviews for week in weeks)
    most_two_year = max(week.two_year for week in weeks)
    reviews = (((week.first, "first"), (week.after, "after")) for week in weeks)
    two_year = (((week.two_year, "two-year"),) for week in weeks)
    return Chart(
        reviews=_columns(reviews, most_reviews, [week.is_peak for week in weeks]),
        two_year=_columns(two_year, most_two_year, [week.is_two_year_peak for week in weeks]),
        most_reviews=most_reviews,
        most_two_year=most_two_year,
        width=len(weeks) * STEP,
    )


def _columns(
    stacks: Iterable[tuple[tuple[int, str], ...]], most: int, peaks: Iterable[bool]
) -> list[Column]:
    columns = []
    for place, (stack, has_mark) in enumerate(zip(stacks, peaks, strict=True)):
        x, top, parts = place * STEP + (STEP - WIDTH) // 2, float(HEIGHT + PEAK_MARK_HEIGHT), []
        for number, look in stack:
            height = number * HEIGHT / (most or 1)
            top -= height
            parts.append(ColumnPart(round(top, 2), round(height, 2), look))
        # A triangle that points down at the column.
        mark = f"{x},{top - 11:.1f} {x + WIDTH},{top - 11:.1f} {x + WIDTH / 2},{top - 2:.1f}"
        columns.append(Column(x, parts, mark if has_mark else ""))
    return columns


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
        .goals.filter(
            within, not_18(on, child="child__"), review_due_on__lte=last_day(on, SOON_WEEKS)
        )
        .order_by()
        .values_list("child__district", "child__office", "child__provider")
        .annotate(number=Count("pk"))
    )
    counted = list(ahead)
    held = Counter(
        dict(
            GoalReview.objects.filter(
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
