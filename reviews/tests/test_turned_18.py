"""From midnight of the 18th birthday nothing is owed, on every surface, before any tick.

The case is one whose review is long overdue: only a comparison with the birthday takes it away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.errors import StepNotAllowedError
from directory.models import District, Inbox, User
from permanency.children.lists import DueState
from permanency.goals import intensive
from permanency.models import CasePlanGoal, Child
from permanency.policy.months import add_months
from reviews.due_state import TwoYearState, Window
from reviews.figures.district_counts import place_counts, total_counts
from reviews.held.services import ReviewContent, hold
from reviews.tests.cases import TODAY, days_ago, open_child

pytestmark = pytest.mark.django_db

BIRTHDAY_18 = add_months(TODAY, -12 * 18)
LATE = "overdue"


@pytest.fixture(params=[0, 1], ids=["on the birthday", "the day before"])
def is_18(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == 0)


@pytest.fixture
def goal(hunter: District, coordinator: User, is_18: bool) -> CasePlanGoal:
    """Return a goal that no tick has ended, its review and two-year date long past."""
    hunter.inbox = Inbox.objects.create(name="Hunter inbox", address="hunter@example.org")
    hunter.save()
    goal = open_child(hunter, coordinator, effective_on=days_ago(900))
    born_on = BIRTHDAY_18 if is_18 else BIRTHDAY_18 + timedelta(days=1)
    Child.objects.filter(pk=goal.child_id).update(born_on=born_on)
    return goal


def _page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("name", ["child", "child-reviews", "child-clock"])
def test_the_pages_of_the_child_say_that_it_has_ended(
    client: Client, coordinator: User, goal: CasePlanGoal, is_18: bool, name: str
) -> None:
    client.force_login(coordinator)
    page = _page(client, name, goal.child_id)
    assert (f"{LATE}" in page) is not is_18
    if name == "child":
        assert ("The child turned 18 on" in page) is is_18


@pytest.mark.parametrize("state", [DueState.OVERDUE, DueState.TWO_YEAR_PASSED])
def test_no_list_of_children_has_it_as_late(
    client: Client, coordinator: User, goal: CasePlanGoal, is_18: bool, state: DueState
) -> None:
    client.force_login(coordinator)
    name = goal.child.reference
    assert (name in _page(client, "children", state=state.value)) is not is_18
    every = _page(client, "children")
    assert name in every
    assert ("Turned 18 on" in every) is is_18
    assert (f"{LATE}</span>" in every) is not is_18
    with_goal = _page(client, "children", goal=goal.goal)
    assert (name in with_goal) is not is_18


@pytest.mark.parametrize(
    "query",
    [
        {"window": Window.OVERDUE.value},
        {"window": Window.LATE_LONGER.value},
        {"window": Window.DATED.value},
        {"window": Window.EVERY.value},
        {"window": Window.EVERY.value, "two_year": TwoYearState.PASSED.value},
    ],
)
def test_no_list_of_reviews_has_it(
    client: Client, coordinator: User, goal: CasePlanGoal, is_18: bool, query: dict[str, str]
) -> None:
    client.force_login(coordinator)
    assert (goal.child.reference in _page(client, "reviews", **query)) is not is_18


@pytest.mark.parametrize("figure", ["overdue", "two_year_passed", "every", "restoration"])
def test_no_figure_counts_it(
    coordinator: User, goal: CasePlanGoal, is_18: bool, figure: str
) -> None:
    counts = total_counts(place_counts(coordinator, on=TODAY))
    assert counts[figure] == (0 if is_18 else 1)


def test_my_work_and_the_forecast_do_not_have_it(
    client: Client, coordinator: User, goal: CasePlanGoal, is_18: bool
) -> None:
    client.force_login(coordinator)
    assert (reverse("child", args=[goal.child_id]) in _page(client, "my-work")) is not is_18
    weeks = client.get(reverse("forecast")).context["forecast"].weeks
    assert weeks[0].first == (0 if is_18 else 1)


def test_no_act_on_the_goal_is_taken_any_more(
    coordinator: User, goal: CasePlanGoal, is_18: bool
) -> None:
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    goal.refresh_from_db()
    if is_18:
        with pytest.raises(StepNotAllowedError, match="turned 18"):
            intensive.mark_intensive(goal, reasons="More help.", **who)
    else:
        intensive.mark_intensive(goal, reasons="More help.", **who)


def test_a_review_held_before_the_birthday_can_still_be_typed_in(
    coordinator: User, goal: CasePlanGoal
) -> None:
    said: dict[str, Any] = {"outcome": "continue", "by": coordinator, "on": TODAY}
    content = ReviewContent(progress="on_track")
    assert hold(goal, held_on=days_ago(3), content=content, **said).held_on == days_ago(3)
