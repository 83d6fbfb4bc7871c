"""A mail is noted as sent and the next one claimed in one transaction, and nothing else changes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from directory.mail import leases, notices, smtp
from directory.mail.hold import hold_mail
from directory.models import District, Inbox, Mail
from directory.tests.scripted_server import (
    LEASE,
    NOW,
    TODAY,
    ScriptedServer,
    deliver,
    owe_mail,
    state_of,
)

State = Mail.State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.dialect]


def owe_mails(count: int) -> list[Mail]:
    return [owe_mail(f"District {number} inbox") for number in range(count)]


def states() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("state", flat=True))


def others(act: Callable[[], object]) -> Callable[[], None]:
    """Return what another process does once, on a connection of its own."""
    acts = iter([act])

    def do() -> None:
        next(acts, bool)()
        connection.close()

    return do


def recipients(server: ScriptedServer) -> list[str]:
    return [str(message["To"]) for message in server.messages]


# What others see


def test_others_see_each_mail_end_as_the_next_one_is_claimed_and_each_text_announced(
    server: ScriptedServer,
) -> None:
    owe_mails(3)
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(states())
        connection.close()

    server.at_recipient = server.at_text = look
    assert deliver() == {"sent": 3}
    assert seen == [
        ["claimed", "owed", "owed"],
        ["handing_over", "owed", "owed"],
        ["sent", "claimed", "owed"],
        ["sent", "handing_over", "owed"],
        ["sent", "sent", "claimed"],
        ["sent", "sent", "handing_over"],
    ]


def test_a_mail_costs_two_transactions_and_no_more_statements_than_these(
    server: ScriptedServer,
) -> None:
    owe_mails(4)
    with CaptureQueriesContext(connection) as asked:
        assert deliver() == {"sent": 4}
    said = " ".join(each["sql"].split()[0] for each in asked.captured_queries)
    end_and_claim, hand_over = "BEGIN UPDATE SELECT UPDATE COMMIT ", "UPDATE "
    assert hand_over + 3 * (end_and_claim + hand_over) in said


def test_more_mails_than_are_read_at_once_are_sent_once_each(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "READ_BATCH", 2)
    owe_mails(5)
    assert deliver() == {"sent": 5}
    assert len(set(recipients(server))) == len(server.messages) == 5


# What hinders the claim


def at_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database refuse a statement of the second claim."""
    take, calls = leases._start_lease, iter(range(9))

    def broken(mail: Mail, at: Any) -> bool:
        if next(calls) == 1:
            take(mail, at)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM nowhere")
        return take(mail, at)

    monkeypatch.setattr(leases, "_start_lease", broken)


def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database fail at the end of the transaction that holds the second claim."""
    commit, calls = connection.commit, iter(range(9))

    def broken() -> None:
        if next(calls) == 1:
            raise OperationalError("out of room")
        commit()

    monkeypatch.setattr(connection, "commit", broken)


def as_time_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the task be interrupted once the first mail is noted and before the second is claimed."""
    claim, calls = leases.claim, iter(range(9))

    def interrupted(*given: Any, **more: Any) -> bool:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return claim(*given, **more)

    monkeypatch.setattr(leases, "claim", interrupted)


@pytest.mark.parametrize("hinder", [at_the_claim, at_the_end, as_time_runs_out])
def test_what_hinders_the_claim_of_a_mail_does_not_undo_that_the_one_before_was_sent(
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    hinder: Callable[[pytest.MonkeyPatch], None],
) -> None:
    first, second = owe_mails(2)
    with monkeypatch.context() as broken:
        hinder(broken)
        with pytest.raises((DatabaseError, KeyboardInterrupt)):
            deliver()
    assert (state_of(first), first.ended_at) == (State.SENT, NOW)
    assert (state_of(second), second.attempt, second.left_behind) == (State.OWED, 0, 0)
    assert deliver() == {"sent": 1}
    assert len(server.messages) == 2
    assert not Mail.objects.filter(may_repeat=True).exists()


