"""A mail server that fails is left alone, and mails that were not tried stay as they are."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings

from directory.mail import leases
from directory.models import Mail
from directory.tests.scripted_server import (
    NOW,
    ScriptedServer,
    deliver,
    owe_mail,
    state_of,
)

State = Mail.State
A_SECOND = timedelta(seconds=1)
A_MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def owe_mails(count: int) -> list[Mail]:
    return [owe_mail(f"District {number} inbox") for number in range(count)]


def refuse(server: ScriptedServer) -> None:
    server.sender_answer = "421 closing"


def refuse_us(server: ScriptedServer) -> None:
    server.sender_answer = "550 who are you"


def drop(server: ScriptedServer) -> None:
    server.drops_at_recipient = True


def drop_after(server: ScriptedServer) -> None:
    server.drops_after_text = True


@pytest.mark.parametrize("fail", [refuse, refuse_us, drop, drop_after])
def test_after_a_failure_of_the_server_no_other_mail_is_tried_for_a_while(
    server: ScriptedServer, fail: Callable[[ScriptedServer], None]
) -> None:
    mails = owe_mails(5)
    fail(server)
    assert sum(deliver().values()) == 1
    assert deliver(NOW + A_MINUTE - A_SECOND) == {}
    assert server.connections == 1
    assert [(state_of(mail), mail.tries, mail.attempt) for mail in mails[1:]] == [
        (State.OWED, 0, 0)
    ] * 4


def test_a_mail_that_is_new_waits_with_the_others(server: ScriptedServer) -> None:
    owe_mails(2)
    refuse(server)
    deliver()
    owe_mail("New inbox")
    assert deliver(NOW + A_MINUTE - A_SECOND) == {}
    assert server.connections == 1


@pytest.mark.parametrize("days", [0, 3])
def test_a_server_that_is_away_is_asked_seldom_and_no_mail_pays_for_it(
    server: ScriptedServer, settings: LazySettings, days: int
) -> None:
    (mail,) = owe_mails(1)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _ in range(2):
        assert deliver() == {}
    back = NOW + timedelta(days=days) + A_MINUTE
    assert deliver(back - A_SECOND) == {}
    assert (state_of(mail), mail.attempt, mail.tries) == (State.OWED, 0, 0)
    assert mail.trouble == "It cannot be reached (ConnectionRefusedError)."
    settings.EMAIL_PORT = port
    server.recipient_answers = {"district.0.inbox@example.org": "451 greylisted"}
    assert deliver(back + timedelta(hours=1)) == {"owed": 1}
    server.recipient_answers = {}
    assert deliver(back + timedelta(hours=2)) == {"sent": 1}


@pytest.mark.parametrize("answer", ["550 no such mailbox", "451 greylisted"])
def test_a_refusal_of_one_recipient_is_an_answer_of_the_server(
    server: ScriptedServer, answer: str
) -> None:
    mails = owe_mails(4)
    server.recipient_answers = {
        f"district.{number}.inbox@example.org": answer for number in range(3)
    }
    assert deliver()["sent"] >= 1
    assert state_of(mails[3]) == State.SENT
    owe_mail("New inbox")
    assert deliver()["sent"] >= 1


def test_the_waits_grow_with_each_try_that_fails_and_all_go_once_it_answers(
    server: ScriptedServer, settings: LazySettings
) -> None:
    mails = owe_mails(3)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    at, waits = NOW, []
    for _ in range(6):
        assert deliver(at) == {}
        (until,) = set(Mail.objects.values_list("next_attempt_at", flat=True))
        assert until is not None
        assert deliver(until - A_SECOND) == {}
        assert set(Mail.objects.values_list("next_attempt_at", flat=True)) == {until}
        waits.append((until - at) / A_MINUTE)
        at = until
    assert waits == [1, 5, 15, 60, 60, 60]
    settings.EMAIL_PORT = port
    assert deliver(at) == {"sent": 3}
    assert server.connections == 1
    assert not leases.waiting_after_failures().exists()
    assert {state_of(mail) for mail in mails} == {State.SENT}


def test_where_the_server_fails_again_no_second_mail_is_tried(server: ScriptedServer) -> None:
    mails = owe_mails(3)
    refuse(server)
    assert deliver() == deliver(NOW + A_MINUTE) == {"owed": 1}
    assert [state_of(mail) and mail.attempt for mail in mails] == [1, 1, 0]


def test_a_mail_at_which_the_server_fails_each_time_keeps_no_other_waiting(
    server: ScriptedServer,
) -> None:
    (first, *_) = owe_mails(3)
    server.recipient_answers = {"district.0.inbox@example.org": "421 closing"}
    assert deliver() == {"owed": 1}
    assert deliver(NOW + A_MINUTE) == {"sent": 2, "owed": 1}
    owe_mail("New inbox")
    assert deliver(NOW + A_MINUTE) == {"sent": 1}
    assert (state_of(first), first.tries) == (State.OWED, 2)


def test_a_first_failure_is_no_trouble_yet_and_a_second_in_a_row_is(
    server: ScriptedServer, settings: LazySettings
) -> None:
    owe_mails(1)
    settings.EMAIL_PORT = 1
    for failures, at in enumerate((NOW, NOW + A_MINUTE)):
        assert not leases.waiting_after_failures().exists(), failures
        deliver(at)
    assert leases.waiting_after_failures().exists()
