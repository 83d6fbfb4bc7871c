"""Invitations and new passwords: a link works once, for a while, and is written down nowhere.

Negative control: `test_a_link_replaced_by_a_newer_one_is_dead` is red where `end_links` does
nothing, and so is the constraint `a_person_has_one_open_link`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.accounts import mfa
from directory.accounts import services as accounts
from directory.errors import StepNotAllowedError
from directory.mail import smtp
from directory.mail.hold import hold_mail
from directory.mail.texts import LINK_GOES_HERE
from directory.models import (
    AskedReset,
    HistoryEntry,
    Mail,
    Session,
    SignInLink,
    User,
)
from directory.people import services as people
from directory.tests.mail_server import MailServer
from directory.tests.people import PASSWORD, make_person, sign_in

pytestmark = pytest.mark.dialect

TODAY = date(2026, 5, 14)
NEW = "quiet harbour mornings"
BOTH = {"password": NEW, "again": NEW}
ON_ITS_WAY = "a mail with a link is on its way"


def now_and(**later: float) -> Any:
    """Return a moment some time from now."""
    return clock.now() + timedelta(**later)


@pytest.fixture
def link(coordinator: User, administrator: User) -> SignInLink:
    """Return a link for a new password that an administrator has made."""
    return accounts.make_link(coordinator, by=administrator, on=TODAY, at=clock.now())


def path_of(link: SignInLink) -> str:
    """Return the path of a link."""
    return reverse("open-link", args=[link.pk, link.token])


def choose(client: Client, path: str, **typed: str) -> Any:
    """Follow a link and send a new password; return the last answer."""
    client.get(path)
    return client.post(reverse("choose-password"), {**BOTH, **typed})


def test_a_link_gives_a_password_once(client: Client, link: SignInLink, coordinator: User) -> None:
    elsewhere = sign_in(Client(), coordinator)
    path = path_of(link)
    assert choose(client, path)["Location"] == reverse("sign-in")
    coordinator.refresh_from_db()
    assert coordinator.check_password(NEW)
    assert "_auth_user_id" not in client.session
    assert elsewhere.get("/contacts/").status_code == 302
    other = {"password": "another long harbour", "again": "another long harbour"}
    assert choose(Client(), path, **other)["Location"] == reverse("forgot-password")
    coordinator.refresh_from_db()
    assert coordinator.check_password(NEW)


def test_a_new_password_leaves_the_second_factor_where_it_is(
    client: Client, link: SignInLink, coordinator: User
) -> None:
    app = Authenticator.objects.create(user=coordinator, type=Authenticator.Type.TOTP, data={})
    choose(client, path_of(link))
    assert Authenticator.objects.get().pk == app.pk


def test_the_secret_leaves_the_address_and_is_not_in_the_session(
    client: Client, link: SignInLink
) -> None:
    token = link.token
    answer = client.get(path_of(link))
    assert answer["Location"] == reverse("choose-password")
    assert answer["Referrer-Policy"] == "no-referrer"
    kept = str(client.session.items())
    assert token not in kept
    assert token not in client.get(reverse("choose-password")).text


def test_looking_at_a_link_does_not_use_it_up(client: Client, link: SignInLink) -> None:
    for _ in range(3):
        Client().get(path_of(link))
        Client().head(path_of(link))
    assert choose(client, path_of(link))["Location"] == reverse("sign-in")


@pytest.mark.parametrize(
    "ends",
    [
        lambda link, by: accounts.make_link(link.person, by=by, on=TODAY, at=clock.now()),
        lambda link, by: accounts.set_password(link.person, "set by hand quietly", by=by, on=TODAY),
        lambda link, by: accounts.change_own_password(link.person, "changed quietly", on=TODAY),
        lambda link, by: people.disable_person(link.person, by=by, on=TODAY),
        lambda link, by: User.objects.filter(pk=link.person_id).update(password="otherwise"),
        lambda link, by: people.edit_person(
            link.person, email="new@example.org", name="Pat", by=by, on=TODAY
        ),
        lambda link, by: SignInLink.objects.update(
            made_at=now_and(hours=-2), expires_at=now_and(seconds=-1)
        ),
    ],
    ids=["newer", "set", "own", "disabled", "raw SQL", "address", "time"],
)
def test_a_link_dies_also_when_it_is_open_in_a_browser(
    ends: Callable[[SignInLink, User], Any],
    client: Client,
    link: SignInLink,
    administrator: User,
) -> None:
    path = path_of(link)
    client.get(path)
    assert client.get(reverse("choose-password")).status_code == 200
    ends(link, administrator)
    after = User.objects.get(pk=link.person_id).password
    for browser in (client, Client()):
        assert choose(browser, path)["Location"] == reverse("forgot-password")
    assert User.objects.get(pk=link.person_id).password == after


def test_a_link_replaced_by_a_newer_one_is_dead(
    client: Client, link: SignInLink, administrator: User
) -> None:
    older = path_of(link)
    newer = accounts.make_link(link.person, by=administrator, on=TODAY, at=clock.now())
    assert choose(client, older)["Location"] == reverse("forgot-password")
    assert choose(client, path_of(newer))["Location"] == reverse("sign-in")
    with transaction.atomic(), pytest.raises(IntegrityError, match="person"), transaction.atomic():
        SignInLink.objects.bulk_create(
            SignInLink(person=link.person, made_at=now_and(), expires_at=now_and(hours=1))
            for _ in range(2)
        )


def test_of_two_who_choose_at_once_the_second_is_told(link: SignInLink) -> None:
    accounts.choose_password(link, NEW, on=TODAY, at=clock.now())
    with pytest.raises(StepNotAllowedError, match="no longer good"):
        accounts.choose_password(link, "another long harbour", on=TODAY, at=clock.now())


@pytest.mark.parametrize("token", ["x", "0" * 64, "%00", "a" * 3_000])
def test_a_wrong_secret_opens_nothing(client: Client, link: SignInLink, token: str) -> None:
    answer = client.get(f"/accounts/link/{link.pk}/{token}/", follow=True)
    assert accounts.LINK_NO_LONGER_VALID in answer.text
    assert client.get("/accounts/link/99999999999999999999/x/").status_code == 302


def test_a_weak_password_is_named_and_the_link_stays(client: Client, link: SignInLink) -> None:
    answer = choose(client, path_of(link), password="short", again="short")
    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors
    assert client.post(reverse("choose-password"), BOTH)["Location"] == reverse("sign-in")


def test_an_invitation_is_good_for_three_days_and_a_new_password_for_an_hour(
    administrator: User, coordinator: User
) -> None:
    who: dict[str, Any] = {"by": administrator, "on": TODAY}
    invited = people.add_person(email="new@example.org", name="New", **who)
    at = clock.now()
    assert accounts.make_link(invited, at=at, **who).expires_at == at + timedelta(hours=72)
    assert accounts.make_link(coordinator, at=at, **who).expires_at == at + timedelta(hours=1)
    assert [entry.verb for entry in HistoryEntry.objects.order_by("pk")] == [
        "added a person",
        "made an invitation",
        "made a link for a password",
    ]


def test_nobody_but_an_administrator_sends_a_link(
    client: Client, coordinator: User, mpp: User
) -> None:
    sign_in(client, mpp)
    assert client.post(reverse("send-link", args=[coordinator.pk])).status_code == 403
    assert not SignInLink.objects.exists()


def test_where_mail_does_not_leave_the_administrator_sees_the_link_once(
    client: Client, administrator: User, nobody: User
) -> None:
    sign_in(client, administrator)
    answer = client.post(reverse("send-link", args=[nobody.pk]), follow=True)
    token = SignInLink.objects.select_related("person").get().token
    assert token in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert token not in client.get(reverse("person", args=[nobody.pk])).text
    assert not Mail.objects.exists()


def test_a_disabled_person_gets_no_link(client: Client, administrator: User, nobody: User) -> None:
    sign_in(client, administrator)
    people.disable_person(nobody, by=administrator, on=TODAY)
    assert client.post(reverse("send-link", args=[nobody.pk])).status_code == 409
    assert not SignInLink.objects.exists()


def everything_written() -> str:
    """Return every row that has to do with links and mail, as text."""
    models = (Mail, SignInLink, HistoryEntry, AskedReset)
    rows = [str(list(model.objects.values())) for model in models]
    return "".join([*rows, *(str(each.get_decoded()) for each in Session.objects.all())])


@pytest.mark.django_db(transaction=True)
def test_the_link_is_in_the_mail_alone_and_opens_from_there(
    client: Client,
    administrator: User,
    mail_server: MailServer,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.MAIL_LIVE = True
    settings.BASE_URL = "https://permanency.example.org"
    person = make_person("Noel Nobody")
    sign_in(client, administrator)
    page = client.post(
        reverse("send-link", args=[person.pk]), headers={"host": "localhost"}, follow=True
    )
    mail = Mail.objects.get()
    assert LINK_GOES_HERE in mail.body
    assert smtp.deliver(now=clock.now) == {"sent": 1}
    sent = mail_server.messages[0]
    text = sent.get_content()
    found = re.search(r"https://permanency\.example\.org(/accounts/link/\d+/(\w+)/)", text)
    assert found is not None
    assert sent["To"] == person.email
    shown = client.get(reverse("mail", args=[mail.pk])).text
    assert choose(Client(), found[1])["Location"] == reverse("sign-in")
    logged = [each.getMessage() for each in caplog.records if each.name != "mail.log"]
    for place in (page.text, shown, everything_written(), str(logged)):
        assert found[2] not in place


@pytest.mark.django_db(transaction=True)
def test_a_mail_whose_link_died_does_not_leave(
    administrator: User, coordinator: User, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_LIVE = True
    accounts.send_link(coordinator, by=administrator, on=TODAY, at=clock.now())
    accounts.end_links(coordinator)
    assert smtp.deliver(now=clock.now) == {"cancelled": 1}
    assert mail_server.messages == []


def test_while_mail_is_held_the_administrator_hands_the_link_over(
    client: Client, administrator: User, nobody: User, settings: LazySettings
) -> None:
    settings.MAIL_LIVE = True
    hold_mail("A restore", on=TODAY)
    sign_in(client, administrator)
    answer = client.post(reverse("send-link", args=[nobody.pk]), follow=True)
    assert "A link to hand over" in answer.text


def test_where_mail_leaves_nobody_sets_a_password_for_somebody_else(
    client: Client, administrator: User, coordinator: User, settings: LazySettings
) -> None:
    settings.MAIL_LIVE = True
    sign_in(client, administrator)
    assert client.post(reverse("new-password", args=[coordinator.pk]), BOTH).status_code == 409
    coordinator.refresh_from_db()
    assert coordinator.check_password(PASSWORD)


def test_known_unknown_disabled_and_locked_are_answered_alike_and_leave_like_rows(
    coordinator: User, cfdu: User
) -> None:
    User.objects.filter(pk=cfdu.pk).update(is_active=False)
    answers = set()
    for email in (coordinator.email, "who@example.org", cfdu.email):
        client = Client()
        answer = client.post(reverse("forgot-password"), {"login": email}, follow=True)
        page = re.sub(r'value="\w{64}"', "", answer.text)
        assert ON_ITS_WAY in page
        answers.add((answer.status_code, str(answer.redirect_chain), page))
    assert len(answers) == 1
    assert AskedReset.objects.count() == 3
    assert not Mail.objects.exists()
    assert accounts.send_reset_links(on=TODAY, at=clock.now()) == 1
    assert Mail.objects.get().person == coordinator
    assert accounts.send_reset_links(on=TODAY, at=clock.now()) == 0


def test_who_has_no_password_here_is_sent_none(administrator: User) -> None:
    people.add_person(email="sso@example.org", name="Sso", by=administrator, on=TODAY)
    accounts.request_reset("sso@example.org", network_address=None, at=clock.now())
    assert accounts.send_reset_links(on=TODAY, at=clock.now()) == 0


def test_asking_again_and_again_sends_three_mails_an_hour_and_says_nothing(
    client: Client, coordinator: User
) -> None:
    for _ in range(8):
        answer = client.post(reverse("forgot-password"), {"login": coordinator.email}, follow=True)
        assert ON_ITS_WAY in answer.text
    assert AskedReset.objects.count() == 3
    AskedReset.objects.update(asked_at=now_and(minutes=-61), answered_at=now_and(days=-2))
    client.post(reverse("forgot-password"), {"login": coordinator.email.upper()})
    assert accounts.send_reset_links(on=TODAY, at=clock.now()) == 1
    assert AskedReset.objects.count() == 1


def test_one_address_asks_for_thirty_at_most(db: None, settings: LazySettings) -> None:
    for number in range(settings.RESETS_PER_ADDRESS + 5):
        accounts.request_reset(
            f"p{number}@example.org", network_address="192.0.2.1", at=clock.now()
        )
    assert AskedReset.objects.count() == settings.RESETS_PER_ADDRESS


def lose_factors(person: User, by: User) -> None:
    """Have an administrator remove a person's only factor."""
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    mfa.remove_all_factors(person, by=by, on=TODAY)


