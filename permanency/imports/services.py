"""Writes what an import found, in few statements; the caller has called `lock_children`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, prefetch_related_objects

from directory import history
from directory.models import District, HistoryEntry, User
from permanency.care import services as care
from permanency.care.services import OrderFields
from permanency.children import services as register
from permanency.goals import clocks, lifecycle
from permanency.goals.effects import GOAL_ENDED, NOTHING_DUE, Effect
from permanency.models import (
    CareEpisode,
    CasePlanGoal,
    Child,
    CourtOrder,
    RuleVersion,
    check_may_write,
)
from permanency.models.children import new_reference

NOTE = "From an import of ChildStory data."
SOURCE_NOTE = "ChildStory, by an import."
OPENED_NOTE = "Already in force in ChildStory, taken in by an import; no decision was taken here."

# What the case or the dates of the goal follow: such a child is written by itself.
MOVING_FIELDS = register.MOVES_THE_CASE | register.MOVES_THE_CLOCKS

# Rows of one statement, or values of one list: few enough for every database.
BATCH = 500

T = TypeVar("T")


def batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the rows in parts small enough for one statement."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


@dataclass(frozen=True)
class GoalToOpen:
    goal: str
    effective_on: date
    first_two_year_goal_on: date | None = None
    last_review_held_on: date | None = None


@dataclass
class ChildToWrite:
    """What an import does to one child, None if new: facts that differ, rows to correct."""

    child: Child | None
    facts: register.ChildFields
    entered_care_on: date | None = None
    episode: CareEpisode | None = None
    goal: GoalToOpen | None = None
    order_facts: OrderFields = field(default_factory=lambda: OrderFields())
    order: CourtOrder | None = None
    # What the facts do to the dates of the goal.
    effects: Sequence[Effect] = ()

    @property
    def is_new(self) -> bool:
        return self.child is None

    @property
    def ends_goal(self) -> bool:
        return any(each.after == NOTHING_DUE for each in self.effects)

    @property
    def puts_goal_in_force_again(self) -> bool:
        return any(each.before == GOAL_ENDED for each in self.effects)

    @property
    def is_plain(self) -> bool:
        others = (self.is_new, self.entered_care_on, self.goal, self.order_facts)
        return not any(others) and not set(self.facts) & MOVING_FIELDS

    @property
    def changes_anything(self) -> bool:
        said = (self.facts, self.entered_care_on, self.goal, self.order_facts)
        return self.is_new or any(said)


def lock_children(childstory_ids: Sequence[str]) -> None:
    """Lock the children who are here, then all chains, first of all: nobody waits in a circle."""
    for batch in batches([register.in_capitals(each) for each in childstory_ids]):
        here = Child.objects.select_for_update().filter(childstory_id__in=batch).order_by("pk")
        list(here.values_list("pk"))
    history.lock_chains(*District.objects.all())


@transaction.atomic
def write_children(plans: Iterable[ChildToWrite], *, by: User | None, on: date) -> int:
    """Write every plan, all or none, and return how many children were written."""
    todo = [plan for plan in plans if plan.changes_anything]
    if new := [plan for plan in todo if plan.is_new]:
        _write_new(new, by=by, on=on)
    if plain := [plan for plan in todo if plan.is_plain]:
        _edit_plain(plain, by=by, on=on)
    for plan in todo:
        if plan.child is not None and not plan.is_plain:
            _write_one(plan, plan.child, by=by, on=on)
    return len(todo)


def _edit_plain(plans: Sequence[ChildToWrite], *, by: User | None, on: date) -> None:
    entries, edited = [], []
    for plan in plans:
        child = plan.child
        if child is None:
            continue
        check_may_write(by, child.district, on=on)
        # The names in the order in which one edit alone would tell of them.
        names = [name for name in register.FIELDS if name in plan.facts]
        before = history.values(child, names)
        for name, value in plan.facts.items():
            setattr(child, name, value)
        child.version += 1
        edited.append(child)
        was, now = history.changes(before, history.values(child, names))
        entry = history.change_entry(
            register.EDITED, child, was, after=now, by=by, on=on, note=NOTE
        )
        entries.append(entry)
    fields = {name for plan in plans for name in plan.facts}
    Child.objects.bulk_update(edited, [*fields, "version"], batch_size=BATCH)
    history.record_many(entries)


def _write_one(plan: ChildToWrite, child: Child, *, by: User | None, on: date) -> None:
    if plan.facts:
        child = register.edit_child(
            child, changes=plan.facts, version=child.version, by=by, on=on, note=NOTE
        )
    if plan.entered_care_on and plan.episode:
        care.correct_episode(
            plan.episode,
            entered_on=plan.entered_care_on,
            left_on=plan.episode.left_on,
            exit_reason=plan.episode.exit_reason,
            reasons=NOTE,
            by=by,
            on=on,
        )
    elif plan.entered_care_on:
        care.enter_care(child, entered_on=plan.entered_care_on, by=by, on=on)
    if plan.goal:
        lifecycle.open_with_goal_in_force(
            child, **vars(plan.goal), source_note=SOURCE_NOTE, by=by, on=on
        )
    if plan.order:
        care.correct_order(plan.order, by=by, on=on, **plan.order_facts)
    elif plan.order_facts:
        care.record_order(child, by=by, on=on, **plan.order_facts)


def _write_new(plans: Sequence[ChildToWrite], *, by: User | None, on: date) -> None:
    references = _fresh_references(len(plans))
    children = [
        Child(**plan.facts, reference=reference)
        for plan, reference in zip(plans, references, strict=True)
    ]
    Child.objects.bulk_create(children, batch_size=BATCH)
    both = list(zip(plans, children, strict=True))
    episodes = CareEpisode.objects.bulk_create(
        [
            CareEpisode(child=child, entered_on=plan.entered_care_on)
            for plan, child in both
            if plan.entered_care_on
        ],
        batch_size=BATCH,
    )
    made = CourtOrder.objects.bulk_create(
        [CourtOrder(child=child, **plan.order_facts) for plan, child in both if plan.order_facts],
        batch_size=BATCH,
    )
    opened = _open_goals([(plan.goal, child) for plan, child in both if plan.goal], on=on)

    def entry(verb: str, row: Model, after: Mapping[str, Any], note: str = NOTE) -> HistoryEntry:
        told = {name: value for name, value in after.items() if value not in (None, "")}
        return history.change_entry(verb, row, after=told, by=by, on=on, note=note)

    history.record_many(
        [
            *(entry(register.REGISTERED, child, history.values(child)) for child in children),
            *(entry(care.ENTERED_CARE, each, {"entered_on": each.entered_on}) for each in episodes),
            *(entry(care.ORDER_RECORDED, order, history.values(order)) for order in made),
            *(entry(lifecycle.OPENED, goal, history.values(goal), OPENED_NOTE) for goal in opened),
        ]
    )


def _open_goals(wanted: Sequence[tuple[GoalToOpen, Child]], *, on: date) -> list[CasePlanGoal]:
    rules = RuleVersion.objects.in_force(on=on)
    opened = []
    for batch in batches(wanted):
        prefetch_related_objects([child for _, child in batch], "goals", "care_episodes")
        for goal, child in batch:
            new = CasePlanGoal(
                child=child,
                source=CasePlanGoal.Source.OPENED_IN_FORCE,
                source_note=SOURCE_NOTE,
                reviewed_before_on=goal.last_review_held_on,
                **vars(goal),
            )
            clocks.goal_dates(new, on=on, rules=rules).copy_to(new)
            opened.append(new)
    return CasePlanGoal.objects.bulk_create(opened, batch_size=BATCH)


def _fresh_references(number: int) -> list[str]:
    fresh: dict[str, None] = {}
    while len(fresh) < number:
        fresh |= dict.fromkeys(new_reference() for _ in range(number - len(fresh)))
        for batch in batches(list(fresh)):
            held = Child.objects.filter(reference__in=batch)
            for reference in held.values_list("reference", flat=True):
                del fresh[reference]
    return list(fresh)
