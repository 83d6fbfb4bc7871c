"""Every address of the site by every person: the table in `routes.py` holds, cell by cell.

That these tests can fail was tried by hand: with `visible_to` answering everything, as if it were
`return self.all()`, 611 cells turn red, 84 of them with a child's name before a stranger, and so
does the comparison of "not yours" with "not there". A route without a line, a line without a route,
and an argument that the house cannot furnish are red by themselves.
"""

from __future__ import annotations

import pytest
from django.test import Client

from directory.models import User
from permanency.models import Child
from reviews.tests.whole_site.crossing import Visitor, leaves, without_tokens
from reviews.tests.whole_site.house import FIRST_NAME, LAST_NAME, NEEDS, House
from reviews.tests.whole_site.routes import PEOPLE, ROWS, read_table

DONE = {"200", "302", "422", "503"}
# What leads on without writing a row of ours, and what nobody need be signed in for.
QUIET = {"sign-in", "account_login", "sign-out"}
OPEN = {*QUIET, "health"}
# Who has nothing to do with a case of Hunter, and so never meets the name of a child there.
OUTSIDERS = ("contract_manager", "administrator", "stranger", "nobody")
NAMES = (FIRST_NAME.encode(), LAST_NAME.encode())


def test_the_table_names_every_address_and_no_other() -> None:
    named = {row.route for row in ROWS}
    found = set(leaves())
    assert found - named == set(), "addresses that the table does not name"
    assert named - found == set(), "addresses of the table that are gone"


def test_no_line_stands_twice_and_each_address_is_reached_by_somebody() -> None:
    lines = [(row.route, row.about, row.method) for row in ROWS]
    assert len(lines) == len(set(lines))
    reached = {row.route for row in ROWS if DONE & set(row.answers.values())}
    assert {row.route for row in ROWS} - reached == set()


def test_each_argument_of_an_address_can_be_furnished() -> None:
    for name, leaf in leaves().items():
        furnished = {need for need in NEEDS.get(name, {}) if not need.startswith("?")}
        assert furnished == set(leaf.pattern.converters), name
    assert set(NEEDS) - set(leaves()) == set()


def test_a_line_gives_an_answer_for_each_person() -> None:
    with pytest.raises(ValueError, match="shorter"):
        read_table("children - GET | in 200")


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_each_person_is_answered_as_the_table_says(
    who: str, visitor: Visitor, house: House
) -> None:
    wrong = []
    for row in ROWS:
        answer, changed = visitor.go(row.method, house.address(row))
        expected, got = row.answers[who], answer.code
        acts = row.method == "POST" and expected == "302" and row.route not in QUIET
        if got != expected:
            wrong.append(f"{row}: expected {expected}, got {got}")
        elif changed != acts:
            wrong.append(f"{row}: {got}, and rows {'changed' if changed else 'did not change'}")
        if _slips(who, got, answer.body + str(answer.headers).encode()):
            wrong.append(f"{row}: {got}, and a child's name is in it")
    assert not wrong, "\n".join(["", *wrong])
    assert not visitor.has_changed_rows, "a GET changed a row"


def _slips(who: str, got: str, text: bytes) -> bool:
    """Say whether a name stands where it may not: a refusal, a title, a page for outsiders."""
    if who not in {"anonymous", *OUTSIDERS} and got not in {"in", "302", "403", "404", "405"}:
        text = text.partition(b"<title>")[2].partition(b"</title>")[0]
    return any(name in text for name in NAMES)


@pytest.mark.parametrize("who", ["anonymous", "coordinator", "administrator"])
def test_what_an_address_does_not_take_is_refused(who: str, visitor: Visitor, house: House) -> None:
    wrong = []
    for route, row in {row.route: row for row in ROWS}.items():
        taken = {each.method for each in ROWS if each.route == route}
        expected = "in" if who == "anonymous" and route not in OPEN else "405"
        for method in sorted({"GET", "POST", "PUT", "DELETE"} - taken):
            answer, changed = visitor.go(method, house.address(row))
            if answer.code != expected or changed:
                wrong.append(f"{method} {route}: expected {expected}, got {answer.code}")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.slow
@pytest.mark.parametrize("who", ["cfdu", "casework_manager", *OUTSIDERS])
def test_not_yours_and_not_there_are_the_same_answer(
    who: str, visitor: Visitor, house: House
) -> None:
    hidden = [row for row in ROWS if row.answers[who] == "404"]
    assert len(hidden) > 50
    wrong = []
    for row in hidden:
        theirs, _ = visitor.go(row.method, house.address(row))
        nothing, _ = visitor.go(row.method, house.address(row, exists=False))
        if theirs != nothing:
            wrong.append(f"{row}: {theirs.status}, and {nothing.status} for nothing")
    assert not wrong, "\n".join(["", *wrong])


def test_finding_a_child_of_another_district_finds_nothing(
    client: Client, house: House, stranger: User
) -> None:
    child = Child.objects.get(pk=house.sets["PSP"]["child"])
    client.force_login(stranger)
    address = "/children/find/"
    for theirs, nobodys in (
        (child.childstory_id, "T99999"),
        (child.reference, "BCDFGHJK"),
        (LAST_NAME, "Zebedoo"),
    ):
        found = client.post(address, {"who": theirs})
        nothing = client.post(address, {"who": nobodys})
        assert found.status_code == nothing.status_code == 200
        assert without_tokens(found.content).replace(theirs.encode(), b"") == (
            without_tokens(nothing.content).replace(nobodys.encode(), b"")
        )
