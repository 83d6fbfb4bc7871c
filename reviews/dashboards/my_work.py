"""What waits for a person today, by the appointments they hold. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from consultations.goal_changes.presentation import decided_by
from consultations.models import Consultation, GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status
from directory.database.json_list import first_keys
from directory.forms.drafts import open_drafts
from directory.mail.status import count_expression
from directory.models import Mail, User
from directory.places.services import districts_without_inbox_query
from directory.roles import DECIDES_FOR, EDITS_DIRECTORY, WRITES_CASES, Role
from permanency.children.lists import DueState
from permanency.models import Action, CasePlanGoal, CourtOrder
from permanency.models.children import allocated_to
from permanency.models.goals import CasePlanGoalQuerySet
from reviews.dashboards import do_next
from reviews.dashboards.district import NO_CLOCK, TWO_YEAR_PASSED, review_figure
from reviews.dashboards.do_next import WorkItem
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
from reviews.dashboards.next_weeks import (
    COMING,
    Coming,
    coming_dates,
    coming_reviews,
    coming_two_years,
)
from reviews.due_state import TwoYearState, Window, in_window, two_year_condition
from reviews.figures.district_counts import PlaceCounts, place_counts, total_counts
from reviews.figures.scope import Figure, Tile, figures_rule, list_url, tiles
from reviews.forecast.weeks import LEADER_ROLES, person_as_coordinator

MAX_OWN = 20
MAX_ROWS = 8
MAX_SHORT_ROWS = 5
MAX_COMING = 30
GLANCE = (
    review_figure("overdue", "Reviews overdue", "error"),
    review_figure("next_30", "Reviews due in 30 days"),
    TWO_YEAR_PASSED,
    Figure("two_year_ahead", DueState.TWO_YEAR_SOON.label, "children", {"state": "two_year_soon"}),
    NO_CLOCK,
    *(
        Figure(status, label, "changes-waiting", {"status": status}, "warning")
        for status, label in (
            ("proposed", "Changes waiting for endorsement"),
            ("endorsed", "Changes waiting for approval"),
        )
    ),
)
PROVIDER_FIGURES = (
    review_figure("every", "Children with a goal"),
    review_figure("overdue", "Reviews overdue", "error"),
    review_figure("next_30", "Reviews due in 30 days"),
    TWO_YEAR_PASSED,
)
DIRECTORY = (
    Figure("gaps", "Districts without an inbox", "directory", {}, "warning"),
    Figure("trouble", "Mails in trouble", "outbox", {}, "error"),
)
TROUBLE_STATES = (Mail.State.PARKED, Mail.State.UNDELIVERABLE)


@dataclass(frozen=True)
class Scope:
    """Whose children the dates are of: in words, with how many, and its address."""

    words: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class MyWork:
    """The sections of a person's first page; one that is None or empty is not theirs.

    `number` counts all that is to be done, also what `do_next` does not show; `more` leads to it.
    `words` is the number of forms with words that were not saved.
    """

    scopes: Sequence[Scope]
    has_list: bool
    do_next: Sequence[WorkItem]
    number: int
    more: Sequence[tuple[str, str]]
    words: int
    coming: Coming | None
    glance: Sequence[Tile]
    providers: Sequence[tuple[str, Sequence[Tile]]]
    has_totals: bool
    directory: Sequence[Tile]
    is_appointed: bool

    @property
    def children(self) -> list[int]:
        coming = self.coming.children if self.coming else []
        return [*coming, *(item.child.pk for item in self.do_next)]


def my_work(user: User, *, on: date, whole: bool = False) -> MyWork:
    """Return a person's first page on a day.

    The dates are of the children allocated to the person; where there are none, or `whole` is
    asked for, of all whom they see. What waits for the person themself is always there.
    """
    held = {Role(each.role) for each in user.appointments_in_force(on=on)}
    writes, decides = bool(held & WRITES_CASES), bool(held & set(DECIDES_FOR))
    glances, has_totals = bool(held & LEADER_ROLES), Role.CONTRACT_MANAGER in held
    places = list[PlaceCounts]()
    if writes or glances or has_totals:
        places = place_counts(user, on=on, with_totals=has_totals)
    sees = figures_rule(user, on=on, with_totals=False)
    cases = [each for each in places if sees(each.district, each.managed_by)]
    own = person_as_coordinator(user, on=on)
    mine = [e for e in cases if e.office in own.offices or e.provider in own.providers]
    is_mine = bool(mine) and not whole
    counts = total_counts(mine if is_mine else cases)
    filters = {"mine": "on"} if is_mine else {}
    goals = CasePlanGoal.objects.visible_to(user, on=on).in_force(on=on)
    if is_mine:
        goals = goals.filter(allocated_to(user, on=on, child="child__"))

    changes = _changes(user, writes=writes, decides=decides, on=on)
    numbers: dict[str, QuerySet[Any]] = {**changes}
    sources = {
        name: Source(sent_back_first(rows) if name == "finish" else longest_first(rows), MAX_ROWS)
        for name, rows in changes.items()
    }
    if writes:
        sources |= _case_sources(user, goals, on=on)
    if glances:
        ongoing = GoalChange.objects.visible_to(user, on=on).ongoing(on=on)
        numbers |= {each: ongoing.filter(status=each) for each in ("proposed", "endorsed")}
    if held & EDITS_DIRECTORY:
        numbers["gaps"] = districts_without_inbox_query(on=on)
        numbers["trouble"] = Mail.objects.filter(state__in=TROUBLE_STATES)
    counted, keys = _first_of_each(user, sources, {**numbers, "words": open_drafts(user)})
    counts |= counted
    rows = _rows(keys, by=user, on=on)
    parts = _parts(rows, keys, counts, filters, on=on)
    coming = None
    if writes:
        coming = coming_dates(rows.goals, goals, filters, no_clock=counts["no_clock"], on=on)
    return MyWork(
        scopes=_scopes(user, mine, cases, is_mine=is_mine, on=on) if writes and mine else [],
        has_list=writes or decides,
        do_next=do_next.worst_first(item for part in parts for item in part.items),
        number=sum(part.total for part in parts),
        more=[part.rest for part in parts if part.total > len(part.items)],
        words=counts["words"],
        coming=coming,
        glance=tiles(GLANCE, {**total_counts(cases), **counted}) if glances else (),
        providers=_providers(places, own.providers) if has_totals else (),
        has_totals=has_totals,
        directory=tiles(DIRECTORY, counts) if held & EDITS_DIRECTORY else (),
        is_appointed=bool(held),
    )


class Source(NamedTuple):
    """Rows in the order in which they are shown, and how many of them are."""

    rows: QuerySet[Any]
    most: int


def _case_sources(user: User, goals: CasePlanGoalQuerySet, *, on: date) -> dict[str, Source]:
    passed = goals.filter(two_year_condition(TwoYearState.PASSED, on=on))
    actions = Action.objects.visible_to(user, on=on).ongoing(on=on).open().filter(owner=user)
    drafts = Consultation.objects.visible_to(user, on=on).filter(by=user, recorded_on=None)
    later = CourtOrder.objects.filter(child=OuterRef("child"), ended_on=None).filter(
        Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on"))
    )
    orders = CourtOrder.objects.filter(
        ~Exists(later),
        kind=CourtOrder.Kind.SHORT_TERM,
        ended_on=None,
        expires_on__range=(on, on + COMING),
        child__in=goals.values("child"),
    )
    return {
        "overdue": Source(worst_first(goals.filter(in_window(Window.OVERDUE, on=on))), MAX_ROWS),
        "passed": Source(passed.order_by("two_year_on", "pk"), MAX_SHORT_ROWS),
        "due": Source(coming_reviews(goals, on=on), MAX_COMING),
        "near": Source(coming_two_years(goals, on=on), MAX_ROWS),
        "actions": Source(actions, MAX_OWN),
        "drafts": Source(drafts, MAX_OWN),
        "orders": Source(orders.order_by("expires_on", "pk"), MAX_SHORT_ROWS),
    }


def _changes(user: User, *, writes: bool, decides: bool, on: date) -> dict[str, GoalChangeQuerySet]:
    """Return the goal changes that wait for the person, by what is to be done with them."""
    ongoing = GoalChange.objects.visible_to(user, on=on).ongoing(on=on)
    found = {}
    if decides:
        found["decide"] = ongoing.endorsed().filter(decided_by(user, on=on))
    if writes:
        here = ongoing.filter(user.reach(WRITES_CASES, on=on).q("child__district"))
        found["endorse"] = here.filter(status=Status.PROPOSED).exclude(requested_by=user)
        found["finish"] = here.filter(status=Status.DRAFT)
    return found


def _first_of_each(
    user: User, sources: Mapping[str, Source], numbers: Mapping[str, QuerySet[Any]]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Return the numbers of rows, and the keys of the first rows of each source. One query."""
    asked: dict[str, Any] = {
        f"number_of_{name}": count_expression(r) for name, r in numbers.items()
    }
    asked |= {f"first_of_{name}": first_keys(*source) for name, source in sources.items()}
    row = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get()
    keys = {name: row[f"first_of_{name}"] or [] for name in sources}
    return {name: row[f"number_of_{name}"] for name in numbers}, keys


