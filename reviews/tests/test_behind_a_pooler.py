"""Behind a pooler that parts transactions each person is answered whole, and as that person.

Two sessions of the database serve everybody who asks at the same time. Each answer is compared
with the one that the same person got before, alone and without a pooler.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from directory.database import row_security
from directory.database.postgresql import base
from directory.models import District, User
from directory.tests.people import make_district
from directory.web.result_cache import CACHE_ALIAS
from permanency.models import Child
from reviews.tests.cases import goal_due_in
from reviews.tests.whole_site.visitor import CHANGING_PARTS

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PAGES = ("/", "/children/", "/reviews/", "/forecast/", "/children/{child}/")
THREADS, ROUNDS = 8, 2
Asked = tuple[User, str]


def get(asked: Asked) -> tuple[int, bytes]:
    """Return what a person is answered to an address, signed in anew, without what ever changes."""
    person, address = asked
    try:
        client = Client()
        client.force_login(person)
        answer = client.get(address)
        return answer.status_code, CHANGING_PARTS.sub(b"", answer.content)
    finally:
        connection.close()


@pytest.fixture
def alone(
    hunter: District,
    coordinator: User,
    stranger: User,
    district_manager: User,
    nobody: User,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[Asked, tuple[int, bytes]]:
    """Return what four people are answered one by one, without a pooler."""
    ours = [goal_due_in(hunter, coordinator, days) for days in (-3, 0, 20)]
    theirs = [goal_due_in(make_district("Sydney"), stranger, days) for days in (-9, 4)]
    monkeypatch.setattr(row_security, "_default_user", row_security.NOBODY)
    addresses = [
        address.format(child=goal.child_id) for address in PAGES for goal in (ours[0], theirs[0])
    ]
    people = (coordinator, stranger, district_manager, nobody)
    asked = dict.fromkeys((person, address) for person in people for address in addresses)
    for each in asked:  # The first look is not the same as the second one.
        get(each)
    answers = {each: get(each) for each in asked}
    statuses = [status for status, _ in answers.values()]
    assert min(statuses.count(200), statuses.count(404)) > 2, "some may and some may not"
    return answers


@pytest.fixture
def everybody_at_once(alone: dict[Asked, tuple[int, bytes]], pooler: None) -> Any:
    """Give a function that asks all of it at once, and returns what was answered otherwise.

    Beside it something asks as the system, in the same two sessions.
    """

    def count_as_system(_: object) -> str:
        try:
            with row_security.as_system():
                return "" if Child.objects.count() == 5 else "the system"
        finally:
            connection.close()

    def differs(asked: Asked) -> str:
        caches[CACHE_ALIAS].clear()
        return "" if get(asked) == alone[asked] else f"{asked[0]} {asked[1]}"

    def ask() -> list[str]:
        with ThreadPoolExecutor(THREADS) as people, ThreadPoolExecutor(1) as system:
            beside = system.map(count_as_system, range(40))
            answers = people.map(differs, list(alone) * ROUNDS)
            return [each for each in chain(answers, beside) if each]

    return ask


def tell_every_session(person: str) -> None:
    """Tell both sessions behind the pooler who asks, for good, as other code might."""
    parameters = connection.get_connection_params() | {"cursor_factory": None}
    lines = [psycopg2.connect(**parameters) for _ in range(2)]
    for line in lines:  # Neither transaction ends before both have a session.
        line.cursor().execute(f"SET {row_security.PERSON} = '{person}'")
    for line in lines:
        line.commit()
        line.close()


def test_each_person_gets_their_own_whole_answer(everybody_at_once: Any) -> None:
    assert everybody_at_once() == []


def test_what_other_code_told_the_sessions_shows_nobody_more(everybody_at_once: Any) -> None:
    tell_every_session("system")
    assert everybody_at_once() == []


def test_told_in_a_message_of_their_own_the_words_are_lost(
    everybody_at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(cursor: Any, query: str, values: Any = None) -> None:
        plainly = psycopg2.extensions.cursor.execute
        plainly(cursor, row_security.words().replace("true", "false"))
        plainly(cursor, query, values)

    monkeypatch.setattr(base.Cursor, "execute", execute)
    assert len(everybody_at_once()) > THREADS
