"""Compares what a file says with what stands here: new, changed, the same, or wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from directory.models import User
from permanency.importing.against import Against
from permanency.importing.checking import Places, RowCheck, Said
from permanency.importing.reading import Fault, Row
from permanency.importing.standing import Register, Standing
from permanency.importing.telling import Change, change_of
from permanency.services import register
from permanency.services.importing import ChildToWrite

Write = Callable[[Sequence[ChildToWrite]], object]

# Rows that are compared, and written, at a time.
ROWS_AT_A_TIME = 2_000


@dataclass
class Comparison:
    """What an import does: how many children, what is wrong, left alone, or changed by column.

    The children themselves are not kept: a file may name very many. Nor are more than the first
    `most_quiet` changes without a warning, where that is given; `changed` counts them all.
    """

    most_quiet: int | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    goals_to_open: int = 0
    faults: list[Fault] = field(default_factory=list)
    left_alone: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    _quiet: int = 0

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

    def tell(self, said: Said, plan: ChildToWrite) -> None:
        """Keep what a row changes where that is to be told."""
        is_enough = self.most_quiet is not None and self._quiet >= self.most_quiet
        if change := change_of(said, plan, only_loud=is_enough):
            self.changes.append(change)
            self._quiet += not change.warnings


def compare(
    rows: Iterable[Row | Fault],
    *,
    by: User | None,
    on: date,
    write: Write | None = None,
    most_quiet: int | None = None,
) -> Comparison:
    """Return what the rows do; `write` is given what to write, some children at a time.

    Once a row is wrong nothing more is written: the caller takes back what was.
    """
    found = Comparison(most_quiet)
    places = Places.read(on=on)
    here = Register(places, by=by, on=on)
    for said in _in_batches(_checked(rows, found, places, on=on)):
        news = here.news(said)
        found.same += len(said) - len(news)
        planned = (_planned(each, standing, found, by=by, on=on) for each, standing in news)
        plans = [plan for plan in planned if plan]
        if write is not None and plans and not found.faults:
            write(plans)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _planned(
    said: Said, standing: Standing | None, found: Comparison, *, by: User | None, on: date
) -> ChildToWrite | None:
    """Return what a row does, counted and told; None where something in it is wrong."""
    against = Against(said, standing, by=by, on=on)
    plan = against.plan()
    found.faults.extend(against.faults)
    found.left_alone.extend(against.left_alone)
    if against.faults:
        return None
    found.count(plan)
    found.tell(said, plan)
    return plan


def _in_batches(said: Iterable[Said]) -> Iterator[list[Said]]:
    rest = iter(said)
    while batch := list(islice(rest, ROWS_AT_A_TIME)):
        yield batch


def _checked(
    rows: Iterable[Row | Fault], found: Comparison, places: Places, *, on: date
) -> Iterator[Said]:
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