class Rows(NamedTuple):
    """What is shown of each model, by the keys of `_first_of_each`."""

    goals: Sequence[DueRow]
    changes: Sequence[WaitingRow]
    actions: Sequence[Action]
    drafts: Sequence[Consultation]
    orders: Sequence[CourtOrder]


def _rows(keys: Mapping[str, list[int]], *, by: User, on: date) -> Rows:
    def found(model: Any, *names: str) -> Any:
        return model.objects.filter(pk__in={key for name in names for key in keys.get(name, ())})

    goals = with_places(found(CasePlanGoal, "overdue", "passed", "due", "near"))
    return Rows(
        goals=list(due_rows(goals, by=by, on=on)),
        changes=list(
            waiting_rows(longest_first(found(GoalChange, "decide", "endorse", "finish")), on=on)
        ),
        actions=list(found(Action, "actions").select_related("child")),
        drafts=list(found(Consultation, "drafts").select_related("child")),
        orders=list(found(CourtOrder, "orders").select_related("child")),
    )


class Part(NamedTuple):
    """The things of one kind that are shown, how many there are, and the list of all."""

    items: Sequence[WorkItem]
    total: int
    words: str = ""
    url: str = ""

    @property
    def rest(self) -> tuple[str, str]:
        return f"{self.total - len(self.items)} more: {self.words}", self.url


