"""Plans of invented cases: when one began, with which goal, and what has become of it by today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from functools import partial
from itertools import cycle
from random import Random

from directory.models import Provider, User
from permanency.goals import store
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import add_months
from reviews.demo import texts

# How long the demonstration has been in use.
IN_USE_MONTHS = 20
# Between reviews; of every other goal six.
REVIEW_MONTHS = {Goal.PRESERVATION: 3, Goal.LONG_TERM_CARE: 12}


class Scenario(Enum):
    STEADY = "reviews held on time"
    LATE = "reviews held late"
    OVERDUE = "the last review not held"
    NOT_HELD = "a review planned and not held"
    INTENSIVE = "reviews every three months"
    NEAR_TWO_YEARS = "the two-year date is near"
    PAST_TWO_YEARS = "the two-year date has passed"
    EXTENDED = "the two-year date was extended"
    ACHIEVED = "permanency was achieved"
    NO_GOAL = "registered, no goal yet"
    NEARLY_18 = "turns 18 soon"
    ADVISED = "informal advice was given"
    NOTED = "a consultation is being written"
    DRAFT = "a change is being drafted"
    PROPOSED = "a change waits for endorsement"
    ENDORSED = "a change waits for approval"
    NOT_ENDORSED = "a change was not endorsed"
    RETURNED = "a change was sent back for more"
    DECLINED = "a change was declined"
    WITHDRAWN = "a change was withdrawn"
    VOID = "an endorsement became void"
    APPROVED = "a change was approved lately"
    SETTLED = "a change was approved a while ago"


TWO_YEAR_SCENARIOS = {
    Scenario.INTENSIVE,
    Scenario.NEAR_TWO_YEARS,
    Scenario.PAST_TWO_YEARS,
    Scenario.EXTENDED,
    Scenario.ACHIEVED,
}
CHANGE_SCENARIOS = {
    Scenario.DRAFT,
    Scenario.PROPOSED,
    Scenario.ENDORSED,
    Scenario.NOT_ENDORSED,
    Scenario.RETURNED,
    Scenario.DECLINED,
    Scenario.WITHDRAWN,
    Scenario.VOID,
    Scenario.APPROVED,
    Scenario.SETTLED,
}
TWO_YEAR_GOALS = (Goal.RESTORATION, Goal.GUARDIANSHIP, Goal.ADOPTION)
# How often each scenario comes: most cases simply go on.
ORDINARY_SCENARIOS = (
    *[Scenario.STEADY] * 9,
    *[Scenario.LATE] * 3,
    *[Scenario.OVERDUE] * 3,
)


@dataclass(frozen=True)
class DemoPlan:
    scenario: Scenario
    first_name: str
    last_name: str
    born_on: date
    goal: Goal
    effective_on: date
    opened_on: date
    last_review_on: date | None
    entered_care_on: date | None
    # Of a case to show: drawn at random, or the usual one, where nothing is said.
    next_goal: Goal | None = None
    aboriginal_status: AboriginalStatus | None = None
    by_provider: bool | None = None
    lacks_cultural_consultation: bool = False


@dataclass
class Staff:
    """The Coordinators, approvers, contract manager and providers of each district."""

    coordinators: dict[int, list[User]] = field(default_factory=dict)
    approvers: dict[tuple[int, str], User] = field(default_factory=dict)
    contract_managers: dict[int, User] = field(default_factory=dict)
    providers: dict[int, list[Provider]] = field(default_factory=dict)


@dataclass
class Case:
    """A child of the demonstration with its Coordinator, its plan, and today."""

    child: Child
    coordinator: User
    plan: DemoPlan
    rng: Random
    today: date

    @property
    def took_part(self) -> str:
        return (
            f"{self.coordinator.name}, Permanency Coordinator, DCJ\n"
            f"{self.child.caseworker}, caseworker, {self.child.caseworker_organisation}"
        )

    @property
    def goal(self) -> CasePlanGoal | None:
        return store.goal_in_force(self.child)


def all_scenarios() -> Iterator[Scenario]:
    ordinary = cycle(ORDINARY_SCENARIOS)
    special = cycle(each for each in Scenario if each not in ORDINARY_SCENARIOS)
    for each in special:
        yield each
        yield next(ordinary)


def plans_to_show(rng: Random, *, today: date) -> list[DemoPlan]:
    """Return what an approver of a demonstration finds: changes of three different kinds."""
    restoration, long_term = (
        partial(make_plan, rng, Scenario.ENDORSED, today=today, goal=goal)
        for goal in (Goal.RESTORATION, Goal.LONG_TERM_CARE)
    )
    neither, aboriginal = AboriginalStatus.NEITHER, AboriginalStatus.ABORIGINAL
    plans = [
        replace(restoration(), next_goal=Goal.GUARDIANSHIP, aboriginal_status=neither),
        replace(restoration(), next_goal=Goal.ADOPTION, aboriginal_status=neither),
        replace(long_term(), aboriginal_status=aboriginal, lacks_cultural_consultation=True),
    ]
    return [replace(plan, by_provider=True) for plan in plans]


def make_plan(
    rng: Random, scenario: Scenario, *, today: date, goal: Goal | None = None
) -> DemoPlan:
    goal = goal or _goal(rng, scenario)
    effective_on = _effective_on(rng, scenario, goal, today)
    began_on = add_months(today, -IN_USE_MONTHS)
    opened_on = max(effective_on, began_on) + timedelta(days=rng.randint(1, 20))
    opened_on = min(opened_on, today)
    in_care = goal != Goal.PRESERVATION
    return DemoPlan(
        scenario=scenario,
        first_name=rng.choice(texts.FIRST_NAMES),
        last_name=rng.choice(texts.FAMILY_NAMES),
        born_on=_born_on(rng, scenario, effective_on, today),
        goal=goal,
        effective_on=effective_on,
        opened_on=opened_on,
        last_review_on=_last_review_on(rng, goal, effective_on, began_on),
        entered_care_on=effective_on - timedelta(days=rng.randint(0, 45)) if in_care else None,
    )


def _goal(rng: Random, scenario: Scenario) -> Goal:
    if scenario in TWO_YEAR_SCENARIOS:
        return rng.choices(TWO_YEAR_GOALS, (6, 4, 2))[0]
    if scenario in CHANGE_SCENARIOS:
        return rng.choices((Goal.RESTORATION, Goal.LONG_TERM_CARE, Goal.PRESERVATION), (5, 4, 1))[0]
    return rng.choices(tuple(Goal), (10, 20, 14, 6, 50))[0]


def _effective_on(rng: Random, scenario: Scenario, goal: Goal, today: date) -> date:
    usual = {Goal.LONG_TERM_CARE: (10, 70), Goal.PRESERVATION: (2, 11)}.get(goal, (3, 20))
    months, days = {
        Scenario.NEAR_TWO_YEARS: ((19, 23), (0, 20)),
        Scenario.PAST_TWO_YEARS: ((24, 29), (1, 28)),
        Scenario.EXTENDED: ((21, 26), (0, 28)),
        Scenario.ACHIEVED: ((14, 22), (0, 28)),
        Scenario.INTENSIVE: ((9, 18), (0, 28)),
    }.get(scenario, (usual, (0, 28)))
    return add_months(today, -rng.randint(*months)) - timedelta(days=rng.randint(*days))


def _born_on(rng: Random, scenario: Scenario, effective_on: date, today: date) -> date:
    if scenario == Scenario.NEARLY_18:
        return add_months(today, -18 * 12) + timedelta(days=rng.randint(20, 120))
    oldest = add_months(today, -16 * 12)
    youngest = effective_on - timedelta(days=200)
    return oldest + timedelta(days=rng.randint(0, max(1, (youngest - oldest).days)))


def _last_review_on(rng: Random, goal: Goal, effective_on: date, began_on: date) -> date | None:
    period = REVIEW_MONTHS.get(goal, 6)
    if add_months(effective_on, period) > began_on:
        return None
    held_on = add_months(began_on, -rng.randint(0, period - 1)) - timedelta(days=rng.randint(0, 25))
    return max(held_on, effective_on)
