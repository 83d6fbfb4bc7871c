"""Writes the append-only history. Services call it in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from directory.models import Appointment, District, HistoryEntry, User


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stood before and what stands after, only where the two differ."""
    differing = [key for key in after if before.get(key) != after[key]]
    return ({k: before.get(k) for k in differing}, {k: after[k] for k in differing})


def record(
    verb: str,
    subject: str,
    *,
    by: User | None,
    on: date,
    child_number: int | None = None,
    district: District | None = None,
    appointment: Appointment | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> HistoryEntry:
    """Return the new entry. Refuses (RuntimeError) outside a transaction: no act without entry."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the act that it records.")
    return HistoryEntry.objects.create(
        verb=verb,
        subject=subject,
        by=by,
        on=on,
        child_number=child_number,
        district=district,
        appointment=appointment,
        before={key: _plain(value) for key, value in (before or {}).items()},
        after={key: _plain(value) for key, value in (after or {}).items()},
        note=note,
    )
