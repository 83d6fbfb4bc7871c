"""Figures with the lists behind them, and which cases a person's figures cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from consultations.models import GoalChange
from consultations.models.changes import GoalChangeQuerySet
from directory.database import row_security
from directory.models import District, User
from directory.roles import DECIDES_FOR, READS_CASES, READS_EVERY_CASE, CaseManagement, Role
from permanency.models import CasePlanGoal, cases_visible_to, unrestricted
from permanency.models.goals import CasePlanGoalQuerySet


class Figure(NamedTuple):
    """A figure by its name, what it counts, and the list behind it with its filters."""

    name: str
    label: str
    to: str
    filters: Mapping[str, str]
    tone: str = ""


@dataclass(frozen=True)
class Tile:
    """A number, what it counts, and the list of exactly those rows where the reader may open it."""

    number: int
    label: str
    url: str = ""
    tone: str = ""
    note: str = ""


def tone_if(number: int, tone: str) -> str:
    """Return the tone of a figure that should be nought, or no tone while it is."""
    return tone if number else ""


def list_url(name: str, **filters: object) -> str:
    """Return the address of a list, narrowed by the filters that are not empty."""
    chosen = {key: value for key, value in filters.items() if value not in {"", None}}
    return f"{reverse(name)}?{urlencode(chosen)}" if chosen else reverse(name)


def tiles(
    figures: Iterable[Figure],
    numbers: Mapping[str, int],
    url: Callable[..., str] | None = list_url,
    **filters: str,
) -> list[Tile]:
    """Return the figures as tiles; `url` makes the address of a list, None where there is none."""
    return [
        Tile(
            number=numbers[each.name],
            label=each.label,
            url=url(each.to, **each.filters, **filters) if url else "",
            tone=tone_if(numbers[each.name], each.tone),
        )
        for each in figures
    ]


def figures_condition(user: User, *, on: date, child: str = "child__") -> Q:
    """Return the condition that a case counts in a person's figures: that they may see it.

    The one exception to `visible_to`: a contract manager, who may see no case, gets the totals of
    the district, never its rows. A restricted child is in no total, which would move with it.
    """
    seen = cases_visible_to(user, on=on, child=child)
    totals, reads = user.reach({Role.CONTRACT_MANAGER}, on=on), user.reach(READS_CASES, on=on)
    if not totals or reads.everywhere:
        return seen
    district = totals.q(f"{child}district") & ~reads.q(f"{child}district")
    return seen | (district & unrestricted(child))


def figures_rule(user: User, *, on: date, with_totals: bool) -> Callable[[int, str], bool]:
    """Return `figures_condition` for counted children without restriction.

    Its arguments are a district's key and who manages the case. Without totals it is the rule of
    `cases_visible_to`.
    """
    reads, every = user.reach(READS_CASES, on=on), user.reach(READS_EVERY_CASE, on=on)
    decides = {managed: user.reach({role}, on=on) for role, managed in DECIDES_FOR.items()}
    totals = user.reach({Role.CONTRACT_MANAGER}, on=on)

    @cache
    def counts(district: int, managed_by: str) -> bool:
        seen = district in every or district in decides[CaseManagement(managed_by)]
        return seen or (with_totals and district in totals and district not in reads)

    return counts


@contextmanager
def row_security_for(user: User, *, on: date) -> Iterator[None]:
    """Lift row security for a contract manager, whose totals count cases that they never see."""
    with row_security.as_system() if user.holds({Role.CONTRACT_MANAGER}, on=on) else nullcontext():
        yield


@dataclass(frozen=True)
class FiguresScope:
    """The rows that a person's figures count, in one district or in all within reach."""

    goals: CasePlanGoalQuerySet
    changes: GoalChangeQuerySet
    district: District | None
    has_lists: bool
    note: str

    def url(self, name: str, **filters: object) -> str:
        if not self.has_lists:
            return ""
        return list_url(name, district=self.district and self.district.slug, **filters)


def figures_scope_of(user: User, *, on: date, district: District | None = None) -> FiguresScope:
    """Return what a person's figures cover, in one district where one is named."""
    case = figures_condition(user, on=on)
    if district is not None:
        case &= Q(child__district=district)
    note = ""
    if not user.holds(READS_EVERY_CASE, on=on, district=district):
        note = "These are totals. The cases themselves are seen by those who work with them."
        if user.holds(READS_CASES, on=on, district=district):
            note = "The numbers count the cases you approve for."
    return FiguresScope(
        goals=CasePlanGoal.objects.in_force(on=on).filter(case),
        changes=GoalChange.objects.filter(case).ongoing(on=on),
        district=district,
        has_lists=user.holds(READS_CASES, on=on, district=district),
        note=note,
    )
