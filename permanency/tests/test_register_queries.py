"""Pages of the register cost the same whatever stands around the child."""

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, Office, Provider, User
from directory.tests.people import make_district
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.models import Child
from permanency.tests.factories import make_child, make_episode, make_goal, make_order

PAGES = (
    "edit-child",
    "open-goal",
    "new-care-episode",
    "new-court-order",
)


@pytest.fixture
def child(hunter: District) -> Child:
    child = make_child(hunter)
    make_episode(child)
    make_order(child)
    return child


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_child_takes_few_queries_however_many_places_there_are(
    client: Client,
    mpp: User,
    child: Child,
    name: str,
) -> None:
    for number in range(30):
        place = make_district(f"District {number}")
        Office.objects.create(name=f"Office {number}", district=place)
        Provider.objects.create(name=f"Provider {number}")
        make_goal(make_child(place))
    client.force_login(mpp)

    with PageQueries() as asked:
        assert client.get(reverse(name, args=[child.pk])).status_code == 200
    assert len(asked) <= MAX_QUERIES


@pytest.mark.parametrize("children", [1, 60])
def test_finding_by_name_costs_the_same_for_one_and_for_many(
    client: Client,
    coordinator: User,
    hunter: District,
    children: int,
) -> None:
    for _ in range(children):
        make_goal(make_child(hunter))
    client.force_login(coordinator)

    with PageQueries() as asked:
        led_to = client.post(reverse("find-child"), {"who": "robin"})["Location"]
    assert len(asked) == 3
    with PageQueries() as asked:
        client.get(led_to)
    assert len(asked) == 4


def test_registering_offers_places_in_few_queries(client: Client, mpp: User) -> None:
    client.force_login(mpp)
    with PageQueries() as asked:
        client.get(reverse("new-child"))
    assert len(asked) <= MAX_QUERIES