def _parts(
    rows: Rows,
    keys: Mapping[str, list[int]],
    counts: Mapping[str, int],
    filters: Mapping[str, str],
    *,
    on: date,
) -> list[Part]:
    def goals(name: str) -> list[DueRow]:
        return [row for row in rows.goals if row.goal.pk in keys[name]]

    def changes(name: str, kind: str, words: str, url: str) -> Part:
        shown = [row for row in rows.changes if row.change.pk in keys[name]]
        return Part(list(do_next.changes(shown, kind, on=on)), counts[name], words, url)

    parts = []
    if "overdue" in keys:
        own = (
            list(do_next.own_actions(rows.actions, on=on)),
            list(do_next.consultation_drafts(rows.drafts, on=on)),
            list(do_next.ending_orders(rows.orders, on=on)),
        )
        waiting = partial(list_url, "changes-waiting")
        parts += [
            Part(
                list(do_next.overdue_reviews(goals("overdue"), on=on)),
                counts["overdue"],
                "reviews overdue",
                list_url("reviews", window=Window.OVERDUE, **filters),
            ),
            Part(
                list(do_next.passed_two_years(goals("passed"), on=on)),
                counts["two_year_passed"],
                "two-year dates passed",
                list_url("children", state=DueState.TWO_YEAR_PASSED, **filters),
            ),
            *(Part(items, len(items)) for items in own),
            changes("endorse", "Endorse", "goal changes to endorse", waiting(status="proposed")),
            changes("finish", "Draft", "goal changes in draft", waiting(status="draft")),
        ]
    if "decide" in keys:
        parts.append(changes("decide", "Decide", "goal changes to decide", list_url("approvals")))
    return parts


def _scopes(
    user: User,
    mine: Sequence[PlaceCounts],
    cases: Sequence[PlaceCounts],
    *,
    is_mine: bool,
    on: date,
) -> list[Scope]:
    name, districts = "All districts", {each.district for each in cases}
    for held in user.appointments_in_force(on=on):
        if held.district and districts == {held.district.pk}:
            name = f"All of {held.district.name}"
    here = reverse("my-work")
    return [
        Scope(f"Mine: {_children(mine)}", here, is_mine),
        Scope(f"{name}: {_children(cases)}", f"{here}?scope=all", not is_mine),
    ]


def _children(places: Sequence[PlaceCounts]) -> str:
    counts = total_counts(places)
    number = counts["every"] + counts["no_goal"]
    return f"{number} child{'' if number == 1 else 'ren'}"


def _providers(
    places: Sequence[PlaceCounts], allocated: frozenset[int]
) -> list[tuple[str, Sequence[Tile]]]:
    """Return the figures of each provider that is allocated to a contract manager, by name."""
    theirs = [each for each in places if each.provider in allocated]
    names = {each.provider_name or "": each.provider for each in theirs}
    return [
        (
            name,
            tiles(
                PROVIDER_FIGURES,
                total_counts([each for each in theirs if each.provider == names[name]]),
                url=None,
            ),
        )
        for name in sorted(names)
    ]
