"""Every address of the site by every person: the table `routes.txt` holds, cell by cell.

A cell is one person, one line of the table, one place where its object is, one method. Each is
asked for; the status, the words in the answer that tell of a child, and the rows it changed are
compared with what the table says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from django.test import Client

from directory.models import User
from permanency.models import Child
from reviews.tests.whole_site.fixtures import (
    EVERY_NAME,
    LAST_NAME,
    ROUTE_OBJECTS,
    SiteObjects,
    has_object,
)
from reviews.tests.whole_site.routes import EVERYBODY, ROWS, ObjectScope, RouteRow, read_table
from reviews.tests.whole_site.visitor import Answer, Visitor, all_routes, without_tokens

DONE = {"200", "201", "302", "422", "503"}
REFUSED = {"in", "302", "403", "404", "405"}
# What leads on without writing a row of ours, and what nobody need be signed in for.
QUIET = {
    "sign-in",
    "account_login",
    "passkey-sign-in",
    "mfa_authenticate",
    "sign-out",
    "forgot-password",
    "open-link",
    "choose-password",
    "single-sign-on",
    "single-sign-on-answer",
}
OPEN = {*QUIET, "health", "calendar-feed"}
LEADS_ON = {*QUIET, "prove-by-single-sign-on"}
# How many addresses the site has at least. It goes down only with a line here that says which
# address went, and why.
ADDRESSES = 106
# Who asks each page for its HEAD too.
ASKS_HEAD = "district_manager"
# Pages with a form: they may refuse HEAD, to everybody alike.
FORMS = {row.route for row in ROWS if row.method == "POST"}


def unlisted() -> set[str]:
    """Return the names of the addresses that the table does not name."""
    return {name for name, _ in all_routes()} - {row.route for row in ROWS}


def unfurnished() -> set[str]:
    """Return the names of the addresses with an argument that the house has nothing for."""
    return {
        name
        for name, arguments in all_routes()
        if {need for need in ROUTE_OBJECTS.get(name, {}) if not need.startswith("?")} != arguments
    }


def test_the_table_names_every_address_and_no_other() -> None:
    found = [name for name, _ in all_routes()]
    assert unlisted() == set(), "addresses that the table does not name"
    assert {row.route for row in ROWS} - set(found) == set(), "addresses of the table that are gone"
    assert len(found) == len(set(found)), "two addresses of one name"
    assert len(found) >= ADDRESSES, "addresses are missing; see ADDRESSES"


def test_no_line_stands_twice_and_each_address_is_reached_by_somebody() -> None:
    lines = [(row.route, row.about, row.method) for row in ROWS]
    assert len(lines) == len(set(lines))
    reached = {row.route for row in ROWS if DONE & set(row.answers.values())}
    assert {row.route for row in ROWS} - reached == set()


def test_who_is_not_signed_in_reaches_what_is_open_to_everybody_alone() -> None:
    assert {row.route for row in ROWS if row.answers["anonymous"] != "in"} == OPEN


def test_each_argument_of_an_address_can_be_furnished() -> None:
    assert unfurnished() == set()
    assert set(ROUTE_OBJECTS) - {name for name, _ in all_routes()} == set()


def test_a_line_gives_an_answer_for_each_person() -> None:
    with pytest.raises(ValueError, match="shorter"):
        read_table("children - GET | in 200")


def scopes_of(row: RouteRow) -> list[ObjectScope]:
    """Return the places where the object of a line is asked for; what is not there comes first."""
    found = [ObjectScope.NOTHING] if has_object(row) else []
    if row.whose == "PSP":
        found += [ObjectScope.ELSEWHERE, ObjectScope.RESTRICTED]
    return [*found, ObjectScope.HUNTER]


@dataclass
class Walk:
    """A walk of one person over lines of the table: how many cells, and what is wrong with which.

    Where the table says 404, the answer is that for something that is not there at all: status,
    headers, names of cookies and body.
    """

    who: str
    visitor: Visitor
    house: SiteObjects
    cells: int = 0
    wrong: list[str] = field(default_factory=list)

    def over(self, rows: Iterable[RouteRow]) -> Walk:
        """Ask for every cell of these lines."""
        for row in rows:
            self._ask(row, row.method)
            if row.method == "GET" and self.who == ASKS_HEAD:
                self._ask(row, "HEAD")
        return self

    def _ask(self, row: RouteRow, method: str) -> None:
        nothing: Answer | None = None
        for scope in scopes_of(row):
            self.cells += 1
            answer = self.visitor.go(method, self.house.address(row, scope))
            nothing = answer if scope is ObjectScope.NOTHING else nothing
            expected = row.answer_to(self.who, scope)
            found = slips(self.house, self.who, row, answer)
            if method == "HEAD" and answer.body:
                found.append("a body")
            if expected == "404" and nothing is not None and answer != nothing:
                found.append("differs from what is not there")
            if method == "HEAD" and row.route in FORMS and answer.code == "405":
                expected = "405"
            found += faults_of(row, expected, answer)
            self.wrong += [
                f"{method} {row.route} ({row.about}, {scope.value}): {each}" for each in found
            ]


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(who, marks=pytest.mark.smoke if who == "coordinator" else ())
        for who in EVERYBODY
    ],
)
def test_each_person_is_answered_as_the_table_says(
    who: str, visitor: Visitor, house: SiteObjects, record_property: Callable[[str, object], None]
) -> None:
    walk = Walk(who, visitor, house).over(ROWS)
    record_property("cells", walk.cells)
    assert not walk.wrong, "\n".join(["", *walk.wrong])
    assert walk.cells > 2 * len(ROWS)
    assert not visitor.has_changed_rows, "a row changed"


def faults_of(row: RouteRow, expected: str, answer: Answer) -> list[str]:
    """Return what is other than the table says: the answer, or whether rows changed."""
    got = answer.code
    acts = row.method == "POST" and expected in {"201", "302"} and row.route not in LEADS_ON
    if got != expected:
        return [f"expected {expected}, got {got}"]
    if answer.changed != acts:
        return [f"{got}, and rows {'changed' if answer.changed else 'did not change'}"]
    return []


def slips(house: SiteObjects, who: str, row: RouteRow, answer: Answer) -> list[str]:
    """Return what tells of a child where it may not.

    What is kept from the person stands nowhere, and no name at all in a refusal, a header, a title.
    """
    found = [word for word in house.hidden_words(who, row.route) if word in answer.whole]
    text = str(answer.headers).encode()
    text += answer.body.partition(b"<title>")[2].partition(b"</title>")[0]
    if answer.code in REFUSED:
        text += answer.body
    found += [name for name in EVERY_NAME if name in text]
    return [f"{answer.code}, and it tells {word.decode()}" for word in found]


@pytest.mark.parametrize("who", ["anonymous", "coordinator", "administrator"])
def test_what_an_address_does_not_take_is_refused(
    who: str, visitor: Visitor, house: SiteObjects
) -> None:
    """OPTIONS too: it tells neither whether something is there nor what the person may do."""
    wrong = []
    for route, row in {row.route: row for row in ROWS}.items():
        taken = {each.method for each in ROWS if each.route == route}
        expected = "in" if who == "anonymous" and route not in OPEN else "405"
        for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - taken):
            answer = visitor.go(method, house.address(row))
            if answer.code != expected or answer.changed:
                wrong.append(f"{method} {route}: expected {expected}, got {answer.code}")
            if who == "anonymous" or not has_object(row):
                continue
            if answer != visitor.go(method, house.address(row, ObjectScope.NOTHING)):
                wrong.append(f"{method} {route}: tells whether something is there")
    assert not wrong, "\n".join(["", *wrong])


def test_finding_a_child_of_another_district_finds_nothing(
    client: Client, house: SiteObjects, stranger: User
) -> None:
    child = Child.objects.get(pk=house.sets["PSP"]["child"])
    client.force_login(stranger)
    address = "/children/find/"
    for theirs, nobodys in (
        (child.childstory_id, "T99999"),
        (child.reference, "BCDFGHJK"),
        (LAST_NAME, "Zebedoo"),
    ):
        found = client.post(address, {"who": theirs}, follow=True)
        nothing = client.post(address, {"who": nobodys}, follow=True)
        assert found.status_code == nothing.status_code == 200
        assert without_tokens(found.content).replace(theirs.encode(), b"") == (
            without_tokens(nothing.content).replace(nobodys.encode(), b"")
        )
