"""Who has seen a record, and what a person read: the pages, and who may open them."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory.audit.access_report import busy_days
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.models import District, ReadEntry, User
from directory.roles import Role
from directory.tests.people import make_person
from permanency.models import Child
from permanency.tests.factories import make_child
from reviews.tests.cases import days_ago


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child of Hunter with a name that would be noticed."""
    return make_child(hunter, first_name="Zebedee", last_name="Quillfeather")


def _looked(by: User, child: Child, *, days: int = 0, route: str = "child") -> None:
    read = ReadEvent(Kind.RECORD, child_number=child.pk, reference=child.reference)
    access_log.write_reads([read], by=by, on=days_ago(days), route=route)


def _page(client: Client, person: User, address: str) -> str:
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _seen(child: Child, query: str = "") -> str:
    return reverse("child-seen", args=[child.pk]) + query


def test_it_names_each_person_with_role_day_and_pages(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    _looked(cfdu, child, days=2)
    _looked(cfdu, child, days=2)
    _looked(cfdu, child, days=2, route="goal-change")
    access_log.write_reads(
        [ReadEvent(Kind.LIST, shown=(child.pk,))], by=cfdu, on=days_ago(2), route="approvals"
    )
    body = _page(client, coordinator, _seen(child))
    assert body.count("Chris Approver") == 1
    assert "CFDU approver" in body
    for words in ("Overview: ", ", 2 times", "A goal change: ", "Approvals (list): "):
        assert words in body
    assert f"{days_ago(2).day} {days_ago(2):%B %Y}" in body


def test_looking_is_itself_seen(client: Client, child: Child, coordinator: User) -> None:
    assert "Nobody saw it here" in _page(client, coordinator, _seen(child))
    assert "Pat Coordinator" in _page(client, coordinator, _seen(child)).partition("<tbody>")[2]


def test_it_can_be_narrowed_to_days_and_to_the_record(
    client: Client, child: Child, coordinator: User, cfdu: User, mpp: User
) -> None:
    _looked(cfdu, child, days=9)
    access_log.write_reads(
        [ReadEvent(Kind.LIST, shown=(child.pk,))], by=mpp, on=days_ago(9), route="children"
    )
    _looked(coordinator, child, days=3)
    day = days_ago(9).isoformat()
    both = _page(client, coordinator, _seen(child, f"?since={day}&until={day}"))
    assert "Chris Approver" in both
    assert "Morgan Practice" in both
    assert "Overview: " in both
    alone = _page(client, coordinator, _seen(child, f"?since={day}&until={day}&records=on"))
    assert "Chris Approver" in alone
    assert "Morgan Practice" not in alone


def test_the_role_is_the_one_held_on_that_day(
    client: Client, child: Child, hunter: District, coordinator: User
) -> None:
    left = make_person("Lee Left", Role.CFDU, hunter, until=days_ago(5))
    _looked(left, child, days=6)
    _looked(left, child, days=4)
    rows = _page(client, coordinator, _seen(child)).split("<tr>")
    told = [row for row in rows if "Lee Left" in row]
    assert ["CFDU approver" in row for row in told] == [False, True]


@pytest.mark.parametrize("query", ["?since_day=31&since_month=2&since_year=2026", "?until=x"])
def test_a_day_that_is_none_is_said_and_not_used(
    client: Client, child: Child, coordinator: User, cfdu: User, query: str
) -> None:
    _looked(cfdu, child)
    body = _page(client, coordinator, _seen(child, query))
    assert "Enter" in body
    assert "Chris Approver" in body


def test_people_of_many_days_come_page_by_page(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    for days in range(1, 31):
        _looked(cfdu, child, days=days)
    assert _page(client, coordinator, _seen(child)).count("Chris Approver") == 25
    assert _page(client, coordinator, _seen(child, "?page=2")).count("Chris Approver") == 6


@pytest.mark.parametrize(("who", "expected"), [("coordinator", True), ("casework_manager", False)])
def test_only_who_reads_every_case_is_led_to_it(
    who: str, expected: bool, client: Client, child: Child, request: pytest.FixtureRequest
) -> None:
    body = _page(client, request.getfixturevalue(who), reverse("child-history", args=[child.pk]))
    assert (_seen(child) in body) is expected


def test_an_administrator_sees_what_a_person_read_and_no_name(
    client: Client, child: Child, coordinator: User, administrator: User
) -> None:
    client.force_login(coordinator)
    client.get(reverse("child", args=[child.pk]))
    client.post(reverse("find-child"), {"who": "Quillfeather"}, follow=True)
    client.get(reverse("children"))
    body = _page(client, administrator, reverse("person-reading", args=[coordinator.pk]))
    for words in ("Overview", child.reference, "Find a child (search)", "Children (list)", "1 row"):
        assert words in body
    assert "Zebedee" not in body
    assert "Quillfeather" not in body


def test_that_an_administrator_looked_is_in_the_log(
    client: Client, coordinator: User, administrator: User
) -> None:
    _page(client, administrator, reverse("person-reading", args=[coordinator.pk]))
    row = ReadEntry.objects.get()
    assert (row.by, row.route, row.shown) == (administrator, "person-reading", [])
    assert row.detail["person"] == coordinator.pk


def test_a_day_of_unusually_much_reading_is_shown_to_administrators(
    client: Client,
    settings: LazySettings,
    hunter: District,
    coordinator: User,
    cfdu: User,
    administrator: User,
) -> None:
    settings.UNUSUAL_READING_CHILDREN = 2
    children = [make_child(hunter) for _ in range(3)]
    for child in children:
        _looked(coordinator, child, days=1)
    for child in (*children[:2], *children[:2]):
        _looked(cfdu, child, days=1)
    front = _page(client, administrator, reverse("directory"))
    assert front.count("Unusually much was read on") == 1
    assert reverse("person-reading", args=[coordinator.pk]) in front
    own = _page(client, administrator, reverse("person-reading", args=[coordinator.pk]))
    assert "the records of 3 children" in own
    other = _page(client, administrator, reverse("person-reading", args=[cfdu.pk]))
    assert "Unusually much" not in other


def test_children_in_files_count_once_with_those_that_were_opened(
    hunter: District, coordinator: User, cfdu: User
) -> None:
    children = [make_child(hunter) for _ in range(4)]
    numbers = tuple(child.pk for child in children)
    for shown in (numbers[:2], numbers[:3]):
        file = ReadEvent(Kind.EXPORT, shown=shown, detail={"rows": len(shown)})
        access_log.write_reads([file], by=coordinator, on=days_ago(1), route="export-children")
    for child in children[2:]:
        _looked(coordinator, child, days=1)
    _looked(coordinator, children[0], days=2)
    for child in children[:3]:
        _looked(cfdu, child, days=3)
    access_log.write_reads(
        [ReadEvent(Kind.LIST, shown=numbers)], by=cfdu, on=days_ago(2), route="children"
    )
    found = busy_days(most=2, since=days_ago(9))
    assert [(day.on, day.children, day.person_id) for day in found] == [
        (days_ago(1), 4, coordinator.pk),
        (days_ago(3), 3, cfdu.pk),
    ]
    assert busy_days(most=4, since=days_ago(9)) == []
    assert busy_days(most=2, since=days_ago(9), by=cfdu) == found[1:]


def test_what_was_unusual_long_ago_is_not_shown_for_ever(
    client: Client, settings: LazySettings, child: Child, coordinator: User, administrator: User
) -> None:
    settings.UNUSUAL_READING_CHILDREN = 0
    _looked(coordinator, child, days=40)
    assert "Unusually much" not in _page(client, administrator, reverse("directory"))
