"""Finds what inboxes are owed, and the rows of which nothing can be told.

The policy decides which stage each day has reached. The database joins these days to the matters
that are open and gives the notices, so no row of a dated matter comes here. What waits without a
due date: goal changes past their soft target, and districts that no inbox serves. Nothing is owed
for a child who is 18, has died or has left the State.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat, Now
from django.urls import reverse

from consultations.models import GoalChange
from consultations.workflow import Status
from directory.clock import working_days_between
from directory.mail import notices
from directory.models import Inbox, Notice
from directory.models.mail import SETTLED_BEFORE_SENT
from directory.places.services import districts_without_inbox
from permanency import matters
from permanency.models import Child, RuleVersion
from permanency.models.due import can_be_owed
from permanency.policy.months import DateOutOfRangeError
from reviews.notices_due.kinds import (
    WEEK,
    MatterKind,
    Stage,
    monthly_stage,
    path_parts,
    stage_on,
    waiting_stage,
)

# So that no statement takes long, and what one has written stays where a later one fails.
MATTERS_PER_BATCH = 50_000
UNREADABLE = "The stored date cannot be read."
# What is read of a matter behind its key and its day.
MATTER_COLUMNS = ("inbox_now", "child__district", "child", "child__reference", "why")
# In the columns of `notices.NoticeRow`.
OWED_SQL = """
WITH found (id, day, inbox_id, district_id, child_number, reference, why) AS {how} ({rows}),
matter AS (
    SELECT found.*, %s || id || %s || day AS occurrence, %s || child_number || %s AS path FROM found
),
told (occurrence, inbox_id, on_day) AS ({told}),
stage (day, kind, threshold, begins_on) AS ({stages})
SELECT stage.kind, matter.occurrence, matter.inbox_id, matter.district_id, matter.path,
    stage.begins_on, stage.threshold, matter.child_number, matter.reference, matter.day, matter.why,
    FALSE
FROM matter JOIN stage ON stage.day = matter.day
WHERE NOT EXISTS (SELECT 1 FROM told WHERE told.occurrence = matter.occurrence
    AND told.inbox_id = matter.inbox_id AND told.on_day >= stage.begins_on)
