"""Compares goal changes and the decisions on them with the history.

A decision is a row of its own, append-only by the same triggers; but only the history is chained.
Each step writes both in one transaction, so a decision that was changed, taken away or added past
the triggers no longer agrees with the history. The change itself repeats its status, its endorser
and its approver: these are compared with the decisions.
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
Row = tuple[Any, ...]


def integrity_faults() -> Iterator[ChainFault]:
    """Yield the goal changes whose decisions differ from the history, or from their own row."""
    decided, states = _decisions()
    recorded = _history()
    columns = ("pk", "status", "endorsed_by", "approved_by")
    differing = {
        change
        for change, *state in GoalChange.objects.values_list(*columns).iterator()
        if tuple(state) != states[change]
    }
    for change in sorted({*decided, *recorded, *differing}):
        if not _is_same(decided[change], recorded[change]):
            why = "The decisions on it are not those that the history tells."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)
        elif change in differing:
            why = "Where it stands, or who endorsed or approved it, is not what was decided."
            yield ChainFault(f"{SUBJECT}{change}", CHANGED, why)


def _decisions() -> tuple[dict[int, list[Row]], dict[int, Row]]:
    decided: dict[int, list[Row]] = defaultdict(list)
    states: dict[int, Row] = defaultdict(lambda: (Status.DRAFT, None, None))
    columns = ("goal_change", "step", "to_status", "by", "on", "appointment", "reasons")
    for change, step, status, by, *rest in (
        Decision.objects.order_by("pk").values_list(*columns).iterator()
    ):
        row = TRANSITIONS[Step(step)]
        decided[change].append((row.verb, by, *rest))
        _, endorsed_by, approved_by = states[change]
        if row.ends_endorsement:
            endorsed_by = None
        elif step == Step.ENDORSE:
            endorsed_by = by
        elif step == Step.APPROVE:
            approved_by = by
        states[change] = (status, endorsed_by, approved_by)
    return decided, states


def _history() -> dict[int, list[Row]]:
    recorded: dict[int, list[Row]] = defaultdict(list)
    verbs = [row.verb for row in TRANSITIONS.values()]
    rows = HistoryEntry.objects.filter(subject__startswith=SUBJECT, verb__in=verbs)
    columns = ("subject", "verb", "by", "on", "appointment", "note", "salt")
    for subject, *entry in rows.order_by("pk").values_list(*columns).iterator():
        recorded[int(subject.removeprefix(SUBJECT))].append(tuple(entry))
    return recorded


def _is_same(decided: list[Row], recorded: list[Row]) -> bool:
    return len(decided) == len(recorded) and all(
        one[:-1] == other[:-2] and (one[-1] == other[-2] or not other[-1])
        for one, other in zip(decided, recorded, strict=True)
    )
