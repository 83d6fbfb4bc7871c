"""One row of a file against the child who is here, or is not yet: what there is to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from directory.models import User
from directory.models.people import Reach
from directory.roles import WRITES_CASES, CaseManagement
from permanency.importing.checking import Said
from permanency.importing.columns import ENTERED_CARE, OF_CHILD, OF_GOAL, OF_ORDER
from permanency.importing.reading import Fault
from permanency.importing.standing import Standing
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.services import clocks, register
from permanency.services.care import episode_errors
from permanency.services.goals import opening_errors
from permanency.services.importing import ChildToWrite, GoalToOpen
from permanency.services.orders import OrderFacts, facts_of, order_errors

GOAL_DIFFERS = (
    "Another goal stands here. A goal changes only by consultation: leave this cell empty, or "
    "record the consultation."
)
GOAL_DATE_LEFT = "The same goal stands here with another start date; that is left alone."
GOAL_ENDED_LEFT = "This goal stands here and has ended; that is left alone."
CARE_LEFT = "Several times in care stand here, none of which began that day; they are left alone."
REVIEW_EARLIER = "This review was before the goal began and is not counted for it."
NO_ORDER_LEFT = "Court orders stand here; they are left alone. Record their end in the pages."


class Against:
    """One row against the child with that ID, where there is one."""

    def __init__(self, said: Said, standing: Standing | None, *, by: User | None, on: date) -> None:
        self.said, self.standing = said, standing
        self.child = standing.child if standing else None
        self.by, self.on = by, on
        self.faults: list[Fault] = []
        self.left_alone: list[Fault] = []

    def plan(self) -> ChildToWrite:
        """Return what is to be written; fills `faults` and `left_alone`."""
        self._check_reach()
        if self.faults:
            # What stands about a child that the writer does not see is not told either.
            return ChildToWrite(child=None, facts=register.ChildFacts())
        plan = ChildToWrite(child=self.child, facts=self._facts())
        self._plan_care(plan)
        self._plan_goal(plan)
        self._plan_order(plan)
        return plan

    def _fault(self, column: str, sentence: str) -> None:
        self.faults.append(Fault(self.said.row, column, sentence))

    def _leave(self, column: str, sentence: str) -> None:
        if self.child is not None and self.child.is_restricted:
            return
        self.left_alone.append(Fault(self.said.row, column, sentence))

    def _check_reach(self) -> None:
        """Keep a person named as the writer to the districts and children that they see."""
        if self.by is None:
            return
        reach = self.by.reach(WRITES_CASES, on=self.on)
        if self.child is not None and not self._is_open_to_writer(self.child, reach):
            self._fault("ChildStoryID", register.ID_NOT_USABLE)
        elif self.said.facts["district"] not in reach:
            self._fault("DISTRICT", f"{self.by} does not register children there.")

    def _is_open_to_writer(self, child: Child, reach: Reach) -> bool:
        if child.district not in reach:
            return False
        namings = child.named_people.in_force(on=self.on)
        return not child.is_restricted or namings.filter(person=self.by).exists()

    def _facts(self) -> register.ChildFacts:
        facts = dict(self.said.facts)
        if self.child is None:
            return cast(register.ChildFacts, facts)
        _drop_what_cannot_stand(facts, self.child)
        differing = {
            name: value for name, value in facts.items() if getattr(self.child, name) != value
        }
        after = {name: facts.get(name, getattr(self.child, name)) for name in register.FIELDS}
        for name, sentence in register.facts_errors(after, on=self.on).items():
            self._fault(OF_CHILD.get(name, "DATE_OF_BIRTH"), sentence)
        return cast(register.ChildFacts, differing)

    def _as_said(self) -> Child:
        """Return the dates of the child's life as they will stand, on an object not saved."""
        return Child(
            born_on=self.said.facts["born_on"],
            died_on=self.child.died_on if self.child else None,
            left_state_on=self.child.left_state_on if self.child else None,
        )

    def _plan_care(self, plan: ChildToWrite) -> None:
        entered_on = self.said.entered_care_on
        episodes = self.standing.episodes if self.standing else ()
        if entered_on is None or any(each.entered_on == entered_on for each in episodes):
            return
        if len(episodes) > 1:
            self._leave(ENTERED_CARE, CARE_LEFT)
            return
        plan.entered_care_on = entered_on
        plan.episode = episodes[0] if episodes else None
        left_on = plan.episode.left_on if plan.episode else None
        errors = episode_errors(
            self._as_said(), entered_on=entered_on, left_on=left_on, on=self.on, others=()
        )
        for sentence in errors.values():
            self._fault(ENTERED_CARE, sentence)

    def _plan_goal(self, plan: ChildToWrite) -> None:
        goal = self.said.goal
        if goal is None:
            return
        here = self.standing.goals if self.standing else ()
        in_force = next((each for each in here if each.ended_on is None), None)
        if in_force is not None:
            if in_force.goal != goal.goal:
                self._fault("PLAN_GOAL", GOAL_DIFFERS)
            elif in_force.effective_on != goal.effective_on:
                self._leave("PLAN_GOAL_START_DATE", GOAL_DATE_LEFT)
        elif any(each.goal == goal.goal for each in here):
            self._leave("PLAN_GOAL", GOAL_ENDED_LEFT)
        elif here:
            self._fault("PLAN_GOAL", GOAL_DIFFERS)
        else:
            plan.goal = self._goal_to_open(goal)

    def _goal_to_open(self, goal: GoalToOpen) -> GoalToOpen:
        held_on = goal.last_review_held_on
        if held_on is not None and held_on < goal.effective_on:
            self._leave("LAST_REVIEW_DATE", REVIEW_EARLIER)
            goal = replace(goal, last_review_held_on=None)
        ended = clocks.ended_by(self._as_said(), on=self.on)
        if ended is not None:
            self._fault("PLAN_GOAL", f"{ended.sentence()} Leave this cell empty.")
        described = CasePlanGoal(child=self._as_said(), **vars(goal))
        for name, sentence in opening_errors(described, on=self.on).items():
            self._fault(OF_GOAL[name], sentence)
        return goal

    def _plan_order(self, plan: ChildToWrite) -> None:
        said = self.said.order
        if not said:
            return
        here = self.standing.orders if self.standing else ()
        if said["kind"] == CourtOrder.Kind.NONE and any(each.kind != "none" for each in here):
            self._leave("ORDER_TYPE", NO_ORDER_LEFT)
            return
        order = max(
            (each for each in here if _is_same_order(each, said)),
            key=lambda each: (each.starts_on == said.get("starts_on"), each.ended_on is None),
            default=None,
        )
        stood = facts_of(order) if order else {}
        differing = {name: value for name, value in said.items() if stood.get(name) != value}
        if not differing:
            return
        after = {**stood, **differing}
        born_on = self.said.facts["born_on"]
        for name, sentence in order_errors(after, born_on=born_on, on=self.on).items():
            self._fault(OF_ORDER.get(name, "ORDER_TYPE"), sentence)
        plan.order, plan.order_facts = order, cast(OrderFacts, differing)


def _is_same_order(order: CourtOrder, said: Mapping[str, Any]) -> bool:
    """Say whether a row means this order: of this kind, and not made on another day."""
    starts_on = said.get("starts_on")
    same_day = order.starts_on is None or starts_on is None or order.starts_on == starts_on
    return order.kind == said["kind"] and same_day


def _drop_what_cannot_stand(facts: dict[str, Any], child: Child) -> None:
    """Say that a provider or an office ends where the new facts leave no room for the old one.

    A case that DCJ manages has no provider, and an office belongs to its district.
    """
    if facts["case_managed_by"] != CaseManagement.PSP and child.provider is not None:
        facts["provider"] = None
    if child.office is not None and child.office.district_id != facts["district"].pk:
        facts.setdefault("office", None)
