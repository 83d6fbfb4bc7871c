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

from directory.database.bulk import batches
from directory.models import User
from directory.models.people import Reach
from directory.roles import WRITES_CASES
from permanency.children import services as register
from permanency.imports.csv_reader import ENTERED_CARE, OF_CHILD, OF_GOAL, OF_ORDER, PRIVATE
from permanency.imports.services import ChildToWrite
from permanency.imports.validate import Places, Said
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder

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


EMPTY = "(empty)"
NO_SUCH_ORDER = "(no such order)"


@dataclass(frozen=True)
class Change:
    """One row that changes a child: `columns` in words, and `warnings` that somebody must read."""

    row: int
    childstory_id: str
    columns: tuple[str, ...]
    moves_district: bool = False
    warnings: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield what the report says of the row, the warnings first."""
        yield f"row {self.row}, ChildStory ID {self.childstory_id}"
        yield from (f"  !! {warning}" for warning in self.warnings)
        yield from (f"  {column}" for column in self.columns)


def loudest_first(changes: Iterable[Change]) -> list[Change]:
    """Return the rows with warnings before the others, each in the order of the file."""
    return sorted(changes, key=lambda change: (not change.warnings, change.row))


def change_of(said: Said, plan: ChildToWrite, *, only_loud: bool = False) -> Change | None:
    """Return what a row changes about the child as it stands, or None for a new or equal one.

    None as well where nothing warns and no case moves, if only what is loud is asked for.
    """
    child = plan.child
    if child is None or not plan.changes_anything:
        return None
    warnings = tuple(_warnings(plan, child))
    moves = "district" in plan.facts
    if only_loud and not (warnings or moves):
        return None
    return Change(
        row=said.row,
        childstory_id=said.childstory_id,
        columns=tuple(_columns(plan, child)),
        moves_district=moves,
        warnings=warnings,
    )


def _columns(plan: ChildToWrite, child: Child) -> Iterator[str]:
    if child.is_restricted:
        # Whoever reads the report may be named by nobody: it says nothing of what stands here.
        yield "Changed"
        return
    for name, value in plan.facts.items():
        yield _line(OF_CHILD[name], getattr(child, name), value)
    if plan.entered_care_on:
        before = plan.episode.entered_on if plan.episode else None
        yield _line(ENTERED_CARE, before, plan.entered_care_on)
    for name, value in vars(plan.goal).items() if plan.goal else ():
        if value is not None:
            yield _line(OF_GOAL[name], None, value)
    for name, value in plan.order_facts.items():
        old = _shown(getattr(plan.order, name)) if plan.order else NO_SUCH_ORDER
        yield f"{OF_ORDER[name]}: {old} -> {_shown(value)}"


def _line(column: str, old: Any, new: Any) -> str:
    if column in PRIVATE:
        return f"{column}: changed"
    return f"{column}: {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    return EMPTY if value in (None, "") else str(value)


def _warnings(plan: ChildToWrite, child: Child) -> Iterator[str]:
    facts: Mapping[str, Any] = plan.facts
    if child.is_restricted:
        return
    if "district" in facts:
        yield f"MOVES THE CHILD TO ANOTHER DISTRICT: {child.district} -> {facts['district']}"
    if "office" in facts and facts["office"] is None:
        yield f"CLEARS THE OFFICE {child.office}: it is not in {facts['district']}"
    if "provider" in facts and facts["provider"] is None:
        yield f"CLEARS THE PROVIDER {child.provider}: {facts['case_managed_by']} manages the case"
