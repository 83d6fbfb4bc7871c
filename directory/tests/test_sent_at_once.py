"""The same sheet of a form at the same moment, on both databases: one act, and one answer for all.

With the note of the sheet switched off (`begin_submission` giving one that nobody wrote) the second
is refused because the name is taken, or makes a second row; that is tried below.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from directory.forms import drafts
from directory.models import Draft, HistoryEntry, Inbox, Submission, User
from directory.tests.test_typed_text import ADDRESS, new_inbox, token_of

pytestmark = pytest.mark.dialect

AT_ONCE = 4


def send_at_once(person: User, sent: dict[str, str]) -> list[tuple[int, str]]:
    """Return what each of several browsers is answered that send the same at the same moment."""
    ready = Barrier(AT_ONCE)
    clients = [Client() for _ in range(AT_ONCE)]
    for client in clients:
        client.force_login(person)
        client.raise_request_exception = False

    def send(client: Client) -> tuple[int, str]:
        try:
            ready.wait(timeout=20)
            answer = client.post(ADDRESS, sent)
            return answer.status_code, answer.headers.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, clients))


@pytest.mark.django_db(transaction=True)
def test_the_same_sheet_at_the_same_moment_is_acted_on_once(
    client: Client, administrator: User
) -> None:
    client.force_login(administrator)
    sent = new_inbox(submission_token=token_of(client, ADDRESS))
    answers = send_at_once(administrator, sent)
    assert answers == [(302, "/directory/inboxes/")] * AT_ONCE
    assert Inbox.objects.filter(name="Hunter North").count() == 1
    assert HistoryEntry.objects.filter(verb="added an inbox").count() == 1
    assert Submission.objects.count() == 1
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_note_of_the_sheet_the_others_are_not_led_to_the_first(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(administrator)
    sent = new_inbox(submission_token=token_of(client, ADDRESS))
    monkeypatch.setattr(
        drafts, "begin_submission", lambda token, content, *, at: Submission(person_id=token.person)
    )
    monkeypatch.setattr(drafts, "finish_submission", lambda submission, location: None)
    monkeypatch.setattr(Submission, "delete", lambda submission: None)
    assert send_at_once(administrator, sent) != [(302, "/directory/inboxes/")] * AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_a_fault_undoes_the_act_and_keeps_the_words(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(administrator)
    client.raise_request_exception = False
    sent = new_inbox(submission_token=token_of(client, ADDRESS))

    def fail(*args: object) -> None:
        raise ValueError("after the act, before its end")

    with monkeypatch.context() as patch:
        patch.setattr("directory.places.views.redirect", fail)
        assert client.post(ADDRESS, sent).status_code == 500
    assert not Inbox.objects.filter(name="Hunter North").exists()
    assert not Submission.objects.exists()
    assert sent["note"] in client.get(ADDRESS).content.decode()
    assert client.post(ADDRESS, sent).status_code == 302
    assert Inbox.objects.filter(name="Hunter North").count() == 1
