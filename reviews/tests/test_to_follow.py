"""What a review led to stays on the child's page until somebody has followed it up."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from consultations.workflow import Status
from directory.models import District, User
from permanency.goals import two_years
from permanency.models import CasePlanGoal
from permanency.policy.months import add_months
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, open_child
from reviews.tests.test_child_pages import overview
from reviews.tests.test_dashboards import waiting_change

pytestmark = pytest.mark.django_db

Outcome = GoalReview.Outcome
STILL = "Still to do after the last review"


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    return open_child(hunter, coordinator)


def review(goal: CasePlanGoal, by: User, outcome: Outcome) -> None:
    content = ReviewContent(progress="on_track", progress_reasons="All went well.")
    hold(goal, held_on=days_ago(2), outcome=outcome, content=content, by=by, on=TODAY)


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        (Outcome.ACHIEVED, "record-achievement"),
        (Outcome.EXTENSION_SOUGHT, "new-extension"),
    ],
)
def test_an_open_outcome_leads_the_coordinator_on_and_only_tells_the_reader(
    client: Client,
    coordinator: User,
    district_manager: User,
    goal: CasePlanGoal,
    outcome: Outcome,
    step: str,
) -> None:
    review(goal, coordinator, outcome)
    link = f'href="{reverse(step, args=[goal.child_id])}">Record the'
    text = overview(client, coordinator, goal.child_id)
    assert STILL in text
    assert link in text
    text = overview(client, district_manager, goal.child_id)
    assert STILL in text
    assert link not in text


def test_a_review_that_leads_to_nothing_leaves_nothing_to_do(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    review(goal, coordinator, Outcome.CONTINUE)
    assert STILL not in overview(client, coordinator, goal.child_id)


def test_a_recorded_extension_follows_it_up(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    review(goal, coordinator, Outcome.EXTENSION_SOUGHT)
    assert goal.two_year_on is not None
    two_years.record_extension(
        goal,
        extended_to=add_months(goal.two_year_on, 3),
        decided_on=days_ago(1),
        decided_by_name="District executive",
        reasons="More time is needed.",
        by=coordinator,
        on=TODAY,
    )
    assert STILL not in overview(client, coordinator, goal.child_id)


def test_a_change_under_way_follows_up_that_one_is_needed(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    review(goal, coordinator, Outcome.CHANGE_NEEDED)
    assert STILL in overview(client, coordinator, goal.child_id)
    waiting_change(goal, coordinator, Status.PROPOSED)
    assert STILL not in overview(client, coordinator, goal.child_id)
