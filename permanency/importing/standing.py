"""The children of a file as they stand here, read for many rows at once.

Most rows of most files say nothing new: they are compared as plain values, and no object is made
for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import QuerySet

from directory.models import User
from directory.models.people import Reach
from directory.roles import WRITES_CASES
from directory.rows import batches
from permanency.importing.checking import Places, Said
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.services import register

COLUMNS = tuple(each.attname for each in Child._meta.concrete_fields)
AT = {each.name: number for number, each in enumerate(Child._meta.concrete_fields)}
# Where one of these stands, a row that says nothing new may be wrong, or hidden from the writer.
SELDOM = tuple(AT[name] for name in ("died_on", "left_state_on", "restricted_on"))

# A child as plain values, one for each of `COLUMNS`.
Values = tuple[Any, ...]


class GoalHere(Protocol):
    """What is compared of a goal: the reasons of its dates are most of its row."""

    child_id: int
    goal: str
    effective_on: date
    ended_on: date | None


@dataclass(slots=True)
class Standing:
    """A child who is here, and where the row of the file speaks of them: care, goals, orders."""

    child: Child
    episodes: Sequence[CareEpisode] = ()
    goals: Sequence[GoalHere] = ()
    orders: Sequence[CourtOrder] = ()


class Register:
    """Reads what stands here. Cases may stand in places that have retired: it knows them all."""

    def __init__(self, places: Places, *, by: User | None, on: date) -> None:
        self._reach: Reach | None = by.reach(WRITES_CASES, on=on) if by else None
        self._places = places.every

    def news(self, said: Sequence[Said]) -> list[tuple[Said, Standing | None]]:
        """Return the rows that may write something or be refused, each with the child who is here.

        There is None where nobody is here yet. The other rows say what stands here.
        """
        here: dict[str, Values] = {}
        for ids in batches([each.childstory_id for each in said]):
            found = Child.objects.filter(childstory_id__in=ids).values_list(*COLUMNS)
            here |= {row[AT["childstory_id"]]: row for row in found}
        news = [each for each in said if self._is_news(each, here.get(each.childstory_id))]
        standing = self._standing([each for each in news if each.childstory_id in here], here)
        return [(each, standing.get(each.childstory_id)) for each in news]

    def _is_news(self, said: Said, here: Values | None) -> bool:
        if here is None or said.entered_care_on or said.goal or said.order:
            return True
        for name, value in said.facts.items():
            if here[AT[name]] != (value.pk if name in register.PLACES else value):
                return True
        is_out_of_reach = self._reach is not None and here[AT["district"]] not in self._reach
        return is_out_of_reach or any(here[each] for each in SELDOM)

    def _standing(self, said: Sequence[Said], here: Mapping[str, Values]) -> dict[str, Standing]:
        """Return the children of these rows by their ID, with what the rows speak of."""
        all_of = {
            each.childstory_id: Standing(self._child(here[each.childstory_id])) for each in said
        }
        in_care = [all_of[each.childstory_id] for each in said if each.entered_care_on]
        with_goals = [all_of[each.childstory_id] for each in said if each.goal]
        with_orders = [all_of[each.childstory_id] for each in said if each.order]
        for each, episodes in _behind(in_care, CareEpisode.objects.all()):
            each.episodes = episodes
        goals_here = CasePlanGoal.objects.values_list(*GoalHere.__annotations__, named=True)
        for each, goals in _behind(with_goals, goals_here):
            each.goals = goals
        for each, orders in _behind(with_orders, CourtOrder.objects.all()):
            each.orders = orders
        return all_of

    def _child(self, here: Values) -> Child:
        child = Child.from_db(Child.objects.db, COLUMNS, here)
        for name, places in self._places.items():
            # One that was added since is read when it is asked for.
            if place := places.get(here[AT[name]]):
                setattr(child, name, place)
        return child


def _behind(
    standing: Iterable[Standing], rows: QuerySet[Any, Any]
) -> Iterator[tuple[Standing, list[Any]]]:
    """Yield the rows behind these children, in their own order, in few queries."""
    by_key = {each.child.pk: each for each in standing}
    of_child: dict[int, list[Any]] = defaultdict(list)
    for keys in batches(list(by_key)):
        for row in rows.filter(child__in=keys):
            of_child[row.child_id].append(row)
    for key, each in by_key.items():
        yield each, of_child[key]
