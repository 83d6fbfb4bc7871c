"""Writes the append-only history. Services call it in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

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


class Act(TypedDict, total=False):
    """Who did it and on which day, where, and what stood before and after."""

    by: Required[User | None]
    on: Required[date]
    child_number: int | None
    district: District | None
    appointment: Appointment | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    note: str


def entry(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return an entry that is not written yet, its values such as JSON can hold."""
    new = HistoryEntry(verb=verb, subject=subject, **act)
    new.before = {key: _plain(value) for key, value in (new.before or {}).items()}
    new.after = {key: _plain(value) for key, value in (new.after or {}).items()}
    return new


def record(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return the new entry. Refuses (RuntimeError) outside a transaction: no act without entry."""
    _refuse_outside_a_transaction()
    new = entry(verb, subject, **act)
    new.save(force_insert=True)
    return new


def record_many(entries: Iterable[HistoryEntry]) -> int:
    """Write many entries of one transaction in few statements, and return how many."""
    _refuse_outside_a_transaction()
    return len(HistoryEntry.objects.bulk_create(entries, batch_size=500))


def _refuse_outside_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the act that it records.")
