"""Redirects what is owed when another inbox has come to serve the child: the child moved to another
district, or the district was given another inbox."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from directory import outbox
from directory.models import Inbox, Notice
from permanency.models import Child


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved.

    Where that inbox is owed the same already, the old notice is settled instead.
    """
    moved = list(_astray(fallback=fallback, on=on))
    for pk, kind, occurrence, threshold, inbox, district in moved:
        notice = Notice.objects.unsent().filter(pk=pk)
        there = Notice.objects.filter(
            kind=kind, occurrence=occurrence, threshold=threshold, inbox=inbox
        ).exclude(pk=pk)
        if there.exists():
            notice.update(settled_at=Now())
        else:
            notice.update(inbox=inbox, district=district)
    return len(moved)


def _astray(*, fallback: Inbox, on: date) -> QuerySet[Notice, tuple[Any, ...]]:
    child = Child.objects.filter(pk=OuterRef("child_number")).annotate(
        inbox_now=outbox.inbox_in_sql("district", fallback=fallback, on=on)
    )
    return (
        Notice.objects.unsent()
        .exclude(child_number=None)
        .annotate(
            inbox_now=Subquery(child.values("inbox_now")[:1]),
            district_now=Subquery(child.values("district")[:1]),
        )
        .filter(~Q(inbox=F("inbox_now")) | ~Q(district=F("district_now")), inbox_now__isnull=False)
        .order_by("pk")
        .values_list("pk", "kind", "occurrence", "threshold", "inbox_now", "district_now")
    )