def test_a_worker_that_dies_before_the_end_of_the_transaction_leaves_both_as_they_were(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even the end can be noted by itself: the mail is repeated and says so."""
    first, second = owe_mails(2)
    end = leases.end

    def dies(mail: Mail, state: Any, *given: Any, **more: Any) -> str:
        if state == State.SENT:
            raise SystemExit
        return end(mail, state, *given, **more)

    with monkeypatch.context() as broken:
        broken.setattr(leases, "end", dies)
        with pytest.raises(SystemExit):
            deliver()
    assert (state_of(first), state_of(second)) == (State.HANDING_OVER, State.OWED)
    assert deliver(NOW + LEASE) == {"sent": 2}
    assert [mail["Message-ID"] for mail in server.messages[:2]] == [first.message_id] * 2
    assert state_of(first) == State.SENT
    assert first.may_repeat
    assert "may have reached you already" in server.messages[1].get_content()
    assert "may have reached you already" not in server.messages[2].get_content()


# Where the run does not go on


def test_once_the_time_is_up_none_is_claimed_ahead(server: ScriptedServer) -> None:
    _, second = owe_mails(2)
    at = NOW

    def time_passes() -> None:
        nonlocal at
        at += smtp.LONGEST_RUN + timedelta(seconds=1)

    server.at_text = time_passes
    assert dict(smtp.deliver(now=lambda: at)) == {"sent": 1}
    assert (state_of(second), second.attempt) == (State.OWED, 0)


def test_a_switch_that_is_held_between_two_mails_holds_the_second(server: ScriptedServer) -> None:
    _, second = owe_mails(2)
    server.at_text = others(lambda: hold_mail("Wait", on=TODAY))
    assert deliver() == {"sent": 1}
    assert (state_of(second), second.attempt) == (State.OWED, 0)


# What changes after the mails were read


def test_an_address_that_changes_before_the_claim_is_the_one_that_is_named(
    server: ScriptedServer,
) -> None:
    owe_mails(2)
    moved = Inbox.objects.filter(name="District 1 inbox")
    server.at_text = others(lambda: moved.update(address="new@example.org"))
    assert deliver() == {"sent": 2}
    assert recipients(server) == ["district.0.inbox@example.org", "new@example.org"]


def test_what_is_settled_before_the_claim_is_cancelled(server: ScriptedServer) -> None:
    _, second = owe_mails(2)
    matter = f"goal:{District.objects.get(name='District 1').pk}:"
    server.at_text = others(lambda: notices.settle(matter))
    assert deliver() == {"sent": 1, "cancelled": 1}
    assert (state_of(second), len(server.messages)) == (State.CANCELLED, 1)


def test_a_mail_that_another_worker_claims_meanwhile_is_left_to_it(server: ScriptedServer) -> None:
    _, second, third = owe_mails(3)
    server.at_text = others(lambda: next(leases.claim_each(lambda: NOW)))
    assert deliver() == {"sent": 2}
    assert (state_of(second), second.attempt) == (State.CLAIMED, 1)
    assert state_of(third) == State.SENT
    assert len(server.messages) == 2


@pytest.fixture
def in_the_hands_of_another() -> Iterator[Callable[[Mail], None]]:
    """Give what locks a mail in a transaction of its own, which is not over before the test is."""
    over, held = Event(), Event()
    threads = []

    def hold(mail: Mail) -> None:
        with transaction.atomic():
            Mail.objects.select_for_update().get(pk=mail.pk)
            held.set()
            over.wait(20)
        connection.close()

    def begin(mail: Mail) -> None:
        threads.append(Thread(target=hold, args=[mail]))
        threads[0].start()
        held.wait(20)

    yield begin
    over.set()
    for thread in threads:
        thread.join()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there everybody waits for a writer")
def test_a_mail_that_another_worker_is_just_claiming_is_passed_over_at_once(
    server: ScriptedServer, in_the_hands_of_another: Callable[[Mail], None]
) -> None:
    _, second, third = owe_mails(3)
    server.at_text = others(lambda: in_the_hands_of_another(second))
    assert deliver() == {"sent": 2}
    assert (state_of(second), state_of(third)) == (State.OWED, State.SENT)
