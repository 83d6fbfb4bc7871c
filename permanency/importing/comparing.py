"""Compares what a file says with what stands here: new, changed, the same, or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from directory.models import User
from permanency.importing.against import Against
from permanency.importing.checking import Places, RowCheck, Said
from permanency.importing.reading import Fault, Row
from permanency.importing.telling import Change, change_of
from permanency.models import CasePlanGoal, Child
from permanency.services import register
from permanency.services.importing import ChildToWrite, batches


@dataclass
class Comparison:
    """What an import would do: plans by child, what is wrong, left alone, or changed by column."""

    plans: list[ChildToWrite] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_alone: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def new(self) -> int:
        """Return how many children are new."""
        return sum(plan.is_new for plan in self.plans)

    @property
    def changed(self) -> int:
        """Return how many children are here already and differ."""
        return sum(plan.changes_anything and not plan.is_new for plan in self.plans)

    @property
    def same(self) -> int:
        """Return how many children are here already as the file says."""
        return len(self.plans) - self.new - self.changed


def compare(
    rows: Iterable[Row | Fault], *, by: User | None, on: date, lock: bool = False
) -> Comparison:
    """Return what the rows would do; with `lock` the children stay as they are until it is done."""
    found = Comparison()
    said = _checked(rows, found, on=on)
    known = _known([each.childstory_id for each in said], lock=lock)
    for each in said:
        against = Against(each, known.get(each.childstory_id), by=by, on=on)
        plan = against.plan()
        found.faults.extend(against.faults)
        found.left_alone.extend(against.left_alone)
        if against.faults:
            continue
        found.plans.append(plan)
        if change := change_of(each, plan):
            found.changes.append(change)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _checked(rows: Iterable[Row | Fault], found: Comparison, *, on: date) -> list[Said]:
    places = Places.current(on=on)
    checked: list[Said] = []
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
            checked.append(said)
    return checked


def _known(ids: Sequence[str], *, lock: bool) -> dict[str, Child]:
    """Return the children with these IDs, with everything that is compared, in few queries."""
    children = Child.objects.select_related("district", "office", "provider").order_by("pk")
    # Only what is compared: the reasons of the dates are most of a goal's row.
    goals = CasePlanGoal.objects.only("child", "goal", "effective_on", "ended_on")
    children = children.prefetch_related(Prefetch("goals", goals), "care_episodes", "court_orders")
    if lock:
        children = children.select_for_update(of=("self",))
    known: dict[str, Child] = {}
    for batch in batches(ids):
        known |= {each.childstory_id: each for each in children.filter(childstory_id__in=batch)}
    return known
