"""What each form is for can be done by whoever may, and by nobody else, however it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from directory.models import User
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.form_parser import Fields
from reviews.tests.whole_site.form_values import (
    FORM_CASES,
    NO_HISTORY,
    TESTED_ELSEWHERE,
    form_case_at,
)
from reviews.tests.whole_site.routes import EVERYBODY, PEOPLE, ROWS, ObjectScope, RouteRow
from reviews.tests.whole_site.submit import body_for, rollback, submit_form
from reviews.tests.whole_site.test_access import faults_of, scopes_of, slips
from reviews.tests.whole_site.visitor import Visitor

MAY = {"200", "302", "409", "422"}
PAGES = {(row.route, row.about) for row in ROWS if row.method == "GET"}
POSTS = [row for row in ROWS if row.method == "POST" and form_case_at(row) is not None]


def test_each_address_that_takes_a_form_says_what_is_typed_there() -> None:
    taken = {row.route for row in ROWS if row.method == "POST"}
    said = {name.partition(" ")[0] for name in FORM_CASES}
    assert taken - set(TESTED_ELSEWHERE) == said
    assert set(TESTED_ELSEWHERE) <= taken


def bodies(client: Client, house: SiteObjects, who: str) -> Iterator[tuple[RouteRow, Fields]]:
    """Give the filled form of every line whose form this person may send."""
    for row in POSTS:
        act = form_case_at(row)
        if act is not None and row.answers[who] in MAY:
            has_page = (row.route, row.about) in PAGES
            yield row, body_for(client, row, house.address(row), act, has_page=has_page)


@pytest.mark.slow
@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "anonymous"])
def test_who_may_does_it_and_what_changes_is_what_it_is_for(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    client.force_login(people[who])
    wrong, done = [], 0
    for row, body in bodies(client, house, who):
        act = form_case_at(row)
        assert act is not None
        with rollback():
            came = submit_form(client, house.address(row), body)
        history = set() if row.route in NO_HISTORY else {"+HistoryEntry"}
        expected = set(act.changes.split()) | history
        told = came.changed - {"+Notice", "Notice"}
        if (came.leads_to, told) != (act.leads_to, expected):
            wrong.append(f"{row}: {came.status} {came.leads_to} {told} {came.errors}")
        done += 1
    assert not wrong, "\n".join(["", *wrong])
    assert done > 0 or who in {"nobody", "contract_manager", "district_manager"}


@pytest.mark.slow
@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_not_is_refused_with_a_complete_form_too(
    who: str, visitor: Visitor, house: SiteObjects, people: dict[str, User]
) -> None:
    """The forms are those of people who may, sent on by one who may not."""
    complete: dict[str, tuple[RouteRow, Fields]] = {}
    for other in ("coordinator", "cfdu", "casework_manager", "administrator"):
        client = Client()
        client.force_login(people[other])
        complete |= {str(row): (row, body) for row, body in bodies(client, house, other)}
    wrong, asked = [], 0
    for row, body in complete.values():
        own = {name: value for name, value in body.items() if name != "submission_token"}
        for scope in scopes_of(row):
            expected = row.answer_to(who, scope)
            if expected in MAY:
                continue
            asked += 1
            answer = visitor.go("POST", house.address(row, scope), own)
            found = faults_of(row, expected, answer) + slips(house, who, row, answer)
            wrong += [f"{row}, {scope.value}: {fault}" for fault in found]
    assert not wrong, "\n".join(["", *wrong])
    assert asked > 50
    assert {ObjectScope.RESTRICTED, ObjectScope.NOTHING} <= {
        s for row, _ in complete.values() for s in scopes_of(row)
    }
