"""An act that PostgreSQL undid for the sake of another is done again, and nobody sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from directory.models import Draft, HistoryEntry, Inbox, Submission
from directory.tests.test_typed_text import ADDRESS, desk, new_inbox, token_of
from directory.web import middleware
from directory.web.middleware import is_worth_retrying

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True), pytest.mark.dialect]

__all__ = ["desk"]

DEADLOCK, SERIALISATION, NO_LOCK, NO_SPACE = "40P01", "40001", "55P03", "53100"
ADDED = "Hunter North is added. Now choose it for its districts."
Undo = Callable[..., None]


@pytest.fixture
def undo() -> Iterator[Undo]:
    """Return a function that has PostgreSQL undo what adds an inbox, so many times, with a code."""

    def begin(code: str, times: int, *, at_commit: bool = False) -> None:
        when = "CONSTRAINT TRIGGER undone AFTER" if at_commit else "TRIGGER undone BEFORE"
        late = "DEFERRABLE INITIALLY DEFERRED" if at_commit else ""
        with connection.cursor() as cursor:
            cursor.execute(  # every word is ours
                f"CREATE SEQUENCE undone;"
                f"CREATE FUNCTION undone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF nextval('undone') <= {times} THEN"
                f"  RAISE EXCEPTION 'undone on purpose' USING ERRCODE = '{code}';"
                f" END IF; RETURN NEW; END $$;"
                f"CREATE {when} INSERT ON directory_inbox {late}"
                f" FOR EACH ROW EXECUTE FUNCTION undone()"
            )

    yield begin
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS undone CASCADE; DROP SEQUENCE IF EXISTS undone")


def tries() -> int:
    """Return how often an inbox was about to be added."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM undone")
        (count,) = cursor.fetchone()
    return int(count)


def effects() -> tuple[int, int, int]:
    """Return how many inboxes, lines of history about them and used sheets there are."""
    added = HistoryEntry.objects.filter(verb="added an inbox")
    return Inbox.objects.count(), added.count(), Submission.objects.count()


@pytest.mark.parametrize("code", [DEADLOCK, SERIALISATION])
@pytest.mark.parametrize("at_commit", [False, True])
def test_what_was_undone_up_to_three_times_is_done_once_and_told_once(
    code: str, at_commit: bool, desk: Client, undo: Undo
) -> None:
    undo(code, 3, at_commit=at_commit)
    answer = desk.post(ADDRESS, new_inbox(submission_token=token_of(desk, ADDRESS)), follow=True)
    assert answer.redirect_chain == [("/directory/inboxes/", 302)]
    assert [str(each) for each in answer.context["messages"]] == [ADDED]
    assert tries() == 4
    assert effects() == (1, 1, 1)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("at_commit", [False, True])
def test_after_three_more_tries_it_says_so_and_keeps_the_words(
    at_commit: bool, desk: Client, undo: Undo
) -> None:
    undo(DEADLOCK, 4, at_commit=at_commit)
    desk.raise_request_exception = False
    sent = new_inbox(submission_token=token_of(desk, ADDRESS))
    answer = desk.post(ADDRESS, sent)
    assert (answer.status_code, tries(), effects()) == (503, 4, (0, 0, 0))
    assert "Hunter North" in desk.get(ADDRESS).content.decode()
    assert desk.post(ADDRESS, sent).status_code == 302
    assert effects() == (1, 1, 1)


@pytest.mark.parametrize(("code", "status"), [(NO_LOCK, 503), (NO_SPACE, 503)])
def test_what_would_fail_again_is_not_tried_again(
    code: str, status: int, desk: Client, undo: Undo
) -> None:
    undo(code, 1)
    desk.raise_request_exception = False
    answer = desk.post(ADDRESS, new_inbox(submission_token=token_of(desk, ADDRESS)))
    assert (answer.status_code, tries(), effects()) == (status, 1, (0, 0, 0))


def test_without_trying_again_the_person_sees_it(
    desk: Client, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "MOST_RETRIES", 0)
    undo(DEADLOCK, 1)
    desk.raise_request_exception = False
    answer = desk.post(ADDRESS, new_inbox(submission_token=token_of(desk, ADDRESS)))
    assert (answer.status_code, effects()) == (503, (0, 0, 0))


def test_a_fault_that_came_from_no_database_is_none_of_these() -> None:
    assert not is_worth_retrying(OperationalError("of our own making"))
