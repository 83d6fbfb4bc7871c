"""What somebody else has changed in a row since a version of it was read, from the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.models import HistoryEntry


@dataclass(frozen=True)
class Edit:
    """One edit: who, when, and what stood before and after, by field, as history keeps it."""

    by: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def latest_edit(subject: str, *, child_number: int) -> Edit | None:
    """Return the last entry about a row of a child's case: who saved it, and when."""
    entries = HistoryEntry.objects.filter(child_number=child_number, subject=subject)
    entry = entries.select_related("by").order_by("-pk").first()
    if entry is None:
        return None
    return Edit(str(entry.by or "The system"), entry.at, entry.before, entry.after)


def latest_edits(
    subject: str, fields: Collection[str], *, most: int, child_number: int | None = None
) -> list[Edit]:
    """Return the latest edits of any of these fields, the latest first, `most` of them at most."""
    entries = HistoryEntry.objects.filter(child_number=child_number, subject=subject)
    found: list[Edit] = []
    for entry in entries.select_related("by").order_by("-pk"):
        if len(found) >= most:
            break
        after = {name: value for name, value in entry.after.items() if name in fields}
        if after:
            by = str(entry.by or "The system")
            found.append(Edit(by, entry.at, entry.before, after))
    return found
