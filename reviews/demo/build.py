"""Makes the demonstration through the services, day by day, as its staff would have made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain, cycle, product
from random import Random

from django.db import transaction

from consultations.models import Consultation, GoalChange
from consultations.workflow import OPEN
from directory.accounts.demo_people import DEMO_ADDRESSES, DEMO_PASSWORD, DEMO_PEOPLE
from directory.mail import notices
from directory.mail.hold import hold_mail
from directory.models import District, Office, Provider, User
from directory.people import appointments
from directory.people import services as people
from directory.places import services as places
from directory.roles import DECIDES_FOR, CaseManagement, Role
from permanency import matters
from permanency.care import services as care
from permanency.children import services as register
from permanency.goals import intensive, lifecycle, two_years
from permanency.models import Action, CasePlanGoal, Child, CourtOrder
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import add_months
from reviews.demo import consultations, past_figures, texts
from reviews.demo.plans import (
    CHANGE_SCENARIOS,
    IN_USE_MONTHS,
    REVIEW_MONTHS,
    Case,
    DemoPlan,
    Scenario,
    Staff,
    all_scenarios,
    make_plan,
    plans_to_show,
)
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.models import GoalReview

# The districts that the demonstration people work in have more to look at.
DISTRICT_WEIGHTS = {"hunter": 6, "sydney": 3}
# How many of a district's providers its contract manager looks after.
CONTRACTS = 2
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


def is_needed() -> bool:
    return not Child.objects.exists()


def is_of_somebody_else() -> bool:
    """Return whether a database holds people, but not those of the demonstration."""
    people = User.objects.all()
    return people.exists() and not people.filter(email__in=DEMO_ADDRESSES).exists()


def weighted_districts(today: date) -> list[District]:
    return [
        district
        for district in District.objects.current(on=today).prefetch_related("offices")
        for _ in range(DISTRICT_WEIGHTS.get(district.slug, 1))
    ]


@transaction.atomic
def make(
    *, children: int, seed: int, today: date, progress: Callable[[int], None] = lambda made: None
) -> int:
    """Return how many children were made; the same seed and day make the same cases.

    Case references are drawn afresh: they are random wherever they are given. `progress` is told
    how many there are after each.
    """
    rng = Random(seed)  # noqa: S311  # invented cases, no secret
    since = add_months(today, -IN_USE_MONTHS - 12)
    staff = employ(rng, since=since, on=since)
    districts = weighted_districts(today)
    rng.shuffle(districts)
    hunter = next(each for each in districts if each.slug == "hunter")
    to_show = [(plan, hunter) for plan in plans_to_show(rng, today=today)][:children]
    cases = zip(range(children - len(to_show)), all_scenarios(), cycle(districts), strict=False)
    drawn = ((make_plan(rng, scenario, today=today), district) for _, scenario, district in cases)
    for number, (plan, district) in enumerate(chain(to_show, drawn), 1):
        _make_case(rng, plan, staff, district, today=today)
        progress(number)
    # What was decided more than a week ago needs no mail any more.
    old = GoalChange.objects.filter(status_since_on__lt=today - timedelta(days=7))
    notices.settle(
        *(matters.of_change(pk) for pk in old.exclude(status__in=OPEN).values_list("pk", flat=True))
    )
    past_figures.fill(today=today)
    hold_mail("The demonstration keeps its mail.", on=today)
    return children


def _make_case(
    rng: Random, plan: DemoPlan, staff: Staff, district: District, *, today: date
) -> None:
    coordinator = rng.choice(staff.coordinators[district.pk])
    case = Case(_register(rng, plan, staff, district, coordinator), coordinator, plan, rng, today)
    if plan.entered_care_on is not None:
        entered_on = max(plan.entered_care_on, plan.born_on)
        care.enter_care(case.child, entered_on=entered_on, by=coordinator, on=plan.opened_on)
    if plan.scenario == Scenario.NO_GOAL:
        return
    _open_goal(case)
    if plan.scenario in CHANGE_SCENARIOS:
        _hold_reviews(case, until=consultations.last_day_of_old_goal(case))
        consultations.make_change(case, staff)
        _hold_reviews(case, until=today)
    else:
        _hold_reviews(case, until=today)
        _end(case)
    for action in Action.objects.filter(child=case.child, due_on__lt=today, done_on=None):
        if rng.random() < 0.85:
            done_on = min(action.due_on - timedelta(days=rng.randint(0, 10)), today)
            care.finish_action(action, by=coordinator, on=max(done_on, action.agreed_on))


def _register(
    rng: Random, plan: DemoPlan, staff: Staff, district: District, coordinator: User
) -> Child:
    by_provider = rng.random() < 0.55 if plan.by_provider is None else plan.by_provider
    provider = rng.choice(staff.providers[district.pk]) if by_provider else None
    return register.register_child(
        childstory_id=f"D{rng.randrange(10**7):07}",
        first_name=plan.first_name,
        last_name=plan.last_name,
        born_on=plan.born_on,
        aboriginal_status=plan.aboriginal_status or rng.choices(STATUSES, STATUS_WEIGHTS)[0],
        cald=rng.choices(Child.Cald.values, (2, 7, 1))[0],
        district=district,
        office=rng.choice(list(district.offices.all())),
        case_managed_by=CaseManagement.PSP if by_provider else CaseManagement.DCJ,
        provider=provider,
        caseworker=rng.choice(texts.CASEWORKERS),
        caseworker_organisation=str(provider) if provider else "DCJ",
        by=coordinator,
        on=plan.opened_on,
    )


def _open_goal(case: Case) -> None:
    plan, kind = case.plan, ORDERS[case.plan.goal]
    starts_on = max(plan.effective_on - timedelta(days=case.rng.randint(0, 40)), plan.born_on)
    months = ORDER_MONTHS.get(kind)
    care.record_order(
        case.child,
        kind=kind,
        starts_on=starts_on,
        expires_on=add_months(starts_on, months) if months else None,
        by=case.coordinator,
        on=plan.opened_on,
    )
    lifecycle.open_with_goal_in_force(
        case.child,
        goal=plan.goal,
        effective_on=plan.effective_on,
        source_note="Case plan in ChildStory",
        last_review_held_on=plan.last_review_on,
        by=case.coordinator,
        on=plan.opened_on,
    )


def _hold_reviews(case: Case, *, until: date) -> None:
    plan, rng = case.plan, case.rng
    while (goal := case.goal) and goal.review_due_on and goal.review_due_on <= until:
        if goal.review_due_on < plan.opened_on:
            held_on = plan.opened_on + timedelta(days=rng.randint(3, 20))
        elif plan.scenario == Scenario.LATE:
            held_on = goal.review_due_on + timedelta(days=rng.randint(6, 50))
        else:
            held_on = goal.review_due_on - timedelta(days=rng.randint(0, 21))
        held_on = min(max(held_on, plan.opened_on), until)
        is_last = add_months(held_on, REVIEW_MONTHS.get(Goal(goal.goal), 6)) > until
        if is_last and plan.scenario in {Scenario.OVERDUE, Scenario.NOT_HELD}:
            return
        _hold_review(case, goal, held_on=held_on)


def _hold_review(case: Case, goal: CasePlanGoal, *, held_on: date) -> None:
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
    actions = []
    if rng.random() < 0.6:
        is_mine = rng.random() < 0.4
        actions.append(
            AgreedAction(
                what=rng.choice(texts.ACTIONS),
                who=case.coordinator.name if is_mine else case.child.caseworker,
                due_on=held_on + timedelta(days=rng.randint(14, 90)),
                is_mine=is_mine,
            )
        )
    hold(
        goal,
        held_on=held_on,
        outcome=GoalReview.Outcome.CONTINUE,
        content=content,
        actions=actions,
        by=case.coordinator,
        on=on,
    )


def _end(case: Case) -> None:
    scenario, goal, by, rng = case.plan.scenario, case.goal, case.coordinator, case.rng
    if scenario == Scenario.NOTED:
        consultations.begin_draft(case)
    elif scenario == Scenario.ADVISED:
        held_on = max(case.today - timedelta(days=rng.randint(5, 90)), case.plan.opened_on)
        consultations.record_consultation(case, held_on=held_on, kind=Consultation.Kind.INFORMAL)
    elif goal is None:
        return
    elif scenario == Scenario.NOT_HELD:
        record_not_held(
            goal,
            reasons=rng.choice(texts.NOT_HELD),
            planned_on=case.today + timedelta(days=rng.randint(3, 14)),
            by=by,
            on=case.today - timedelta(days=rng.randint(1, 9)),
        )
    elif scenario == Scenario.INTENSIVE:
        on = max(case.today - timedelta(days=rng.randint(5, 60)), goal.effective_on)
        intensive.mark_intensive(goal, reasons=rng.choice(texts.REVIEW_REASONS), by=by, on=on)
    elif scenario == Scenario.EXTENDED and goal.two_year_on is not None:
        decided_on = case.today - timedelta(days=rng.randint(5, 30))
        two_years.record_extension(
            goal,
            extended_to=add_months(goal.two_year_on, 6),
            decided_on=decided_on,
            decided_by_name="District executive",
            reasons="The family needs more time, and the work is under way.",
            by=by,
            on=decided_on,
        )
    elif scenario == Scenario.ACHIEVED:
        achieved_on = case.today - timedelta(days=rng.randint(3, 40))
        lifecycle.record_achievement(goal, achieved_on=achieved_on, by=by, on=case.today)


def counts() -> dict[str, int]:
    return {
        "children": Child.objects.count(),
        "consultations": Consultation.objects.count(),
        "reviews": GoalReview.objects.count(),
        "actions": Action.objects.count(),
    }


def employ(rng: Random, *, since: date, on: date) -> Staff:
    staff = Staff()
    districts = list(District.objects.current(on=on).prefetch_related("offices"))

    def appoint(
        email: str, name: str, role: Role, district: District | None, password: str | None = None
    ) -> None:
        user = people.add_person(email=email, name=name, password=password, by=None, on=on)
        appointments.appoint(
            user, role, district, starts_on=since, instrument="Demonstration", by=None, on=on
        )
        if district and role == Role.COORDINATOR:
            staff.coordinators.setdefault(district.pk, []).append(user)
        elif district and role in DECIDES_FOR:
            staff.approvers[district.pk, DECIDES_FOR[role]] = user
        elif district and role == Role.CONTRACT_MANAGER:
            staff.contract_managers[district.pk] = user

    for person in DEMO_PEOPLE:
        where = next((each for each in districts if each.slug == person.district), None)
        appoint(person.email, person.name, person.role, where, DEMO_PASSWORD)
    pairs = list(product(texts.STAFF_FIRST_NAMES, texts.STAFF_FAMILY_NAMES))
    names = (f"{first} {family}" for first, family in rng.sample(pairs, len(pairs)))
    for district in districts:
        for short, role in _vacant_posts(staff, district):
            appoint(f"{short}.{district.slug}@staff.example.org", next(names), role, district)
    _add_providers(staff, rng, districts, on=on)
    _allocate(staff, districts, since=since, on=on)
    return staff


def _vacant_posts(staff: Staff, district: District) -> list[tuple[str, Role]]:
    posts = [("pc1", Role.COORDINATOR), ("pc2", Role.COORDINATOR)]
    posts = posts[len(staff.coordinators.get(district.pk, [])) :]
    for short, role in (("cfdu", Role.CFDU), ("mcw", Role.CASEWORK_MANAGER)):
        if (district.pk, DECIDES_FOR[role]) not in staff.approvers:
            posts.append((short, role))
    return posts


def _add_providers(staff: Staff, rng: Random, districts: list[District], *, on: date) -> None:
    for number, (name, is_aboriginal_controlled) in enumerate(texts.PROVIDERS):
        where = [
            district
            for index, district in enumerate(districts)
            if (index + number) % 3 == 0 or rng.random() < 0.15
        ]
        provider = places.add_provider(
            name=name,
            districts=where,
            is_aboriginal_controlled=is_aboriginal_controlled,
            by=None,
            on=on,
        )
        for district in where:
            staff.providers.setdefault(district.pk, []).append(provider)


def _allocate(staff: Staff, districts: list[District], *, since: date, on: date) -> None:
    for district in districts:
        shared: list[Office | Provider] = [
            *district.offices.current(on=on),
            *staff.providers[district.pk],
        ]
        for user, place in zip(cycle(staff.coordinators[district.pk]), shared, strict=False):
            appointments.allocate(user, place, starts_on=since, by=None, on=on)
    for key, user in staff.contract_managers.items():
        for provider in staff.providers[key][:CONTRACTS]:
            appointments.allocate(user, provider, starts_on=since, by=None, on=on)
