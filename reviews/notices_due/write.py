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
class RunReport:
    """What one tick did, by name, and what it had to leave, with the reason for each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)

    def note_problem(self, matter: str, reason: str) -> None:
        self.problems.append({"matter": matter, "reason": reason})

    def attempt(self, name: str, part: Callable[[], object]) -> None:
        try:
            part()
        except Exception as fault:
            self.note_failure(name, fault)

    def note_failure(self, name: str, fault: Exception) -> None:
        logger.exception("The tick could not finish: %s", name, exc_info=fault)
        self.note_problem(name, type(fault).__name__)


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved.

    Where that inbox is owed the same already, the old notice is settled instead.
    """
    serving = {
        district.pk: mail_notices.inbox_of(district, on=on, fallback=fallback).pk
        for district in District.objects.select_related("inbox")
    }
    astray = list(_notices_to_redirect(serving))
    notices = Notice.objects.in_bulk([pk for pk, _ in astray])
    for pk, district in astray:
        mail_notices.redirect(notices[pk], inbox_id=serving[district], district_id=district)
    return len(astray)


def _notices_to_redirect(serving: dict[int, int]) -> QuerySet[Notice, tuple[Any, ...]]:
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


def write_notices(report: RunReport, *, at: datetime) -> None:
    """Write what each inbox is owed word of at this moment and has not been told."""
    days = _districts_by_local_day(report, at)
    today = max(days)
    fallback = fallback_inbox(on=today)
    report.attempt("redirected", partial(_redirect_notices, report, fallback, on=today))
    for on, districts in days.items():
        only_these = districts if len(days) > 1 else None
        for sort in kinds.MATTER_KINDS:
            part = partial(_post_due, report, sort, fallback=fallback, on=on, among=only_these)
            report.attempt(sort.name, part)
    for name, found in (
        (
            "waiting change",
            partial(waiting_changes.waiting_change_notices, fallback=fallback, on=today),
        ),
        (
            "directory gap",
            partial(waiting_changes.directory_gap_notices, fallback=fallback, on=today),
        ),
    ):
        report.attempt(name, partial(_post_owed, report, name, found))
    waiting_changes.settle_closed_gaps(on=today)


def _redirect_notices(report: RunReport, fallback: Inbox, *, on: date) -> None:
    report.counts["redirected"] += redirect(fallback=fallback, on=on)


def _districts_by_local_day(report: RunReport, at: datetime) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {at.astimezone(zone(SYDNEY)).date(): []}
    for pk, name in District.objects.values_list("pk", "time_zone"):
        local = zone(name)
        if local.key != name:
            report.note_problem(f"district {pk}", "Its time zone is not known; Sydney's is used.")
        days.setdefault(at.astimezone(local).date(), []).append(pk)
    return days


def _post_owed(
    report: RunReport, name: str, found: Callable[[], Iterable[mail_notices.NoticeRow]]
) -> None:
    rows = iter(found())
    while some := list(islice(rows, mail_notices.BATCH)):
        report.counts[name] += mail_notices.post_many(some)


def _post_due(
    report: RunReport, sort: kinds.MatterKind, *, fallback: Inbox, on: date, among: list[int] | None
) -> None:
    only_these = Q() if among is None else Q(child__district__in=among)
    queries, left = find_due.Search(sort, fallback, on, only_these).run()
    for matter, reason in left:
        report.note_problem(matter, reason)
    for query, values in queries:
        report.counts[sort.name] += mail_notices.post_from_query(query, values)
