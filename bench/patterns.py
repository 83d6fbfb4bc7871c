"""Ordinary cases as rows that are not written yet, with the dates that the policy gives."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from django.db.models import Model

from directory.models import Appointment, District, Provider
from directory.roles import CaseManagement
from permanency.goals.clocks import GoalDates
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months
from permanency.policy.review_dates import next_review
from permanency.policy.rules import Rules, period_months
from permanency.policy.two_year_clock import GoalPeriod, first_in_episode_on, two_year_date
from reviews.demo import texts
from reviews.demo.build import ORDER_MONTHS, ORDERS, STATUS_WEIGHTS, STATUSES
from reviews.demo.plans import ORDINARY_SCENARIOS, DemoPlan, Scenario, make_plan
from reviews.models import GoalReview

PATTERN_SCENARIOS = (
    *ORDINARY_SCENARIOS,
    Scenario.NEAR_TWO_YEARS,
    Scenario.PAST_TWO_YEARS,
    Scenario.NEARLY_18,
    Scenario.NO_GOAL,
)
# The goal before the one in force. Cases with another goal began with it.
PREVIOUS_GOALS = {
    Goal.RESTORATION: Goal.PRESERVATION,
    Goal.GUARDIANSHIP: Goal.RESTORATION,
    Goal.ADOPTION: Goal.RESTORATION,
    Goal.LONG_TERM_CARE: Goal.RESTORATION,
}
PREVIOUS_GOAL_MONTHS = 12


@dataclass(frozen=True)
class ChildTemplate:
    """A child without a name, the appointment under which it was registered, and the day."""

    child: Child
    appointment: Appointment
    registered_on: date

    def another(self, further: int) -> ChildTemplate:
        """Return the template of the child whose key is so much higher."""
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
    """Makes patterns as they are on a day, by the rules of that day."""

    rng: Random
    coordinators: dict[int, list[Appointment]]
    providers: dict[int, list[Provider]]
    today: date
    rules: Rules

    def make(self, number: int, district: District, *, key: int) -> Pattern:
        """Return the pattern of this number; its child has this key."""
        scenario = PATTERN_SCENARIOS[number % len(PATTERN_SCENARIOS)]
        plan = make_plan(self.rng, scenario, today=self.today)
        appointment = self.rng.choice(self.coordinators[district.pk])
        child = self._child(plan, district, key)
        rows = tuple(_Case(self, plan, child, appointment).rows())
        return Pattern(ChildTemplate(child, appointment, plan.opened_on), rows)

    def _child(self, plan: DemoPlan, district: District, key: int) -> Child:
        providers = self.providers[district.pk]
        provider = self.rng.choice(providers) if self.rng.random() < 0.55 else None
        return Child(
            pk=key,
            born_on=plan.born_on,
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
    plan: DemoPlan
    child: Child
    appointment: Appointment

    def rows(self) -> Iterator[Model]:
        before = self._before()
        entered_on = self.plan.entered_care_on
        if before is not None and before.goal != Goal.PRESERVATION:
            entered_on = before.effective_on
        if entered_on is not None:
            entered_on = max(entered_on, self.plan.born_on)
            yield CareEpisode(child=self.child, entered_on=entered_on)
        if self.plan.scenario == Scenario.NO_GOAL:
            return
        yield self._order()
        goal_periods: list[GoalPeriod] = []
        for goal in (before, self._goal(self.plan.goal, self.plan.effective_on)):
            if goal is not None:
                goal_periods.append(GoalPeriod(Goal(goal.goal), goal.effective_on))
                reviews = list(self._reviews(goal))
                self._set_dates(goal, goal_periods, entered_on)
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
            source_note="Case plan in ChildStory",
        )

    def _before(self) -> CasePlanGoal | None:
        """Return the goal that the one in force replaced, or None."""
        plan = self.plan
        began_on = add_months(plan.effective_on, -PREVIOUS_GOAL_MONTHS)
        if plan.scenario not in ORDINARY_SCENARIOS or plan.goal not in PREVIOUS_GOALS:
            return None
        if began_on < plan.born_on:
            return None
        goal = self._goal(PREVIOUS_GOALS[plan.goal], began_on)
        goal.ended_on, goal.end_reason = plan.effective_on, EndReason.GOAL_CHANGED
        return goal

    def _order(self) -> CourtOrder:
        kind = ORDERS[self.plan.goal]
        made_on = self.plan.effective_on - timedelta(days=self.maker.rng.randint(0, 40))
        starts_on = max(made_on, self.plan.born_on)
        months = ORDER_MONTHS.get(kind)
        expires_on = add_months(starts_on, months) if months else None
        return CourtOrder(child=self.child, kind=kind, starts_on=starts_on, expires_on=expires_on)

    def _reviews(self, goal: CasePlanGoal) -> Iterator[GoalReview]:
        """Yield the reviews held while the goal was in force, and set the last one on the goal."""
        rng, until = self.maker.rng, goal.ended_on or self.maker.today
        months = period_months(Goal(goal.goal), intensive=False, rules=self.maker.rules)
        anchor_on = goal.effective_on
        while (due_on := add_months(anchor_on, months)) <= until:
            is_late = self.plan.scenario == Scenario.LATE
            days_late = rng.randint(6, 50) if is_late else -rng.randint(0, 21)
            held_on = min(due_on + timedelta(days=days_late), until)
            is_last = add_months(held_on, months) > until
            if is_last and self.plan.scenario == Scenario.OVERDUE:
                return
            yield GoalReview(
                child=self.child,
                goal=goal,
                due_on=due_on,
                anchor_on=anchor_on,
                period_months=months,
                held_on=held_on,
                outcome=GoalReview.Outcome.CONTINUE,
                took_part=f"{self.appointment.person.name}, Permanency Coordinator, DCJ",
                progress=rng.choices(GoalReview.Progress.values, (6, 3, 1))[0],
                progress_reasons=rng.choice(texts.REVIEW_REASONS),
                barriers=rng.choice(texts.BARRIERS),
                by=self.appointment.person,
                recorded_on=min(held_on + timedelta(days=rng.randint(0, 3)), self.maker.today),
            )
            goal.last_review_held_on = anchor_on = held_on

    def _set_dates(
        self, goal: CasePlanGoal, goal_periods: list[GoalPeriod], entered_care_on: date | None
    ) -> None:
        rules, born_on = self.maker.rules, self.plan.born_on
        review = next_review(
            goal=Goal(goal.goal),
            effective_on=goal.effective_on,
            last_held_on=goal.last_review_held_on,
            intensive=False,
            rules=rules,
            born_on=born_on,
        )
        two_year = two_year_date(
            goal_periods=goal_periods,
            entered_care_on=entered_care_on,
            first_two_year_goal_on=None,
            born_on=born_on,
            rules=rules,
        )
        first_on = first_in_episode_on(
            goal_periods=goal_periods,
            entered_care_on=entered_care_on,
            first_two_year_goal_on=None,
        )
        GoalDates(review, two_year, first_on, rules.version).copy_to(goal)

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
