"""What an administrator does in the outbox: have a mail tried again, and let held mail leave."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from directory.errors import StepNotAllowedError
from directory.mail import hold as mail_hold
from directory.mail import leases, notices, smtp
from directory.models import HistoryEntry, Mail, User
from directory.tests.people import last_entry
from directory.tests.scripted_server import (
    LEASE,
    NOW,
    TODAY,
    ScriptedServer,
    deliver,
    owe_mail,
    state_of,
)
from directory.web.request import PROVED_AT

State = Mail.State
ADDRESS = "hunter.inbox@example.org"

pytestmark = pytest.mark.django_db


def refused(server: ScriptedServer) -> Mail:
    """Return a mail that its server took for good as undeliverable."""
    server.recipient_answers[ADDRESS] = "550 no such mailbox"
    mail = owe_mail()
    deliver()
    server.recipient_answers.clear()
    assert state_of(mail) == State.UNDELIVERABLE
    return mail


# Try again


def test_an_undeliverable_mail_is_owed_again_with_all_its_tries(
    server: ScriptedServer, administrator: User
) -> None:
    mail = refused(server)
    attempt = mail.attempt
    mail_hold.requeue(mail, by=administrator, on=TODAY)
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.trouble, mail.ended_at) == (State.OWED, 0, "", None)
    assert mail.attempt == attempt
    entry = last_entry()
    assert (entry.verb, entry.subject) == ("asked for a mail to be tried again", f"mail {mail.pk}")
    assert (entry.by, entry.before["state"]) == (administrator, "undeliverable")
    server.messages.clear()
    assert deliver() == {"sent": 1}
    assert server.messages[0]["Message-ID"] == mail.message_id


def test_it_is_told_to_the_fallback_once_also_where_it_fails_again(
    server: ScriptedServer, administrator: User
) -> None:
    mail = refused(server)
    mail_hold.requeue(mail, by=administrator, on=TODAY)
    server.recipient_answers[ADDRESS] = "550 no such mailbox"
    assert deliver() == {"undeliverable": 1}
    assert [each["To"] for each in server.messages] == ["fallback@example.org"]


def test_one_that_may_have_arrived_still_says_so(
    server: ScriptedServer, administrator: User
) -> None:
    server.drops_after_text = True
    mail, at = owe_mail(), NOW
    for _ in range(leases.MOST_UNSURE + 1):
        deliver(at)
        at += LEASE
    assert state_of(mail) == State.PARKED
    server.drops_after_text = False
    server.messages.clear()
    mail_hold.requeue(mail, by=administrator, on=TODAY)
    deliver(at + timedelta(hours=2))
    sent = next(each for each in server.messages if each["To"] == ADDRESS)
    assert sent.get_content().startswith("This mail may have reached you already")


def test_what_was_settled_meanwhile_is_cancelled_instead_of_sent(
    server: ScriptedServer, administrator: User
) -> None:
    mail = refused(server)
    notices.settle("goal:")
    mail_hold.requeue(mail, by=administrator, on=TODAY)
    assert deliver() == {"cancelled": 1}


@pytest.mark.parametrize("state", sorted(set(State) - {State.PARKED, State.UNDELIVERABLE}))
def test_only_what_is_stuck_is_tried_again(administrator: User, state: str) -> None:
    mail = owe_mail()
    Mail.objects.update(state=state, lease_until=NOW)
    with pytest.raises(StepNotAllowedError, match="neither parked nor undeliverable"):
        mail_hold.requeue(mail, by=administrator, on=TODAY)
    assert state_of(mail) == state


@pytest.mark.parametrize("who", ["coordinator", "district_manager", "mpp"])
def test_nobody_but_an_administrator_has_a_mail_tried_again_or_releases(
    client: Client, server: ScriptedServer, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    mail = refused(server)
    mail_hold.hold_mail("A restored copy", on=TODAY)
    client.force_login(person)
    with pytest.raises(PermissionDenied):
        mail_hold.requeue(mail, by=person, on=TODAY)
    with pytest.raises(PermissionDenied):
        mail_hold.release_mail(by=person, on=TODAY)
    for path in (reverse("retry-mail", args=[mail.pk]), reverse("release-mail")):
        assert client.post(path).status_code == 403
    assert (state_of(mail), smtp.is_mail_held()) == (State.UNDELIVERABLE, True)
    for path in ("/outbox/", reverse("mail", args=[mail.pk])):
        shown = client.get(path).content.decode()
        assert "Try again" not in shown
        assert "Release the mail" not in shown


def test_the_page_offers_it_and_says_what_became_of_it(
    client: Client, server: ScriptedServer, administrator: User
) -> None:
    mail = refused(server)
    client.force_login(administrator)
    address = reverse("retry-mail", args=[mail.pk])
    for path in ("/outbox/", reverse("mail", args=[mail.pk])):
        assert address in client.get(path).content.decode()
    assert client.get(address).status_code == 405
    answer = client.post(address, follow=True)
    assert "The mail is owed again." in answer.content.decode()
    assert client.post(address).status_code == 409
    assert state_of(mail) == State.OWED
    assert client.post(reverse("retry-mail", args=[999_999])).status_code == 404


# Release


def test_an_administrator_releases_what_is_held_and_the_history_says_who(
    client: Client, server: ScriptedServer, administrator: User
) -> None:
    owe_mail()
    mail_hold.hold_mail("Nothing was worked off", on=TODAY)
    client.force_login(administrator)
    shown = client.get("/outbox/").content.decode()
    assert "Mail is held back" in shown
    assert "Release the mail" in shown
    assert "Mail is released." in client.post("/outbox/release/", follow=True).content.decode()
    assert not smtp.is_mail_held()
    assert HistoryEntry.objects.get(verb="released mail").by == administrator
    assert "Release the mail" not in client.get("/outbox/").content.decode()
    assert deliver() == {"sent": 1}


def test_releasing_asks_for_a_fresh_proof(
    client: Client, server: ScriptedServer, administrator: User, settings: LazySettings
) -> None:
    mail_hold.hold_mail("A restored copy", on=TODAY)
    client.force_login(administrator)
    session = client.session
    del session[PROVED_AT]
    session.save()
    answer = client.post("/outbox/release/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert smtp.is_mail_held()


# What the page shows


def test_the_outbox_shows_tries_the_next_try_and_a_mail_server_left_alone(
    client: Client, server: ScriptedServer, mpp: User
) -> None:
    for number in range(4):
        owe_mail(f"District {number} inbox")
    server.sender_answer = "421 closing"
    client.force_login(mpp)
    deliver()
    assert "The mail server is left alone" not in client.get("/outbox/").content.decode()
    deliver(NOW + timedelta(minutes=1))
    shown = client.get("/outbox/").content.decode()
    assert "The mail server is left alone for a while" in shown
    assert "The mail server takes no mail from us: 421 closing Mails stay owed" in shown
    times = ("14 May 2026, 7:01 am", "14 May 2026, 7:02 am", "14 May 2026, 7:06 am")
    assert [shown.count(time) for time in times] == [1, 1, 2]
    assert "With the next run" not in shown


def test_stuck_mails_are_counted_by_state_with_a_way_to_each_list(
    client: Client, server: ScriptedServer, mpp: User
) -> None:
    refused(server)
    client.force_login(mpp)
    shown = client.get("/outbox/").content.decode()
    assert '<a href="?state=undeliverable">Undeliverable: 1</a>' in shown
    assert "?state=parked" not in shown
