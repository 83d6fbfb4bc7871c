"""The list of children and finding one."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from directory import clock
from directory.models import Allocation, District, Office, Provider, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from permanency.children.lists import ChildRow, DueState
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child, make_goal

pytestmark = pytest.mark.dialect

LIST_QUERIES = 7 + 3  # three write the read log


@pytest.fixture
def today() -> date:
    return clock.today()


def numbers(rows: list[ChildRow]) -> list[str]:
    """Return the ChildStory IDs of rows, in their order."""
    known = Child.objects.in_bulk([row.pk for row in rows])
    return [known[row.pk].childstory_id for row in rows]


def listed(client: Client, person: User, **filters: object) -> list[str]:
    """Return the ChildStory IDs that a person sees, in the order of the page."""
    client.force_login(person)
    response = client.get(f"{reverse('children')}?{urlencode(filters)}")
    assert response.status_code == 200
    return numbers(response.context["rows"])


def test_the_most_pressing_comes_first(
    client: Client, coordinator: User, hunter: District, today: date
) -> None:
    def child_due(name: str, review: int | None, two_year: int | None) -> None:
        days = (
            None if each is None else today + timedelta(days=each) for each in (review, two_year)
        )
        review_due_on, two_year_on = days
        make_goal(
            make_child(hunter, childstory_id=name),
            review_due_on=review_due_on,
            two_year_on=two_year_on,
        )

    make_child(hunter, childstory_id="NOGOAL")
    child_due("LATER", 90, 300)
    child_due("LATE", -3, 300)
    child_due("PASSED", 20, -40)
    child_due("NODATE", None, None)
    child_due("ONLYTWO", None, -1)

    expected = ["PASSED", "LATE", "ONLYTWO", "LATER", "NODATE", "NOGOAL"]
    assert listed(client, coordinator) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DueState.OVERDUE, {"LATE"}),
        (DueState.DUE_TODAY, {"TODAY"}),
        (DueState.DUE_SOON, {"TODAY", "SOON"}),
        (DueState.TWO_YEAR_PASSED, {"LATE"}),
        (DueState.TWO_YEAR_SOON, {"TODAY"}),
        (DueState.NO_DATE, {"NODATE"}),
        (DueState.NO_GOAL, {"NOGOAL"}),
    ],
)
def test_each_due_state_lists_its_children(
    client: Client,
    coordinator: User,
    hunter: District,
    today: date,
    state: DueState,
    expected: set[str],
) -> None:
    make_child(hunter, childstory_id="NOGOAL")
    for name, review, two_year in (
        ("LATE", -1, -1),
        ("TODAY", 0, 180),
        ("SOON", 30, 181),
        ("LATER", 31, 700),
    ):
        make_goal(
            make_child(hunter, childstory_id=name),
            review_due_on=today + timedelta(days=review),
            two_year_on=today + timedelta(days=two_year),
        )
    make_goal(make_child(hunter, childstory_id="NODATE"))

    assert set(listed(client, coordinator, state=state.value)) == expected


def test_filters_narrow_by_goal_office_provider_and_coordinator(
    client: Client, coordinator: User, hunter: District
) -> None:
    office = Office.objects.create(name="Mayfield", district=hunter)
    provider = Provider.objects.create(name="Banksia Families")
    make_goal(make_child(hunter, childstory_id="GOAL"), Goal.ADOPTION)
    make_child(hunter, childstory_id="OFFICE", office=office)
    make_child(hunter, childstory_id="PROVIDER", provider=provider)
    colleague = make_person("Lee Colleague", Role.COORDINATOR, hunter)
    Allocation.objects.create(person=colleague, office=office, starts_on=SINCE)
    Allocation.objects.create(person=coordinator, provider=provider, starts_on=SINCE)

    assert listed(client, coordinator, goal="adoption") == ["GOAL"]
    assert listed(client, coordinator, office=office.pk) == ["OFFICE"]
    assert listed(client, coordinator, provider=provider.pk) == ["PROVIDER"]
    assert listed(client, coordinator, pc=colleague.pk) == ["OFFICE"]
    assert listed(client, coordinator, mine="on") == ["PROVIDER"]
    assert listed(client, coordinator, mine="on", goal="adoption") == []


def test_who_sees_several_districts_can_choose_one(
    client: Client, mpp: User, coordinator: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="HUNTER")
    make_child(make_district("Sydney"), childstory_id="SYDNEY")

    assert set(listed(client, mpp)) == {"HUNTER", "SYDNEY"}
    assert listed(client, mpp, district="sydney") == ["SYDNEY"]
    assert listed(client, coordinator, district="sydney") == ["HUNTER"], "never another district"


def test_approvers_see_only_the_cases_they_decide(
    client: Client, cfdu: User, casework_manager: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="DCJ")
    make_child(hunter, childstory_id="PSP", provider=Provider.objects.create(name="Banksia"))

    assert listed(client, cfdu) == ["PSP"]
    assert listed(client, casework_manager) == ["DCJ"]


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "goal=%00",
        "office=abc",
        "office=999999999999999999999999",
        "district=%F0%9F%98%80",
        "pc=-1",
        "page=2",
        "after=nonsense",
        "after=0.2026-02-31.1",
        "after=0..1",
        "after=1.2026-01-31.1",
        "after=9..1",
        "before=1..999999999999999999",
        "after=1..9999999999999999999&before=0.0000-00-00.1",
        "after=0.%D9%A2%D9%A0%D9%A2%D9%A6-01-01.1",
        "mine=maybe",
        "state[]=overdue&state=overdue&state=x",
        "first_name=Robin&_connector=OR",
    ],
)
def test_a_filter_that_makes_no_sense_is_no_fault(
    client: Client, coordinator: User, mpp: User, hunter: District, query: str
) -> None:
    make_child(hunter)
    for person in (coordinator, mpp):
        client.force_login(person)
        assert client.get(f"{reverse('children')}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("children", "queries"),
    # Where those with a goal do not fill the page, those without one are asked for as well.
    [(1, LIST_QUERIES + 1), (60, LIST_QUERIES), (90, LIST_QUERIES)],
)
def test_more_children_cost_no_more_queries(
    client: Client,
    mpp: User,
    hunter: District,
    today: date,
    children: int,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    office = Office.objects.create(name="Mayfield", district=hunter)
    provider = Provider.objects.create(name="Banksia Families")
    for _ in range(children):
        make_goal(make_child(hunter, office=office, provider=provider), review_due_on=today)
    client.force_login(mpp)

    with django_assert_num_queries(queries):
        client.get(reverse("children"))


def test_an_empty_list_says_what_to_do_next(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    client.force_login(coordinator)
    assert b"No children are registered in your district yet." in client.get("/children/").content
    client.force_login(district_manager)
    page = client.get("/children/").content
    assert b"There are no children whose cases you may see." in page
    assert b"Register a child" not in page


def found(client: Client, who: str) -> list[str]:
    response = client.post(reverse("find-child"), {"who": who}, follow=True)
    assert response.status_code == 200
    return numbers(response.context["rows"])


def test_an_id_or_a_case_reference_goes_to_the_child(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, childstory_id="AB12")
    client.force_login(coordinator)

    for who in ("AB12", " ab12 ", child.reference.lower()):
        response = client.post(reverse("find-child"), {"who": who})
        assert response["Location"] == reverse("child", args=[child.pk])


def test_a_name_is_found_by_any_of_its_parts_and_never_stands_in_an_address(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, childstory_id="ONE", first_name="Mia", last_name="O'Brien")
    make_child(hunter, childstory_id="TWO", first_name="Noah", last_name="Brienne")
    client.force_login(coordinator)

    assert set(found(client, "brien")) == {"ONE", "TWO"}
    assert found(client, "O'BRIEN mia") == ["ONE"]
    assert found(client, "mia brienne") == []
    assert found(client, "%") == []
    led_to = client.post(reverse("find-child"), {"who": "mia o'brien"})["Location"]
    assert re.fullmatch(rf"{reverse('find-child')}\?key=\w{{8}}", led_to)
    page = client.get(f"{reverse('find-child')}?who=mia")
    assert page.status_code == 200
    assert "rows" not in page.context, "words in an address find nothing"


def test_nobody_finds_a_child_of_another_district(
    client: Client, coordinator: User, hunter: District
) -> None:
    theirs = make_child(make_district("Sydney"), childstory_id="THERE", last_name="Elsewhere")
    client.force_login(coordinator)

    for who in ("THERE", "Elsewhere", theirs.reference):
        assert found(client, who) == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("", 422),
        ("   ", 422),
        ("a\x00b", 422),
        ("x" * 81, 422),
        ("\u202e\U0001f600", 200),
        ("' OR 1=1 --", 200),
        ("_%\\", 200),
    ],
)
def test_odd_words_are_answered_plainly(
    client: Client, coordinator: User, hunter: District, who: str, status: int
) -> None:
    make_child(hunter)
    client.force_login(coordinator)
    response = client.post(reverse("find-child"), {"who": who}, follow=True)

    assert response.status_code == status
    if status == 200:
        assert response.context["rows"] == []


def test_a_name_of_many_children_shows_the_first_fifty(
    client: Client, coordinator: User, hunter: District
) -> None:
    for _ in range(51):
        make_child(hunter, first_name="Charlie")
    client.force_login(coordinator)
    response = client.post(reverse("find-child"), {"who": "charlie"}, follow=True)

    assert len(response.context["rows"]) == 50
    assert b"The first 50 children found" in response.content
