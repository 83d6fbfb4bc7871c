"""The children of a file as they stand here: most rows say nothing new and stay plain values."""

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
from permanency.children import services as register
from permanency.imports.csv_reader import (
    CHILD_COLUMNS,
    ENTERED_CARE_COLUMN,
    GOAL_COLUMNS,
    ORDER_COLUMNS,
    PRIVATE_COLUMNS,
)
from permanency.imports.services import ChildToWrite, batches
from permanency.imports.validate import PlacesByName, RowContent
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder

CHILD_ATTRIBUTES = tuple(each.attname for each in Child._meta.concrete_fields)
ATTRIBUTE_INDEX = {each.name: number for number, each in enumerate(Child._meta.concrete_fields)}
# Where one of these stands, a row that says nothing new may be wrong, or hidden from the writer.
RARE_ATTRIBUTES = tuple(
    ATTRIBUTE_INDEX[name] for name in ("died_on", "left_state_on", "restricted_on")
)

# A child as plain values, one for each of `COLUMNS`.
Values = tuple[Any, ...]


class GoalRow(Protocol):
    """What is compared of a goal: the reasons of its dates are most of its row."""

    child_id: int
    goal: str
    effective_on: date
    ended_on: date | None
    last_review_held_on: date | None
    first_two_year_goal_on: date | None


@dataclass(slots=True)
class ExistingChild:
    """A child who is here, and where the row of the file speaks of them: care, goals, orders."""

    child: Child
    episodes: Sequence[CareEpisode] = ()
    goals: Sequence[GoalRow] = ()
    orders: Sequence[CourtOrder] = ()


class ExistingChildren:
    """Reads what stands here. Cases may stand in places that have retired: it knows them all."""

    def __init__(self, places: PlacesByName, *, by: User | None, on: date) -> None:
        self._reach: Reach | None = by.reach(WRITES_CASES, on=on) if by else None
        self._places = places.every

    def rows_to_write(
        self, content: Sequence[RowContent]
    ) -> list[tuple[RowContent, ExistingChild | None]]:
        """Return the rows that say something new or are refused, each with the child here."""
        here: dict[str, Values] = {}
        for ids in batches([each.childstory_id for each in content]):
            found = Child.objects.filter(childstory_id__in=ids).values_list(*CHILD_ATTRIBUTES)
            here |= {row[ATTRIBUTE_INDEX["childstory_id"]]: row for row in found}
        news = [each for each in content if self._is_different(each, here.get(each.childstory_id))]
        existing = self._existing([each for each in news if each.childstory_id in here], here)
        return [(each, existing.get(each.childstory_id)) for each in news]

    def _is_different(self, content: RowContent, here: Values | None) -> bool:
        if here is None or content.entered_care_on or content.goal or content.order:
            return True
        for name, value in content.facts.items():
            if here[ATTRIBUTE_INDEX[name]] != (value.pk if name in register.PLACES else value):
                return True
        is_out_of_reach = (
            self._reach is not None and here[ATTRIBUTE_INDEX["district"]] not in self._reach
        )
        return is_out_of_reach or any(here[each] for each in RARE_ATTRIBUTES)

    def _existing(
        self, content: Sequence[RowContent], here: Mapping[str, Values]
    ) -> dict[str, ExistingChild]:
        all_of = {
            each.childstory_id: ExistingChild(self._child(here[each.childstory_id]))
            for each in content
        }
        in_care = [
            all_of[each.childstory_id] for each in content if each.entered_care_on or each.goal
        ]
        with_goals = [all_of[each.childstory_id] for each in content if each.goal]
        with_orders = [all_of[each.childstory_id] for each in content if each.order]
        for each, episodes in _rows_by_child(in_care, CareEpisode.objects.all()):
            each.episodes = episodes
        goals_here = CasePlanGoal.objects.values_list(*GoalRow.__annotations__, named=True)
        for each, goals in _rows_by_child(with_goals, goals_here):
            each.goals = goals
        for each, orders in _rows_by_child(with_orders, CourtOrder.objects.all()):
            each.orders = orders
        return all_of

    def _child(self, here: Values) -> Child:
        child = Child.from_db(Child.objects.db, CHILD_ATTRIBUTES, here)
        for name, places in self._places.items():
            # One that was added since is read when it is asked for.
            if place := places.get(here[ATTRIBUTE_INDEX[name]]):
                setattr(child, name, place)
        return child


