"""What rules would do: figures only. A review due before that day is counted apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from django.db import transaction

from directory.models import District
from permanency.models import RuleVersion, coordinators
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.goals import Goal
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.rule_changes import RuleBook, is_overdue_then
from permanency.policy.rules import Rules, period_months
from permanency.rules.open_dates import Dates, DatesByRules, open_goals, recorded_extensions

NO_COORDINATOR = "Nobody in particular"
# Later than any date: where there is none.
NEVER = date.max


class CaseLocation(NamedTuple):
    district: int
    office: int | None
    provider: int | None


@dataclass
class Figures:
    goals: int = 0
    due_before: int = 0
    earlier: int = 0
    later: int = 0
    newly_due: int = 0
    newly_relieved: int = 0
    two_year_moved: int = 0
    more_a_year: Fraction = Fraction(0)

    def add(self, other: Figures) -> None:
        for name, value in vars(other).items():
            # Most are 0, and a fraction of 0 takes as long to add as any other.
            if value:
                setattr(self, name, getattr(self, name) + value)

    def count_move(self, now: Dates, then: Dates, *, soon_until: date) -> None:
        review_now, two_year_now = (each or NEVER for each in now)
        review_then, two_year_then = (each or NEVER for each in then)
        self.earlier += review_then < review_now
        self.later += review_then > review_now
        self.newly_due += review_then <= soon_until < review_now
        self.newly_relieved += review_now <= soon_until < review_then
        self.two_year_moved += two_year_then != two_year_now

    @property
    def reviews_moved(self) -> int:
        return self.earlier + self.later

    @property
    def moves_in_words(self) -> str:
        """Return how many dates move: what was shown, to compare it once more before saving."""
        return (
            f"{self.earlier} reviews earlier, {self.later} later, {self.newly_due} newly due, "
            f"{self.newly_relieved} newly relieved, {self.two_year_moved} two-year dates"
        )

    @property
    def reviews_a_year(self) -> int:
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
        return self.on + timedelta(days=DUE_SOON_DAYS)


@transaction.atomic
def what_if(goals: CasePlanGoalQuerySet, rules: Rules, *, on: date) -> WhatIf:
    """Return what these rules would do to these goals, with the allocations of today."""
    places = _figures_by_location(goals, rules, RuleVersion.objects.book())
    total, districts = Figures(), defaultdict[int, Figures](Figures)
    for place, figures in places.items():
        total.add(figures)
        districts[place.district].add(figures)
    names = District.objects.filter(pk__in=districts).values_list("pk", "name")
    by_district = sorted((name, districts[pk]) for pk, name in names)
    return WhatIf(rules.effective_on, total, by_district, _by_person(places, on=on))


def _figures_by_location(
    goals: CasePlanGoalQuerySet, rules: Rules, book: RuleBook
) -> dict[CaseLocation, Figures]:
    day, before = rules.effective_on, book.before(rules)
    dates = DatesByRules(rules, recorded_extensions())
    places: dict[CaseLocation, Figures] = defaultdict(Figures)
    alike: Counter[tuple[CaseLocation, str, bool]] = Counter()
    for goal in open_goals(goals, [rules]):
        place = CaseLocation(goal.district, goal.office, goal.provider)
        alike[place, goal.goal, goal.intensive_since is not None] += 1
        figures = places[place]
        figures.goals += 1
        figures.due_before += is_overdue_then(goal.review_due_on, rules)
        then = dates.after(goal, before=before)
        if then != goal.dates:
            figures.count_move(goal.dates, then, soon_until=day + timedelta(days=DUE_SOON_DAYS))
    now = book.in_force(on=day - timedelta(days=1))
    for (place, kind, intensive), number in alike.items():
        old, new = (
            period_months(Goal(kind), intensive=intensive, rules=each) for each in (now, rules)
        )
        places[place].more_a_year += number * (Fraction(12, new) - Fraction(12, old))
    return places


def _by_person(places: Mapping[CaseLocation, Figures], *, on: date) -> list[tuple[str, Figures]]:
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
