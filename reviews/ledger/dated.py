"""The sorts of dated matters of which inboxes are told: reviews, two-year dates, orders, actions.

What a notice says of a matter is written by the database: its key, its page, and the sentence that
says where its date comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact
from django.urls import reverse

from permanency import matters
from permanency.models import Action, CasePlanGoal, CourtOrder
from permanency.models.months import InWords, IsDay
from permanency.policy.derivation import IN_SHORT
from reviews.thresholds import ACTION, ORDER_EXPIRY, REVIEW, TWO_YEAR_DATE, Schedule


@dataclass(frozen=True)
class Sort:
    """One sort of dated matter: where its open rows are, which date counts, where it is shown.

    `why` says in one sentence where the date comes from; it may read one more date, `since`.
    """

    name: str
    schedule: Schedule
    open_rows: Callable[[], QuerySet[Any]]
    day: str
    matter: Callable[[int, date], str]
    page: str
    why: Combinable
    since: str = ""

    @property
    def around_the_key(self) -> tuple[str, str]:
        """Return what stands before and after a row's key in its matter; the day ends it."""
        before, after = self.matter(0, date.max).removesuffix(date.max.isoformat()).split("0")
        return before, after

    @property
    def day_as_text(self) -> Cast:
        """Return the date that counts, as it is stored."""
        return Cast(self.day, TextField())

    @property
    def can_be_read(self) -> Q:
        """Return the condition that the dates of a row are days."""
        return Q(*(IsDay(F(name)) for name in (self.day, self.since) if name))


def _joined(*parts: Combinable) -> Concat:
    return Concat(*parts, output_field=TextField())


def _stored(derivation: str, day: str) -> Case:
    """Return the sentence that is stored with a goal's date; "" where that is of another day."""
    is_of_the_day = Exact(KeyTextTransform("on", derivation), Cast(day, TextField()))
    sentence = Coalesce(KeyTextTransform(IN_SHORT, derivation), Value(""), output_field=TextField())
    return Case(When(is_of_the_day, then=sentence), default=Value(""), output_field=TextField())


ORDER_EXPIRES = Case(
    When(starts_on=None, then=Value("The short term order expires then.")),
    default=_joined(
        Value("The short term order made on "), InWords("starts_on"), Value(" expires then.")
    ),
    output_field=TextField(),
)
SORTS = (
    Sort(
        "review",
        REVIEW,
        lambda: CasePlanGoal.objects.in_force(),
        "review_due_on",
        matters.review,
        "child-reviews",
        _stored("review_derivation", "review_due_on"),
    ),
    Sort(
        "two-year date",
        TWO_YEAR_DATE,
        lambda: CasePlanGoal.objects.in_force(),
        "two_year_on",
        matters.two_year,
        "child",
        _stored("two_year_derivation", "two_year_on"),
    ),
    Sort(
        "short term order",
        ORDER_EXPIRY,
        lambda: CourtOrder.objects.filter(kind=CourtOrder.Kind.SHORT_TERM, ended_on=None),
        "expires_on",
        matters.order,
        "child",
        ORDER_EXPIRES,
        since="starts_on",
    ),
    Sort(
        "action",
        ACTION,
        lambda: Action.objects.open(),
        "due_on",
        matters.action,
        "child",
        _joined(Value("Agreed on "), InWords("agreed_on"), Value(".")),
        since="agreed_on",
    ),
)


def path_to(page: str) -> Callable[[int], str]:
    """Return a function that gives the address of a page by key, without a look-up each time."""
    before, after = around_the_number(page)
    return lambda key: f"{before}{key}{after}"


def around_the_number(page: str) -> tuple[str, str]:
    """Return what stands before and after the key in the address of a page."""
    before, after = reverse(page, args=[0]).split("/0/")
    return f"{before}/", f"/{after}"
