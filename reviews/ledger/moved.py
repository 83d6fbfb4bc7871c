"""Redirects what is owed when another inbox has come to serve the child: the child moved to another
district, or the district was given another inbox."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from directory import outbox
from directory.models import Inbox, Notice
from permanency.models import Child


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved.

    Where that inbox is owed the same already, the old notice is settled instead.
    """
    astray = list(_astray(fallback=fallback, on=on))
    notices = Notice.objects.in_bulk([pk for pk, _, _ in astray])
    for pk, inbox, district in astray:
        outbox.redirect(notices[pk], inbox_id=inbox, district_id=district)
    return len(astray)


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
        .values_list("pk", "inbox_now", "district_now")
    )
