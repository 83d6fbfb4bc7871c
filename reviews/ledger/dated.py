"""Finds the dated matters of which an inbox has yet to be told: reviews, two-year dates, orders,
actions.

One query for each sort, on the index of the stored date; what has been told already stays in the
database. Nothing is owed for a child who is 18, has died or has left the State.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from directory import outbox
from directory.models import Inbox
from permanency import matters
from permanency.models import Action, CasePlanGoal, CourtOrder
from reviews.thresholds import (
    ACTION,
    ORDER_EXPIRY,
    REVIEW,
    TWO_YEAR_DATE,
    Schedule,
    last_birth_of_an_adult,
    stage,
    windows,
)


@dataclass(frozen=True)
class Sort:
    """One sort of dated matter: where its open rows are, which date counts, where it is shown."""

    name: str
    schedule: Schedule
    open_rows: Callable[[], QuerySet[Any]]
    day: str
    matter: Callable[[int, date], str]
    page: str

    @property
    def key(self) -> Concat:
        """Return the key of a row's matter, built by the database as `matter` builds it."""
        prefix_of_0 = self.matter(0, date.max).removesuffix(date.max.isoformat())
        before, after = prefix_of_0.split("0")
        return Concat(
            Value(before),
            Cast("pk", TextField()),
            Value(after),
            Cast(self.day, TextField()),
            output_field=TextField(),
        )


Found = QuerySet[Any, tuple[Any, ...]]

SORTS = (
    Sort(
        "review",
        REVIEW,
        lambda: CasePlanGoal.objects.in_force(),
        "review_due_on",
        matters.review,
        "child-reviews",
    ),
    Sort(
        "two-year date",
        TWO_YEAR_DATE,
        lambda: CasePlanGoal.objects.in_force(),
        "two_year_on",
        matters.two_year,
        "child",
    ),
    Sort(
        "short term order",
        ORDER_EXPIRY,
        lambda: CourtOrder.objects.filter(kind=CourtOrder.Kind.SHORT_TERM, ended_on=None),
        "expires_on",
        matters.order,
        "child",
    ),
    Sort("action", ACTION, lambda: Action.objects.open(), "due_on", matters.action, "child"),
)


class Row(NamedTuple):
    """One matter as the database gives it; `told_on` is the newest stage its inbox knows of."""

    pk: int
    day: date
    key: str
    inbox_id: int
    told_on: date | None
    child_number: int
    reference: str
    district_id: int


def still_owed(on: date) -> Q:
    """Return the condition that something can be owed for a row's child on this day."""
    return (
        Q(child__born_on__gt=last_birth_of_an_adult(on))
        & (Q(child__died_on=None) | Q(child__died_on__gt=on))
        & (Q(child__left_state_on=None) | Q(child__left_state_on__gt=on))
    )


def candidates(sort: Sort, *, fallback: Inbox, on: date) -> Found:
    """Return the matters of a sort with somebody still to tell on this day, as plain values."""
    latest = on + timedelta(days=sort.schedule.begins_days_before)
    found: Found = (
        sort.open_rows()
        .filter(still_owed(on), **{f"{sort.day}__lte": latest})
        .annotate(
            key=sort.key, inbox_now=outbox.inbox_in_sql("child__district", fallback=fallback, on=on)
        )
        .annotate(told_on=outbox.told_on(OuterRef("key"), OuterRef("inbox_now")))
        .filter(_untold(sort, on))
        .order_by(sort.day, "pk")
        .values_list(
            "pk",
            sort.day,
            "key",
            "inbox_now",
            "told_on",
            "child_id",
            "child__reference",
            "child__district_id",
        )
    )
    return found


def _untold(sort: Sort, on: date) -> Q:
    untold = Q(pk__in=[])
    for window in windows(sort.schedule, on=on):
        within = Q(**{f"{sort.day}__lte": window.until_on})
        if window.from_on is not None:
            within &= Q(**{f"{sort.day}__gte": window.from_on})
        told = Q(told_on=None)
        if window.told_since is not None:
            told |= Q(told_on__lt=window.told_since)
        untold |= within & told
    return untold


def owed(sort: Sort, row: Row, path: Callable[[int], str], *, on: date) -> outbox.Owed | None:
    """Return the notice that a matter's inbox is owed, or None where it was told of this stage.

    Raises ValueError where the date is one that no rule can count from.
    """
    reached = stage(sort.schedule, row.day, on=on)
    if reached is None or (row.told_on is not None and row.told_on >= reached.begins_on):
        return None
    return outbox.Owed(
        kind=reached.kind,
        occurrence=row.key,
        threshold=reached.threshold,
        inbox_id=row.inbox_id,
        district_id=row.district_id,
        path=path(row.child_number),
        owed_on=reached.begins_on,
        child_number=row.child_number,
        reference=row.reference,
        about_on=row.day,
    )


def path_to(page: str) -> Callable[[int], str]:
    """Return a function that gives the address of a page by key, without a look-up each time."""
    before, after = reverse(page, args=[0]).split("/0/")
    return lambda key: f"{before}/{key}/{after}"


@dataclass(frozen=True)
class Unreadable:
    """A row that the database holds and nothing can read, for example 31 February."""

    pk: int


def read(query: Found) -> Iterator[Row | Unreadable]:
    """Yield the rows; where one cannot be read, the others come one at a time beside it."""
    try:
        yield from [Row(*values) for values in query]
    except ValueError:
        for pk in query.values_list("pk", flat=True):
            yield _read_one(query, pk)


def _read_one(query: Found, pk: int) -> Row | Unreadable:
    try:
        return Row(*query.get(pk=pk))
    except ValueError:
        return Unreadable(pk)
