"""Compares the decisions on goal changes with what the history tells of them.

A decision is a row of its own, append-only by the same triggers; but only the history is chained.
Each step writes both in one transaction, so whoever changes, takes away or adds a decision past the
triggers leaves the two telling different stories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from consultations.models import Decision
from consultations.services.steps import VERBS
from directory.models import HistoryEntry
from directory.verifying import CHANGED, Fault

SUBJECT = "goal change "
Story = tuple[Any, ...]


def unlike_the_history() -> Iterator[Fault]:
    """Yield the goal changes whose decisions are not those that the history tells."""
    decided, told = _decided(), _told()
    for change in sorted({*decided, *told}):
        if not _agree(decided[change], told[change]):
            why = "The decisions on it are not those that the history tells."
            yield Fault(f"{SUBJECT}{change}", CHANGED, why)


def _agree(decided: list[Story], told: list[Story]) -> bool:
    """Say whether both tell the same steps; the reasons of a redacted entry are not compared."""
    if len(decided) != len(told):
        return False
    return all(
        one[:-1] == other[:-2] and (one[-1] == other[-2] or not other[-1])
        for one, other in zip(decided, told, strict=True)
    )


def _decided() -> dict[int, list[Story]]:
    found: dict[int, list[Story]] = defaultdict(list)
    columns = ("goal_change", "step", "by", "on", "appointment", "reasons")
    for change, step, *rest in Decision.objects.order_by("pk").values_list(*columns).iterator():
        found[change].append((VERBS[step], *rest))
    return found


def _told() -> dict[int, list[Story]]:
    found: dict[int, list[Story]] = defaultdict(list)
    rows = HistoryEntry.objects.filter(subject__startswith=SUBJECT, verb__in=VERBS.values())
    columns = ("subject", "verb", "by", "on", "appointment", "note", "salt")
    for subject, *story in rows.order_by("pk").values_list(*columns).iterator():
        found[int(subject.removeprefix(SUBJECT))].append(tuple(story))
    return found
