"""What a step would do to the two dates of a goal, and what to be careful about, in words."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from permanency.goals import clocks, store
from permanency.goals.clocks import GoalDates
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.derivation import Derivation
from permanency.policy.goals import AboriginalStatus, Goal, goal_warnings
from permanency.policy.months import day_in_words

REVIEW = "Next review"
TWO_YEAR = "Two-year date"
GOAL_ENDED = "No date: the goal has ended"
NOTHING_DUE = "No date: the goal ends, and nothing is due any more."


@dataclass(frozen=True)
class Effect:
    """One date before and after a step, and why."""

    label: str
    before: str
    after: str
    why: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        return self.before != self.after

    @property
    def in_words(self) -> str:
        return f"{self.before}, then {self.after}"


def _date_in_words(derivation: Derivation) -> str:
    if derivation.on is None:
        return f"No date. {derivation.no_date_reason}"
    day = day_in_words(derivation.on)
    if derivation.original_on is None:
        return day
    return f"{day}, extended from {day_in_words(derivation.original_on)}"


def effects_on(
    before: GoalDates | None, after: GoalDates, *, none: str = "None yet"
) -> list[Effect]:
    """Return what a step does to both dates; `before` is None where no goal was in force."""
    return [
        _effect(REVIEW, before.review if before else None, after.review, none),
        _effect(TWO_YEAR, before.two_year if before else None, after.two_year, none),
    ]


def dates_in_words(dates: GoalDates) -> str:
    return f"{_date_in_words(dates.review)}; {_date_in_words(dates.two_year)}"


def days_before_and_after(before: CasePlanGoal | None, after: CasePlanGoal) -> str:
    was = f"{before.review_due_on} {before.two_year_on}" if before else "no goal"
    return f"{was}, then {after.review_due_on} {after.two_year_on}"


def _effect(label: str, was: Derivation | None, now: Derivation, none: str = "None yet") -> Effect:
    before = none if was is None else _date_in_words(was)
    return Effect(label=label, before=before, after=_date_in_words(now), why=now.sentences())


def effects_as_data(before: CasePlanGoal | None, after: CasePlanGoal) -> dict[str, Any]:
    """Return both dates with their reasons as the goals store them: what a decision keeps."""
    return {
        "review": {
            "before": before.review_derivation if before else None,
            "after": after.review_derivation,
        },
        "two_year": {
            "before": before.two_year_derivation if before else None,
            "after": after.two_year_derivation,
        },
    }


def effects_from_data(kept: Mapping[str, Any]) -> list[Effect]:
    """Return the effect that a decision has stored; empty where it stored none."""
    found = []
    for name, label in (("review", REVIEW), ("two_year", TWO_YEAR)):
        if dates := kept.get(name):
            was = Derivation.from_data(dates["before"]) if dates["before"] else None
            found.append(_effect(label, was, Derivation.from_data(dates["after"])))
    return found


def effects_of_ending(before: GoalDates, *why: str) -> list[Effect]:
    return [
        Effect(label, _date_in_words(was), NOTHING_DUE, why)
        for label, was in ((REVIEW, before.review), (TWO_YEAR, before.two_year))
    ]


def effects_of_facts(child: Child, facts: Mapping[str, Any], *, on: date) -> list[Effect]:
    """Return what other facts of the child do to the dates of a goal; empty where nothing moves.

    They may end the goal, or put the one in force again that such a fact had ended (rule 4).
    """
    goal = store.goal_that_follows_facts(child)
    if goal is None:
        return []
    before = clocks.dates_on_goal(goal) if goal.ended_on is None else None
    # Copies, because the page that asks goes on to show both as they are.
    goal, goal.child = copy(goal), copy(child)
    for name, value in facts.items():
        setattr(goal.child, name, value)
    if ended := clocks.ending_of(goal.child, on=on):
        return effects_of_ending(before, ended.sentence()) if before else []
    if before is None:
        return effects_of_taking_back(goal, on=on)
    effects = effects_on(before, clocks.goal_dates(goal, on=on))
    return effects if any(each.moves for each in effects) else []


def effects_of_taking_back(goal: CasePlanGoal, *, on: date) -> list[Effect]:
    """Return what becomes of the dates of a goal that is in force again."""
    goal = copy(goal)
    goal.ended_on = None
    return effects_on(None, clocks.goal_dates(goal, on=on), none=GOAL_ENDED)


def child_goal_warnings(goal: str, child: Child, order: CourtOrder | None) -> tuple[str, ...]:
    """Return the warnings about a goal for this child; none of them blocks it."""
    if goal not in Goal.values:
        return ()
    return goal_warnings(
        Goal(goal),
        AboriginalStatus(child.aboriginal_status),
        order.kind if order else None,
        section_90_recorded=order is not None and order.section_90_on is not None,
    )