ORDER BY matter.id
"""
# SQLite works out anew whatever it looks through; PostgreSQL then words only what is untold.
MATERIALIZED_SQL = {"sqlite": "MATERIALIZED", "postgresql": "NOT MATERIALIZED"}
# Lists in one value: hundreds of values of their own take longer to read.
STAGES_SQL = {
    "sqlite": """
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
            json_extract(value, '$[2]'), json_extract(value, '$[3]')
        FROM json_each(%s)""",
    "postgresql": "SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::date[])",
}

Query = tuple[str, list[Any]]


@dataclass(frozen=True)
class Search:
    """A search for what is owed of one sort on one day; `among` narrows the rows."""

    sort: MatterKind
    fallback: Inbox
    on: date
    among: Q = field(default_factory=Q)

    @property
    def latest(self) -> date:
        return self.on + timedelta(days=self.sort.schedule.begins_days_before)

    def run(self) -> tuple[list[Query], list[tuple[str, str]]]:
        # The stage of each day with the number of matters, or why a day as it is stored has none.
        stages: dict[date, tuple[Stage, int]] = {}
        faults: dict[str, str] = {}
        all_can_be_read = True
        for text, can_be_read, count in self.open_by_day():
            if not can_be_read:
                all_can_be_read = False
                continue
            try:
                day = date.fromisoformat(text)
                reached = stage_on(self.sort.schedule, day, on=self.on)
            except DateOutOfRangeError as fault:
                faults[text] = str(fault)
            except ValueError:
                faults[text] = UNREADABLE
            else:
                if reached is not None:
                    stages[day] = reached, count
        queries = [self._query(batch) for batch in _batches(stages)]
        is_whole = all_can_be_read and not faults
        return queries, [] if is_whole else list(self._unreadable_matters(faults))

    def open_by_day(self) -> QuerySet[Any, tuple[Any, ...]]:
        can_be_read = ExpressionWrapper(self.sort.can_be_read, BooleanField())
        rows = self._rows(lte=self.latest)
        rows = rows.annotate(text=self.sort.day_as_text, can_be_read=can_be_read)
        by_day = rows.order_by("text").values_list("text", "can_be_read")
        counted: QuerySet[Any, tuple[Any, ...]] = by_day.annotate(matters=Count("*"))
        return counted

    def _rows(self, **days: object) -> QuerySet[Any]:
        by = {f"{self.sort.day}__{name}": value for name, value in days.items()}
        return self.sort.open_rows().filter(self.among, **by)

    def _matters(self, **days: object) -> QuerySet[Any]:
        rows = self._rows(**days).filter(can_be_owed(self.on, child="child__"))
        return rows.order_by()

    def _query(self, batch: dict[date, Stage]) -> Query:
        """Return the query for the notices of matters of these days.

        Their order is the same in every tick, so that of two at once neither holds what the other
        waits for.
        """
        first, last = next(iter(batch)), next(reversed(batch))
        inbox = notices.inbox_in_sql("child__district", fallback=self.fallback, on=self.on)
        rows = (
            self._matters(range=(first, last))
            .filter(self.sort.can_be_read)
            .annotate(inbox_now=inbox, why=self.sort.why)
        )
        columns = ("pk", self.sort.day, *MATTER_COLUMNS)
        sql, of_rows = rows.values_list(*columns).query.sql_with_params()
        told, of_told = notices.sent_or_owed().query.sql_with_params()
        vendor = connection.vendor
        query = OWED_SQL.format(
            how=MATERIALIZED_SQL[vendor], rows=sql, told=told, stages=STAGES_SQL[vendor]
        )
        words = (*self.sort.key_parts, *path_parts(self.sort.page))
        stages = [
            (day.isoformat(), each.kind, each.threshold, each.begins_on.isoformat())
            for day, each in batch.items()
        ]
        if vendor == "sqlite":
            of_stages = [json.dumps(stages)]
        else:
            of_stages = [f"{{{','.join(column)}}}" for column in zip(*stages, strict=True)]
        return query, [*of_rows, *words, *of_told, *of_stages]

    def _unreadable_matters(self, faults: dict[str, str]) -> Iterator[tuple[str, str]]:
        is_left = ~self.sort.can_be_read | Q(text__in=faults)
        matters = self._matters(lte=self.latest)
        rows = matters.annotate(text=self.sort.day_as_text).filter(is_left)
        for pk, text in rows.order_by("pk").values_list("pk", "text"):
            reason = faults.get(text, UNREADABLE)
            if reason == UNREADABLE:
                yield f"{self.sort.name} {pk}", reason
            else:
                yield self.sort.matter(pk, date.fromisoformat(text)), reason


def _batches(stages: dict[date, tuple[Stage, int]]) -> Iterator[dict[date, Stage]]:
    batch: dict[date, Stage] = {}
    size = 0
    for day, (reached, count) in sorted(stages.items()):
        if batch and size + count > MATTERS_PER_BATCH:
            yield batch
            batch, size = {}, 0
        batch[day] = reached
        size += count
    if batch:
        yield batch


# What a change in this status waits for: the kind of notice, and the soft target that it has.
WAITING_NOTICES = {
    Status.PROPOSED: (Notice.Kind.ENDORSEMENT_WAITING, "endorsement"),
    Status.ENDORSED: (Notice.Kind.APPROVAL_WAITING, "approval"),
}


def waiting_change_notices(*, fallback: Inbox, on: date) -> Iterator[notices.NoticeRow]:
    """Yield the notices owed for changes that wait past their soft target, one a week at most.

    The first notice came with the fact; these repeat it. Where that was settled unsent, as the case
    had ended, and the ending was taken back, it is owed again.
    """
    targets = RuleVersion.objects.in_force(on=on).targets_working_days
    for change in _waiting_changes(fallback=fallback, on=on):
        kind, target = WAITING_NOTICES[Status(change.status)]
        reached = waiting_stage(kind, change.status_since_on, on=on)
        if not change.is_owed_again:
            if working_days_between(change.status_since_on, on) <= targets[target]:
                continue
            if change.told_on is not None and change.told_on >= reached.begins_on:
                continue
        yield notices.NoticeRow(
            kind=kind,
            occurrence=matters.change(change.pk, change.status, change.version),
            threshold=reached.threshold,
            inbox_id=change.inbox_now,
            district_id=change.child__district_id,
            path=reverse("goal-change", args=[change.pk]),
            owed_on=reached.begins_on,
            child_number=change.child_id,
            reference=change.child__reference,
            about_on=change.status_since_on,
        )


def _waiting_changes(*, fallback: Inbox, on: date) -> QuerySet[GoalChange, Any]:
    a_week_ago = on - timedelta(days=WEEK)
    of_change = Notice.objects.filter(
        kind=OuterRef("kind"), child_number=OuterRef("child"), inbox=OuterRef("inbox_now")
    )
    # When its inbox last came to be told of each.
    told = of_change.sent_or_owed().order_by("-owed_on").values("owed_on")[:1]
    occurrence = Concat(
        Value(matters.CHANGE), "pk", Value(":"), "status", Value(":"), "version",
        output_field=CharField(),
    )  # fmt: skip
    settled = of_change.filter(SETTLED_BEFORE_SENT, occurrence=OuterRef("occurrence"), threshold="")
    kinds = (When(status=status, then=Value(kind)) for status, (kind, _) in WAITING_NOTICES.items())
    return (
        GoalChange.objects.ongoing(on=on)
        .filter(status__in=WAITING_NOTICES)
        .annotate(kind=Case(*kinds, output_field=CharField()), occurrence=occurrence)
        .annotate(inbox_now=notices.inbox_in_sql("child__district", fallback=fallback, on=on))
        .annotate(told_on=Subquery(told))
        .annotate(
            is_owed_again=ExpressionWrapper(
                Q(Exists(settled), told_on=None), output_field=BooleanField()
            )
        )
        .filter(
            Q(is_owed_again=True)
            | Q(status_since_on__lte=a_week_ago) & (Q(told_on=None) | Q(told_on__lte=a_week_ago))
        )
        .values_list(
            "pk",
            "status",
            "version",
            "status_since_on",
            "inbox_now",
            "told_on",
            "is_owed_again",
            "child_id",
            "child__reference",
            "child__district_id",
            named=True,
        )
    )


def settle_ended_cases(*, on: date) -> int:
    """Settle what was owed and not sent of children whose case has ended, and return how much.

    Where the ending is taken back it is owed again. What was decided before is told all the same.
    """
    ended = Child.objects.filter(pk=OuterRef("child_number")).exclude(can_be_owed(on))
    unsent = Notice.objects.unsent().exclude(kind__in=TOLD_IN_ANY_CASE)
    return unsent.filter(Exists(ended)).update(settled_at=Now())


TOLD_IN_ANY_CASE = (Notice.Kind.CHANGE_RETURNED, Notice.Kind.CHANGE_DECIDED)


def directory_gap_notices(*, fallback: Inbox, on: date) -> Iterator[notices.NoticeRow]:
    """Yield the notices owed to the fallback inbox for districts without one, once a month."""
    month = monthly_stage(on)
    told = set(
        Notice.objects.sent_or_owed()
        .filter(kind=month.kind, threshold=month.threshold, inbox=fallback)
        .values_list("district", flat=True)
    )
    for district in districts_without_inbox(on=on):
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
    still_open = {district.pk for district in districts_without_inbox(on=on)}
    return notices.settle(*(_gap_occurrence(district) for district in told_of - still_open))


def _gap_occurrence(district: int) -> str:
    return f"district:{district}:gap"