def _rows_by_child(
    existing: Iterable[ExistingChild], rows: QuerySet[Any, Any]
) -> Iterator[tuple[ExistingChild, list[Any]]]:
    by_key = {each.child.pk: each for each in existing}
    of_child: dict[int, list[Any]] = defaultdict(list)
    for keys in batches(list(by_key)):
        for row in rows.filter(child__in=keys):
            of_child[row.child_id].append(row)
    for key, each in by_key.items():
        yield each, of_child[key]


EMPTY = "(empty)"
NO_SUCH_ORDER = "(no such order)"


@dataclass(frozen=True)
class RowChange:
    """One row that changes a child: `columns` in words, and `warnings` that somebody must read."""

    row: int
    childstory_id: str
    columns: tuple[str, ...]
    moves_district: bool = False
    warnings: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        yield f"row {self.row}, ChildStory ID {self.childstory_id}"
        yield from (f"  !! {warning}" for warning in self.warnings)
        yield from (f"  {column}" for column in self.columns)


def warnings_first(changes: Iterable[RowChange]) -> list[RowChange]:
    """Return the rows with warnings before the others, each in the order of the file."""
    return sorted(changes, key=lambda change: (not change.warnings, change.row))


def row_change(
    content: RowContent, plan: ChildToWrite, *, only_warnings: bool = False
) -> RowChange | None:
    """Return what a row changes; None for a new child, an equal one, or one that may go unsaid."""
    child = plan.child
    if child is None or not plan.changes_anything:
        return None
    warnings = tuple(_warnings(plan, child))
    moves = "district" in plan.facts
    if only_warnings and not (warnings or moves):
        return None
    return RowChange(
        row=content.row,
        childstory_id=content.childstory_id,
        columns=tuple(_column_changes(plan, child)),
        moves_district=moves,
        warnings=warnings,
    )


def _column_changes(plan: ChildToWrite, child: Child) -> Iterator[str]:
    if child.is_restricted:
        # Whoever reads the report may be named by nobody: it says nothing of what stands here.
        yield "Changed"
        return
    for name, value in plan.facts.items():
        yield _column_change(CHILD_COLUMNS[name], getattr(child, name), value)
    if plan.entered_care_on:
        before = plan.episode.entered_on if plan.episode else None
        yield _column_change(ENTERED_CARE_COLUMN, before, plan.entered_care_on)
    for name, value in vars(plan.goal).items() if plan.goal else ():
        if value is not None:
            yield _column_change(GOAL_COLUMNS[name], None, value)
    for name, value in plan.order_facts.items():
        old = _value_text(getattr(plan.order, name)) if plan.order else NO_SUCH_ORDER
        yield f"{ORDER_COLUMNS[name]}: {old} -> {_value_text(value)}"


def _column_change(column: str, old: Any, new: Any) -> str:
    if column in PRIVATE_COLUMNS:
        return f"{column}: changed"
    return f"{column}: {_value_text(old)} -> {_value_text(new)}"


def _value_text(value: Any) -> str:
    return EMPTY if value in (None, "") else str(value)


def _warnings(plan: ChildToWrite, child: Child) -> Iterator[str]:
    facts: Mapping[str, Any] = plan.facts
    if child.is_restricted:
        return
    if plan.ends_goal:
        yield "ENDS THE GOAL: nothing is due any more"
    elif plan.effects:
        # The day alone: why there is none may tell the date of birth.
        days = (f"{each.label.lower()} {each.after.split('.')[0]}" for each in plan.effects)
        what = (
            "PUTS THE GOAL IN FORCE AGAIN"
            if plan.puts_goal_in_force_again
            else "MOVES THE DATES OF THE GOAL"
        )
        yield f"{what}: {', '.join(days)}"
    if "district" in facts:
        yield f"MOVES THE CHILD TO ANOTHER DISTRICT: {child.district} -> {facts['district']}"
    if "office" in facts and facts["office"] is None:
        yield f"CLEARS THE OFFICE {child.office}: it is not in {facts['district']}"
    if "provider" in facts and facts["provider"] is None:
        yield f"CLEARS THE PROVIDER {child.provider}: {facts['case_managed_by']} manages the case"
