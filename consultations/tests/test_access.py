"""Who may open which page: beside every "may" its "may not". Also the queue, and query counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import GoalChange
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    make_child,
    open_goal,
)
from consultations.workflow import Status
from directory.clock import working_days_between
from directory.models import Appointment, District, User
from directory.roles import CaseManagement, Role
from directory.tests.people import SINCE, make_district, make_person
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.models import Child

Addresses = dict[str, str]
READERS = {"coordinator", "cfdu", "district_manager", "mpp"}
WRITERS = {"coordinator", "mpp"}
NOT_THERE = {"casework_manager", "contract_manager", "administrator", "stranger"}
READ = {"list", "consultation", "change"}
WRITE = {"new", "edit", "new change", "edit change", "endorse"}
EVERYBODY = sorted(READERS | NOT_THERE)


@pytest.fixture
def addresses(child: Child, coordinator: User, cfdu: User) -> Addresses:
    """Return the address of each page about one child of Hunter, with a proposed change."""
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    return {
        "list": reverse("child-consultations", args=[child.pk]),
        "consultation": reverse("consultation", args=[change.consultation_id]),
        "change": reverse("goal-change", args=[change.pk]),
        "new": f"{reverse('new-consultation')}?child={child.pk}",
        "edit": reverse("edit-consultation", args=[change.consultation_id]),
        "new change": f"{reverse('new-goal-change')}?consultation={change.consultation_id}",
        "edit change": reverse("edit-goal-change", args=[change.pk]),
        "endorse": reverse("take-step", args=[change.pk, "endorse"]),
        "approve": reverse("take-step", args=[change.pk, "approve"]),
        "facts": reverse("record-case-plan", args=[change.pk]),
    }


def everything() -> Any:
    return list(GoalChange.objects.values()), Child.objects.count()


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_role_has_its_own_pages(
    who: str, client: Client, addresses: Addresses, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    got = {name: client.get(address).status_code for name, address in addresses.items()}
    if who in NOT_THERE:
        assert set(got.values()) == {404}
        return
    assert {got[name] for name in READ} == {200}
    if who in WRITERS:
        assert {got[name] for name in WRITE - {"new change"}} == {200}
        assert got["new change"] == 409  # a change is open already
        assert (got["approve"], got["facts"]) == (403, 409)
    else:
        assert {got[name] for name in WRITE} == {403}
        assert got["approve"] == (409 if who == "cfdu" else 403)
        assert got["facts"] == (409 if who == "cfdu" else 403)


@pytest.mark.parametrize("who", [each for each in EVERYBODY if each not in WRITERS])
def test_nobody_else_writes_by_sending_a_form(
    who: str, client: Client, addresses: Addresses, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    before = everything()
    expected = 404 if who in NOT_THERE else 403
    for name in WRITE:
        sent = {"save": "draft", "question": "Mine", "goal": "adoption", "reasons": "x"}
        assert client.post(addresses[name], sent).status_code == expected, name
    assert everything() == before


def test_without_signing_in_every_page_leads_to_the_sign_in(
    client: Client, addresses: Addresses
) -> None:
    for address in [*addresses.values(), reverse("approvals")]:
        assert client.get(address).headers["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", ["list", "consultation"])
def test_reading_pages_answer_to_reading_alone(
    name: str, client: Client, addresses: Addresses, coordinator: User
) -> None:
    client.force_login(coordinator)
    assert client.post(addresses[name]).status_code == 405


def test_an_approver_sees_only_the_cases_they_approve_for(
    client: Client, child: Child, addresses: Addresses, cfdu: User
) -> None:
    client.force_login(cfdu)
    assert client.get(addresses["change"]).status_code == 200
    Child.objects.filter(pk=child.pk).update(case_managed_by=CaseManagement.DCJ)
    assert client.get(addresses["change"]).status_code == 404


def test_buttons_of_writers_are_not_shown_to_readers(
    client: Client, child: Child, addresses: Addresses, district_manager: User
) -> None:
    client.force_login(district_manager)
    for name in READ:
        page = client.get(addresses[name]).content.decode()
        assert "/edit/" not in page
        assert "/new/" not in page


# The queue


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("cfdu", 200),
        ("casework_manager", 200),
        ("district_manager", 200),
        ("mpp", 200),
        ("coordinator", 403),
        ("contract_manager", 403),
        ("administrator", 403),
        ("stranger", 403),
    ],
)
@pytest.mark.django_db
def test_the_queue_is_for_approvers_and_those_who_lead(
    who: str, status: int, client: Client, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("approvals")).status_code == status


@pytest.fixture
def queue(
    hunter: District, coordinator: User, cfdu: User, casework_manager: User
) -> dict[str, GoalChange]:
    """Return endorsed changes: of a provider's case, of a DCJ case, and of another district."""
    sydney = make_district("Sydney")
    made = {}
    for name, district, managed_by in (
        ("provider", hunter, CaseManagement.PSP),
        ("dcj", hunter, CaseManagement.DCJ),
        ("elsewhere", sydney, CaseManagement.PSP),
    ):
        child = make_child(district, case_managed_by=managed_by)
        writer = (
            coordinator
            if district == hunter
            else make_person("Syd Coordinator", Role.COORDINATOR, sydney)
        )
        made[name] = change_in(Status.ENDORSED, child, coordinator=writer, approver=cfdu)
    return made


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("cfdu", {"provider"}),
        ("casework_manager", {"dcj"}),
        ("district_manager", {"provider", "dcj"}),
        ("mpp", {"provider", "dcj", "elsewhere"}),
    ],
)
def test_the_queue_holds_what_its_reader_decides_for(
    who: str,
    sees: set[str],
    client: Client,
    queue: dict[str, GoalChange],
    request: pytest.FixtureRequest,
) -> None:
    client.force_login(request.getfixturevalue(who))
    page = client.get(reverse("approvals")).content.decode()
    shown = {
        n for n, change in queue.items() if f'"/goal-changes/{change.pk}/?from=approvals"' in page
    }
    assert shown == sees


