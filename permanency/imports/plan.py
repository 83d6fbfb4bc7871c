"""One row of a file against the child who is here, or is not yet: what there is to write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import cast

from directory import history
from directory.models import User
from directory.models.people import Reach
from directory.roles import WRITES_CASES, CaseManagement
from permanency.care.services import (
    OrderFields,
    dates_after_entry,
    episode_errors,
    order_errors,
)
from permanency.children import services as register
from permanency.goals import clocks
from permanency.goals.effects import effects_of_facts, effects_on
from permanency.goals.lifecycle import opening_errors
from permanency.imports.alike import LikenessCheck
from permanency.imports.csv_reader import (
    CHILD_COLUMNS,
    ENTERED_CARE_COLUMN,
    GOAL_COLUMNS,
    ORDER_COLUMNS,
    FileRow,
    RowFault,
)
from permanency.imports.diff import ExistingChild, ExistingChildren, GoalRow, RowChange, row_change
from permanency.imports.services import ChildToWrite, GoalToOpen
from permanency.imports.validate import PlacesByName, RowCheck, RowContent
from permanency.models import CasePlanGoal, Child, CourtOrder

GOAL_DIFFERS = (
    "Another goal stands here. A goal changes only by consultation: leave this cell empty, or "
    "record the consultation."
)
GOAL_DATE_LEFT = "The same goal stands here with another start date; that is left alone."
FIRST_GOAL_LEFT = "Another day stands here, or none; that is left alone. Correct it on the pages."
GOAL_ENDED_LEFT = "This goal stands here and has ended; that is left alone."
CARE_LEFT = "Several times in care stand here, none of which began that day; they are left alone."
REVIEW_EARLIER = "This review was before the goal began and is not counted for it."
REVIEW_NOT_HERE = (
    "No review held that day, or later, is recorded here. Record it on the pages, so that the next "
    "one counts from it."
)
NO_ORDER_LEFT = "Court orders stand here; they are left alone. Record their end in the pages."


class RowPlanner:
    def __init__(
        self, content: RowContent, existing: ExistingChild | None, *, by: User | None, on: date
    ) -> None:
        self.content, self.existing = content, existing
        self.child = existing.child if existing else None
        self.by, self.on = by, on
        self.faults: list[RowFault] = []
        self.left_alone: list[RowFault] = []

    def plan(self) -> ChildToWrite:
        self._check_reach()
        if self.faults:
            # What stands about a child that the writer does not see is not told either.
            return ChildToWrite(child=None, facts=register.ChildFields())
        plan = ChildToWrite(child=self.child, facts=self._facts())
        if self.child is not None and plan.facts.keys() & register.MOVES_THE_CLOCKS:
            plan.effects = effects_of_facts(self.child, plan.facts, on=self.on)
        self._plan_care(plan)
        self._plan_goal(plan)
        self._plan_order(plan)
        return plan

    def _fault(self, column: str, sentence: str) -> None:
        self.faults.append(RowFault(self.content.row, column, sentence))

    def _leave(self, column: str, sentence: str) -> None:
        if self.child is None or not self.child.is_restricted:
            self.left_alone.append(RowFault(self.content.row, column, sentence))

    def _check_reach(self) -> None:
        if self.by is None:
            return
        reach = self.by.reach(WRITES_CASES, on=self.on)
        if self.child is not None and not self._is_open_to_writer(self.child, reach):
            self._fault("ChildStoryID", register.ID_NOT_USABLE)
        elif self.content.facts["district"] not in reach:
            self._fault("DISTRICT", f"{self.by} does not register children there.")

    def _is_open_to_writer(self, child: Child, reach: Reach) -> bool:
        if child.district not in reach:
            return False
        namings = child.named_people.in_force(on=self.on)
        return not child.is_restricted or namings.filter(person=self.by).exists()

    def _facts(self) -> register.ChildFields:
        facts, child = dict(self.content.facts), self.child
        if child is None:
            return cast(register.ChildFields, facts)
        # A case that DCJ manages has no provider, and an office belongs to its district.
        if facts["case_managed_by"] != CaseManagement.PSP and child.provider is not None:
            facts["provider"] = None
        if child.office is not None and child.office.district_id != facts["district"].pk:
            facts.setdefault("office", None)
        differing = {name: value for name, value in facts.items() if getattr(child, name) != value}
        after = {name: facts.get(name, getattr(child, name)) for name in register.FIELDS}
        for name, sentence in register.child_errors(after, on=self.on).items():
            self._fault(CHILD_COLUMNS.get(name, "DATE_OF_BIRTH"), sentence)
        return cast(register.ChildFields, differing)

    def _as_said(self) -> Child:
        return Child(
            born_on=self.content.facts["born_on"],
            died_on=self.child.died_on if self.child else None,
            left_state_on=self.child.left_state_on if self.child else None,
        )

    def _plan_care(self, plan: ChildToWrite) -> None:
        entered_on = self.content.entered_care_on
        episodes = self.existing.episodes if self.existing else ()
        if entered_on is None or any(each.entered_on == entered_on for each in episodes):
            return
        if len(episodes) > 1:
            self._leave(ENTERED_CARE_COLUMN, CARE_LEFT)
            return
        plan.entered_care_on = entered_on
        plan.episode = episodes[0] if episodes else None
        if self.child is not None:
            moved = dates_after_entry(
                self.child, entered_on=entered_on, on=self.on, instead_of=plan.episode
            )
            found = effects_on(*moved) if moved else []
            plan.effects = [*plan.effects, *(each for each in found if each.moves)]
        left_on = plan.episode.left_on if plan.episode else None
        errors = episode_errors(
            self._as_said(), entered_on=entered_on, left_on=left_on, on=self.on, others=()
        )
        for sentence in errors.values():
            self._fault(ENTERED_CARE_COLUMN, sentence)

    def _plan_goal(self, plan: ChildToWrite) -> None:
        goal = self.content.goal
        if goal is None:
            return
        here = self.existing.goals if self.existing else ()
        in_force = next((each for each in here if each.ended_on is None), None)
        if in_force is not None:
            self._compare_goal(goal, in_force)
        elif any(each.goal == goal.goal for each in here):
            if not plan.puts_goal_in_force_again:
                self._leave("PLAN_GOAL", GOAL_ENDED_LEFT)
        elif here:
            self._fault("PLAN_GOAL", GOAL_DIFFERS)
        else:
            plan.goal = self._goal_to_open(goal)

    def _compare_goal(self, said: GoalToOpen, here: GoalRow) -> None:
        if here.goal != said.goal:
            self._fault("PLAN_GOAL", GOAL_DIFFERS)
        elif here.effective_on != said.effective_on:
            self._leave("PLAN_GOAL_START_DATE", GOAL_DATE_LEFT)
        elif said.first_two_year_goal_on not in {None, here.first_two_year_goal_on}:
            self._leave("FIRST_TWO_YEAR_GOAL_DATE", FIRST_GOAL_LEFT)
        known_on = max(filter(None, (here.last_review_held_on, here.effective_on)))
        if said.last_review_held_on and said.last_review_held_on > known_on:
            self._leave("LAST_REVIEW_DATE", REVIEW_NOT_HERE)

    def _goal_to_open(self, goal: GoalToOpen) -> GoalToOpen:
        held_on = goal.last_review_held_on
        if held_on is not None and held_on < goal.effective_on:
            self._leave("LAST_REVIEW_DATE", REVIEW_EARLIER)
        ended = clocks.ending_of(self._as_said(), on=self.on)
        if ended is not None:
            self._fault("PLAN_GOAL", f"{ended.sentence()} Leave this cell empty.")
        described = CasePlanGoal(child=self._as_said(), **vars(goal))
        errors = opening_errors(described, entered_care_on=self._entered_care_on(), on=self.on)
        for name, sentence in errors.items():
            self._fault(GOAL_COLUMNS[name], sentence)
        return goal

    def _entered_care_on(self) -> date | None:
        """Return when the child entered care, as it will stand once the row is written."""
        said = self.content.entered_care_on
        here = [each.entered_on for each in self.existing.episodes] if self.existing else []
        # The one time in care that stands here is corrected to the day of the file.
        days = here if len(here) > 1 or said is None else [said]
        return max(days, default=None)

    def _plan_order(self, plan: ChildToWrite) -> None:
        content = self.content.order
        if not content:
            return
        here = self.existing.orders if self.existing else ()
        if content["kind"] == CourtOrder.Kind.NONE and any(each.kind != "none" for each in here):
            self._leave("ORDER_TYPE", NO_ORDER_LEFT)
            return
        starts_on = content.get("starts_on")
        order = max(
            (
                each
                for each in here
                if each.kind == content["kind"]
                and (None in (each.starts_on, starts_on) or each.starts_on == starts_on)
            ),
            key=lambda each: (each.starts_on == starts_on, each.ended_on is None),
            default=None,
        )
        stood = history.values(order) if order else {}
        differing = {name: value for name, value in content.items() if stood.get(name) != value}
        if not differing:
            return
        after = {**stood, **differing}
        born_on = self.content.facts["born_on"]
        for name, sentence in order_errors(after, born_on=born_on, on=self.on).items():
            self._fault(ORDER_COLUMNS.get(name, "ORDER_TYPE"), sentence)
        plan.order, plan.order_facts = order, cast(OrderFields, differing)


WriteRows = Callable[[Sequence[ChildToWrite]], object]

# Rows that are compared, and written, at a time.
ROWS_AT_A_TIME = 2_000


@dataclass
class ImportResult:
    """What an import does; of changes without a warning it may keep some: `changed` counts all."""

    most_without_warning: int | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    goals_to_open: int = 0
    faults: list[RowFault] = field(default_factory=list)
    left_alone: list[RowFault] = field(default_factory=list)
    alike: list[RowFault] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)
    _without_warning: int = 0

    @property
    def children(self) -> int:
        return self.new + self.changed + self.same

    def count(self, plan: ChildToWrite) -> None:
        self.new += plan.is_new
        self.changed += plan.changes_anything and not plan.is_new
        self.same += not plan.changes_anything
        self.goals_to_open += plan.goal is not None

    def add_change(self, content: RowContent, plan: ChildToWrite) -> None:
        is_enough = (
            self.most_without_warning is not None
            and self._without_warning >= self.most_without_warning
        )
        if change := row_change(content, plan, only_warnings=is_enough):
            self.changes.append(change)
            self._without_warning += not change.warnings


def compare_rows(
    rows: Iterable[FileRow | RowFault],
    *,
    by: User | None,
    on: date,
    write: WriteRows | None = None,
    most_without_warning: int | None = None,
    another: Collection[str] = (),
) -> ImportResult:
    """Return what the rows do; `write` gets them in parts, until one is wrong: then roll back.

    `another` are the IDs of new children of whom it is known that they are nobody else.
    """
    found = ImportResult(most_without_warning)
    places = PlacesByName.read(on=on)
    here = ExistingChildren(places, by=by, on=on)
    likeness = LikenessCheck(another=another, by=by, on=on)
    checked = _check_rows(rows, found, places, on=on)
    while content := list(islice(checked, ROWS_AT_A_TIME)):
        news = here.rows_to_write(content)
        found.same += len(content) - len(news)
        plans = []
        for each, existing in news:
            planner = RowPlanner(each, existing, by=by, on=on)
            plan = planner.plan()
            found.faults.extend(planner.faults)
            found.left_alone.extend(planner.left_alone)
            if not planner.faults:
                found.count(plan)
                found.add_change(each, plan)
                plans.append(plan)
        found.alike.extend(likeness.questions([each for each, child in news if child is None]))
        if write is not None and plans and not found.faults:
            write(plans)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _check_rows(
    rows: Iterable[FileRow | RowFault], found: ImportResult, places: PlacesByName, *, on: date
) -> Iterator[RowContent]:
    first_row: dict[str, int] = {}
    for row in rows:
        if isinstance(row, RowFault):
            found.faults.append(row)
            continue
        check = RowCheck(row, places, on=on)
        content = check.content()
        given = register.in_capitals(row.cells["ChildStoryID"])
        earlier = first_row.setdefault(given, row.number)
        if given and earlier != row.number:
            sentence = f"The same ChildStory ID stands in row {earlier}."
            check.faults.append(RowFault(row.number, "ChildStoryID", sentence))
        found.faults.extend(check.faults)
        if not check.faults:
            yield content
