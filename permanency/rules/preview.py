"""What a version of the rules would do if it took effect: figures only, and nothing is stored.

It asks about the dates as they stand now: a review due before that day is counted apart, because
it is held or stays overdue, and what follows it counts by the new rules either way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from operator import add
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from directory.models import District
from permanency.coordinators import coordinators
from permanency.models import RuleVersion
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.goals import Goal
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.rules import Rules, period_months
from permanency.rules.in_sql import dated

NO_COORDINATOR = "Nobody in particular"
GROUP_COLUMNS = ("child__district", "child__office", "child__provider", "goal", "is_intensive")
DATES = ("review_due_on", "review_now", "review_then", "two_year_now", "two_year_then")
COUNT_QUERY = """
WITH dated (district, office, provider, goal, is_intensive, review_due_on,
    review_now, review_then, two_year_now, two_year_then) AS MATERIALIZED ({inner})
SELECT district, office, provider, goal, is_intensive, count(*),
    count(*) FILTER (WHERE review_due_on < %s),
    count(*) FILTER (WHERE review_then < review_now),
    count(*) FILTER (WHERE review_then > review_now),
    count(*) FILTER (WHERE review_then <= %s AND review_now > %s),
    count(*) FILTER (WHERE review_now <= %s AND review_then > %s),
    count(*) FILTER (WHERE two_year_then <> two_year_now)
FROM dated GROUP BY district, office, provider, goal, is_intensive
"""


class CaseLocation(NamedTuple):
    """Where a child is: the keys of the district, the office and the provider."""

    district: int
    office: int | None
    provider: int | None


@dataclass
class Figures:
    """How many goals, and what happens to their dates on the day."""

    goals: int = 0
    due_before: int = 0
    earlier: int = 0
    later: int = 0
    newly_due: int = 0
    newly_relieved: int = 0
    two_year_moved: int = 0
    more_a_year: Fraction = Fraction(0)

    def add(self, other: Figures) -> None:
        """Add the figures of others to these."""
        for name, value in vars(other).items():
            # Most are 0, and a fraction of 0 takes as long to add as any other.
            if value:
                setattr(self, name, getattr(self, name) + value)

    @property
    def reviews_moved(self) -> int:
        """How many review dates move, to either side."""
        return self.earlier + self.later

    @property
    def reviews_a_year(self) -> int:
        """How many reviews more a year, less than none for fewer, rounded to whole ones."""
        return round(self.more_a_year)


@dataclass(frozen=True)
class WhatIf:
    """The figures in all, for each district and for each Permanency Coordinator, by name."""

    on: date
    total: Figures
    districts: list[tuple[str, Figures]]
    people: list[tuple[str, Figures]]

    @property
    def soon_until(self) -> date:
        """The last day that counts as due within 30 days of the day."""
        return self.on + timedelta(days=DUE_SOON_DAYS)


def what_if(goals: CasePlanGoalQuerySet, rules: Rules, *, on: date) -> WhatIf:
    """Return what these rules would do to these goals, taking effect on their day.

    `on` is today: the allocations of today say whose the children are.
    """
    book = RuleVersion.objects.book()
    day = rules.effective_on
    now = book.in_force(on=day - timedelta(days=1))
    places = _figures_by_location(
        dated(goals.in_force(), rules, before=book.before(rules)), rules, now
    )
    total = Figures()
    for figures in places.values():
        total.add(figures)
    return WhatIf(day, total, _by_district(places), _by_person(places, on=on))


def _figures_by_location(
    goals: QuerySet[Any, Any], rules: Rules, now: Rules
) -> dict[CaseLocation, Figures]:
    """Return what happens to the dates at each place, and what it means in reviews a year.

    One statement, which works each date out once: the database would work out an annotation anew
    wherever it is named.
    """
    is_intensive = ExpressionWrapper(Q(intensive_since__isnull=False), BooleanField())
    rows = goals.order_by().annotate(is_intensive=is_intensive).values_list(*GROUP_COLUMNS, *DATES)
    inner, values = rows.query.sql_with_params()
    day, soon_until = (
        connection.ops.adapt_datefield_value(rules.effective_on + timedelta(days=days))
        for days in (0, DUE_SOON_DAYS)
    )
    numbers_at: dict[CaseLocation, list[Any]] = {}
    more_at: dict[CaseLocation, Fraction] = defaultdict(Fraction)
    more_of_one = _more_reviews_a_year(now, rules)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_QUERY.format(inner=inner), (*values, day, *[soon_until] * 4))
        for district, office, provider, goal, intensive, *numbers in cursor:
            place = CaseLocation(district, office, provider)
            known = numbers_at.get(place)
            numbers_at[place] = list(map(add, known, numbers)) if known else numbers
            if more := more_of_one(goal, bool(intensive)):
                more_at[place] += numbers[0] * more
    places = {place: Figures(*numbers) for place, numbers in numbers_at.items()}
    for place, more in more_at.items():
        places[place].more_a_year = more
    return places


def _more_reviews_a_year(now: Rules, rules: Rules) -> Callable[[str, bool], Fraction]:
    """Return a function that says how many reviews more a year there are of one goal."""

    @cache
    def more(goal: str, intensive: bool) -> Fraction:
        old, new = (
            period_months(Goal(goal), intensive=intensive, rules=each) for each in (now, rules)
        )
        return Fraction(12, new) - Fraction(12, old)

    return more


def _by_district(places: Mapping[CaseLocation, Figures]) -> list[tuple[str, Figures]]:
    found: dict[int, Figures] = {}
    for place, figures in places.items():
        found.setdefault(place.district, Figures()).add(figures)
    names = District.objects.filter(pk__in=found).values_list("pk", "name")
    return sorted((name, found[pk]) for pk, name in names) if found else []


def _by_person(places: Mapping[CaseLocation, Figures], *, on: date) -> list[tuple[str, Figures]]:
    """Return the figures of each Coordinator with a child here; a child may be of several.

    Children of nobody's allocation come last.
    """
    people = coordinators(on=on)
    of_district = {
        district: [each for each in people if district in each.reach]
        for district in {place.district for place in places}
    }
    found = {each.pk: Figures() for each in people}
    nobody = Figures()
    for place, figures in places.items():
        here = place._asdict()
        theirs = [each.pk for each in of_district[place.district] if each.has(**here)]
        for pk in theirs:
            found[pk].add(figures)
        if not theirs:
            nobody.add(figures)
    named = [(each.name, found[each.pk]) for each in people if found[each.pk].goals]
    return [*named, (NO_COORDINATOR, nobody)] if nobody.goals else named
