"""Who may open and send which page of the reviews room: every page by every role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from directory.tests.people import make_district
from permanency.models import CasePlanGoal
from permanency.tests.factories import make_child
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, goals_of, open_child
from reviews.tests.test_hold_page import shown

EVERYBODY = (
    "coordinator",
    "cfdu",
    "casework_manager",
    "district_manager",
    "mpp",
    "contract_manager",
    "administrator",
    "stranger",
)
# Who sees the case that DCJ manages in Hunter, and who writes about it.
READERS = {"coordinator", "casework_manager", "district_manager", "mpp"}
WRITERS = {"coordinator", "mpp"}
SEES_CASES = {*READERS, "cfdu", "stranger"}
SEES_HUNTER_IN_NUMBERS = {*READERS, "cfdu", "contract_manager"}


@pytest.fixture
def person(request: pytest.FixtureRequest) -> Callable[[str], User]:
    """Return a finder of the people of the tests by their role."""

    def find(who: str) -> User:
        found: User = request.getfixturevalue(who)
        return found

    return find


@pytest.fixture
def review(dcj_goal: CasePlanGoal, coordinator: User) -> GoalReview:
    """Return a review held for the child whose case DCJ manages."""
    return hold(
        dcj_goal,
        held_on=days_ago(1),
        outcome="continue",
        content=ReviewContent(progress="on_track"),
        by=coordinator,
        on=TODAY,
    )


def status(client: Client, who: User, address: str, **data: Any) -> int:
    """Return the status that a person is answered with."""
    client.force_login(who)
    return client.get(address, data).status_code


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_reads_the_pages_of_a_child(
    client: Client, person: Callable[[str], User], review: GoalReview, who: str
) -> None:
    expected = 200 if who in READERS else 404
    for name in ("child", "child-reviews", "child-history"):
        assert status(client, person(who), reverse(name, args=[review.child_id])) == expected
    assert status(client, person(who), reverse("review", args=[review.pk])) == expected


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_holds_and_corrects_reviews(
    client: Client, person: Callable[[str], User], review: GoalReview, who: str
) -> None:
    expected = 200 if who in WRITERS else 403 if who in READERS else 404
    new, correct = reverse("new-review"), reverse("correct-review", args=[review.pk])
    assert status(client, person(who), new, child=review.child_id) == expected
    assert status(client, person(who), new, child=review.child_id, held="no") == expected
    assert status(client, person(who), correct) == expected


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_send_a_review(
    client: Client, person: Callable[[str], User], dcj_goal: CasePlanGoal, who: str
) -> None:
    address = f"{reverse('new-review')}?child={dcj_goal.child_id}"
    client.force_login(person("coordinator"))
    filled = shown(client, address)
    client.force_login(person(who))
    answer = client.post(address, filled)

    assert answer.status_code == (302 if who in WRITERS else 403 if who in READERS else 404)
    assert GoalReview.objects.exists() == (who in WRITERS)


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_sees_the_lists(client: Client, person: Callable[[str], User], who: str) -> None:
    expected = 200 if who in SEES_CASES else 403
    assert status(client, person(who), reverse("reviews")) == expected
    assert status(client, person(who), reverse("changes-waiting")) == expected


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_sees_which_dashboard(
    client: Client, person: Callable[[str], User], hunter: District, who: str
) -> None:
    make_district("Far West")
    own = 200 if who in SEES_HUNTER_IN_NUMBERS else 403 if who == "administrator" else 404
    assert status(client, person(who), reverse("dashboard", args=["hunter"])) == own
    other = {"mpp": 200, "administrator": 403}.get(who, 404)
    assert status(client, person(who), reverse("dashboard", args=["far-west"])) == other
    one = {"mpp": 200, "administrator": 403}.get(who, 302)
    assert status(client, person(who), reverse("dashboards")) == one


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_has_a_first_page(
    client: Client, person: Callable[[str], User], who: str
) -> None:
    assert status(client, person(who), reverse("my-work")) == 200


def test_lists_show_only_what_a_person_may_see(
    client: Client,
    hunter: District,
    cfdu: User,
    casework_manager: User,
    stranger: User,
    dcj_goal: CasePlanGoal,
    provider_goal: CasePlanGoal,
) -> None:
    address = reverse("reviews")
    for who, seen in (
        (cfdu, {provider_goal}),
        (casework_manager, {dcj_goal}),
        (stranger, set()),
    ):
        client.force_login(who)
        rows = client.get(address, {"window": "every"}).context["rows"]
        assert set(goals_of(rows)) == seen


def test_strangers_to_the_sign_in_are_sent_there(client: Client, dcj_goal: CasePlanGoal) -> None:
    for address in (reverse("my-work"), reverse("child", args=[dcj_goal.child_id])):
        answer = client.get(address)
        assert answer.status_code == 302
        assert reverse("sign-in") in answer.headers["Location"]


def test_pages_about_a_child_never_stand_in_a_title_or_an_address(
    client: Client, hunter: District, coordinator: User
) -> None:
    goal = open_child(hunter, coordinator, first_name="Quintessa", last_name="Zebedee")
    make_child(hunter, first_name="Quintessa", last_name="Zebedee")
    client.force_login(coordinator)
    child = goal.child
    for address in (
        reverse("child", args=[child.pk]),
        reverse("child-reviews", args=[child.pk]),
        reverse("child-history", args=[child.pk]),
        f"{reverse('new-review')}?child={child.pk}",
    ):
        text = client.get(address).content.decode()
        title = text.split("<title>")[1].split("</title>")[0]
        assert "Quintessa" not in title
        assert "Zebedee" not in title
        assert "Quintessa" in text.split("<main")[1]
