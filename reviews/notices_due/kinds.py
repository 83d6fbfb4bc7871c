"""When an inbox is told of a dated matter: before the day, on it, and after it again and again.

Pure: dates in, stages out. "Days left <= threshold and not yet told", never "= threshold": whoever
was away for forty days finds the nearest stage, told once. Source: the product's rules on notices
(review 30 and 14 days before, due, weekly; two-year date 180, 90 and 30 days before, then monthly;
short term order 180, 90 and 30 days before). Kinds are the values of `Notice.Kind`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact
from django.urls import reverse

from permanency import matters
from permanency.models import Action, CasePlanGoal, CourtOrder
from permanency.models.due import InWords, IsDay
from permanency.policy.derivation import IN_SHORT
from permanency.policy.months import add_months, whole_months

WEEK = 7


@dataclass(frozen=True)
class ScheduleStep:
    """One telling: so many days after the day of the matter (less than 0: before it)."""

    after_days: int
    kind: str
    threshold: str


@dataclass(frozen=True)
class Schedule:
    """The tellings of one sort of matter, the earliest first.

    How the last one comes `again` until the matter is settled; never where it is "".
    """

    steps: tuple[ScheduleStep, ...]
    again: Literal["", "weekly", "monthly"] = ""

    @property
    def begins_days_before(self) -> int:
        return -self.steps[0].after_days


@dataclass(frozen=True)
class Stage:
    """Where a matter stands in its schedule, and the day on which it came to stand there."""

    kind: str
    threshold: str
    begins_on: date


REVIEW = Schedule(
    (
        ScheduleStep(-30, "review_coming", "30"),
        ScheduleStep(-14, "review_coming", "14"),
        ScheduleStep(0, "review_due", "0"),
        ScheduleStep(1, "review_overdue", "week-1"),
    ),
    "weekly",
)
TWO_YEAR_DATE = Schedule(
    (
        ScheduleStep(-180, "two_year_coming", "180"),
        ScheduleStep(-90, "two_year_coming", "90"),
        ScheduleStep(-30, "two_year_coming", "30"),
        ScheduleStep(1, "two_year_passed", "month-1"),
    ),
    "monthly",
)
ORDER_EXPIRY = Schedule(
    (
        ScheduleStep(-180, "order_expiring", "180"),
        ScheduleStep(-90, "order_expiring", "90"),
        ScheduleStep(-30, "order_expiring", "30"),
    )
)
ACTION = Schedule((ScheduleStep(1, "action_overdue", "week-1"),), "weekly")


def stage_on(schedule: Schedule, day: date, *, on: date) -> Stage | None:
    """Return the newest stage that a matter has reached, or None before the first.

    Wider thresholds and earlier weeks count as covered by it. DateOutOfRangeError where a monthly
    repeat would count from a day outside the years 1900 to 2200.
    """
    elapsed = (on - day).days
    number = bisect_right([step.after_days for step in schedule.steps], elapsed)
    if number == 0:
        return None
    step = schedule.steps[number - 1]
    begins_on = day + timedelta(days=step.after_days)
    if number < len(schedule.steps) or not schedule.again:
        return Stage(step.kind, step.threshold, begins_on)
    if schedule.again == "weekly":
        weeks = (on - begins_on).days // WEEK
        return Stage(step.kind, f"week-{weeks + 1}", begins_on + timedelta(days=weeks * WEEK))
    months = whole_months(begins_on, on)
    return Stage(step.kind, f"month-{months + 1}", add_months(begins_on, months))


def waiting_stage(kind: str, since_on: date, *, on: date) -> Stage:
    """Return the weekly stage of a change that has waited since a day; "" on the first week."""
    weeks = (on - since_on).days // WEEK
    threshold = f"week-{weeks}" if weeks else ""
    return Stage(kind, threshold, since_on + timedelta(days=weeks * WEEK))


def monthly_stage(on: date) -> Stage:
    return Stage("directory_gap", f"{on:%Y-%m}", on.replace(day=1))


@dataclass(frozen=True)
class MatterKind:
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
    def key_parts(self) -> tuple[str, str]:
        before, after = self.matter(0, date.max).removesuffix(date.max.isoformat()).split("0")
        return before, after

    @property
    def day_as_text(self) -> Cast:
        return Cast(self.day, TextField())

    @property
    def can_be_read(self) -> Q:
        return Q(*(IsDay(F(name)) for name in (self.day, self.since) if name))


def _concat(*parts: Combinable) -> Concat:
    return Concat(*parts, output_field=TextField())


def _stored_sentence(derivation: str, day: str) -> Case:
    is_of_the_day = Exact(KeyTextTransform("on", derivation), Cast(day, TextField()))
    sentence = Coalesce(KeyTextTransform(IN_SHORT, derivation), Value(""), output_field=TextField())
    return Case(When(is_of_the_day, then=sentence), default=Value(""), output_field=TextField())


ORDER_EXPIRES = Case(
    When(starts_on=None, then=Value("The short term order expires then.")),
    default=_concat(
        Value("The short term order made on "), InWords("starts_on"), Value(" expires then.")
    ),
    output_field=TextField(),
)
MATTER_KINDS = (
    MatterKind(
        "review",
        REVIEW,
        lambda: CasePlanGoal.objects.in_force(),
        "review_due_on",
        matters.review,
        "child-reviews",
        _stored_sentence("review_derivation", "review_due_on"),
    ),
    MatterKind(
        "two-year date",
        TWO_YEAR_DATE,
        lambda: CasePlanGoal.objects.in_force(),
        "two_year_on",
        matters.two_year,
        "child",
        _stored_sentence("two_year_derivation", "two_year_on"),
    ),
    MatterKind(
        "short term order",
        ORDER_EXPIRY,
        lambda: CourtOrder.objects.filter(kind=CourtOrder.Kind.SHORT_TERM, ended_on=None),
        "expires_on",
        matters.order,
        "child",
        ORDER_EXPIRES,
        since="starts_on",
    ),
    MatterKind(
        "action",
        ACTION,
        lambda: Action.objects.open(),
        "due_on",
        matters.action,
        "child",
        _concat(Value("Agreed on "), InWords("agreed_on"), Value(".")),
        since="agreed_on",
    ),
)


def path_parts(page: str) -> tuple[str, str]:
    """Return what stands before and after the key in the address of a page."""
    before, after = reverse(page, args=[0]).split("/0/")
    return f"{before}/", f"/{after}"
