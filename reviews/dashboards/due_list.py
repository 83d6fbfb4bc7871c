"""The list of reviews, worst first, and the list of goal changes that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, When

from consultations.models import GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status, Step
from directory.clock import working_days_between
from directory.models import User
from directory.roles import WRITES_CASES
from permanency.children.lists import BesideTwoYears
from permanency.models import CasePlanGoal, Child, beside_two_years
from permanency.models.goals import CasePlanGoalQuerySet
from reviews.due_state import DateState, review_state, two_year_state


@dataclass(frozen=True)
class DueRow:
    """A goal in force, how its two dates stand, and whether the reader may hold the review."""

    goal: CasePlanGoal
    review: DateState
    two_year: DateState
    may_hold: bool

    @property
    def child(self) -> Child:
        return self.goal.child

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
    def place(self) -> str:
        office, district = self.child.office, self.child.district
        return f"{office.name}, {district.name}" if office else district.name


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
            may_hold=goal.child.district_id in writes,
        )


@dataclass(frozen=True)
class WaitingRow:
    """One goal change that waits: for what, since when, for how many working days."""

    change: GoalChange
    child: Child
    working_days: int

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
        days = working_days_between(change.status_since_on, on)
        yield WaitingRow(change=change, child=change.child, working_days=days)
