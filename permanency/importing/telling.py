"""What an import would change about a child who is here, by column: before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from permanency.importing.checking import Said
from permanency.importing.columns import ENTERED_CARE, OF_CHILD, OF_GOAL, OF_ORDER, PRIVATE
from permanency.models import Child
from permanency.services.importing import ChildToWrite

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
