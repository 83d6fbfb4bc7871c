"""How mails reach a real mail server, one copy each, and what becomes of those that cannot."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from directory.mail import compose, notices, smtp
from directory.mail.hold import hold_mail, release_mail
from directory.models import District, HistoryEntry, Inbox, Mail, MailSwitch, Notice
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

pytestmark = pytest.mark.django_db


# Sent


def test_a_mail_is_sent_once_to_the_one_address_of_its_inbox(server: ScriptedServer) -> None:
    mail = owe_mail()
    assert deliver() == {"sent": 1}
    assert deliver() == {}
    (message,) = server.messages
    mail.refresh_from_db()
    assert message["X-Envelope-To"] == message["To"] == "hunter.inbox@example.org" == mail.address
    assert message["Message-ID"] == mail.message_id
    assert message["Subject"] == mail.subject == "Permanency: 1 matter, 14 May 2026"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n").strip() == mail.body.strip()
    assert (mail.state, mail.ended_at, mail.lease_until) == (State.SENT, NOW, None)


def test_all_mails_of_a_run_use_one_connection(server: ScriptedServer) -> None:
    for name in ("Hunter", "Sydney", "Western"):
        owe_mail(f"{name} inbox")
    assert deliver() == {"sent": 3}
    assert server.connections == 1


def test_the_address_is_the_one_of_the_moment_of_sending(server: ScriptedServer) -> None:
    owe_mail()
    Inbox.objects.filter(name="Hunter inbox").update(address="new@example.org")
    deliver()
    assert server.messages[0]["To"] == "new@example.org"


def test_mail_to_a_retired_inbox_goes_to_the_fallback(
    server: ScriptedServer, settings: LazySettings
) -> None:
    settings.FALLBACK_INBOX = "fallback@example.org"
    owe_mail()
    Inbox.objects.filter(name="Hunter inbox").update(retired_on=TODAY)
    deliver()
    assert server.messages[0]["To"] == "fallback@example.org"


def test_what_was_settled_before_it_left_is_cancelled(server: ScriptedServer) -> None:
    mail = owe_mail()
    notices.settle("goal:")
    assert deliver() == {"cancelled": 1}
    assert state_of(mail) == State.CANCELLED
    assert server.messages == []


# Kept and held


def test_where_mail_is_not_live_it_is_kept_and_never_sent_later(
    server: ScriptedServer, settings: LazySettings
) -> None:
    settings.MAIL_LIVE = False
    mail = owe_mail()
    assert deliver() == {"kept": 1}
    settings.MAIL_LIVE = True
    assert deliver(NOW + timedelta(days=30)) == {}
    assert state_of(mail) == State.KEPT
    assert server.connections == 0


def test_while_the_switch_is_held_live_mail_stays_owed_until_it_is_released(
    server: ScriptedServer,
) -> None:
    mail = owe_mail()
    hold_mail("A demonstration", on=TODAY)
    assert deliver() == {}
    assert (state_of(mail), mail.attempt) == (State.OWED, 0)
    assert server.connections == 0
    release_mail(on=TODAY)
    assert deliver() == {"sent": 1}


def test_holding_and_releasing_stand_in_the_history_once() -> None:
    for _ in range(2):
        hold_mail("A demonstration", on=TODAY)
    for _ in range(2):
        release_mail(on=TODAY)
    verbs = list(HistoryEntry.objects.order_by("pk").values_list("verb", "note"))
    assert verbs == [("held mail back", "A demonstration"), ("released mail", "")]
    assert MailSwitch.objects.count() == 1


def test_the_command_releases_and_says_what_happens_now(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str], settings: LazySettings
) -> None:
    owe_mail()
    hold_mail("A demonstration", on=TODAY)
    call_command("release_mail")
    assert not smtp.is_mail_held()
    assert "Leaving with the next tick: 1." in capsys.readouterr().out
    settings.MAIL_LIVE = False
    call_command("release_mail")
    assert "still kept here" in capsys.readouterr().out


def test_the_command_holds_what_a_restored_copy_still_owes(server: ScriptedServer) -> None:
    mail = owe_mail()
    call_command("hold_mail", "Restored from a copy")
    assert deliver() == {}
    assert (state_of(mail), server.messages) == (State.OWED, [])
    assert MailSwitch.objects.get().reason == "Restored from a copy"


# Refused


def test_a_refused_address_is_undeliverable_and_told_to_the_fallback_once(
    server: ScriptedServer, settings: LazySettings
) -> None:
    settings.FALLBACK_INBOX = "fallback@example.org"
    server.recipient_answers["hunter.inbox@example.org"] = "550 no such mailbox"
    mail, other = owe_mail(), owe_mail("Sydney inbox")
    assert deliver() == {"undeliverable": 1, "sent": 2}
    assert (state_of(mail), state_of(other)) == (State.UNDELIVERABLE, State.SENT)
    assert mail.trouble == "The mail server answered 550: no such mailbox"
    told = [message for message in server.messages if message["To"] == "fallback@example.org"]
    assert len(told) == 1
    assert f"/outbox/{mail.pk}/" in told[0].get_content()
    assert deliver(NOW + timedelta(days=2)) == {}


def test_an_undeliverable_mail_to_the_fallback_is_told_to_nobody(
    server: ScriptedServer, settings: LazySettings, hunter: District
) -> None:
    settings.FALLBACK_INBOX = "fallback@example.org"
    server.recipient_answers["fallback@example.org"] = "550 no such mailbox"
    notices.post(Notice.Kind.REVIEW_DUE, "goal:1:", district=hunter, path="/", owed_on=TODAY)
    compose.compose(at=NOW)
    assert deliver() == {"undeliverable": 1}
    assert Mail.objects.count() == 1


def test_without_a_fallback_address_the_mail_is_undeliverable_with_the_reason(
    server: ScriptedServer, settings: LazySettings, hunter: District
) -> None:
    settings.FALLBACK_INBOX = ""
    notices.post(Notice.Kind.REVIEW_DUE, "goal:1:", district=hunter, path="/", owed_on=TODAY)
    compose.compose(at=NOW)
    assert deliver() == {"undeliverable": 1}
    assert Mail.objects.get().trouble == "There is no address for this inbox."


def test_a_text_that_is_refused_for_good_is_undeliverable(server: ScriptedServer) -> None:
    server.text_answer = "552 too large"
    mail = owe_mail()
    deliver()
    assert state_of(mail) == State.UNDELIVERABLE


@pytest.mark.parametrize("where", ["recipient", "text"])
def test_a_passing_refusal_is_tried_again_after_longer_and_longer_waits(
    server: ScriptedServer, where: str
) -> None:
    if where == "recipient":
        server.recipient_answers["hunter.inbox@example.org"] = "451 greylisted"
    else:
        server.text_answer = "451 greylisted"
    mail, at, waits = owe_mail(), NOW, []
    for _ in range(6):
        assert deliver(at) == {"owed": 1}
        mail.refresh_from_db()
        assert mail.next_attempt_at is not None
        assert deliver(mail.next_attempt_at - timedelta(seconds=1)) == {}
        waits.append((mail.next_attempt_at - at).total_seconds() / 60)
        at = mail.next_attempt_at
    assert waits == [1, 5, 15, 60, 60, 60]
    server.recipient_answers.clear()
    server.text_answer = ""
    assert deliver(at) == {"sent": 1}
    assert not mail.may_repeat


def test_after_a_day_of_passing_refusals_a_mail_is_parked(server: ScriptedServer) -> None:
    server.recipient_answers["hunter.inbox@example.org"] = "451 greylisted"
    mail = owe_mail()
    deliver()
    assert deliver(NOW + timedelta(hours=23, minutes=59)) == {"owed": 1}
    assert deliver(NOW + timedelta(days=2)) == {"parked": 1}
    assert state_of(mail) == State.PARKED
    assert deliver(NOW + timedelta(days=2)) == {"sent": 1}
    (told,) = server.messages
    assert told["To"] == "fallback@example.org"
    assert f"/outbox/{mail.pk}/" in told.get_content()


def test_the_others_are_not_held_up_by_one_that_is_refused_for_now(
    server: ScriptedServer,
) -> None:
    server.recipient_answers["hunter.inbox@example.org"] = "451 greylisted"
    owe_mail()
    owe_mail("Sydney inbox")
    assert deliver() == {"owed": 1, "sent": 1}


# No answer


def test_where_the_server_is_away_every_mail_waits_untouched_and_leaves_later(
    server: ScriptedServer, settings: LazySettings
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    mails = [owe_mail(), owe_mail("Sydney inbox")]
    assert deliver() == {}
    assert [(state_of(mail), mail.attempt) for mail in mails] == [(State.OWED, 0)] * 2
    settings.EMAIL_PORT = port
    assert deliver(NOW + timedelta(minutes=1)) == {"sent": 2}
    assert [state_of(mail) for mail in mails] == [State.SENT] * 2


def test_a_connection_that_breaks_before_the_text_is_certain_not_to_have_sent_it(
    server: ScriptedServer,
) -> None:
    server.drops_at_recipient = True
    mail = owe_mail()
    owe_mail("Sydney inbox")
    assert deliver() == {"owed": 1}
    assert state_of(mail) == State.OWED
    server.drops_at_recipient = False
    assert deliver(NOW + timedelta(minutes=1)) == {"sent": 2}
    assert not any("may have reached you" in each.get_content() for each in server.messages)


def test_a_server_that_closes_with_421_is_left_alone_until_the_next_run(
    server: ScriptedServer,
) -> None:
    server.recipient_answers["hunter.inbox@example.org"] = "421 closing"
    mail = owe_mail()
    assert deliver() == {"owed": 1}
    assert state_of(mail) == State.OWED


def test_our_own_address_refused_is_no_fault_of_the_inbox(server: ScriptedServer) -> None:
    server.sender_answer = "550 who are you"
    mail = owe_mail()
    assert deliver() == {"owed": 1}
    assert state_of(mail) == State.OWED
    assert Mail.objects.count() == 1


def test_a_mail_whose_answer_was_lost_is_sent_again_with_a_word_that_it_may_repeat(
    server: ScriptedServer,
) -> None:
    server.drops_after_text = True
    mail = owe_mail()
    assert deliver() == {"handing_over": 1}
    assert deliver(NOW + LEASE - timedelta(seconds=1)) == {}
    server.drops_after_text = False
    assert deliver(NOW + LEASE) == {"sent": 1}
    first, second = server.messages
    assert first["Message-ID"] == second["Message-ID"] == mail.message_id
    assert "may have reached you already" not in first.get_content()
    assert second.get_content().startswith("This mail may have reached you already")


def test_after_three_lost_answers_a_mail_is_parked(server: ScriptedServer) -> None:
    server.drops_after_text = True
    mail, at = owe_mail(), NOW
    for _ in range(3):
        assert deliver(at) == {"handing_over": 1}
        at += LEASE
    server.drops_after_text = False
    assert deliver(at) == {"parked": 1, "sent": 1}
    assert state_of(mail) == State.PARKED
    assert [each["To"] for each in server.messages] == [
        *["hunter.inbox@example.org"] * 3,
        "fallback@example.org",
    ]


def test_a_mail_that_cannot_be_written_is_parked_and_the_others_are_sent(
    server: ScriptedServer,
) -> None:
    broken, whole = owe_mail(), owe_mail("Sydney inbox")
    Mail.objects.filter(pk=broken.pk).update(subject="two\nlines")
    assert deliver() == {"parked": 1, "sent": 2}
    assert (state_of(broken), state_of(whole)) == (State.PARKED, State.SENT)
