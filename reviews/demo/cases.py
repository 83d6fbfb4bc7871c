"""Makes the planned cases through the services, day by day, as the staff would have made them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from directory.models import District, User
from directory.roles import CaseManagement
from permanency.care import orders
from permanency.care import services as care
from permanency.children import services as register
from permanency.goals import lifecycle, store
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import add_months
from reviews.demo import texts
from reviews.demo.people import Staff
from reviews.demo.plans import DemoPlan, Scenario
from reviews.held.services import NewAction, ReviewContent, hold, record_not_held
from reviews.models import GoalReview

STATUSES = tuple(AboriginalStatus)
STATUS_WEIGHTS = (38, 3, 3, 48, 4, 4)
ORDERS = {
    Goal.PRESERVATION: CourtOrder.Kind.SUPERVISION,
    Goal.RESTORATION: CourtOrder.Kind.SHORT_TERM,
    Goal.GUARDIANSHIP: CourtOrder.Kind.SHORT_TERM,
    Goal.ADOPTION: CourtOrder.Kind.SHORT_TERM,
    Goal.LONG_TERM_CARE: CourtOrder.Kind.LONG_TERM,
}
ORDER_MONTHS = {CourtOrder.Kind.SHORT_TERM: 24, CourtOrder.Kind.SUPERVISION: 12}
WITHOUT_LAST_REVIEW = {Scenario.OVERDUE, Scenario.NOT_HELD}


@dataclass
class Case:
    """A case being told: the child, who coordinates it, and the day on which it is told."""

    child: Child
    coordinator: User
    demo_plan: DemoPlan
    rng: Random
    today: date
    caseworker: str

    @property
    def took_part(self) -> str:
        """Return who was at the table, one person a line."""
        return (
            f"{self.coordinator.name}, Permanency Coordinator, DCJ\n"
            f"{self.caseworker}, caseworker, {self.child.caseworker_organisation}"
        )

    @property
    def goal(self) -> CasePlanGoal | None:
        """Return the goal in force as it stands now."""
        return store.goal_in_force(self.child)


def begin_case(
    demo_plan: DemoPlan, staff: Staff, district: District, rng: Random, *, today: date
) -> Case:
    """Return the case registered, with its care, its order and its goal in force."""
    coordinator = rng.choice(staff.coordinators[district.pk])
    child = _register(demo_plan, staff, district, rng, coordinator)
    case = Case(child, coordinator, demo_plan, rng, today, child.caseworker)
    if demo_plan.entered_care_on is not None:
        entered_on = max(demo_plan.entered_care_on, demo_plan.born_on)
        care.enter_care(child, entered_on=entered_on, by=coordinator, on=demo_plan.opened_on)
    if demo_plan.scenario == Scenario.NO_GOAL:
        return case
    _order(case)
    lifecycle.open_with_goal_in_force(
        child,
        goal=demo_plan.goal,
        effective_on=demo_plan.effective_on,
        source_note="Case plan in ChildStory",
        last_review_held_on=demo_plan.last_review_on,
        by=coordinator,
        on=demo_plan.opened_on,
    )
    return case


def _register(
    demo_plan: DemoPlan, staff: Staff, district: District, rng: Random, coordinator: User
) -> Child:
    providers = staff.providers[district.pk]
    by_provider = rng.random() < 0.55
    provider = rng.choice(providers) if by_provider else None
    return register.register_child(
        childstory_id=f"D{rng.randrange(10**7):07}",
        first_name=demo_plan.first_name,
        last_name=demo_plan.last_name,
        born_on=demo_plan.born_on,
        aboriginal_status=rng.choices(STATUSES, STATUS_WEIGHTS)[0],
        cald=rng.choices(Child.Cald.values, (2, 7, 1))[0],
        district=district,
        office=rng.choice(list(district.offices.all())),
        case_managed_by=CaseManagement.PSP if by_provider else CaseManagement.DCJ,
        provider=provider,
        caseworker=rng.choice(texts.CASEWORKERS),
        caseworker_organisation=str(provider) if provider else "DCJ",
        by=coordinator,
        on=demo_plan.opened_on,
    )


def _order(case: Case) -> None:
    demo_plan, kind = case.demo_plan, ORDERS[case.demo_plan.goal]
    starts_on = max(
        demo_plan.effective_on - timedelta(days=case.rng.randint(0, 40)), demo_plan.born_on
    )
    months = ORDER_MONTHS.get(kind)
    orders.record_order(
        case.child,
        kind=kind,
        starts_on=starts_on,
        expires_on=add_months(starts_on, months) if months else None,
        by=case.coordinator,
        on=demo_plan.opened_on,
    )


def hold_reviews(case: Case, *, until: date) -> None:
    """Hold the reviews that fell due by this day; how promptly depends on the case's scenario."""
    while (goal := case.goal) and goal.review_due_on and goal.review_due_on <= until:
        due_on = goal.review_due_on
        if due_on < case.demo_plan.opened_on:
            held_on = case.demo_plan.opened_on + timedelta(days=case.rng.randint(3, 20))
        else:
            held_on = due_on + timedelta(days=_lateness(case))
        held_on = min(max(held_on, case.demo_plan.opened_on), until)
        is_last = add_months(held_on, _months_until_next(case, goal)) > until
        if is_last and case.demo_plan.scenario in WITHOUT_LAST_REVIEW:
            return
        hold_review(case, goal, held_on=held_on)


def _months_until_next(case: Case, goal: CasePlanGoal) -> int:
    return {Goal.PRESERVATION: 3, Goal.LONG_TERM_CARE: 12}.get(Goal(goal.goal), 6)


def _lateness(case: Case) -> int:
    if case.demo_plan.scenario == Scenario.LATE:
        return case.rng.randint(6, 50)
    return -case.rng.randint(0, 21)


def hold_review(case: Case, goal: CasePlanGoal, *, held_on: date) -> GoalReview:
    """Return a review held on this day and written down within a few days."""
    rng = case.rng
    on = min(held_on + timedelta(days=rng.randint(0, 3)), case.today)
    content = ReviewContent(
        progress=rng.choices(GoalReview.Progress.values, (6, 3, 1))[0],
        took_part=case.took_part,
        progress_reasons=rng.choice(texts.REVIEW_REASONS),
        barriers=rng.choice(texts.BARRIERS),
        support_needed=rng.choice(texts.SUPPORT),
        cultural_practice=rng.choice(texts.CULTURAL_ADVICE),
        copy_given_on=on if case.child.provider_id and rng.random() < 0.8 else None,
    )
    return hold(
        goal,
        held_on=held_on,
        outcome=GoalReview.Outcome.CONTINUE,
        content=content,
        actions=[_action(case, held_on)] if rng.random() < 0.6 else [],
        by=case.coordinator,
        on=on,
    )


def _action(case: Case, agreed_on: date) -> NewAction:
    is_mine = case.rng.random() < 0.4
    return NewAction(
        what=case.rng.choice(texts.ACTIONS),
        who=case.coordinator.name if is_mine else case.caseworker,
        due_on=agreed_on + timedelta(days=case.rng.randint(14, 90)),
        is_mine=is_mine,
    )


def put_review_off(case: Case) -> None:
    """Record that the overdue review was not held, and when it is planned for."""
    goal = case.goal
    if goal is None:
        return
    record_not_held(
        goal,
        reasons=case.rng.choice(texts.NOT_HELD),
        planned_on=case.today + timedelta(days=case.rng.randint(3, 14)),
        by=case.coordinator,
        on=case.today - timedelta(days=case.rng.randint(1, 9)),
    )
