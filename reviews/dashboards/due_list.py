"""The list of reviews, worst first, and the list of goal changes that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, QuerySet, When

from consultations.models import GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status, Step
from directory.models import User
from directory.roles import WRITES_CASES, CaseManagement
from directory.web.pagination import ListRow
from directory.working_days import working_days_between
from permanency.models import Child
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.goals import Goal
from reviews.due_state import DateState, review_state, two_year_state

# What a row shows. Of whole objects, five for each row, most would never be looked at.
GOAL_COLUMNS = (
    "pk",
    "goal",
    "intensive_since",
    "review_due_on",
    "review_derivation",
    "two_year_on",
    "two_year_derivation",
    "due_first_on",
)
CHILD_COLUMNS = (
    "reference",
    "first_name",
    "last_name",
    "restricted_on",
    "case_managed_by",
    "district",
    "district__name",
    "office__name",
    "provider__name",
)
ROW_COLUMNS = ("child_id", *GOAL_COLUMNS, *(f"child__{name}" for name in CHILD_COLUMNS))


@dataclass(frozen=True)
class DueRow(ListRow):
    """One goal in force with its dates, and whether its reader may hold the review.

    `pk` is the number of the goal, `child` that of the child.
    """

    pk: int
    child: int
    reference: str
    first_name: str
    last_name: str
    is_restricted: bool
    goal: str
    is_intensive: bool
    review: DateState
    two_year: DateState
    may_hold: bool
    # Who has the case, and where.
    case_with: str
    office: str
    district: str
    place: str

    @property
    def number(self) -> str:
        """Return the number of the child as an address has it: a template takes longer for it."""
        return str(self.child)

    @property
    def name(self) -> str:
        """Return the child's whole name."""
        return f"{self.first_name} {self.last_name}"


def due_row_values(goals: CasePlanGoalQuerySet, *more: str) -> QuerySet[Any, Any]:
    """Return what a row shows of these goals, as named tuples."""
    return goals.values_list(*ROW_COLUMNS, *more, named=True)


def worst_first(goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
    """Return the goals in this order: longest overdue first, without a date last."""
    return goals.order_by("due_first_on", "pk")


def due_rows(goals: Iterable[Any], *, by: User, on: date) -> Iterator[DueRow]:
    """Yield a row for each goal that `told` has read."""
    writes = by.reach(WRITES_CASES, on=on)
    for goal in goals:
        office, district = goal.child__office__name or "", goal.child__district__name
        yield DueRow(
            pk=goal.pk,
            child=goal.child_id,
            reference=goal.child__reference,
            first_name=goal.child__first_name,
            last_name=goal.child__last_name,
            is_restricted=goal.child__restricted_on is not None,
            goal=Goal(goal.goal).label,
            is_intensive=goal.intensive_since is not None,
            review=review_state(goal, on=on),
            two_year=two_year_state(goal, on=on),
            may_hold=goal.child__district in writes,
            case_with=goal.child__provider__name
            or CaseManagement(goal.child__case_managed_by).label,
            office=office,
            district=district,
            place=f"{office}, {district}" if office else district,
        )


@dataclass(frozen=True)
class WaitingRow:
    """One goal change that waits: for what, since when, for how many working days."""

    change: GoalChange
    child: Child
    waits_for: str
    working_days: int


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


def _waiting_label(change: GoalChange) -> str:
    """Return in a word or two what a change of `longest_first` waits for."""
    if change.status == Status.DRAFT and getattr(change, "last_step", "") == Step.ASK_FOR_MORE:
        return "Sent back: more asked for"
    return WAITING_LABELS[Status(change.status)]


def waiting_rows(changes: Iterable[GoalChange], *, on: date) -> Iterator[WaitingRow]:
    """Yield a row for each goal change that waits."""
    for change in changes:
        yield WaitingRow(
            change=change,
            child=change.child,
            waits_for=_waiting_label(change),
            working_days=working_days_between(change.status_since_on, on),
        )
