"""Writes the notices that are owed at a moment, sort by sort, a district by its own local day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from itertools import islice

from django.db.models import Q

from directory import outbox
from directory.clock import SYDNEY, zone
from directory.models import District, Inbox
from directory.services.places import fallback_inbox
from reviews.ledger import dated, moved, owed, waiting
from reviews.ledger.tally import Tally


def write(tally: Tally, *, at: datetime) -> None:
    """Write what each inbox is owed word of at this moment and has not been told."""
    days = _districts_by_local_day(tally, at)
    today = max(days)
    fallback = fallback_inbox(on=today)
    tally.attempt("redirected", partial(_redirect, tally, fallback, on=today))
    for on, districts in days.items():
        only_these = districts if len(days) > 1 else None
        for sort in dated.SORTS:
            part = partial(_write_dated, tally, sort, fallback=fallback, on=on, among=only_these)
            tally.attempt(sort.name, part)
    for name, found in (
        ("waiting change", partial(waiting.changes, fallback=fallback, on=today)),
        ("directory gap", partial(waiting.gaps, fallback=fallback, on=today)),
    ):
        tally.attempt(name, partial(_write, tally, name, found))
    waiting.settle_closed_gaps(on=today)


def _redirect(tally: Tally, fallback: Inbox, *, on: date) -> None:
    tally.counts["redirected"] += moved.redirect(fallback=fallback, on=on)


def _districts_by_local_day(tally: Tally, at: datetime) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {at.astimezone(zone(SYDNEY)).date(): []}
    for pk, name in District.objects.values_list("pk", "time_zone"):
        local = zone(name)
        if local.key != name:
            tally.park(f"district {pk}", "Its time zone is not known; Sydney's is used.")
        days.setdefault(at.astimezone(local).date(), []).append(pk)
    return days


def _write(tally: Tally, name: str, found: Callable[[], Iterable[outbox.Owed]]) -> None:
    rows = iter(found())
    while some := list(islice(rows, outbox.BATCH)):
        tally.counts[name] += outbox.post_many(some)


def _write_dated(
    tally: Tally, sort: dated.Sort, *, fallback: Inbox, on: date, among: list[int] | None
) -> None:
    only_these = Q() if among is None else Q(child__district__in=among)
    queries, left = owed.Search(sort, fallback, on, only_these).run()
    for matter, reason in left:
        tally.park(matter, reason)
    for query, values in queries:
        tally.counts[sort.name] += outbox.post_selected(query, values)
