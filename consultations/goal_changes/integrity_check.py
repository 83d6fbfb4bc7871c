"""Compares goal changes and the decisions on them with what the history tells.

A decision is a row of its own, append-only by the same triggers; but only the history is chained.
Each step writes both in one transaction, so whoever changes, takes away or adds a decision past the
triggers leaves the two telling different stories. The change itself says once more where it stands,
who endorsed and who approved: that is compared with the decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from consultations.models import Decision, GoalChange
from consultations.workflow import TRANSITIONS, Status, Step
from directory.audit.verify import CHANGED, ChainFault
from directory.models import HistoryEntry

SUBJECT = "goal change "
StepValues = tuple[Any, ...]


def integrity_faults() -> Iterator[ChainFault]:
    """Yield the goal changes whose decisions are not those that the history tells.

    Also those that stand elsewhere, or name others, than their decisions do.
    """
    decided, told, elsewhere = (
        _steps_in_decisions(),
        _steps_in_history(),
        _changes_with_wrong_state(),
    )
    for change in sorted({*decided, *told, *elsewhere}):
        if not _is_same(decided[change], told[change]):
            why = "The decisions on it are not those that the history tells."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)
        elif change in elsewhere:
            why = "Where it stands, or who endorsed or approved it, is not what was decided."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)


def _changes_with_wrong_state() -> set[int]:
    """Return the goal changes that say otherwise than their own decisions."""
    decided: dict[int, list[StepValues]] = defaultdict(list)
    columns = ("goal_change", "step", "by", "to_status")
    for change, *rest in Decision.objects.order_by("pk").values_list(*columns).iterator():
        decided[change].append(tuple(rest))
    rows = GoalChange.objects.values_list("pk", "status", "endorsed_by", "approved_by")
    return {
        change
        for change, *says in rows.iterator()
        if tuple(says) != _expected_state(decided[change])
    }


def _expected_state(decisions: list[StepValues]) -> StepValues:
    """Return the status, the endorser and the approver to which these decisions lead."""
    endorsed_by = approved_by = None
    for step, by, _ in decisions:
        if step == Step.ENDORSE:
            endorsed_by = by
        elif step in {Step.VOID, Step.ASK_FOR_MORE}:
            endorsed_by = None
        elif step == Step.APPROVE:
            approved_by = by
    status = decisions[-1][-1] if decisions else Status.DRAFT
    return status, endorsed_by, approved_by


def _is_same(decided: list[StepValues], told: list[StepValues]) -> bool:
    """Say whether both tell the same steps; the reasons of a redacted entry are not compared."""
    if len(decided) != len(told):
        return False
    return all(
        one[:-1] == other[:-2] and (one[-1] == other[-2] or not other[-1])
        for one, other in zip(decided, told, strict=True)
    )


def _steps_in_decisions() -> dict[int, list[StepValues]]:
    found: dict[int, list[StepValues]] = defaultdict(list)
    columns = ("goal_change", "step", "by", "on", "appointment", "reasons")
    for change, step, *rest in Decision.objects.order_by("pk").values_list(*columns).iterator():
        found[change].append((TRANSITIONS[step].verb, *rest))
    return found


def _steps_in_history() -> dict[int, list[StepValues]]:
    found: dict[int, list[StepValues]] = defaultdict(list)
    verbs = [row.verb for row in TRANSITIONS.values()]
    rows = HistoryEntry.objects.filter(subject__startswith=SUBJECT, verb__in=verbs)
    columns = ("subject", "verb", "by", "on", "appointment", "note", "salt")
    for subject, *story in rows.order_by("pk").values_list(*columns).iterator():
        found[int(subject.removeprefix(SUBJECT))].append(tuple(story))
    return found
