"""A mail server that fails is left alone, and mails that were not tried stay as they are."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction

from directory.mail import breaker
from directory.mail.breaker import Way
from directory.models import Mail, MailBreaker
from directory.tests.scripted_server import (
    LEASE,
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


def open_now() -> None:
    """Let the server fail three times in a row."""
    for _ in range(breaker.MOST_FAILURES):
        breaker.failed(Way.FREE, NOW, "It cannot be reached.")


def refuse(server: ScriptedServer) -> None:
    server.sender_answer = "421 closing"


def refuse_us(server: ScriptedServer) -> None:
    server.sender_answer = "550 who are you"


def drop(server: ScriptedServer) -> None:
    server.drops_at_recipient = True


def drop_after(server: ScriptedServer) -> None:
    server.drops_after_text = True


@pytest.mark.parametrize("fail", [refuse, refuse_us, drop, drop_after])
def test_after_three_failures_of_the_server_in_a_row_the_others_are_not_tried(
    server: ScriptedServer, fail: Callable[[ScriptedServer], None]
) -> None:
    mails = owe_mails(5)
    fail(server)
    assert sum(deliver().values()) == 3
    assert deliver(NOW + A_MINUTE - A_SECOND) == {}
    assert [(state_of(mail), mail.attempt) for mail in mails[3:]] == [(State.OWED, 0)] * 2
    assert server.connections == 3
    opened = breaker.opened()
    assert opened is not None
    assert (opened.opened_at, opened.open_until) == (NOW, NOW + A_MINUTE)


def test_a_server_that_is_away_is_asked_three_times_and_no_mail_pays_for_it(
    server: ScriptedServer, settings: LazySettings
) -> None:
    (mail,) = owe_mails(1)
    settings.EMAIL_PORT = 1
    assert deliver() == {}
    opened = breaker.opened()
    assert opened is not None
    assert (opened.failures, opened.trouble) == (
        3,
        "It cannot be reached (ConnectionRefusedError).",
    )
    assert (state_of(mail), mail.attempt, mail.failing_since) == (State.OWED, 0, None)


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
    assert breaker.opened() is None


def test_two_failures_and_an_answer_begin_the_count_anew() -> None:
    for _ in range(2):
        for _ in range(breaker.MOST_FAILURES - 1):
            breaker.failed(Way.FREE, NOW, "")
        breaker.answered(breaker.way(NOW))
    assert breaker.opened() is None
    assert MailBreaker.objects.get().failures == 0


def test_the_waits_grow_with_each_probe_that_fails(
    server: ScriptedServer, settings: LazySettings
) -> None:
    owe_mails(1)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    at, waits = NOW, []
    for _ in range(6):
        assert deliver(at) == {}
        until = MailBreaker.objects.get().open_until
        assert until is not None
        assert deliver(until - A_SECOND) == {}
        assert MailBreaker.objects.get().open_until == until
        waits.append((until - at) / A_MINUTE)
        at = until
    assert waits == [1, 5, 15, 60, 60, 60]
    settings.EMAIL_PORT = port
    assert deliver(at) == {"sent": 1}
    assert breaker.opened() is None


def test_where_the_probe_is_answered_all_others_go_on_in_the_same_run(
    server: ScriptedServer,
) -> None:
    owe_mails(5)
    open_now()
    assert deliver(NOW + A_MINUTE) == {"sent": 5}
    assert server.connections == 1


def test_where_the_probe_fails_no_second_mail_is_tried(server: ScriptedServer) -> None:
    mails = owe_mails(3)
    open_now()
    refuse(server)
    assert deliver(NOW + A_MINUTE) == {"owed": 1}
    assert [state_of(mail) and mail.attempt for mail in mails] == [1, 0, 0]


def test_the_turn_to_probe_is_one_workers_and_passes_on_where_that_one_dies() -> None:
    open_now()
    at = NOW + A_MINUTE
    assert breaker.way(at - A_SECOND) is Way.SHUT
    assert breaker.way(at) is Way.PROBE
    assert breaker.way(at + LEASE - A_SECOND) is Way.SHUT
    assert breaker.way(at + LEASE) is Way.PROBE


def test_a_late_failure_of_another_worker_does_not_lengthen_the_wait() -> None:
    open_now()
    breaker.failed(Way.FREE, NOW + A_SECOND, "It cannot be reached.")
    opened = breaker.opened()
    assert opened is not None
    assert (opened.failures, opened.open_until) == (3, NOW + A_MINUTE)


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_at_once_one_probes() -> None:
    open_now()
    barrier, ways = Barrier(8), list[Way]()

    def ask() -> None:
        try:
            barrier.wait()
            ways.append(breaker.way(NOW + A_MINUTE))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(way.name for way in ways) == ["PROBE", *["SHUT"] * 7]


def test_there_is_one_breaker_and_an_open_one_says_until_when() -> None:
    with pytest.raises(IntegrityError, match="there_is_one_mail_breaker"), transaction.atomic():
        MailBreaker.objects.create(pk=2)
    with pytest.raises(IntegrityError, match="since_when_and_until_when"), transaction.atomic():
        MailBreaker.objects.create(pk=1, opened_at=NOW)
