"""Writes the append-only history. Services call it in the transaction of the act itself.

The first entry of a transaction locks the chain of its district until the transaction ends. So
that no two wait for each other: lock the rows that you act on first and write the history after;
and where one transaction writes in more than one district, call `lock_chains` before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Required, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from directory import clock
from directory.history.chain import append, chain_name, json_value
from directory.models import Appointment, District, HistoryEntry, HistoryHead, User
from directory.roles import EDITS_DIRECTORY, READS_CASES, WRITES_CASES

# Entries of one statement.
BATCH = 500


def values(row: models.Model, names: Container[str] | None = None) -> dict[str, Any]:
    """Return what the history keeps of a row: its `HISTORY_FIELDS`, each "name" or "name=path"."""
    fields = _history_fields(type(row))
    return {name: _value_at(row, path) for name, path in fields if names is None or name in names}


@cache
def _history_fields(model: type[models.Model]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    declared: tuple[str, ...] = getattr(model, "HISTORY_FIELDS", ())
    pairs = ((name, path or name) for name, _, path in (each.partition("=") for each in declared))
    return tuple((name, tuple(path.split("."))) for name, path in pairs)


def _value_at(row: models.Model, path: Iterable[str]) -> Any:
    value: Any = row
    for part in path:
        if value is None:
            break
        value = getattr(value, part)
        value = value() if callable(value) else value
    return value


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stood before and what stands after, only where the two differ."""
    differing = [key for key in after if before.get(key) != after[key]]
    return ({k: before.get(k) for k in differing}, {k: after[k] for k in differing})


class Change(TypedDict, total=False):
    """Who changed a row and on which day; what is not given follows from the row."""

    by: Required[User | None]
    on: Required[date]
    district: District | None
    appointment: Appointment | None
    after: Mapping[str, Any] | None
    note: str


class Act(Change, total=False):
    """Who did what and on which day, where, and what stood before and after."""

    child_number: int | None
    before: Mapping[str, Any] | None


def subject_of(row: models.Model) -> str:
    """Return what the history calls a row, for example "goal change 12"."""
    words: str = getattr(row, "HISTORY_SUBJECT", "")
    return words.format(row) if words else f"{row._meta.verbose_name} {row.pk}"


def record_change(
    verb: str,
    row: models.Model,
    before: Mapping[str, Any] | None = None,
    **change: Unpack[Change],
) -> HistoryEntry:
    """Return the new entry of an act on a row.

    `before` are the `values` of the row before it ({} where it is new): what differs now is written
    with them. Where `after` is given, both are written as they are. The child, the district and
    the appointment follow from the row: `by` acts under the one that covers the child, or that lets
    them edit the directory (else PermissionDenied).
    """
    return record(verb, subject_of(row), **_act_on(row, before, change))


def change_entry(
    verb: str,
    row: models.Model,
    before: Mapping[str, Any] | None = None,
    **change: Unpack[Change],
) -> HistoryEntry:
    """Return the entry of `record_change`, not written yet: for `record_many`."""
    return new_entry(verb, subject_of(row), **_act_on(row, before, change))


def _act_on(row: models.Model, before: Mapping[str, Any] | None, change: Change) -> Act:
    after = change.get("after")
    if before is not None and after is None:
        before, after = changes(before, values(row))
    child: Any = row if getattr(row, "HISTORY_IS_CHILD", False) else getattr(row, "child", None)
    by, on, district = change["by"], change["on"], change.get("district")
    appointment = change.get("appointment")
    if child is None:
        appointment = appointment or editor_appointment(by, on=on)
    else:
        district = district or child.district
        appointment = appointment or acting_appointment(by, district, on=on)
    return {
        **change,
        "child_number": None if child is None else child.pk,
        "district": district,
        "appointment": appointment,
        "before": before,
        "after": after,
    }


def acting_appointment(by: User | None, district: District, *, on: date) -> Appointment | None:
    """Return the appointment under which a person acts about a child of this district, if any."""
    if by is None:
        return None
    for roles in (WRITES_CASES, READS_CASES):
        if held := by.appointment_for(roles, on=on, district=district):
            return held
    return next(
        (each for each in by.appointments_in_force(on=on) if each.role in READS_CASES), None
    )


def editor_appointment(by: User | None, *, on: date) -> Appointment | None:
    """Return the appointment to edit the directory; None for a command; else PermissionDenied."""
    if by is None:
        return None
    for each in by.appointments_in_force(on=on):
        if each.role in EDITS_DIRECTORY:
            return each
    raise PermissionDenied


def new_entry(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return an entry that is not written yet: its moment and its place in a chain are missing."""
    new = HistoryEntry(verb=verb, subject=subject, **act)
    new.before, new.after = json_value(new.before or {}), json_value(new.after or {})
    return new


def record(verb: str, subject: str, **act: Unpack[Act]) -> HistoryEntry:
    """Return the new entry. Refuses (RuntimeError) outside a transaction: no act without entry."""
    _refuse_outside_a_transaction()
    new = new_entry(verb, subject, **act)
    _add_to_chains([new])
    new.save(force_insert=True)
    return new


def record_many(entries: Iterable[HistoryEntry]) -> int:
    """Write many entries of one transaction in few statements, and return how many."""
    _refuse_outside_a_transaction()
    new = list(entries)
    _add_to_chains(new)
    return len(HistoryEntry.objects.bulk_create(new, batch_size=BATCH))


def lock_chains(*districts: District | None) -> None:
    """Lock the chains of these districts in the one order, before anything is written in them."""
    _refuse_outside_a_transaction()
    _lock_heads({chain_name(each.pk if each else None) for each in districts})


def _refuse_outside_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("History is written in the transaction of the act that it records.")


def _add_to_chains(entries: Iterable[HistoryEntry]) -> None:
    at = clock.now()  # noqa: TID251  # when it was written; no rule rests on it
    chains: dict[str, list[HistoryEntry]] = defaultdict(list)
    for each in entries:
        each.at, each.chain = at, chain_name(each.district_id)
        chains[each.chain].append(each)
    heads = _lock_heads(chains)
    for chain, behind in chains.items():
        append(heads[chain], behind)
    HistoryHead.objects.bulk_update(heads.values(), ["sequence", "digest"])


def _lock_heads(chains: Iterable[str]) -> dict[str, HistoryHead]:
    wanted = sorted(chains)
    locked = HistoryHead.objects.select_for_update().filter(chain__in=wanted).order_by("chain")
    found = {each.chain: each for each in locked}
    if len(found) == len(wanted):
        return found
    missing = [HistoryHead(chain=each) for each in wanted if each not in found]
    HistoryHead.objects.bulk_create(missing, ignore_conflicts=True)
    return {each.chain: each for each in locked.all()}
