"""Who has a mail in hand: one worker at a time, as long as a lease, and never one that slept."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction

from directory.accounts.services import notify_person
from directory.mail import leases, notices
from directory.models import Inbox, Mail, User
from directory.tests.people import make_person
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
A_SECOND = timedelta(seconds=1)

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


def claimed(at: datetime = NOW) -> Mail:
    """Return the one mail that is due, claimed at this moment by a worker of its own."""
    return next(leases.claim_each(lambda: at))


# One at a time


def test_a_mail_that_another_worker_has_claimed_is_left_to_it(server: ScriptedServer) -> None:
    mail = owe_mail()
    claimed()
    assert deliver(NOW + LEASE - A_SECOND) == {}
    assert deliver(NOW + LEASE) == {"sent": 1}
    assert (state_of(mail), mail.attempt, mail.may_repeat) == (State.SENT, 2, False)
    assert mail.left_behind == 1


def test_a_claim_settles_in_one_transaction_whether_the_mail_is_still_owed() -> None:
    owe_mail()
    notices.settle("goal:")
    assert claimed().state == State.CANCELLED


def test_nobody_holds_a_mail_for_ever() -> None:
    mail = owe_mail()
    for state in (State.CLAIMED, State.HANDING_OVER):
        with (
            pytest.raises(IntegrityError, match="a_claimed_mail_has_a_lease"),
            transaction.atomic(),
        ):
            Mail.objects.filter(pk=mail.pk).update(state=state)


# A worker that slept


def test_a_worker_that_slept_past_its_lease_does_not_hand_over_though_nobody_took_the_mail() -> (
    None
):
    owe_mail()
    sleeper = claimed()
    assert leases.hand_over(sleeper, "hunter.inbox@example.org", NOW + LEASE) == leases.LEASE_LOST
    assert state_of(sleeper) == State.CLAIMED


def test_a_hand_over_has_a_lease_of_its_own() -> None:
    owe_mail()
    mail, at = claimed(), NOW + LEASE - A_SECOND
    assert leases.hand_over(mail, "hunter.inbox@example.org", at) == ""
    assert not leases.due(at + LEASE - A_SECOND).exists()
    assert leases.due(at + LEASE).exists()


def test_a_worker_that_slept_finds_that_the_mail_has_moved_and_changes_nothing(
    server: ScriptedServer,
) -> None:
    mail = owe_mail()
    sleeper = claimed()
    assert deliver(NOW + LEASE) == {"sent": 1}
    mail.refresh_from_db()
    later = NOW + LEASE + A_SECOND
    assert leases.hand_over(sleeper, "hunter.inbox@example.org", later) == leases.LEASE_LOST
    assert leases.end(sleeper, State.SENT, later) == leases.LEASE_LOST
    assert leases.postpone(sleeper, later, "451") == leases.LEASE_LOST
    assert leases.give_up(sleeper, later, "550") == leases.LEASE_LOST
    before = vars(mail).copy()
    mail.refresh_from_db()
    assert {**vars(mail), "_state": None} == {**before, "_state": None}
    assert (Mail.objects.count(), len(server.messages)) == (1, 1)


def test_the_answer_to_one_that_slept_in_hand_over_ends_nothing_that_another_has(
    server: ScriptedServer,
) -> None:
    owe_mail()
    sleeper = claimed()
    assert leases.hand_over(sleeper, "hunter.inbox@example.org", NOW) == ""
    another = claimed(NOW + LEASE)
    assert (another.unsure, another.may_repeat, another.left_behind) == (1, True, 1)
    assert leases.end(sleeper, State.SENT, NOW + LEASE) == leases.LEASE_LOST
    assert state_of(another) == State.CLAIMED


# Ones that end their workers


def test_a_mail_that_ends_five_workers_is_parked_and_the_others_go_on(
    server: ScriptedServer,
) -> None:
    mail, at = owe_mail(), NOW
    for _ in range(leases.MOST_LEFT_BEHIND):
        claimed(at)
        at += LEASE
    owe_mail("Sydney inbox")
    assert deliver(at) == {"parked": 1, "sent": 2}
    assert (state_of(mail), mail.attempt) == (State.PARKED, 6)
    assert mail.trouble == "The worker that had it fell silent five times."
    assert {str(each["To"]) for each in server.messages} == {
        "sydney.inbox@example.org",
        "fallback@example.org",
    }


# An address that changes on the way


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "goes_to"),
    [
        ({"address": "new@example.org"}, "new@example.org"),
        ({"retired_on": TODAY}, "fallback@example.org"),
    ],
)
def test_a_mail_goes_to_the_address_that_is_valid_as_it_is_handed_over(
    server: ScriptedServer, settings: LazySettings, change: dict[str, object], goes_to: str
) -> None:
    settings.FALLBACK_INBOX = "fallback@example.org"
    mail = owe_mail()

    def change_it() -> None:
        Inbox.objects.filter(name="Hunter inbox").update(**change)
        connection.close()

    server.at_recipient = change_it
    assert deliver() == {leases.ADDRESS_CHANGED: 1}
    assert server.messages == []
    server.at_recipient = bool
    assert deliver() == {"sent": 1}
    assert server.messages[0]["To"] == goes_to
    assert (state_of(mail), mail.may_repeat) == (State.SENT, False)


@pytest.mark.django_db(transaction=True)
def test_a_mail_to_a_person_goes_to_their_address_as_it_is_handed_over_unless_it_has_its_own(
    server: ScriptedServer,
) -> None:
    person = make_person("Priya")
    notify_person(person, "your name", on=TODAY)
    notify_person(person, "your address", on=TODAY, address="former@example.org")

    def change_it() -> None:
        User.objects.update(email="new@example.org")
        connection.close()

    server.at_recipient = change_it
    assert deliver() == {leases.ADDRESS_CHANGED: 1, "sent": 1}
    assert deliver() == {"sent": 1}
    assert [mail["To"] for mail in server.messages] == ["former@example.org", "new@example.org"]


# Two workers


@pytest.mark.django_db(transaction=True)
def test_a_mail_taken_by_another_worker_at_the_last_moment_is_not_handed_over(
    server: ScriptedServer,
) -> None:
    owe_mail()

    def another_takes_it() -> None:
        Mail.objects.update(attempt=9)
        connection.close()

    server.at_recipient = another_takes_it
    assert deliver() == {"left to another worker": 1}
    assert server.messages == []


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_send_each_mail_once(server: ScriptedServer) -> None:
    for number in range(5):
        owe_mail(f"District {number} inbox")
    barrier, faults = Barrier(8), list[BaseException]()

    def work() -> None:
        try:
            barrier.wait()
            deliver()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    sent = sorted(str(message["To"]) for message in server.messages)
    assert sent == [f"district.{number}.inbox@example.org" for number in range(5)]
