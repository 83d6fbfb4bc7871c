"""Writes the append-only history. Services call it in the transaction of the act itself.

The first entry of a transaction locks the chain of its district until the transaction ends. So
that nobody waits in a circle: lock the rows that you act on first and write the history after; and
where one transaction writes in more than one district, call `hold` before the first entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Required, TypedDict, Unpack

from django.db import models, transaction

from directory import clock
from directory.database import bulk
from directory.history.chain import (
    DIGEST_FIELDS,
    chain_name,
    content_digest,
    entry_digest,
    json_value,
    new_salt,
)
from directory.models import Appointment, District, HistoryEntry, HistoryHead, User

# What a history entry is but its key, and what the digest of one covers.
COLUMNS = tuple(field.attname for field in HistoryEntry._meta.concrete_fields[1:])
_row_of, _digest_values_of = attrgetter(*COLUMNS), attrgetter(*DIGEST_FIELDS)


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


@dataclass(slots=True)
class NewEntry:
    """An entry that is not written yet; its moment and its place in a chain come as it is."""

    verb: str
    subject: str
    on: date
    by_id: int | None
    appointment_id: int | None
    district_id: int | None
    child_number: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    note: str
    at: datetime | None = None
    chain: str = ""
    sequence: int = 0
    salt: str = ""
    content_digest: str = ""
    digest: str = ""


def new_entry(verb: str, subject: str, **act: Unpack[Act]) -> NewEntry:
    """Return an entry that is not written yet, its values such as JSON can hold."""
    return NewEntry(
        verb,
        subject,
        act["on"],
        _key(act["by"]),
        _key(act.get("appointment")),
        _key(act.get("district")),
        act.get("child_number"),
        _json_values(act.get("before") or {}),
        _json_values(act.get("after") or {}),
        act.get("note", ""),
    )


def _key(row: models.Model | None) -> Any:
    return None if row is None else row.pk


def _json_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value.pk) if isinstance(value, models.Model) else json_value(value)
        for key, value in values.items()
    }


def record(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return the new entry. Refuses (RuntimeError) outside a transaction: no act without entry."""
    _refuse_outside_a_transaction()
    new = HistoryEntry(verb=verb, subject=subject, **act)
    new.before, new.after = _json_values(new.before or {}), _json_values(new.after or {})
    _add_to_chains([new])
    new.save(force_insert=True)
    return new


def record_many(entries: Iterable[NewEntry | HistoryEntry]) -> int:
    """Write many entries of one transaction in few statements, and return how many."""
    _refuse_outside_a_transaction()
    new = list(entries)
    _add_to_chains(new)
    bulk.insert(HistoryEntry, COLUMNS, [_row_of(each) for each in new])
    return len(new)


def lock_chains(*districts: District | None) -> None:
    """Lock the chains of these districts in the one order, before anything is written in them."""
    _refuse_outside_a_transaction()
    _lock_heads({chain_name(each.pk if each else None) for each in districts})


def _refuse_outside_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the act that it records.")


def _add_to_chains(entries: Iterable[NewEntry | HistoryEntry]) -> None:
    """Give each entry its moment and its place behind the last one of its chain."""
    at = clock.now()  # noqa: TID251  # when it was written; no rule rests on it
    chains: dict[str, list[NewEntry | HistoryEntry]] = defaultdict(list)
    for each in entries:
        each.at, each.chain = at, chain_name(each.district_id)
        chains[each.chain].append(each)
    heads = _lock_heads(chains)
    for chain, behind in chains.items():
        for each in behind:
            _append_to_chain(heads[chain], each)
    places = [(head.sequence, head.digest, head.pk) for head in heads.values()]
    bulk.update(HistoryHead, "id", ["sequence", "digest"], places)


def _lock_heads(chains: Iterable[str]) -> dict[str, HistoryHead]:
    """Return the heads of these chains, locked in the order of their names, new ones made."""
    wanted = sorted(chains)
    locked = HistoryHead.objects.select_for_update().filter(chain__in=wanted).order_by("chain")
    found = {each.chain: each for each in locked}
    if len(found) == len(wanted):
        return found
    missing = [HistoryHead(chain=each) for each in wanted if each not in found]
    HistoryHead.objects.bulk_create(missing, ignore_conflicts=True)
    return {each.chain: each for each in locked.all()}


def _append_to_chain(head: HistoryHead, each: NewEntry | HistoryEntry) -> None:
    each.sequence, each.salt = head.sequence + 1, new_salt()
    each.content_digest = content_digest(each.salt, each.before, each.after, each.note)
    each.digest = entry_digest(head.digest, *_digest_values_of(each))
    head.sequence, head.digest = each.sequence, each.digest
