"""The list of reviews, worst first, and the list of goal changes that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, TextChoices, When

from consultations.models import GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status, Step
from directory.clock import working_days_between
from directory.models import User
from directory.roles import WRITES_CASES
from directory.web.pagination import ListRow, Part
from permanency.children.lists import BesideTwoYears
from permanency.goals.date_state import DateState
from permanency.models import CasePlanGoal, Child, beside_two_years
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.months import age_in_words
from reviews.due_state import review_state, two_year_state


@dataclass(frozen=True)
class DueRow(ListRow):
    """A goal in force, how its two dates stand, and whether the reader may write about the case."""

    goal: CasePlanGoal
    review: DateState
    two_year: DateState
    age: str
    may_write: bool

    @property
    def child(self) -> Child:
        return self.goal.child

    @property
    def number(self) -> str:
        return str(self.goal.child_id)

    @property
    def reference(self) -> str:
        return self.child.reference

    @property
    def name(self) -> str:
        return self.child.name

    @property
    def is_restricted(self) -> bool:
        return self.child.is_restricted

    @property
    def is_intensive(self) -> bool:
        return self.goal.is_intensive

    @property
    def beside(self) -> BesideTwoYears:
        told: Any = self.goal
        return BesideTwoYears(
            self.two_year.original_on, told.entered_care_on, told.order_expires_on
        )

    @property
    def case_with(self) -> str:
        provider = self.child.provider
        return provider.name if provider else self.child.get_case_managed_by_display()

    @property
    def office(self) -> str:
        return self.child.office.name if self.child.office else ""

    @property
    def district(self) -> str:
        return self.child.district.name


class Order(TextChoices):
    """By which column the list of reviews can be in order; the values stand in addresses."""

    REVIEW = "review", "Next review"
    NAME = "name", "Name"
    TWO_YEAR = "two_year", "Two-year date"
    GOAL = "goal", "Goal"
    OFFICE = "office", "Office"


def sorted_parts(
    goals: CasePlanGoalQuerySet, visible: CasePlanGoalQuerySet, order: str, *, descending: bool
) -> list[Part]:
    """Return the list by a column and then by name; what has nothing there comes last.

    `visible` are all that the reader may see: a page may go on from one that a filter left out.
    """
    if order == Order.REVIEW:
        return [Part(with_places(goals), by="due_first_on", descending=descending)]
    name = "child__sort_name"
    if order == Order.TWO_YEAR:
        dated, others = goals.exclude(two_year_on=None), goals.filter(two_year_on=None)
        first = Part(with_places(dated), by="two_year_on", descending=descending)
        return [first, Part(with_places(others), by=name, places=visible)]
    if order == Order.OFFICE:
        placed, others = goals.exclude(child__office=None), goals.filter(child__office=None)
        by_office = Part(
            with_places(placed), "child__office__name", name, descending, places=visible
        )
        return [by_office, Part(with_places(others), by=name, places=visible)]
    by, then = (name, "") if order == Order.NAME else ("goal", name)
    return [Part(with_places(goals), by, then, descending, places=visible)]


def with_places(goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
    """Return the goals with what a row shows of the child."""
    told = goals.select_related("child__district", "child__office", "child__provider")
    return told.annotate(**beside_two_years("child"))


def worst_first(goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
    """Return the goals in this order: longest overdue first, without a date last."""
    return goals.order_by("due_first_on", "pk")


def due_rows(goals: Iterable[CasePlanGoal], *, by: User, on: date) -> Iterator[DueRow]:
    """Yield a row for each goal of `with_places`."""
    writes = by.reach(WRITES_CASES, on=on)
    for goal in goals:
        yield DueRow(
            goal=goal,
            review=review_state(goal, on=on),
            two_year=two_year_state(goal, on=on),
            age=age_in_words(goal.child.born_on, on),
            may_write=goal.child.district_id in writes,
        )


class WaitingOrder(TextChoices):
    """By which column the list of changes can be in order; the values stand in addresses."""

    SINCE = "since", "Waiting since"
    NAME = "name", "Name"
    GOAL = "goal", "Goal asked for"


def waiting_parts(
    changes: GoalChangeQuerySet, visible: GoalChangeQuerySet, order: str, *, descending: bool
) -> list[Part]:
    """Return the list of changes by a column and then by name, as `sorted_parts` does."""
    rows = longest_first(changes)
    if order == WaitingOrder.SINCE:
        return [Part(rows, by="status_since_on", descending=descending)]
    name = "child__sort_name"
    by, then = (name, "") if order == WaitingOrder.NAME else ("goal", name)
    return [Part(rows, by, then, descending, places=visible)]


@dataclass(frozen=True)
class WaitingRow:
    """One goal change that waits: for what, since when, for how many working days."""

    change: GoalChange
    child: Child
    working_days: int
    age: str

    @property
    def waits_for(self) -> str:
        if self.is_sent_back:
            return "Sent back: more asked for"
        return WAITING_LABELS[Status(self.change.status)]

    @property
    def waits(self) -> str:
        return "1 working day" if self.working_days == 1 else f"{self.working_days} working days"

    @property
    def is_draft(self) -> bool:
        return self.change.status == Status.DRAFT

    @property
    def is_sent_back(self) -> bool:
        return self.is_draft and getattr(self.change, "last_step", "") == Step.ASK_FOR_MORE


def longest_first(changes: GoalChangeQuerySet) -> GoalChangeQuerySet:
    """Return the changes with what a row shows, the one that waits longest first."""
    return (
        changes.with_last_step()
        .select_related(
            "child__district", "child__office", "child__provider", "current_goal", "endorsed_by"
        )
        .order_by("status_since_on", "pk")
    )


def sent_back_first(drafts: GoalChangeQuerySet) -> GoalChangeQuerySet:
    """Return the drafts as `longest_first` does, those for which more was asked before others."""
    is_sent_back = Case(When(last_step=Step.ASK_FOR_MORE, then=0), default=1)
    return longest_first(drafts).order_by(is_sent_back, "status_since_on", "pk")


WAITING_LABELS = {
    Status.DRAFT: "Draft",
    Status.PROPOSED: "Endorsement",
    Status.ENDORSED: "Approval",
}


def waiting_rows(changes: Iterable[GoalChange], *, on: date) -> Iterator[WaitingRow]:
    """Yield a row for each goal change of `longest_first`."""
    for change in changes:
        yield WaitingRow(
            change=change,
            child=change.child,
            working_days=working_days_between(change.status_since_on, on),
            age=age_in_words(change.child.born_on, on),
        )
