"""Keeps count of what one tick did, and of what it had to leave."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from directory.clock import SYDNEY, zone
from directory.mail import notices as mail_notices
from directory.models import District, Inbox, Notice
from directory.places.services import fallback_inbox
from permanency.models import Child
from reviews.notices_due import find_due, kinds, waiting_changes

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What one tick did, by name, and what it had to leave, with the reason for each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)

    def park(self, matter: str, reason: str) -> None:
        """Note that a matter was left as it is; the reason holds no word that a person typed."""
        self.problems.append({"matter": matter, "reason": reason})

    def attempt(self, name: str, part: Callable[[], object]) -> None:
        """Do one part of the tick; where it fails, note that, so that the others are done."""
        try:
            part()
        except Exception as fault:
            self.park_fault(name, fault)

    def park_fault(self, name: str, fault: Exception) -> None:
        """Note that a part failed, here by the name of its fault and in the log in full."""
        logger.exception("The tick could not finish: %s", name, exc_info=fault)
        self.park(name, type(fault).__name__)


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved.

    Where that inbox is owed the same already, the old notice is settled instead.
    """
    serving = {
        district.pk: mail_notices.inbox_of(district, on=on, fallback=fallback).pk
        for district in District.objects.select_related("inbox")
    }
    astray = list(_astray(serving))
    notices = Notice.objects.in_bulk([pk for pk, _ in astray])
    for pk, district in astray:
        mail_notices.redirect(notices[pk], inbox_id=serving[district], district_id=district)
    return len(astray)


def _astray(serving: dict[int, int]) -> QuerySet[Notice, tuple[Any, ...]]:
    """Return the unsent notices that another inbox or district should have, with the district.

    The inboxes come as values: a night after days without mail looks through very many notices.
    """
    child = Child.objects.filter(pk=OuterRef("child_number"))
    inbox_now = Case(*(When(district=each, then=Value(inbox)) for each, inbox in serving.items()))
    is_where_it_was = Exists(child.filter(district=OuterRef("district")))
    return (
        Notice.objects.unsent()
        .filter(Exists(child))
        .filter(~Q(inbox=inbox_now) | ~is_where_it_was)
        .order_by("pk")
        .values_list("pk", Subquery(child.values("district")[:1]))
    )


def write(tally: Tally, *, at: datetime) -> None:
    """Write what each inbox is owed word of at this moment and has not been told."""
    days = _districts_by_local_day(tally, at)
    today = max(days)
    fallback = fallback_inbox(on=today)
    tally.attempt("redirected", partial(_redirect, tally, fallback, on=today))
    for on, districts in days.items():
        only_these = districts if len(days) > 1 else None
        for sort in kinds.SORTS:
            part = partial(_write_dated, tally, sort, fallback=fallback, on=on, among=only_these)
            tally.attempt(sort.name, part)
    for name, found in (
        ("waiting change", partial(waiting_changes.changes, fallback=fallback, on=today)),
        ("directory gap", partial(waiting_changes.gaps, fallback=fallback, on=today)),
    ):
        tally.attempt(name, partial(_write, tally, name, found))
    waiting_changes.settle_closed_gaps(on=today)


def _redirect(tally: Tally, fallback: Inbox, *, on: date) -> None:
    tally.counts["redirected"] += redirect(fallback=fallback, on=on)


def _districts_by_local_day(tally: Tally, at: datetime) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {at.astimezone(zone(SYDNEY)).date(): []}
    for pk, name in District.objects.values_list("pk", "time_zone"):
        local = zone(name)
        if local.key != name:
            tally.park(f"district {pk}", "Its time zone is not known; Sydney's is used.")
        days.setdefault(at.astimezone(local).date(), []).append(pk)
    return days


def _write(tally: Tally, name: str, found: Callable[[], Iterable[mail_notices.Owed]]) -> None:
    rows = iter(found())
    while some := list(islice(rows, mail_notices.BATCH)):
        tally.counts[name] += mail_notices.post_many(some)


def _write_dated(
    tally: Tally, sort: kinds.Sort, *, fallback: Inbox, on: date, among: list[int] | None
) -> None:
    only_these = Q() if among is None else Q(child__district__in=among)
    queries, left = find_due.Search(sort, fallback, on, only_these).run()
    for matter, reason in left:
        tally.park(matter, reason)
    for query, values in queries:
        tally.counts[sort.name] += mail_notices.post_selected(query, values)
