"""Redirects what is owed when another inbox has come to serve the child: the child moved to another
district, or the district was given another inbox."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from directory import outbox
from directory.models import District, Inbox, Notice
from permanency.models import Child


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved.

    Where that inbox is owed the same already, the old notice is settled instead.
    """
    serving = {
        district.pk: outbox.inbox_of(district, on=on, fallback=fallback).pk
        for district in District.objects.select_related("inbox")
    }
    astray = list(_astray(serving))
    notices = Notice.objects.in_bulk([pk for pk, _ in astray])
    for pk, district in astray:
        outbox.redirect(notices[pk], inbox_id=serving[district], district_id=district)
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
