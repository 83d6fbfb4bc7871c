"""A copy of the database that is put back lets nobody in by what they held before."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from directory import clock, tasks
from directory.accounts import services as accounts
from directory.mail import smtp
from directory.models import Mail, Session, User
from directory.tests.mail_server import MailServer
from directory.tests.people import PASSWORD, last_entry

pytestmark = [pytest.mark.dialect, pytest.mark.django_db(transaction=True)]

SIGN_IN = "/accounts/login/"


def browser_of(person: User) -> Client:
    """Return a browser in which somebody has signed in by the form."""
    browser = Client()
    sent = browser.post(SIGN_IN, {"login": person.email, "password": PASSWORD})
    assert sent.status_code == 302
    assert browser.get("/contacts/").status_code == 200
    return browser


def test_in_a_restored_copy_nobody_is_signed_in_and_no_link_opens(
    coordinator: User,
    cfdu: User,
    administrator: User,
    mail_server: MailServer,
    settings: LazySettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The database of the test is taken for the copy: what it holds is what a dump brings back."""
    settings.MAIL_LIVE = True
    browsers = [browser_of(person) for person in (coordinator, administrator)]
    link = accounts.make_link(cfdu, by=administrator, on=clock.today(), at=clock.now())
    Client().post(reverse("forgot-password"), {"login": coordinator.email})

    call_command("restored", "From the copy of 3 May")

    assert "Ended: sessions 3, links 1, links asked for 1." in capsys.readouterr().out
    for browser in browsers:
        assert browser.get("/contacts/")["Location"] == f"{SIGN_IN}?next=/contacts/&ended=1"
    opened = Client().get(reverse("open-link", args=[link.pk, link.token]), follow=True)
    assert opened.redirect_chain[-1][0] == reverse("forgot-password")
    tasks.deliver_to_people()
    assert not Mail.objects.exists()
    assert smtp.is_mail_held()
    assert last_entry().verb == "ended all sessions and links"
    assert last_entry().note == "From the copy of 3 May"
    assert last_entry().after == {"sessions": 3, "links": 1, "links asked for": 1}

    again = browser_of(coordinator)
    assert again.get("/contacts/").status_code == 200
    assert browsers[0].get("/contacts/").status_code == 302, "the old cookie stays dead"
    assert Session.objects.filter(person=coordinator).count() == 1


def test_to_hold_mail_ends_no_session(coordinator: User) -> None:
    browser = browser_of(coordinator)
    call_command("hold_mail", "Something is wrong with the server")
    assert browser.get("/contacts/").status_code == 200
