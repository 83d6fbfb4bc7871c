"""Every answer that shows a case is in the read log, or it is not served.

That these tests can fail is a test itself: with the doorways noting nothing, every address of a
record and of a list is found out; with the middleware taken out and the log broken, the names of
children are shown again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from directory.history import access_log
from directory.models import ReadEntry, User
from reviews.tests.whole_site import reads
from reviews.tests.whole_site.fixtures import LAST_NAME, SiteObjects
from reviews.tests.whole_site.reads import NAMES, Visit, visit
from reviews.tests.whole_site.routes import ROWS, RouteRow

READERS = ("coordinator", "cfdu", "administrator")
LOGGED = reads.RECORDS | reads.LISTS | reads.LISTS_FOR_SOME
WITHOUT_A_CHILD_HERE = {"my-drafts"}
# One line of the table for each address and method that a coordinator is shown a case at.
FEW = {
    (row.route, row.method): row
    for row in ROWS
    if row.route in LOGGED - WITHOUT_A_CHILD_HERE
    and row.answers["coordinator"] in reads.SHOWING_CODES
}
STEPS = 200
BREAK = {
    "postgresql": (
        "CREATE FUNCTION break_the_read_log() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room for another row'; END $$",
        "CREATE TRIGGER break_it BEFORE INSERT ON directory_readentry "
        "FOR EACH ROW EXECUTE FUNCTION break_the_read_log()",
    ),
    "sqlite": (
        "CREATE TRIGGER break_it BEFORE INSERT ON directory_readentry "
        "BEGIN SELECT RAISE(ABORT, 'no room for another row'); END",
    ),
}


@pytest.fixture
def known(house: SiteObjects) -> dict[bytes, int]:
    """Return the number of every child of the house by its reference."""
    return reads.references()


@pytest.fixture
def broken_log(house: SiteObjects, people: dict[str, User]) -> None:
    """Let the database refuse every row of the read log."""
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    with connection.cursor() as cursor:
        for statement in BREAK[connection.vendor]:
            cursor.execute(statement)


def _looks(
    client: Client, house: SiteObjects, rows: Iterable[RouteRow]
) -> list[tuple[RouteRow, Visit]]:
    return [(row, visit(client, row.method, house.address(row))) for row in rows]


def test_the_list_of_what_is_logged_names_addresses_that_exist() -> None:
    routes = {row.route for row in ROWS}
    assert routes >= LOGGED | reads.REFERENCES_ONLY
    assert len(reads.RECORDS) > 20


@pytest.mark.slow
@pytest.mark.parametrize("who", READERS)
def test_every_answer_writes_exactly_what_it_shows(
    who: str, client: Client, people: dict[str, User], house: SiteObjects, known: dict[bytes, int]
) -> None:
    client.force_login(people[who])
    wrong = []
    for row, seen in _looks(client, house, ROWS):
        wrong += reads.read_log_faults(row, seen, house, known)
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.slow
def test_a_doorway_that_notes_nothing_is_found_out(
    client: Client,
    coordinator: User,
    house: SiteObjects,
    known: dict[bytes, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access_log, "add_read", lambda request, read: None)
    client.force_login(coordinator)
    looks = _looks(client, house, FEW.values())
    found = {row.route for row, seen in looks if reads.read_log_faults(row, seen, house, known)}
    assert found == {route for route, _ in FEW}


@pytest.mark.slow
@pytest.mark.usefixtures("broken_log")
def test_what_cannot_be_logged_is_not_served(
    client: Client, coordinator: User, house: SiteObjects, known: dict[bytes, int]
) -> None:
    client.force_login(coordinator)
    wrong = []
    for row, seen in _looks(client, house, FEW.values()):
        if any(name in seen.body for name in NAMES) or seen.references_on_page(known):
            wrong.append(f"{row}: {seen.code} shows a child")
        if seen.code != "503":
            wrong.append(f"{row}: answered {seen.code}")
    assert not wrong, "\n".join(["", *wrong])
    not_opened = LOGGED - {route for route, _ in FEW}
    assert not_opened == {
        "approvals",
        "person-reading",
        "restricted-children",
        "name-from-list",
        "open-work",
        *WITHOUT_A_CHILD_HERE,
    }


@pytest.mark.usefixtures("broken_log")
def test_it_is_the_middleware_that_refuses(
    settings: LazySettings, coordinator: User, house: SiteObjects
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE]
    settings.MIDDLEWARE.remove("directory.web.middleware.AccessLogMiddleware")
    client = Client()
    client.force_login(coordinator)
    address = f"/children/{house.sets['PSP']['child']}/"
    assert all(name in client.get(address).content for name in NAMES)


@pytest.mark.usefixtures("broken_log")
def test_a_search_that_cannot_be_logged_tells_nothing(
    client: Client, coordinator: User, known: dict[bytes, int]
) -> None:
    client.force_login(coordinator)
    reference = next(iter(known)).decode()
    found = [
        visit(client, "GET", client.post("/children/find/", {"who": words})["Location"])
        for words in (LAST_NAME, "Zebedoo")
    ]
    for seen in (*found, visit(client, "POST", "/children/find/", f"who={reference}")):
        assert seen.code == "503"
        assert not seen.references_on_page(known)


@pytest.mark.usefixtures("broken_log")
@pytest.mark.parametrize("name", ["children", "reviews"])
def test_an_export_that_cannot_be_logged_does_not_leave(
    name: str, client: Client, coordinator: User, known: dict[bytes, int]
) -> None:
    client.force_login(coordinator)
    sent = "reason=For+the+meeting&file_format=csv"
    seen = visit(client, "POST", f"/{name}/export/", sent)
    assert seen.code == "503"
    assert not seen.references_on_page(known)


def test_a_search_is_logged_without_its_words(
    client: Client, coordinator: User, known: dict[bytes, int]
) -> None:
    client.force_login(coordinator)
    reference, number = next(iter(known.items()))
    by_name, nobody = (
        visit(client, "GET", client.post("/children/find/", {"who": who})["Location"])
        for who in (LAST_NAME, "Zebedoo")
    )
    by_reference = visit(client, "POST", "/children/find/", f"who={reference.decode()}")
    assert by_name.children == by_name.references_on_page(known) != set()
    assert (by_reference.code, by_reference.children) == ("302", {number})
    assert (nobody.code, nobody.children, len(nobody.rows)) == ("200", set(), 1)
    for row in (*by_name.rows, *by_reference.rows, *nobody.rows):
        assert (row.kind, row.route, row.by) == ("search", "find-child", coordinator)
        assert list(row.detail) == ["rows"]


@pytest.mark.slow
def test_a_walk_through_the_site_can_be_told_from_the_log(
    people: dict[str, User], house: SiteObjects, known: dict[bytes, int]
) -> None:
    """Who saw a child and what a person read are what was written down on the way, row for row."""
    way = random.Random(20260514)  # noqa: S311  # the same walk each time
    clients = {who: Client() for who in people}
    for who, client in clients.items():
        client.force_login(people[who])
    # A calendar is read as whoever made its link, whoever asks.
    rows = [row for row in ROWS if row.method == "GET" and row.route not in reads.FEEDS]
    saw: Counter[tuple[int, int]] = Counter()
    read: Counter[tuple[int, str]] = Counter()
    for _ in range(STEPS):
        who, row = way.choice(sorted(people)), way.choice(rows)
        seen = visit(clients[who], "GET", house.address(row))
        told = reads.expected_log_rows(row, seen.code, house, seen.body)
        read.update((people[who].pk, route) for _, route, _ in told)
        numbers = {number for _, _, number in told if number} or seen.children_on_page(known)
        if told and row.route not in reads.REFERENCES_ONLY:
            saw.update((people[who].pk, number) for number in numbers)
    assert len(saw) > STEPS // 10
    assert Counter(ReadEntry.objects.values_list("by", "route")) == read
    for number in known.values():
        found = Counter(ReadEntry.objects.of_child(number).values_list("by", flat=True))
        assert found == {by: times for (by, child), times in saw.items() if child == number}