@pytest.mark.parametrize(
    ("change", "what", "to"),
    [
        (
            lambda p, by: accounts.set_password(p, NEW, by=by, on=TODAY),
            accounts.PASSWORD_CHANGED,
            "",
        ),
        (
            lambda p, by: accounts.change_own_password(p, NEW, on=TODAY),
            accounts.PASSWORD_CHANGED,
            "",
        ),
        (
            lambda p, by: people.edit_person(
                p, email="new@example.org", name=p.name, by=by, on=TODAY
            ),
            accounts.EMAIL_CHANGED,
            "pat.coordinator@example.org",
        ),
        (lose_factors, accounts.FACTORS_CHANGED, ""),
    ],
    ids=["set", "own", "address", "factors"],
)
def test_a_person_is_told_by_mail_what_changed(
    change: Callable[[User, User], None],
    what: str,
    to: str,
    coordinator: User,
    administrator: User,
) -> None:
    change(coordinator, administrator)
    mail = Mail.objects.get()
    assert (mail.person, mail.address) == (coordinator, to)
    assert what in mail.body
    assert coordinator.name not in mail.body + mail.subject
    assert NEW not in mail.body
    smtp.deliver(now=clock.now)
    mail.refresh_from_db()
    assert (mail.state, mail.address) == (Mail.State.KEPT, to or coordinator.email)


def test_mail_to_a_person_is_read_by_administrators_alone(
    client: Client, coordinator: User, administrator: User, mpp: User
) -> None:
    mail = accounts.notify_person(coordinator, accounts.FACTORS_CHANGED, on=TODAY)
    expected = ((administrator, 200), (mpp, 404), (coordinator, 404))
    for reader, status in expected:
        sign_in(client, reader)
        assert client.get(reverse("mail", args=[mail.pk])).status_code == status
        assert (mail.subject in client.get(reverse("outbox")).text) == (status == 200)