def test_a_coordinator_who_also_approves_sees_only_what_they_approve_for(
    client: Client, queue: dict[str, GoalChange], coordinator: User, hunter: District
) -> None:
    Appointment.objects.create(person=coordinator, role=Role.CFDU, district=hunter, starts_on=SINCE)
    client.force_login(coordinator)
    page = client.get(reverse("approvals")).content.decode()
    shown = {
        n for n, change in queue.items() if f'"/goal-changes/{change.pk}/?from=approvals"' in page
    }
    assert shown == {"provider"}
    assert "You endorsed this change, so somebody else decides it." in page


def test_the_queue_is_oldest_first_with_age_and_the_local_target(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    ages = (3, 40, 1)
    made = []
    for age in ages:
        change = change_in(
            Status.ENDORSED, make_child(hunter), coordinator=coordinator, approver=cfdu
        )
        since = TODAY - timedelta(days=age)
        GoalChange.objects.filter(pk=change.pk).update(status_since_on=since)
        made.append(change)
    client.force_login(cfdu)
    page = client.get(reverse("approvals")).content.decode()
    places = [page.index(f'"/goal-changes/{change.pk}/?from=approvals"') for change in made]
    assert places[1] < places[0] < places[2]
    worked = working_days_between(TODAY - timedelta(days=40), TODAY)
    assert "40 days" in page
    assert f"({worked} working days)" in page
    assert page.count("Over the local target") == 1
    assert "Local target: 10 working days" in page


def test_only_endorsed_changes_wait(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    for status in Status:
        if status is not Status.ENDORSED:
            change_in(status, make_child(hunter), coordinator=coordinator, approver=cfdu)
    client.force_login(cfdu)
    assert "Nothing waits for approval" in client.get(reverse("approvals")).content.decode()


# Queries


def count_of(client: Client, address: str) -> int:
    with PageQueries() as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("who", ["coordinator", "cfdu", "district_manager"])
def test_the_page_of_a_change_takes_few_queries(
    status: Status,
    who: str,
    client: Client,
    child: Child,
    coordinator: User,
    cfdu: User,
    request: pytest.FixtureRequest,
) -> None:
    change = change_in(status, child, coordinator=coordinator, approver=cfdu)
    client.force_login(request.getfixturevalue(who))
    assert count_of(client, reverse("goal-change", args=[change.pk])) <= MAX_QUERIES


@pytest.mark.parametrize("name", ["list", "consultation", "new", "edit", "edit change", "endorse"])
def test_every_other_page_takes_few_queries(
    name: str, client: Client, addresses: Addresses, coordinator: User
) -> None:
    client.force_login(coordinator)
    assert count_of(client, addresses[name]) <= MAX_QUERIES


def test_a_new_change_takes_few_queries(client: Client, child: Child, coordinator: User) -> None:
    client.force_login(coordinator)
    address = f"{reverse('new-goal-change')}?consultation={consult(child, coordinator).pk}"
    assert count_of(client, address) <= MAX_QUERIES


def test_lists_take_as_many_queries_for_twenty_rows_as_for_one(
    client: Client, hunter: District, child: Child, coordinator: User, cfdu: User
) -> None:
    def more_consultations() -> None:
        change_in(Status.WITHDRAWN, child, coordinator=coordinator, approver=cfdu)

    def more_changes() -> None:
        another = make_child(hunter)
        open_goal(another)
        change_in(Status.ENDORSED, another, coordinator=coordinator, approver=cfdu)

    lists: list[tuple[User, str, Callable[[], None]]] = [
        (coordinator, reverse("child-consultations", args=[child.pk]), more_consultations),
        (cfdu, reverse("approvals"), more_changes),
    ]
    for person, address, more in lists:
        client.force_login(person)
        more()
        one = count_of(client, address)
        for _ in range(19):
            more()
        assert count_of(client, address) == one <= MAX_QUERIES
