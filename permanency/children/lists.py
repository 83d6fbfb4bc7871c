"""Reads the list of children: who is in which due state, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, TextChoices, When
from django.utils.functional import SimpleLazyObject

from directory.roles import CaseManagement
from directory.web.pagination import ListRow, Part
from permanency.goals.clocks import ending_of
from permanency.goals.date_state import review_date_state, two_year_date_state
from permanency.models import beside_two_years, due
from permanency.models.children import CASE_END_REASONS, ChildQuerySet, whole_name
from permanency.policy.goals import Ending, EndReason, Goal
from permanency.policy.months import age_in_words, day_in_words
from permanency.policy.review_dates import DUE_SOON_DAYS
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS


class DueState(TextChoices):
    """What a list of children can be narrowed to; the values stand in addresses."""

    OVERDUE = "overdue", "Review overdue"
    DUE_TODAY = "today", "Review due today"
    DUE_SOON = "soon", f"Review due within {DUE_SOON_DAYS} days"
    TWO_YEAR_PASSED = "two_year_passed", "Two-year date passed"
    TWO_YEAR_SOON = "two_year_soon", f"Two-year date within {TWO_YEAR_SOON_DAYS} days"
    NO_DATE = "no_date", "Goal without a review date"
    NO_GOAL = "no_goal", "No goal in force"


# What a row shows of the goal in force, and what `with_goal_now` calls it.
GOAL_COLUMNS = {
    "goal_now": "now_goal",
    "review_due_on": "now_review_due_on",
    "two_year_on": "now_two_year_on",
    "intensive_since": "now_intensive_since",
}
# What a row shows of the child. Of whole objects, four for each row, most would never be looked at.
CHILD_COLUMNS = (
    "pk",
    "reference",
    "first_name",
    "last_name",
    "born_on",
    "died_on",
    "left_state_on",
    "restricted_on",
    "case_managed_by",
    "provider__name",
    "office__name",
    "district__name",
    "district_id",
    "caseworker",
)
# Why the dates are those dates: large, and left out of a file.
WHY_COLUMNS = {
    "review_why": F("current__review_derivation"),
    "two_year_why": F("current__two_year_derivation"),
}
LAST_GOAL_COLUMNS = ("needs_goal", "last_ended_on", "last_end_reason")
NO_GOAL = DueState.NO_GOAL.label
SOON = due.Days(0, DUE_SOON_DAYS)
STATE_FILTERS: dict[DueState, Callable[[ChildQuerySet, date], ChildQuerySet]] = {
    DueState.OVERDUE: lambda children, on: children.review_within(due.PAST, on=on),
    DueState.DUE_TODAY: lambda children, on: children.review_within(due.TODAY, on=on),
    DueState.DUE_SOON: lambda children, on: children.review_within(SOON, on=on),
    DueState.TWO_YEAR_PASSED: lambda children, on: children.two_year_within(due.PAST, on=on),
    DueState.TWO_YEAR_SOON: lambda children, on: children.two_year_within(due.TWO_YEAR_SOON, on=on),
    DueState.NO_DATE: lambda children, on: children.without_dates(on=on),
    DueState.NO_GOAL: lambda children, on: children.without_goal(on=on),
}


def in_state(children: ChildQuerySet, state: str, *, on: date) -> ChildQuerySet:
    """Return the children in this due state on this day; ValueError for an unknown state."""
    return STATE_FILTERS[DueState(state)](children, on)


def _row_values(children: ChildQuerySet, *more: str, says_why: bool = True) -> QuerySet[Any, Any]:
    told: dict[str, Any] = {name: F(now) for name, now in GOAL_COLUMNS.items()}
    told |= {"original": F("current__two_year_derivation__original_on"), **beside_two_years()}
    told |= WHY_COLUMNS if says_why else {}
    rows = children.with_goal_now().annotate(**told)
    return rows.values_list(*CHILD_COLUMNS, *told, *more, named=True)


def _rows_with_last_goal(children: ChildQuerySet, *, says_why: bool) -> QuerySet[Any, Any]:
    return _row_values(children.with_last_goal(), *LAST_GOAL_COLUMNS, says_why=says_why)


def worst_first(children: ChildQuerySet, *, says_why: bool = False) -> QuerySet[Any, Any]:
    """Return rows, oldest date first; then those without a date, then those without a goal."""
    has_no_goal = Case(When(now_id=None, then=1), default=0)
    rows = _rows_with_last_goal(children, says_why=says_why)
    return rows.order_by(has_no_goal, F("now_worst_on"), "pk")


def list_parts(children: ChildQuerySet, *, says_why: bool = True) -> tuple[Part, Part]:
    """Return the same list in two parts, each in an order that an index holds."""
    now = children.with_goal_now()
    # Every goal has this day, so that a comparison says that there is one: SQLite enters an index
    # by that alone.
    dated = now.filter(Q(now_worst_on__gte=date.min)).annotate(worst_on=F("now_worst_on"))
    others = now.filter(Q(now_id=None))
    # Built when it is asked: the first part alone fills most pages.
    later: Any = SimpleLazyObject(lambda: _rows_with_last_goal(others, says_why=says_why))
    return Part(_row_values(dated, "worst_on", says_why=says_why), by="worst_on"), Part(later)


class Order(TextChoices):
    """By which column the list can be in order; the values stand in addresses."""

    REVIEW = "review", "Next review"
    NAME = "name", "Name"
    TWO_YEAR = "two_year", "Two-year date"
    GOAL = "goal", "Goal"
    OFFICE = "office", "Office"


# Empty: the most pressing first, by the earlier of the two dates.
ORDERS = {"": "Most pressing first", **dict(Order.choices)}
# By which column of a row, and the condition on children who have nothing there.
ORDER_COLUMNS = {
    Order.REVIEW: ("review_due_on", Q(now_review_due_on=None)),
    Order.TWO_YEAR: ("two_year_on", Q(now_two_year_on=None)),
    Order.GOAL: ("goal_now", Q(now_goal=None)),
    Order.OFFICE: ("office__name", Q(office=None)),
}


def sorted_parts(
    children: ChildQuerySet,
    visible: ChildQuerySet,
    order: Order,
    *,
    descending: bool,
    says_why: bool = True,
) -> list[Part]:
    """Return the list by a column and then by name; who has nothing in the column comes last.

    `visible` are all whom the reader may see: a page may go on from one whom a filter left out.
    """
    places = visible.with_goal_now().annotate(goal_now=F("now_goal"))

    def by_name(some: ChildQuerySet, descending: bool = False) -> Part:
        rows = _rows_with_last_goal(some, says_why=says_why)
        return Part(rows, by="sort_name", descending=descending, places=places)

    if order is Order.NAME:
        return [by_name(children, descending)]
    column, has_none = ORDER_COLUMNS[order]
    now = children.with_goal_now()
    rows = _rows_with_last_goal(now.filter(~has_none), says_why=says_why)
    if order in (Order.REVIEW, Order.TWO_YEAR):
        first = Part(rows, by=column, descending=descending)
    else:
        first = Part(rows, by=column, then="sort_name", descending=descending, places=places)
    return [first, by_name(now.filter(has_none))]


class BesideTwoYears(NamedTuple):
    """What a list and a file have beside a two-year date: all three days, where there are any."""

    original_on: date | None
    entered_care_on: date | None
    order_expires_on: date | None

    @property
    def sentences(self) -> list[str]:
        names = ("First", "In care since", "Short term order expires")
        return [f"{name} {day_in_words(day)}" for name, day in zip(names, self, strict=True) if day]


class ChildRow(ListRow):
    """One line of the list; `no_goal` says in words why there is no goal, where there is none."""

    def __init__(self, told: Any, *, on: date, writes: Container[int | None] = ()) -> None:
        self.pk, self.number, self.reference = told.pk, str(told.pk), told.reference
        self.first_name, self.last_name = told.first_name, told.last_name
        self.name = whole_name(told.first_name, told.last_name)
        self.age = age_in_words(told.born_on, on)
        self.is_restricted = told.restricted_on is not None
        self.case_with = told.provider__name or CaseManagement(told.case_managed_by).label
        self.caseworker = told.caseworker
        self.office, self.district = told.office__name or "", told.district__name
        self.may_write = told.district_id in writes
        # Who turned 18 in the night has no goal, though the first tick of the day ends it.
        ended = ending_of(told, on=on) if told.goal_now else None
        review_on, two_year_on = (None, None) if ended else (told.review_due_on, told.two_year_on)
        self.goal = Goal(told.goal_now).label if told.goal_now and not ended else ""
        self.no_goal = "" if self.goal else ended.words() if ended else _no_goal(told, on=on)
        self.is_intensive = bool(self.goal) and told.intensive_since is not None
        why = self.goal and getattr(told, "review_why", None)
        self.review = review_date_state(review_on, why or {}, on=on)
        why = self.goal and getattr(told, "two_year_why", None)
        self.two_year = two_year_date_state(two_year_on, why or {}, on=on)
        self.beside = BesideTwoYears(
            date.fromisoformat(told.original) if told.original else None,
            told.entered_care_on,
            told.order_expires_on,
        )


def child_rows(
    found: Iterable[Any], *, on: date, writes: Container[int | None] = ()
) -> list[ChildRow]:
    """Return the lines; `writes` holds the districts in which the reader writes about cases."""
    return [ChildRow(told, on=on, writes=writes) for told in found]


def _no_goal(told: Any, *, on: date) -> str:
    # "No goal in force" stands beside exactly those children whom the filter of that name lists.
    before = None
    if told.last_ended_on:
        before = Ending(EndReason(told.last_end_reason), told.last_ended_on)
    ended = ending_of(told, on=on)
    if told.needs_goal and ended is None:
        return f"{NO_GOAL}. Before: {before.words()}" if before else NO_GOAL
    if before is not None and before.reason in CASE_END_REASONS:
        return before.words()
    return ended.words() if ended else NO_GOAL
