"""Dashboards: each number is the length of the list that it leads to, for every role."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes.transitions import endorsed_case_fields
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.models import Allocation, Appointment, District, Office, Provider, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district
from directory.tests.questions import PageQueries
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child
from reviews.tests.cases import days_ago, goal_due_in, open_child, row_count

ROLES = ("coordinator", "cfdu", "casework_manager", "district_manager", "mpp")


def waiting_change(
    goal: CasePlanGoal, by: User, status: str, *, since: int = 3, **fields: Any
) -> GoalChange:
    """Return a goal change that has waited so many days, as a bare row."""
    consultation = Consultation.objects.create(
        child=goal.child,
        held_on=days_ago(since),
        by=by,
        asked_by_name="Jo",
        question="?",
        recommendation="!",
        recorded_on=days_ago(since),
    )
    return GoalChange.objects.create(
        child=goal.child,
        consultation=consultation,
        current_goal=goal,
        goal=Goal.GUARDIANSHIP,
        reasons="It is time.",
        status=status,
        status_since_on=days_ago(since),
        requested_by_name="Jo Caseworker",
        recorded_by=by,
        endorsed_by=by if status == Status.ENDORSED else None,
        **(endorsed_case_fields(goal.child) if status == Status.ENDORSED else {}),
        **fields,
    )


@pytest.fixture
def busy_district(
    hunter: District, coordinator: User, mpp: User, newcastle: Office, example_care: Provider
) -> District:
    """Return Hunter with a case in every state, of DCJ and of a provider, and one elsewhere."""
    for place in ({"office": newcastle}, {"provider": example_care}, {}):
        for days in (-400, -91, -90, -31, -30, -1, 0, 1, 30, 31, 60, 61, 90, 91):
            goal_due_in(hunter, coordinator, days, **place)
        for days in (-1, 0, 180, 181):
            goal = goal_due_in(hunter, coordinator, 91, goal=Goal.ADOPTION, **place)
            goal.two_year_on = days_ago(-days)
            goal.save(update_fields=["two_year_on"])
        goal = open_child(hunter, coordinator, Goal.LONG_TERM_CARE, **place)
        goal.review_due_on = None
        goal.save(update_fields=["review_due_on"])
        make_child(hunter, **place)
        for status in (Status.DRAFT, Status.PROPOSED, Status.ENDORSED):
            waiting_change(goal_due_in(hunter, coordinator, 91, **place), coordinator, status)
    elsewhere = make_district("Far West")
    goal_due_in(elsewhere, mpp, -5)
    make_child(elsewhere)
    return hunter


def figures(board: Any) -> Iterator[tuple[str, int, str]]:
    """Yield what is counted, the number and the address, for everything on a dashboard."""
    for part in ("overdue", "due", "two_year", "waiting", "gaps"):
        for tile in board[part]:
            yield tile.label, tile.number, tile.url
    for bar, _ in board["goals"]:
        yield bar.label, bar.number, bar.url
    for place in (*board["offices"], *board["providers"]):
        for tile in place["tiles"]:
            yield f"{place['label']}, {tile.label}", tile.number, tile.url


@pytest.mark.parametrize("who", ROLES)
def test_each_number_is_the_length_of_its_list(
    client: Client, request: pytest.FixtureRequest, busy_district: District, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]

    found = list(figures(board))
    assert sum(number for _, number, _ in found) > 50
    for label, number, url in found:
        page = client.get(url)
        assert page.status_code == 200, label
        assert row_count(page.context["page"]) == number, label


@pytest.mark.parametrize("who", [*ROLES, "both"])
def test_each_number_of_several_districts_is_the_length_of_its_list(
    client: Client, request: pytest.FixtureRequest, busy_district: District, who: str
) -> None:
    person = request.getfixturevalue("coordinator" if who == "both" else who)
    if who != "mpp":
        held = person.appointments.get()
        Appointment.objects.create(
            person=person,
            role=Role.CFDU if who == "both" else held.role,
            district=District.objects.get(slug="far-west"),
            starts_on=SINCE,
        )
    client.force_login(person)
    board = client.get(reverse("dashboards")).context["figures"]

    cells = [*board["totals"], *(cell for _, cells in board["rows"] for cell in cells)]
    assert sum(cell.number for cell in board["totals"]) > 25
    for cell in cells:
        page = client.get(cell.url)
        assert row_count(page.context["page"]) == cell.number, cell


def test_an_approver_is_told_that_the_numbers_are_of_their_cases(
    client: Client, busy_district: District, cfdu: User, district_manager: User
) -> None:
    address = reverse("dashboard", args=["hunter"])
    client.force_login(cfdu)
    narrow = client.get(address)
    client.force_login(district_manager)
    wide = client.get(address)

    assert "the cases you approve for" in narrow.content.decode()
    assert "the cases you approve for" not in wide.content.decode()
    assert 0 < narrow.context["board"]["total"] < wide.context["board"]["total"]


def test_a_contract_manager_has_totals_and_no_way_to_a_case(
    client: Client,
    busy_district: District,
    contract_manager: User,
    district_manager: User,
    example_care: Provider,
) -> None:
    Allocation.objects.create(person=contract_manager, provider=example_care, starts_on=SINCE)
    address = reverse("dashboard", args=["hunter"])
    client.force_login(district_manager)
    whole = client.get(address).context["board"]
    own = [place for place in whole["providers"] if place["label"] == "Example Care"]
    assert len(own) < len(whole["providers"])
    whole = {**whole, "providers": own}
    client.force_login(contract_manager)
    answer = client.get(address)
    board, text = answer.context["board"], answer.content.decode()

    assert [number for _, number, _ in figures(board)] == [n for _, n, _ in figures(whole)]
    assert {url for _, _, url in figures(board)} == {""}
    assert [each["label"] for each in board["providers"] if each["is_mine"]] == ["Example Care"]
    assert "These are totals" in text
    main = text.split("<main")[1].split("</main>")[0]
    assert 'href="/children/' not in main
    assert 'href="/reviews/' not in main
    for child in Child.objects.all():
        assert child.last_name not in text


@pytest.mark.parametrize(
    ("begins", "ends", "is_shown"),
    [
        (-1, None, False),  # the day before the first
        (0, None, True),
        (5, 0, True),  # on the last day
        (5, 1, False),  # the day after the last
    ],
)
def test_a_contract_manager_reads_the_figures_of_providers_allocated_that_day_and_of_no_other(
    begins: int,
    ends: int | None,
    is_shown: bool,
    client: Client,
    busy_district: District,
    contract_manager: User,
    coordinator: User,
    example_care: Provider,
) -> None:
    other = Provider.objects.create(name="Other Care")
    goal_due_in(busy_district, coordinator, -3, provider=other)
    Allocation.objects.create(
        person=contract_manager,
        provider=example_care,
        starts_on=days_ago(begins),
        ends_on=None if ends is None else days_ago(ends),
    )
    client.force_login(contract_manager)
    answer = client.get(reverse("dashboard", args=["hunter"]))
    shown = [place["label"] for place in answer.context["board"]["providers"]]
    assert shown == (["Example Care"] if is_shown else [])
    assert "Other Care" not in answer.content.decode()


def test_late_reviews_fall_into_three_bands(
    client: Client, busy_district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]
    assert [tile.number for tile in board["overdue"]] == [18, 6, 6, 6]
    assert [tile.number for tile in board["due"]] == [3, 9, 15, 21]
    assert [tile.number for tile in board["two_year"]] == [3, 6]


def test_waiting_changes_say_how_long_the_oldest_waits(
    client: Client, hunter: District, coordinator: User
) -> None:
    waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED, since=28)
    waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED, since=2)
    client.force_login(coordinator)
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]

    proposed, endorsed = board["waiting"]
    assert proposed.number == 2
    assert "working days" in proposed.note
    assert (endorsed.number, endorsed.note) == (0, "")
    rows = client.get(reverse("changes-waiting")).context["rows"]
    assert [row.change.status_since_on for row in rows] == [days_ago(28), days_ago(2)]


def test_one_district_is_opened_at_once(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    answer = client.get(reverse("dashboards"))
    assert answer.headers["Location"] == reverse("dashboard", args=["hunter"])


def test_an_empty_district_says_so(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    text = client.get(reverse("dashboard", args=["hunter"])).content.decode()
    assert "No goal is in force here yet." in text


@pytest.mark.parametrize("who", [*ROLES, "contract_manager"])
def test_a_dashboard_takes_at_most_eight_queries_however_many_children(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    coordinator: User,
    newcastle: Office,
    who: str,
) -> None:
    client.force_login(request.getfixturevalue(who))
    addresses = [reverse("dashboard", args=["hunter"])]
    if who == "mpp":
        addresses.append(reverse("dashboards"))
    for address in addresses:
        goal_due_in(hunter, coordinator, -3)
        with PageQueries() as few:
            client.get(address)
        for number in range(60):
            goal_due_in(hunter, coordinator, number - 30, office=newcastle)
        with PageQueries() as many:
            client.get(address)
        assert len(few) == len(many) <= 8
        with PageQueries() as unchanged:
            client.get(address)
        # Nothing but who asks, what has changed, and whether reminders ran.
        assert len(unchanged) <= 4


class Links(HTMLParser):
    """Collects the addresses of links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


def test_the_numbers_on_the_page_are_links(
    client: Client, busy_district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = client.get(reverse("dashboard", args=["hunter"]))
    links = Links()
    links.feed(page.content.decode())
    assert {url for _, _, url in figures(page.context["board"])} <= set(links.found)
