"""What waits for a person today, by the appointments they hold. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import attrgetter, or_
from typing import Any

from django.db.models import Count, Min, Q

from consultations.models import Consultation, GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status
from directory.mail.status import count_expression
from directory.models import Mail, User
from directory.places import contacts
from directory.roles import DECIDES_FOR, EDITS_DIRECTORY, WRITES_CASES, Role
from permanency.children.lists import DueState
from permanency.models import Action, CasePlanGoal
from permanency.models.children import allocated_to
from reviews.dashboards.district import oldest_wait
from reviews.dashboards.due_list import (
    DueRow,
    WaitingRow,
    due_rows,
    longest_first,
    sent_back_first,
    waiting_rows,
    with_places,
    worst_first,
)
from reviews.due_state import TwoYearState, Window, in_window, two_year_condition
from reviews.figures.district_counts import place_counts, total_counts
from reviews.figures.scope import Tile, list_url, tone_if
from reviews.forecast.workload import person_as_coordinator

MAX_ROWS = 8
MAX_SHORT_ROWS = 5
GLANCE_ROLES = frozenset({Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER})
TROUBLE_STATES = (Mail.State.PARKED, Mail.State.UNDELIVERABLE)


@dataclass(frozen=True)
class CaseWork:
    """A coordinator's day: reviews, two-year dates, endorsements, actions and drafts."""

    is_mine: bool
    tiles: Sequence[Tile]
    everything: Sequence[Tile]
    reviews: Sequence[DueRow]
    two_years: Sequence[DueRow]
    endorsements: Sequence[WaitingRow]
    unfinished: Sequence[WaitingRow]
    actions: Sequence[Action]
    drafts: Sequence[Consultation]

    @property
    def children(self) -> list[int]:
        """Return the numbers of the children who are named on these lists."""
        return [
            *(row.child.pk for row in (*self.reviews, *self.two_years)),
            *(row.child.pk for row in (*self.endorsements, *self.unfinished)),
            *(action.child_id for action in self.actions),
            *(draft.child_id for draft in self.drafts),
        ]


@dataclass(frozen=True)
class MyWork:
    """The sections of a person's first page; one that is None is not theirs."""

    cases: CaseWork | None
    queue: Tile | None
    decisions: Sequence[WaitingRow]
    glance: Sequence[Tile]
    has_totals: bool
    directory: Sequence[Tile]
    is_appointed: bool

    @property
    def children(self) -> list[int]:
        """Return the numbers of the children who are named on the page."""
        own = self.cases.children if self.cases else []
        return [*own, *(row.child.pk for row in self.decisions)]


def my_work(user: User, *, on: date) -> MyWork:
    """Return the sections for each appointment that the person holds on this day."""
    held = {Role(each.role) for each in user.appointments_in_force(on=on)}
    decides = bool(held & set(DECIDES_FOR))
    glances = bool(held & GLANCE_ROLES)
    counts = _figures(user, on=on) if glances or held & WRITES_CASES else {}
    changes = _change_counts(user, on=on) if decides or glances else {}
    return MyWork(
        cases=_case_work(user, counts, on=on) if held & WRITES_CASES else None,
        queue=_queue(changes, on=on) if decides else None,
        decisions=_decisions(user, on=on) if changes.get("queue") else (),
        glance=_glance(counts, changes) if glances else (),
        has_totals=Role.CONTRACT_MANAGER in held,
        directory=_directory(user, on=on) if held & EDITS_DIRECTORY else (),
        is_appointed=bool(held),
    )


def _figures(user: User, *, on: date) -> dict[str, int]:
    """Return how many children stand how, of all within sight and, named "my_", of one's own."""
    cells, own = place_counts(user, on=on, with_totals=False), person_as_coordinator(user, on=on)
    mine = [each for each in cells if each.office in own.offices or each.provider in own.providers]
    own_counts = {f"my_{name}": number for name, number in total_counts(mine).items()}
    return {**total_counts(cells), **own_counts}


def _case_work(user: User, counts: dict[str, int], *, on: date) -> CaseWork:
    is_mine = bool(counts["my_every"])
    goals = CasePlanGoal.objects.visible_to(user, on=on).in_force()
    if is_mine:
        goals = goals.filter(allocated_to(user, on=on, child="child__"))
    is_due = in_window(Window.OVERDUE, on=on) | in_window(Window.THIS_MONTH, on=on)
    is_near = two_year_condition(TwoYearState.PASSED, on=on) | two_year_condition(
        TwoYearState.AHEAD, on=on
    )
    first = worst_first(goals.filter(is_due)).values("pk")[:MAX_ROWS]
    nearest = goals.filter(is_near).order_by("two_year_on", "pk").values("pk")[:MAX_SHORT_ROWS]
    few: Any = with_places(goals.filter(Q(pk__in=first) | Q(pk__in=nearest)))
    found = list(few.annotate(is_due=is_due, is_near=is_near).order_by("two_year_on", "pk"))
    due = sorted((goal for goal in found if goal.is_due), key=attrgetter("due_first_on", "pk"))
    near = [goal for goal in found if goal.is_near]
    endorsements, unfinished = _changes_to_do(user, on=on)
    return CaseWork(
        is_mine=is_mine,
        tiles=_work_tiles(counts, is_mine=is_mine),
        everything=_work_tiles(counts, is_mine=False) if is_mine else (),
        reviews=list(due_rows(due[:MAX_ROWS], by=user, on=on)),
        two_years=list(due_rows(near[:MAX_SHORT_ROWS], by=user, on=on)),
        endorsements=endorsements,
        unfinished=unfinished,
        actions=list(
            Action.objects.visible_to(user, on=on)
            .open()
            .filter(owner=user)
            .select_related("child")[:MAX_ROWS]
        ),
        drafts=_own_drafts(user, on=on),
    )


