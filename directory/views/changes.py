"""History entries of the directory as sentences for a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format

from directory.models import HistoryEntry

SYSTEM = "The system"


@dataclass(frozen=True)
class ShownEntry:
    """One entry as `_history_list.html` reads it."""

    at: datetime
    by: str
    sentence: str
    details: tuple[str, ...]


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, ""):
        return "empty"
    try:
        return date_format(date.fromisoformat(value), "j F Y")
    except (TypeError, ValueError):
        return str(value)


def _details(entry: HistoryEntry) -> tuple[str, ...]:
    lines = []
    for key, value in entry.after.items():
        if value in (None, "", entry.note) and key not in entry.before:
            continue
        label = key.replace("_", " ").capitalize()
        before = f"{_word(entry.before[key])} became " if key in entry.before else ""
        lines.append(f"{label}: {before}{_word(value)}")
    return tuple(lines)


def shown(entries: Iterable[HistoryEntry]) -> list[ShownEntry]:
    """Return the entries as sentences; `by` must be fetched with them."""
    return [
        ShownEntry(
            entry.at,
            entry.by.name if entry.by else SYSTEM,
            f"{entry.verb.capitalize()}: {entry.note or entry.subject}",
            _details(entry),
        )
        for entry in entries
    ]
