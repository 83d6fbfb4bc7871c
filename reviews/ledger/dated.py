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

from django.db.models import Case, DateField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import LessThan
from django.urls import reverse

from directory import outbox
from directory.models import Inbox
from permanency import matters
from permanency.models import Action, CasePlanGoal, CourtOrder
from permanency.models.due import can_be_owed
from permanency.policy.derivation import Derivation
from permanency.policy.months import day_in_words
from reviews.thresholds import (
    ACTION,
    ORDER_EXPIRY,
    REVIEW,
    TWO_YEAR_DATE,
    Schedule,
    stage,
    windows,
)


@dataclass(frozen=True)
class Sort:
    """One sort of dated matter: where its open rows are, which date counts, where it is shown.

    `why` says in one sentence where the date comes from, by what stands in the column `basis`.
    """

    name: str
    schedule: Schedule
    open_rows: Callable[[], QuerySet[Any]]
    day: str
    matter: Callable[[int, date], str]
    page: str
    basis: str
    why: Callable[[Any, date], str]

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

NEVER = date.min
ANY_TELLING = date.min + timedelta(days=1)


def _derived(data: Any, day: date) -> str:
    """Return why a goal's date is this day; "" where what is stored says nothing of this day."""
    try:
        told = Derivation.from_data(data)
    except (KeyError, ValueError):
        # A reason that cannot be read keeps no notice back.
        return ""
    return told.in_short() if told.on == day else ""


def _order_expires(starts_on: date | None, _: date) -> str:
    made = f" made on {day_in_words(starts_on)}" if starts_on else ""
    return f"The short term order{made} expires then."


def _action_agreed(agreed_on: date, _: date) -> str:
    return f"Agreed on {day_in_words(agreed_on)}."


SORTS = (
    Sort(
        "review",
        REVIEW,
        lambda: CasePlanGoal.objects.in_force(),
        "review_due_on",
        matters.review,
        "child-reviews",
        "review_derivation",
        _derived,
    ),
    Sort(
        "two-year date",
        TWO_YEAR_DATE,
        lambda: CasePlanGoal.objects.in_force(),
        "two_year_on",
        matters.two_year,
        "child",
        "two_year_derivation",
        _derived,
    ),
    Sort(
        "short term order",
        ORDER_EXPIRY,
        lambda: CourtOrder.objects.filter(kind=CourtOrder.Kind.SHORT_TERM, ended_on=None),
        "expires_on",
        matters.order,
        "child",
        "starts_on",
        _order_expires,
    ),
    Sort(
        "action",
        ACTION,
        lambda: Action.objects.open(),
        "due_on",
        matters.action,
        "child",
        "agreed_on",
        _action_agreed,
    ),
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
    basis: Any = None


def candidates(sort: Sort, *, fallback: Inbox, on: date) -> Found:
    """Return the matters of a sort with somebody still to tell on this day, as plain values."""
    latest = on + timedelta(days=sort.schedule.begins_days_before)
    found: Found = (
        sort.open_rows()
        .filter(can_be_owed(on, child="child__"), **{f"{sort.day}__lte": latest})
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
            sort.basis,
        )
    )
    return found


def _untold(sort: Sort, on: date) -> Q:
    """Return the condition that an inbox has yet to be told of the stage that a matter reached.

    One comparison for all windows, so that the newest telling of each matter is looked up once.
    """
    cases = []
    for window in windows(sort.schedule, on=on):
        within = Q(**{f"{sort.day}__lte": window.until_on})
        if window.from_on is not None:
            within &= Q(**{f"{sort.day}__gte": window.from_on})
        cases.append(When(within, then=Value(window.told_since or ANY_TELLING)))
    told_since = Case(*cases, default=Value(NEVER), output_field=DateField())
    return Q(LessThan(Coalesce("told_on", Value(NEVER)), told_since))


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
        why=sort.why(row.basis, row.day),
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
    """Yield the rows as the database gives them, never all at once.

    Where one cannot be read, they all come anew, one at a time: whoever writes what is owed for a
    row finds it written already.
    """
    try:
        for values in query.iterator(chunk_size=outbox.BATCH):
            yield Row(*values)
    except ValueError:
        for pk in list(query.values_list("pk", flat=True)):
            yield from _read_one(query, pk)


def _read_one(query: Found, pk: int) -> Iterator[Row | Unreadable]:
    try:
        yield from [Row(*values) for values in query.filter(pk=pk)]
    except ValueError:
        yield Unreadable(pk)
