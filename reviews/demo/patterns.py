"""Works out ordinary cases by the policy, as rows that are not written yet.

What comes of a pattern is what the services would have stored: its dates are the policy's, with the
reason for each. Many children can be made like it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db.models import Model

from directory.models import Appointment, District, User
from directory.roles import WRITES_CASES, CaseManagement
from permanency.goals.clocks import GoalDates
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.policy.endings import EndReason
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.policy.review_dates import next_review
from permanency.policy.rules import Rules, period_months
from permanency.policy.two_year_clock import GoalPeriod, first_in_episode_on, two_year_date
from reviews.demo import texts
from reviews.demo.cases import ORDER_MONTHS, ORDERS, STATUS_WEIGHTS, STATUSES
from reviews.demo.people import Staff
from reviews.demo.plans import ORDINARY_SCENARIOS, DemoPlan, Scenario, make_plan
from reviews.models import GoalReview

# How the cases of a large demonstration stand: most go on.
PATTERN_SCENARIOS = (
    *ORDINARY_SCENARIOS,
    Scenario.NEAR_TWO_YEARS,
    Scenario.PAST_TWO_YEARS,
    Scenario.NEARLY_18,
    Scenario.NO_GOAL,
)
# What the goal in force took the place of. The others began with the goal that they have.
PREVIOUS_GOALS = {
    Goal.RESTORATION: Goal.PRESERVATION,
    Goal.GUARDIANSHIP: Goal.RESTORATION,
    Goal.ADOPTION: Goal.RESTORATION,
    Goal.LONG_TERM_CARE: Goal.RESTORATION,
}
PREVIOUS_GOAL_MONTHS = 12
SOURCE_NOTE = "Case plan in ChildStory"


@dataclass(frozen=True)
class ChildTemplate:
    """A child that others can be made like, with who registered it, by which right and when."""

    child: Child
    coordinator: User
    appointment: Appointment | None
    registered_on: date

    def another(self, further: int) -> ChildTemplate:
        """Return the template of another child, whose key is so much higher."""
        child = copy(self.child)
        child.pk = self.child.pk + further
        return replace(self, child=child)


@dataclass(frozen=True)
class Pattern:
    """A case: its child, and the rows about the child."""

    template: ChildTemplate
    rows: tuple[Model, ...]


@dataclass
class PatternMaker:
    """Makes patterns as they stand on a day, by the rules of that day."""

    rng: Random
    staff: Staff
    today: date
    rules: Rules
    _appointments: dict[tuple[int, int], Appointment | None] = field(default_factory=dict)

    def make(self, number: int, district: District, *, key: int) -> Pattern:
        """Return the pattern of this number, its child with this key and still without a name."""
        demo_plan = make_plan(
            self.rng, PATTERN_SCENARIOS[number % len(PATTERN_SCENARIOS)], today=self.today
        )
        coordinator = self.rng.choice(self.staff.coordinators[district.pk])
        case = _Case(self, demo_plan, self._child(demo_plan, district, key), coordinator)
        right = self._appointment(coordinator, district)
        template = ChildTemplate(case.child, coordinator, right, demo_plan.opened_on)
        return Pattern(template, tuple(case.rows()))

    def _appointment(self, coordinator: User, district: District) -> Appointment | None:
        """Return under which appointment somebody of the staff, here for years, writes."""
        place = (coordinator.pk, district.pk)
        if place not in self._appointments:
            self._appointments[place] = coordinator.appointment_for(
                WRITES_CASES, on=self.today, district=district
            )
        return self._appointments[place]

    def _child(self, demo_plan: DemoPlan, district: District, key: int) -> Child:
        providers = self.staff.providers[district.pk]
        provider = self.rng.choice(providers) if self.rng.random() < 0.55 else None
        return Child(
            pk=key,
            born_on=demo_plan.born_on,
            aboriginal_status=self.rng.choices(STATUSES, STATUS_WEIGHTS)[0],
            cald=self.rng.choices(Child.Cald.values, (2, 7, 1))[0],
            district=district,
            office=self.rng.choice(list(district.offices.all())),
            case_managed_by=CaseManagement.PSP if provider else CaseManagement.DCJ,
            provider=provider,
            caseworker=self.rng.choice(texts.CASEWORKERS),
            caseworker_organisation=str(provider) if provider else "DCJ",
        )


@dataclass
class _Case:
    maker: PatternMaker
    demo_plan: DemoPlan
    child: Child
    coordinator: User

    def rows(self) -> Iterator[Model]:
        before = self._before()
        entered_on = self._entered_care_on(before)
        if entered_on is not None:
            yield CareEpisode(child=self.child, entered_on=entered_on)
        if self.demo_plan.scenario == Scenario.NO_GOAL:
            return
        yield self._order()
        goal_periods: list[GoalPeriod] = []
        for goal in (before, self._goal(self.demo_plan.goal, self.demo_plan.effective_on)):
            if goal is not None:
                goal_periods.append(GoalPeriod(Goal(goal.goal), goal.effective_on))
                reviews = list(self._reviews(goal))
                self._date(goal, goal_periods, entered_on)
                goal_periods[-1] = GoalPeriod(Goal(goal.goal), goal.effective_on, goal.ended_on)
                yield goal
                yield from reviews
                yield from self._actions(reviews[-1:])

    def _goal(self, goal: Goal, effective_on: date) -> CasePlanGoal:
        return CasePlanGoal(
            child=self.child,
            goal=goal,
            effective_on=effective_on,
            source=CasePlanGoal.Source.OPENED_IN_FORCE,
            source_note=SOURCE_NOTE,
        )

    def _before(self) -> CasePlanGoal | None:
        """Return the goal that the one in force took the place of, or None."""
        began_on = add_months(self.demo_plan.effective_on, -PREVIOUS_GOAL_MONTHS)
        if (
            self.demo_plan.scenario not in ORDINARY_SCENARIOS
            or self.demo_plan.goal not in PREVIOUS_GOALS
        ):
            return None
        if began_on < self.demo_plan.born_on:
            return None
        goal = self._goal(PREVIOUS_GOALS[self.demo_plan.goal], began_on)
        goal.ended_on, goal.end_reason = self.demo_plan.effective_on, EndReason.GOAL_CHANGED
        return goal

    def _entered_care_on(self, before: CasePlanGoal | None) -> date | None:
        entered_on = self.demo_plan.entered_care_on
        if before is not None and before.goal != Goal.PRESERVATION:
            entered_on = before.effective_on
        return entered_on and max(entered_on, self.demo_plan.born_on)

    def _order(self) -> CourtOrder:
        kind = ORDERS[self.demo_plan.goal]
        made_on = self.demo_plan.effective_on - timedelta(days=self.maker.rng.randint(0, 40))
        starts_on = max(made_on, self.demo_plan.born_on)
        months = ORDER_MONTHS.get(kind)
        expires_on = add_months(starts_on, months) if months else None
        return CourtOrder(child=self.child, kind=kind, starts_on=starts_on, expires_on=expires_on)

    def _reviews(self, goal: CasePlanGoal) -> Iterator[GoalReview]:
        """Yield the reviews held while the goal was in force; the goal comes to know the last."""
        until = goal.ended_on or self.maker.today
        months = period_months(Goal(goal.goal), intensive=False, rules=self.maker.rules)
        anchor_on = goal.effective_on
        while (due_on := add_months(anchor_on, months)) <= until:
            held_on = min(due_on + timedelta(days=self._lateness()), until)
            is_last = add_months(held_on, months) > until
            if is_last and self.demo_plan.scenario == Scenario.OVERDUE:
                return
            yield self._review(goal, held_on, due_on=due_on, anchor_on=anchor_on, months=months)
            goal.last_review_held_on = anchor_on = held_on

    def _lateness(self) -> int:
        rng = self.maker.rng
        return (
            rng.randint(6, 50) if self.demo_plan.scenario == Scenario.LATE else -rng.randint(0, 21)
        )

    def _review(
        self, goal: CasePlanGoal, held_on: date, *, due_on: date, anchor_on: date, months: int
    ) -> GoalReview:
        rng = self.maker.rng
        recorded_on = min(held_on + timedelta(days=rng.randint(0, 3)), self.maker.today)
        return GoalReview(
            child=self.child,
            goal=goal,
            due_on=due_on,
            anchor_on=anchor_on,
            period_months=months,
            held_on=held_on,
            outcome=GoalReview.Outcome.CONTINUE,
            took_part=f"{self.coordinator.name}, Permanency Coordinator, DCJ",
            progress=rng.choices(GoalReview.Progress.values, (6, 3, 1))[0],
            progress_reasons=rng.choice(texts.REVIEW_REASONS),
            barriers=rng.choice(texts.BARRIERS),
            by=self.coordinator,
            recorded_on=recorded_on,
        )

    def _date(
        self, goal: CasePlanGoal, goal_periods: list[GoalPeriod], entered_care_on: date | None
    ) -> None:
        """Put both dates on the goal, as the policy gives them while it is in force."""
        review = next_review(
            goal=Goal(goal.goal),
            effective_on=goal.effective_on,
            last_held_on=goal.last_review_held_on,
            intensive=False,
            rules=self.maker.rules,
            born_on=self.demo_plan.born_on,
        )
        clock_arguments: dict[str, Any] = {
            "goal_periods": goal_periods,
            "entered_care_on": entered_care_on,
            "first_two_year_goal_on": None,
        }
        two_year = two_year_date(
            **clock_arguments, born_on=self.demo_plan.born_on, rules=self.maker.rules
        )
        GoalDates(review, two_year, first_in_episode_on(**clock_arguments)).copy_to(goal)

    def _actions(self, reviews: list[GoalReview]) -> Iterator[Action]:
        rng, today = self.maker.rng, self.maker.today
        for review in reviews:
            if review.held_on is None or rng.random() < 0.5:
                continue
            due_on = review.held_on + timedelta(days=rng.randint(14, 90))
            is_done = due_on < today and rng.random() < 0.9
            yield Action(
                child=self.child,
                what=rng.choice(texts.ACTIONS),
                who=self.child.caseworker,
                due_on=due_on,
                agreed_on=review.held_on,
                done_on=due_on - timedelta(days=rng.randint(0, 10)) if is_done else None,
            )