def _own_drafts(user: User, *, on: date) -> list[Consultation]:
    drafts = Consultation.objects.visible_to(user, on=on).filter(by=user, recorded_on=None)
    return list(drafts.select_related("child")[:MAX_SHORT_ROWS])


def _work_tiles(counts: dict[str, int], *, is_mine: bool) -> list[Tile]:
    def tile(name: str, label: str, tone: str, to: str, **filters: str) -> Tile:
        number = counts[f"my_{name}" if is_mine else name]
        url = list_url(to, **filters, mine="on" if is_mine else "")
        return Tile(number, label, url, tone_if(number, tone))

    return [
        tile("overdue", "Reviews overdue", "error", "reviews", window="overdue"),
        tile("this_month", "Due this month", "warning", "reviews", window="this_month"),
        tile(
            "two_year_passed", "Two-year date passed", "error", "children", state="two_year_passed"
        ),
        tile("two_year_ahead", DueState.TWO_YEAR_SOON.label, "", "children", state="two_year_soon"),
        tile("no_clock", "No clock", "error", "no-clock"),
    ]


def _changes_to_write(user: User, status: Status, *, on: date) -> GoalChangeQuerySet:
    """Return the changes in this status about the children of whom the person writes."""
    writes = user.reach(WRITES_CASES, on=on)
    visible = GoalChange.objects.visible_to(user, on=on)
    return visible.filter(writes.q("child__district"), status=status)


def _changes_to_do(user: User, *, on: date) -> tuple[list[WaitingRow], list[WaitingRow]]:
    """Return the changes to endorse and the drafts to finish, a few of each, from one query."""
    proposed = _changes_to_write(user, Status.PROPOSED, on=on).exclude(requested_by=user)
    proposed = proposed.order_by("status_since_on", "pk")
    drafts = sent_back_first(_changes_to_write(user, Status.DRAFT, on=on))
    few = Q(pk__in=proposed.values("pk")[:MAX_SHORT_ROWS]) | Q(
        pk__in=drafts.values("pk")[:MAX_SHORT_ROWS]
    )
    rows = list(waiting_rows(sent_back_first(GoalChange.objects.filter(few)), on=on))
    return (
        [row for row in rows if row.change.status == Status.PROPOSED],
        [row for row in rows if row.change.status == Status.DRAFT],
    )


def _decision_condition(user: User, *, on: date) -> Q:
    """Return the condition that this person approves for the child (rule 8)."""
    decided = [
        user.reach({role}, on=on).q("child__district") & Q(child__case_managed_by=managed)
        for role, managed in DECIDES_FOR.items()
    ]
    return reduce(or_, decided)


def _change_counts(user: User, *, on: date) -> dict[str, Any]:
    queue = Q(status=Status.ENDORSED) & _decision_condition(user, on=on)
    counts: dict[str, Any] = GoalChange.objects.visible_to(user, on=on).aggregate(
        queue=Count("pk", filter=queue),
        queue_since=Min("status_since_on", filter=queue),
        proposed=Count("pk", filter=Q(status=Status.PROPOSED)),
        endorsed=Count("pk", filter=Q(status=Status.ENDORSED)),
    )
    return counts


def _queue(changes: dict[str, Any], *, on: date) -> Tile:
    return Tile(
        number=changes["queue"],
        label="Goal changes waiting for your decision",
        url=list_url("approvals"),
        tone=tone_if(changes["queue"], "warning"),
        note=oldest_wait(changes["queue_since"], on=on),
    )


def _decisions(user: User, *, on: date) -> list[WaitingRow]:
    """Return the changes that have waited longest for this person's decision."""
    endorsed = GoalChange.objects.visible_to(user, on=on).endorsed()
    return list(
        waiting_rows(
            longest_first(endorsed.filter(_decision_condition(user, on=on)))[:MAX_SHORT_ROWS], on=on
        )
    )


GLANCE: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("overdue", "Reviews overdue", "error", "reviews", {"window": "overdue"}),
    ("next_30", "Reviews due in 30 days", "", "reviews", {"window": "next_30"}),
    ("two_year_passed", "Two-year date passed", "error", "children", {"state": "two_year_passed"}),
    ("two_year_ahead", DueState.TWO_YEAR_SOON.label, "", "children", {"state": "two_year_soon"}),
    ("no_clock", "No clock", "error", "no-clock", {}),
    (
        "proposed",
        "Changes waiting for endorsement",
        "warning",
        "changes-waiting",
        {"status": "proposed"},
    ),
    (
        "endorsed",
        "Changes waiting for approval",
        "warning",
        "changes-waiting",
        {"status": "endorsed"},
    ),
)


def _glance(counts: dict[str, int], changes: dict[str, Any]) -> list[Tile]:
    numbers = {**counts, **changes}
    return [
        Tile(numbers[key], label, list_url(name, **filters), tone_if(numbers[key], tone))
        for key, label, tone, name, filters in GLANCE
    ]


def _directory(user: User, *, on: date) -> list[Tile]:
    asked = {
        "gaps": count_expression(contacts.districts_without_inbox_query(on=on)),
        "trouble": count_expression(Mail.objects.filter(state__in=TROUBLE_STATES)),
    }
    found = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get()
    gaps, trouble = found["gaps"], found["trouble"]
    return [
        Tile(gaps, "Districts without an inbox", list_url("directory"), tone_if(gaps, "warning")),
        Tile(trouble, "Mails in trouble", list_url("outbox"), tone_if(trouble, "error")),
    ]
