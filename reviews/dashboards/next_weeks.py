"""What falls due in the next 30 days, by week, and the reviews of the next twelve weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from django.db.models import Count

from permanency.models import Child
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.forecast import last_day, week_start, weeks_ahead
from permanency.policy.months import age_in_words, day_in_words, lower_first
from reviews.dashboards.do_next import Act, case_acts
from reviews.dashboards.due_list import DueRow
from reviews.due_state import Window
from reviews.figures.pictures import Column, Columns, columns
from reviews.figures.scope import Tile, list_url
from reviews.forecast.weeks import month_ticks

COMING = timedelta(days=30)
STRIP_WEEKS = 12


@dataclass(frozen=True)
class ComingRow:
    """A review or a two-year date of the next 30 days."""

    on: date
    sentence: str
    child: Child
    age: str
    acts: Sequence[Act]


@dataclass(frozen=True)
class ComingWeek:
    """One week of the next 30 days; `reviews` also counts those for which there is no row."""

    starts_on: date
    ends_on: date
    is_this: bool
    reviews: int
    two_years: int
    rows: Sequence[ComingRow]


@dataclass(frozen=True)
class Coming:
    """The next 30 days by week, and how many reviews fall due in each of the next twelve weeks."""

    weeks: Sequence[ComingWeek]
    strip: Sequence[tuple[date, int]]
    no_clock: int
    reviews_url: str
    no_clock_url: str

    @property
    def children(self) -> list[int]:
        return [row.child.pk for week in self.weeks for row in week.rows]

    @property
    def reviews(self) -> int:
        return sum(week.reviews for week in self.weeks)

    @property
    def two_years(self) -> int:
        return sum(week.two_years for week in self.weeks)

    @property
    def strip_total(self) -> int:
        return sum(number for _, number in self.strip)

    @property
    def chart(self) -> Columns:
        """Return the reviews of the twelve weeks as columns."""
        ticks = month_ticks([starts_on for starts_on, _ in self.strip])
        given = [
            Column(f"week of {day_in_words(starts_on)}", number, tick)
            for (starts_on, number), tick in zip(self.strip, ticks, strict=True)
        ]
        return columns(given, tallest=80, in_groups=True)

    @property
    def table(self) -> list[Tile]:
        return [Tile(number, day_in_words(starts_on)) for starts_on, number in self.strip]

    @property
    def fullest(self) -> list[date]:
        """Return the weeks with the most reviews; none where all have as many."""
        most = max(number for _, number in self.strip)
        found = [starts_on for starts_on, number in self.strip if number == most]
        return found if most and len(found) < len(self.strip) // 2 else []


def coming_reviews(goals: CasePlanGoalQuerySet, *, on: date) -> CasePlanGoalQuerySet:
    """Return the goals whose review falls due in the next 30 days, the first first."""
    soon = goals.filter(review_due_on__range=(on, on + COMING))
    return soon.order_by("review_due_on", "pk")


def coming_two_years(goals: CasePlanGoalQuerySet, *, on: date) -> CasePlanGoalQuerySet:
    return goals.filter(two_year_on__range=(on, on + COMING)).order_by("two_year_on", "pk")


def coming_dates(
    rows: Sequence[DueRow],
    goals: CasePlanGoalQuerySet,
    filters: Mapping[str, str],
    *,
    no_clock: int,
    on: date,
) -> Coming:
    """Return what falls due of these goals in force, of which `rows` are those to show.

    `filters` are those of the lists behind. One query.
    """
    until = on + COMING
    days = goals.filter(review_due_on__range=(on, last_day(on, STRIP_WEEKS))).order_by()
    by_day = dict(days.values_list("review_due_on").annotate(number=Count("pk")))
    reviews = [_row("Review", row, row.review.on, today=on) for row in rows]
    two_years = [_row("Two-year date", row, row.two_year.on, today=on) for row in rows]
    starts = weeks_ahead(on, STRIP_WEEKS)

    def due_until(start: date, end: date) -> int:
        return sum(number for day, number in by_day.items() if start <= day <= end)

    def of_week(found: Iterable[ComingRow | None], start: date) -> list[ComingRow]:
        return [row for row in found if row and row.on <= until and week_start(row.on) == start]

    weeks = [
        ComingWeek(
            starts_on=max(start, on),
            ends_on=min(last_day(start, 1), until),
            is_this=start <= on,
            reviews=due_until(start, min(last_day(start, 1), until)),
            two_years=len(of_week(two_years, start)),
            rows=sorted(of_week((*reviews, *two_years), start), key=attrgetter("on")),
        )
        for start in starts
        if start <= until
    ]
    return Coming(
        weeks=[week for week in weeks if week.reviews or week.two_years],
        strip=[(start, due_until(start, last_day(start, 1))) for start in starts],
        no_clock=no_clock,
        reviews_url=list_url("reviews", window=Window.NEXT_30, **filters),
        no_clock_url=list_url("no-clock", **filters),
    )


def _row(what: str, row: DueRow, on: date | None, *, today: date) -> ComingRow | None:
    if on is None or on < today:
        return None
    return ComingRow(
        on,
        f"{what} of {lower_first(row.goal.get_goal_display())}. {row.case_with}.",
        row.child,
        age_in_words(row.child.born_on, today),
        case_acts(row.child, may_write=row.may_write),
    )
