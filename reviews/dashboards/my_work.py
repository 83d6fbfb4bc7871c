"""What waits for a person today, by the appointments they hold. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import Count, Min, Q

from consultations.goal_changes.presentation import decided_by
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.mail.status import count_expression
from directory.models import Mail, User
from directory.places.services import districts_without_inbox_query
from directory.roles import DECIDES_FOR, EDITS_DIRECTORY, WRITES_CASES, Role
from permanency.children.lists import DueState
from permanency.models import Action, CasePlanGoal
from permanency.models.children import allocated_to
from permanency.models.goals import CasePlanGoalQuerySet
from reviews.dashboards.district import NO_CLOCK, TWO_YEAR_PASSED, oldest_wait, review_figure
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
from reviews.figures.district_counts import PlaceCounts, place_counts, total_counts
from reviews.figures.scope import Figure, Tile, list_url, tiles, tone_if
from reviews.forecast.weeks import LEADER_ROLES, person_as_coordinator

MAX_ROWS = 8
MAX_SHORT_ROWS = 5
TWO_YEAR_SOON = Figure(
    "two_year_ahead", DueState.TWO_YEAR_SOON.label, "children", {"state": "two_year_soon"}
)
WORK = (
    review_figure("overdue", "Reviews overdue", "error"),
    review_figure("this_month", "Due this month", "warning"),
    TWO_YEAR_PASSED,
    TWO_YEAR_SOON,
    NO_CLOCK,
)
GLANCE = (
    review_figure("overdue", "Reviews overdue", "error"),
    review_figure("next_30", "Reviews due in 30 days"),
    TWO_YEAR_PASSED,
    TWO_YEAR_SOON,
    NO_CLOCK,
    *(
        Figure(status, label, "changes-waiting", {"status": status}, "warning")
        for status, label in (
            ("proposed", "Changes waiting for endorsement"),
            ("endorsed", "Changes waiting for approval"),
        )
    ),
)
DIRECTORY = (
    Figure("gaps", "Districts without an inbox", "directory", {}, "warning"),
    Figure("trouble", "Mails in trouble", "outbox", {}, "error"),
)
TROUBLE_STATES = (Mail.State.PARKED, Mail.State.UNDELIVERABLE)


@dataclass(frozen=True)
class CaseWork:
    """A Coordinator's reviews, two-year dates, endorsements, actions and drafts."""

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
        own = self.cases.children if self.cases else []
        return [*own, *(row.child.pk for row in self.decisions)]


def my_work(user: User, *, on: date) -> MyWork:
    held = {Role(each.role) for each in user.appointments_in_force(on=on)}
    decides = bool(held & set(DECIDES_FOR))
    glances = bool(held & LEADER_ROLES)
    places, changes = list[PlaceCounts](), dict[str, Any]()
    if glances or held & WRITES_CASES:
        places = place_counts(user, on=on, with_totals=False)
    if decides or glances:
        changes = _change_counts(user, on=on)
    counts, queue = total_counts(places), None
    decisions: Sequence[WaitingRow] = ()
    if decides:
        queue = Tile(
            number=changes["queue"],
            label="Goal changes waiting for your decision",
            url=list_url("approvals"),
            tone=tone_if(changes["queue"], "warning"),
            note=oldest_wait(changes["queue_since"], on=on),
        )
    if changes.get("queue"):
        endorsed = GoalChange.objects.visible_to(user, on=on).ongoing(on=on).endorsed()
        waiting = longest_first(endorsed.filter(decided_by(user, on=on)))
        decisions = list(waiting_rows(waiting[:MAX_SHORT_ROWS], on=on))
    return MyWork(
        cases=_case_work(user, counts, places, on=on) if held & WRITES_CASES else None,
        queue=queue,
        decisions=decisions,
        glance=tiles(GLANCE, {**counts, **changes}) if glances else (),
        has_totals=Role.CONTRACT_MANAGER in held,
        directory=_directory(user, on=on) if held & EDITS_DIRECTORY else (),
        is_appointed=bool(held),
    )


def _case_work(
    user: User, counts: dict[str, int], places: Sequence[PlaceCounts], *, on: date
) -> CaseWork:
    own = person_as_coordinator(user, on=on)
    own_counts = total_counts(
        [each for each in places if each.office in own.offices or each.provider in own.providers]
    )
    is_mine = bool(own_counts["every"])
    goals = CasePlanGoal.objects.visible_to(user, on=on).in_force(on=on)
    if is_mine:
        goals = goals.filter(allocated_to(user, on=on, child="child__"))
    due, near = _first_goals(goals, on=on)
    endorsements, unfinished = _changes_to_do(user, on=on)
    actions = Action.objects.visible_to(user, on=on).ongoing(on=on).open().filter(owner=user)
    drafts = Consultation.objects.visible_to(user, on=on).filter(by=user, recorded_on=None)
    return CaseWork(
        is_mine=is_mine,
        tiles=tiles(WORK, own_counts, mine="on") if is_mine else tiles(WORK, counts),
        everything=tiles(WORK, counts) if is_mine else (),
        reviews=list(due_rows(due, by=user, on=on)),
        two_years=list(due_rows(near, by=user, on=on)),
        endorsements=endorsements,
        unfinished=unfinished,
        actions=list(actions.select_related("child")[:MAX_ROWS]),
        drafts=list(drafts.select_related("child")[:MAX_SHORT_ROWS]),
    )


def _first_goals(goals: CasePlanGoalQuerySet, *, on: date) -> tuple[list[Any], list[Any]]:
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
    return due[:MAX_ROWS], near[:MAX_SHORT_ROWS]


def _changes_to_do(user: User, *, on: date) -> tuple[list[WaitingRow], list[WaitingRow]]:
    writes = user.reach(WRITES_CASES, on=on)
    ongoing = GoalChange.objects.visible_to(user, on=on).ongoing(on=on)
    changes = ongoing.filter(writes.q("child__district"))
    proposed = changes.filter(status=Status.PROPOSED).exclude(requested_by=user)
    first = proposed.order_by("status_since_on", "pk").values("pk")[:MAX_SHORT_ROWS]
    drafts = sent_back_first(changes.filter(status=Status.DRAFT)).values("pk")[:MAX_SHORT_ROWS]
    few = GoalChange.objects.filter(Q(pk__in=first) | Q(pk__in=drafts))
    rows = list(waiting_rows(sent_back_first(few), on=on))
    return (
        [row for row in rows if row.change.status == Status.PROPOSED],
        [row for row in rows if row.change.status == Status.DRAFT],
    )


def _change_counts(user: User, *, on: date) -> dict[str, Any]:
    queue = Q(status=Status.ENDORSED) & decided_by(user, on=on)
    ongoing = GoalChange.objects.visible_to(user, on=on).ongoing(on=on)
    counts: dict[str, Any] = ongoing.aggregate(
        queue=Count("pk", filter=queue),
        queue_since=Min("status_since_on", filter=queue),
        proposed=Count("pk", filter=Q(status=Status.PROPOSED)),
        endorsed=Count("pk", filter=Q(status=Status.ENDORSED)),
    )
    return counts


def _directory(user: User, *, on: date) -> list[Tile]:
    numbers = {
        "gaps": count_expression(districts_without_inbox_query(on=on)),
        "trouble": count_expression(Mail.objects.filter(state__in=TROUBLE_STATES)),
    }
    found = User.objects.filter(pk=user.pk).annotate(**numbers).values(*numbers).get()
    return tiles(DIRECTORY, found)
