"""Makes the whole demonstration: people first, then one case after another."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import cycle
from random import Random

from django.db import transaction

from consultations.models import Consultation, GoalChange
from consultations.workflow import OPEN
from directory.mail import notices
from directory.mail.hold import hold_mail
from directory.models import District
from permanency.care import services as care
from permanency.goals import updates
from permanency.matters import keys
from permanency.models import Action, Child
from permanency.policy.months import add_months
from reviews.demo import cases, consultations, texts
from reviews.demo.people import Staff, employ
from reviews.demo.plans import CHANGE_SCENARIOS, IN_USE_MONTHS, Scenario, all_scenarios, make_plan
from reviews.models import GoalReview

# The districts that the demonstration people work in have more to look at.
DISTRICT_WEIGHTS = {"hunter": 6, "sydney": 3}


def is_needed() -> bool:
    """Say whether the case tables are empty."""
    return not Child.objects.exists()


def weighted_districts(today: date) -> list[District]:
    """Return the districts, those with more to look at several times."""
    return [
        district
        for district in District.objects.current(on=today).prefetch_related("offices")
        for _ in range(DISTRICT_WEIGHTS.get(district.slug, 1))
    ]


@transaction.atomic
def make(*, children: int, seed: int, today: date) -> int:
    """Return how many children were made; the same seed and day make the same cases.

    Case references are drawn afresh: they are random wherever they are given.
    """
    rng = Random(seed)  # noqa: S311  # invented cases, no secret
    since = add_months(today, -IN_USE_MONTHS - 12)
    staff = employ(rng, since=since, on=since)
    districts = weighted_districts(today)
    rng.shuffle(districts)
    those = all_scenarios()
    for _, district in zip(range(children), cycle(districts), strict=False):
        _make_case(rng, next(those), staff, district, today=today)
    # What was decided more than a week ago needs no mail any more.
    old = GoalChange.objects.filter(status_since_on__lt=today - timedelta(days=7))
    notices.settle(
        *(keys.of_change(pk) for pk in old.exclude(status__in=OPEN).values_list("pk", flat=True))
    )
    hold_mail("The demonstration keeps its mail.", on=today)
    return children


def _make_case(
    rng: Random, scenario: Scenario, staff: Staff, district: District, *, today: date
) -> None:
    case = cases.begin_case(
        make_plan(rng, scenario, today=today), staff, district, rng, today=today
    )
    if scenario == Scenario.NO_GOAL:
        return
    until = consultations.last_day_of_old_goal(case) if scenario in CHANGE_SCENARIOS else today
    cases.hold_reviews(case, until=until)
    if scenario in CHANGE_SCENARIOS:
        consultations.make_change(case, staff)
        cases.hold_reviews(case, until=today)
    else:
        _end(case)
    _do_actions(case)


def _end(case: cases.Case) -> None:
    """Give the case the event that its scenario is named for."""
    scenario, goal, rng = case.demo_plan.scenario, case.goal, case.rng
    if scenario == Scenario.NOTED:
        consultations.begin_draft(case)
    elif scenario == Scenario.ADVISED:
        held_on = max(case.today - timedelta(days=rng.randint(5, 90)), case.demo_plan.opened_on)
        consultations.record_consultation(case, held_on=held_on, kind=Consultation.Kind.INFORMAL)
    elif scenario == Scenario.NOT_HELD:
        cases.put_review_off(case)
    elif goal is None:
        return
    elif scenario == Scenario.INTENSIVE:
        on = max(case.today - timedelta(days=rng.randint(5, 60)), goal.effective_on)
        updates.mark_intensive(
            goal, reasons=rng.choice(texts.REVIEW_REASONS), by=case.coordinator, on=on
        )
    elif scenario == Scenario.EXTENDED:
        _extend(case)
    elif scenario == Scenario.ACHIEVED:
        updates.record_achievement(
            goal,
            achieved_on=case.today - timedelta(days=rng.randint(3, 40)),
            by=case.coordinator,
            on=case.today,
        )


def _extend(case: cases.Case) -> None:
    goal = case.goal
    if goal is None or goal.two_year_on is None:
        return
    decided_on = case.today - timedelta(days=case.rng.randint(5, 30))
    updates.record_extension(
        goal,
        extended_to=add_months(goal.two_year_on, 6),
        decided_on=decided_on,
        decided_by_name="District executive",
        reasons="The family needs more time, and the work is under way.",
        by=case.coordinator,
        on=decided_on,
    )


def _do_actions(case: cases.Case) -> None:
    """Record most of the actions that fell due as done; some stay open, and overdue."""
    for action in Action.objects.filter(child=case.child, due_on__lt=case.today, done_on=None):
        if case.rng.random() < 0.85:
            done_on = min(action.due_on - timedelta(days=case.rng.randint(0, 10)), case.today)
            care.finish_action(action, by=case.coordinator, on=max(done_on, action.agreed_on))


def counts() -> dict[str, int]:
    """Return what the demonstration made, for the command to print."""
    return {
        "children": Child.objects.count(),
        "consultations": Consultation.objects.count(),
        "reviews": GoalReview.objects.count(),
        "actions": Action.objects.count(),
    }
