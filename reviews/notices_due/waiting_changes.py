"""Finds what waits without a due date: goal changes past their soft target, and districts that no
inbox serves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse

from consultations.models import GoalChange
from consultations.workflow import Status
from directory.mail import notices
from directory.models import Inbox, Notice
from directory.places import contacts
from directory.working_days import working_days_between
from permanency import matters
from permanency.models import RuleVersion
from permanency.models.due import can_be_owed
from reviews.notices_due.kinds import WEEK, monthly_stage, path_to, waiting_stage

# What a change in this status waits for: the kind of notice, and the soft target that it has.
WAITING_NOTICES = {
    Status.PROPOSED: (Notice.Kind.ENDORSEMENT_WAITING, "endorsement"),
    Status.ENDORSED: (Notice.Kind.APPROVAL_WAITING, "approval"),
}


class WaitingChange(NamedTuple):
    """One change as the database gives it; `told_on` is when its inbox last came to be told."""

    pk: int
    status: str
    version: int
    since_on: date
    inbox_id: int
    told_on: date | None
    child_number: int
    reference: str
    district_id: int


def waiting_change_notices(*, fallback: Inbox, on: date) -> Iterator[notices.NoticeRow]:
    """Yield the notices owed for changes that wait past their soft target, one a week at most.

    The first notice came with the fact; these repeat it.
    """
    targets = RuleVersion.objects.in_force(on=on).targets_working_days
    for values in _waiting_changes(fallback=fallback, on=on):
        change = WaitingChange(*values)
        kind, target = WAITING_NOTICES[Status(change.status)]
        if working_days_between(change.since_on, on) > targets[target]:
            yield from _repeat_notice(change, kind, on=on)


def _waiting_changes(*, fallback: Inbox, on: date) -> QuerySet[GoalChange, tuple[Any, ...]]:
    a_week_ago = on - timedelta(days=WEEK)
    told = Notice.objects.filter(
        kind=OuterRef("kind"), child_number=OuterRef("child"), inbox=OuterRef("inbox_now")
    )
    kinds = (When(status=status, then=Value(kind)) for status, (kind, _) in WAITING_NOTICES.items())
    return (
        GoalChange.objects.filter(
            can_be_owed(on, child="child__"),
            status__in=WAITING_NOTICES,
            status_since_on__lte=a_week_ago,
        )
        .annotate(kind=Case(*kinds, output_field=CharField()))
        .annotate(inbox_now=notices.inbox_in_sql("child__district", fallback=fallback, on=on))
        .annotate(told_on=Subquery(told.order_by("-owed_on").values("owed_on")[:1]))
        .filter(Q(told_on=None) | Q(told_on__lte=a_week_ago))
        .values_list(
            "pk",
            "status",
            "version",
            "status_since_on",
            "inbox_now",
            "told_on",
            "child_id",
            "child__reference",
            "child__district_id",
        )
    )


def _repeat_notice(
    change: WaitingChange, kind: Notice.Kind, *, on: date
) -> Iterator[notices.NoticeRow]:
    reached = waiting_stage(kind, change.since_on, on=on)
    if change.told_on is None or change.told_on < reached.begins_on:
        yield notices.NoticeRow(
            kind=kind,
            occurrence=matters.change(change.pk, change.status, change.version),
            threshold=reached.threshold,
            inbox_id=change.inbox_id,
            district_id=change.district_id,
            path=path_to("goal-change")(change.pk),
            owed_on=reached.begins_on,
            child_number=change.child_number,
            reference=change.reference,
            about_on=change.since_on,
        )


def directory_gap_notices(*, fallback: Inbox, on: date) -> Iterator[notices.NoticeRow]:
    """Yield the notices owed to the fallback inbox for districts without one, once a month."""
    month = monthly_stage(on)
    told = set(
        Notice.objects.sent_or_owed()
        .filter(kind=month.kind, threshold=month.threshold, inbox=fallback)
        .values_list("district", flat=True)
    )
    for district in contacts.districts_without_inbox(on=on):
        if district.pk not in told:
            yield notices.NoticeRow(
                kind=month.kind,
                occurrence=_gap_occurrence(district.pk),
                threshold=month.threshold,
                inbox_id=fallback.pk,
                district_id=district.pk,
                path=reverse("contacts"),
                owed_on=month.begins_on,
            )


def settle_closed_gaps(*, on: date) -> int:
    """Settle the notices of districts that an inbox serves again, and return how many."""
    told = Notice.objects.unsent().filter(kind=Notice.Kind.DIRECTORY_GAP)
    told_of = set(told.values_list("district", flat=True))
    if not told_of:
        return 0
    still_open = {district.pk for district in contacts.districts_without_inbox(on=on)}
    return notices.settle(*(_gap_occurrence(district) for district in told_of - still_open))


def _gap_occurrence(district: int) -> str:
    return f"district:{district}:gap"
