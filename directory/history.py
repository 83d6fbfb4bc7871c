"""Writes the append-only history. Services call it in the transaction of the act itself.

The first entry of a transaction locks the chain of its district until the transaction ends. So
that nobody waits in a circle: lock the rows that you act on first and write the history after; and
where one transaction writes in more than one district, call `hold` before the first entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Required, TypedDict, Unpack

from django.db import models, transaction

from directory import clock
from directory.chain import SEALED, chain_of, content_digest, entry_digest, new_salt, plain
from directory.models import Appointment, District, HistoryEntry, HistoryHead, User

BATCH = 500


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
    new.before = _plain(new.before or {})
    new.after = _plain(new.after or {})
    return new


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value.pk) if isinstance(value, models.Model) else plain(value)
        for key, value in values.items()
    }


def record(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return the new entry. Refuses (RuntimeError) outside a transaction: no act without entry."""
    _refuse_outside_a_transaction()
    new = entry(verb, subject, **act)
    _chain([new])
    new.save(force_insert=True)
    return new


def record_many(entries: Iterable[HistoryEntry]) -> int:
    """Write many entries of one transaction in few statements, and return how many."""
    _refuse_outside_a_transaction()
    new = list(entries)
    _chain(new)
    return len(HistoryEntry.objects.bulk_create(new, batch_size=BATCH))


def hold(*districts: District | None) -> None:
    """Lock the chains of these districts in the one order, before anything is written in them."""
    _refuse_outside_a_transaction()
    _heads({chain_of(each.pk if each else None) for each in districts})


def _refuse_outside_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the act that it records.")


def _chain(entries: Iterable[HistoryEntry]) -> None:
    """Give each entry its moment and its place behind the last one of its chain."""
    at = clock.now()  # noqa: TID251  # when it was written; no rule rests on it
    chains: dict[str, list[HistoryEntry]] = defaultdict(list)
    for each in entries:
        each.at, each.chain = at, chain_of(each.district_id)
        chains[each.chain].append(each)
    heads = _heads(chains)
    for chain, rows in chains.items():
        for each in rows:
            _put_behind(heads[chain], each)
    HistoryHead.objects.bulk_update(heads.values(), ["sequence", "digest"])


def _heads(chains: Iterable[str]) -> dict[str, HistoryHead]:
    """Return the heads of these chains, locked in the order of their names, new ones made."""
    wanted = sorted(chains)
    locked = HistoryHead.objects.select_for_update().filter(chain__in=wanted).order_by("chain")
    found = {each.chain: each for each in locked}
    if len(found) == len(wanted):
        return found
    missing = [HistoryHead(chain=each) for each in wanted if each not in found]
    HistoryHead.objects.bulk_create(missing, ignore_conflicts=True)
    return {each.chain: each for each in locked.all()}


def _put_behind(head: HistoryHead, each: HistoryEntry) -> None:
    each.sequence, each.salt = head.sequence + 1, new_salt()
    each.content_digest = content_digest(each.salt, each.before, each.after, each.note)
    each.digest = entry_digest(head.digest, *(getattr(each, name) for name in SEALED))
    head.sequence, head.digest = each.sequence, each.digest
