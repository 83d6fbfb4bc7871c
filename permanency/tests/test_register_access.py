"""Who may open and send which page of the register: every page by every role."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, User
from directory.roles import Role
from directory.tests.people import make_district, make_person
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.tests.factories import (
    make_action,
    make_child,
    make_episode,
    make_goal,
    make_order,
)

READERS = ("district_manager", "casework_manager")
WRITERS = ("coordinator", "mpp")
OUTSIDERS = ("stranger", "contract_manager", "administrator", "cfdu")
PAGES_OF_A_CHILD = (
    "edit-child",
    "mark-intensive",
    "record-achievement",
    "new-extension",
    "new-care-episode",
    "new-court-order",
)


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child managed by DCJ, with everything that a page can be about."""
    child = make_child(hunter)
    blank: dict[str, Any] = {
        "on": None,
        "rule": "",
        "rule_version": 1,
        "source": "",
        "start_event": "",
    }
    blank |= {"start_on": None, "arithmetic": "", "adjustments": [], "ends_when": ""}
    blank |= {"no_date_reason": "None.", "original_on": None}
    make_goal(
        child,
        two_year_on=date(2027, 6, 10),
        review_derivation=blank,
        two_year_derivation=blank,
    )
    make_episode(child)
    make_order(child)
    make_action(child)
    return child


def addresses(child: Child) -> list[str]:
    """Return every page about this child that writes."""
    episode, order = child.care_episodes.get(), child.court_orders.get()
    return [
        *(reverse(name, args=[child.pk]) for name in PAGES_OF_A_CHILD),
        reverse("edit-care-episode", args=[episode.pk]),
        reverse("edit-court-order", args=[order.pk]),
    ]


def rows() -> list[int]:
    kinds = (Child, CasePlanGoal, CareEpisode, CourtOrder, HistoryEntry)
    return [kind.objects.count() for kind in kinds]


@pytest.mark.parametrize(("people", "status"), [(WRITERS, 200), (READERS, 403), (OUTSIDERS, 404)])
def test_pages_of_a_child_open_for_writers_only(
    client: Client,
    request: pytest.FixtureRequest,
    child: Child,
    people: tuple[str, ...],
    status: int,
) -> None:
    for name in people:
        client.force_login(request.getfixturevalue(name))
        for url in addresses(child):
            assert client.get(url).status_code == status, (name, url)


@pytest.mark.parametrize(("people", "status"), [(READERS, 403), (OUTSIDERS, 404)])
def test_what_others_send_is_refused_and_writes_nothing(
    client: Client,
    request: pytest.FixtureRequest,
    child: Child,
    people: tuple[str, ...],
    status: int,
) -> None:
    before = rows()
    action = child.actions.get()
    for name in people:
        client.force_login(request.getfixturevalue(name))
        for url in [*addresses(child), reverse("action-done", args=[action.pk])]:
            assert client.post(url, {"save": "1"}).status_code == status, (name, url)
    assert rows() == before
    assert Action.objects.get().done_on is None


@pytest.mark.parametrize(
    ("people", "status"), [(WRITERS, 200), (READERS, 403), (("stranger", "administrator"), 404)]
)
def test_opening_with_a_goal_is_for_writers(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    people: tuple[str, ...],
    status: int,
) -> None:
    url = reverse("open-goal", args=[make_child(hunter).pk])
    for name in people:
        client.force_login(request.getfixturevalue(name))
        assert client.get(url).status_code == status, name


@pytest.mark.parametrize(
    ("name", "lists", "registers"),
    [
        ("coordinator", 200, 200),
        ("mpp", 200, 200),
        ("cfdu", 200, 403),
        ("casework_manager", 200, 403),
        ("district_manager", 200, 403),
        ("stranger", 200, 200),
        ("contract_manager", 403, 403),
        ("administrator", 403, 403),
    ],
)
def test_lists_are_for_readers_and_registering_for_writers(
    client: Client, request: pytest.FixtureRequest, name: str, lists: int, registers: int
) -> None:
    client.force_login(request.getfixturevalue(name))

    assert client.get(reverse("children")).status_code == lists
    assert client.get(reverse("find-child")).status_code == lists
    searched = client.post(reverse("find-child"), {"who": "nobody"}, follow=True)
    assert searched.status_code == lists
    assert client.get(reverse("new-child")).status_code == registers


def test_an_appointment_that_has_ended_gives_nothing(
    client: Client, child: Child, hunter: District
) -> None:
    former = make_person("Fay Former", Role.COORDINATOR, hunter, until=date(2024, 12, 31))
    client.force_login(former)

    assert client.get(reverse("children")).status_code == 403
    for url in addresses(child):
        assert client.get(url).status_code in {403, 404}


def test_nobody_signed_in_sees_the_way_in_only(client: Client, child: Child) -> None:
    for url in [reverse("children"), reverse("new-child"), *addresses(child)]:
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("sign-in"))


def test_a_coordinator_of_two_districts_writes_in_both_and_no_third(
    client: Client, make: Callable[[str], Child], hunter: District, coordinator: User
) -> None:
    sydney = make_district("Sydney")
    coordinator.appointments.create(
        role=Role.COORDINATOR, district=sydney, starts_on=date(2020, 1, 1)
    )
    client.force_login(coordinator)
    statuses = {
        name: client.get(reverse("edit-child", args=[make(name).pk])).status_code
        for name in ("Hunter", "Sydney", "Far West")
    }

    assert statuses == {"Hunter": 200, "Sydney": 200, "Far West": 404}


@pytest.fixture
def make() -> Callable[[str], Child]:
    return lambda name: make_child(make_district(name))


def test_a_district_manager_who_coordinates_elsewhere_only_reads_here(
    client: Client, district_manager: User, child: Child
) -> None:
    district_manager.appointments.create(
        role=Role.COORDINATOR, district=make_district("Sydney"), starts_on=date(2020, 1, 1)
    )
    client.force_login(district_manager)

    for url in addresses(child):
        assert client.get(url).status_code == 403
