"""Compares what a file says with what stands here: new, changed, the same, or wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db.models import Prefetch

from directory.models import User
from permanency.importing.against import Against
from permanency.importing.checking import Places, RowCheck, Said
from permanency.importing.reading import Fault, Row
from permanency.importing.telling import Change, change_of
from permanency.models import CasePlanGoal, Child
from permanency.services import register
from permanency.services.importing import BATCH, ChildToWrite

Write = Callable[[Sequence[ChildToWrite]], object]


@dataclass
class Comparison:
    """What an import does: how many children, what is wrong, left alone, or changed by column.

    The children themselves are not kept: a file may name very many.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    goals_to_open: int = 0
    faults: list[Fault] = field(default_factory=list)
    left_alone: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def children(self) -> int:
        """Return how many children were read without error."""
        return self.new + self.changed + self.same

    def count(self, plan: ChildToWrite) -> None:
        """Count what a row does."""
        self.new += plan.is_new
        self.changed += plan.changes_anything and not plan.is_new
        self.same += not plan.changes_anything
        self.goals_to_open += plan.goal is not None


def compare(
    rows: Iterable[Row | Fault], *, by: User | None, on: date, write: Write | None = None
) -> Comparison:
    """Return what the rows do; `write` is given what to write, some children at a time.

    Once a row is wrong nothing more is written: the caller takes back what was.
    """
    found = Comparison()
    for said in _in_batches(_checked(rows, found, on=on)):
        known = _known([each.childstory_id for each in said])
        plans = [plan for each in said if (plan := _planned(each, known, found, by=by, on=on))]
        if write is not None and not found.faults:
            write(plans)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _planned(
    said: Said, known: Mapping[str, Child], found: Comparison, *, by: User | None, on: date
) -> ChildToWrite | None:
    """Return what a row does, counted and told; None where something in it is wrong."""
    against = Against(said, known.get(said.childstory_id), by=by, on=on)
    plan = against.plan()
    found.faults.extend(against.faults)
    found.left_alone.extend(against.left_alone)
    if against.faults:
        return None
    found.count(plan)
    if change := change_of(said, plan):
        found.changes.append(change)
    return plan


def _in_batches(said: Iterable[Said]) -> Iterator[list[Said]]:
    rest = iter(said)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _checked(rows: Iterable[Row | Fault], found: Comparison, *, on: date) -> Iterator[Said]:
    places = Places.current(on=on)
    first_row: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Fault):
            found.faults.append(row)
            continue
        check = RowCheck(row, places, on=on)
        said = check.said()
        given = register.in_capitals(row.cells["ChildStoryID"])
        earlier = first_row.setdefault(given, row.number)
        if given and earlier != row.number:
            sentence = f"The same ChildStory ID stands in row {earlier}."
            check.faults.append(Fault(row.number, "ChildStoryID", sentence))
        found.faults.extend(check.faults)
        if not check.faults:
            yield said


def _known(ids: Sequence[str]) -> dict[str, Child]:
    """Return the children with these IDs, with everything that is compared, in few queries."""
    children = Child.objects.select_related("district", "office", "provider").order_by("pk")
    # Only what is compared: the reasons of the dates are most of a goal's row.
    goals = CasePlanGoal.objects.only("child", "goal", "effective_on", "ended_on")
    children = children.prefetch_related(Prefetch("goals", goals), "care_episodes", "court_orders")
    return {each.childstory_id: each for each in children.filter(childstory_id__in=ids)}
