"""Who reads which mail, and what the page says stands in the way."""

from datetime import UTC, date, datetime

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory.mail.hold import hold_mail
from directory.models import District, Inbox, Mail, User
from directory.roles import READS_OUTBOX, Role
from directory.tests.inboxes import make_inbox
from directory.tests.people import make_district, make_person

TODAY = date(2026, 5, 14)
NOW = datetime(2026, 5, 14, tzinfo=UTC)
LINK = "http://127.0.0.1:8000/children/7/"
State = Mail.State

pytestmark = pytest.mark.django_db


def make_mail(inbox: Inbox, *, number: int = 1, state: str = State.SENT, trouble: str = "") -> Mail:
    return Mail.objects.create(
        inbox=inbox,
        on=TODAY,
        part=f"part {number}",
        subject=f"Permanency: {number} matters, 14 May 2026",
        body=f"- 14 May 2026, K7RW2MXQ: {LINK}\n",
        message_id=f"<{inbox.pk}.{number}@example.org>",
        state=state,
        trouble=trouble,
    )


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


@pytest.fixture
def other(stranger: User) -> Inbox:
    """Return the inbox of Sydney."""
    return make_inbox("Sydney inbox", make_district("Sydney"))


def page(client: Client, person: User, path: str = "/outbox/", status: int = 200) -> str:
    client.force_login(person)
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


# Who


@pytest.mark.parametrize("role", list(Role))
def test_the_outbox_is_open_to_the_roles_that_read_it_and_403_to_others(
    client: Client, hunter: District, inbox: Inbox, role: Role
) -> None:
    person = make_person("Robin Reader", role, hunter)
    mail = make_mail(inbox)
    status = 200 if role in READS_OUTBOX else 403
    page(client, person, status=status)
    page(client, person, reverse("mail", args=[mail.pk]), status=status)


@pytest.mark.parametrize("who", ["coordinator", "district_manager"])
def test_a_district_reads_its_own_inbox_and_another_is_not_there(
    client: Client, inbox: Inbox, other: Inbox, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    own, foreign = make_mail(inbox, number=1), make_mail(other, number=2)
    shown = page(client, person)
    assert own.subject in shown
    assert foreign.subject not in shown
    page(client, person, reverse("mail", args=[own.pk]))
    page(client, person, reverse("mail", args=[foreign.pk]), status=404)
    page(client, person, reverse("mail", args=[999_999]), status=404)


@pytest.mark.parametrize("who", ["mpp", "administrator"])
def test_the_whole_state_reads_every_inbox(
    client: Client, inbox: Inbox, other: Inbox, who: str, request: pytest.FixtureRequest
) -> None:
    mails = [make_mail(inbox, number=1), make_mail(other, number=2)]
    shown = page(client, request.getfixturevalue(who))
    assert all(mail.subject in shown for mail in mails)


def test_nobody_reads_it_without_signing_in(client: Client, inbox: Inbox) -> None:
    mail = make_mail(inbox)
    for path in ("/outbox/", reverse("mail", args=[mail.pk])):
        response = client.get(path)
        assert response.status_code == 302
        assert "/accounts/login/" in response.url  # type: ignore[attr-defined]  # a redirect has one


def test_nothing_is_changed_by_looking(client: Client, coordinator: User, inbox: Inbox) -> None:
    client.force_login(coordinator)
    mail = make_mail(inbox)
    assert client.post("/outbox/").status_code == 405
    assert client.post(reverse("mail", args=[mail.pk])).status_code == 405


def test_links_lead_on_for_those_who_read_cases_and_are_text_for_the_administrator(
    client: Client, inbox: Inbox, coordinator: User, administrator: User
) -> None:
    path = reverse("mail", args=[make_mail(inbox).pk])
    assert f'href="{LINK}"' in page(client, coordinator, path)
    shown = page(client, administrator, path)
    assert f'href="{LINK}"' not in shown
    assert LINK in shown


# What


def test_filters_narrow_by_state_and_inbox(
    client: Client, inbox: Inbox, other: Inbox, mpp: User
) -> None:
    kept = make_mail(inbox, number=1, state=State.KEPT)
    sent = make_mail(inbox, number=2)
    elsewhere = make_mail(other, number=3, state=State.KEPT)
    shown = page(client, mpp, f"/outbox/?state=kept&inbox={inbox.pk}")
    assert [mail.subject in shown for mail in (kept, sent, elsewhere)] == [True, False, False]
    shown = page(client, mpp, "/outbox/?state=nonsense&inbox=999")
    assert [mail.subject in shown for mail in (kept, sent, elsewhere)] == [True] * 3


def test_nobody_filters_by_an_inbox_that_is_not_theirs(
    client: Client, inbox: Inbox, other: Inbox, coordinator: User
) -> None:
    make_mail(inbox)
    make_mail(other, number=2)
    assert "Sydney inbox" not in page(client, coordinator)


def test_pages_hold_fifty(client: Client, inbox: Inbox, coordinator: User) -> None:
    for number in range(51):
        make_mail(inbox, number=number)
    assert page(client, coordinator).count("/outbox/") > 50
    assert "Permanency: 50 matters" in page(client, coordinator)
    assert "Permanency: 0 matters" not in page(client, coordinator)
    after = client.get("/outbox/").context["page"].after
    further = page(client, coordinator, f"/outbox/?after={after}")
    assert "Permanency: 0 matters" in further
    assert "Permanency: 1 matter" not in further


def test_the_number_of_queries_is_the_same_for_one_mail_and_for_fifty(
    client: Client,
    inbox: Inbox,
    coordinator: User,
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    client.force_login(coordinator)
    make_mail(inbox, number=1, state=State.PARKED)
    with django_assert_max_num_queries(12) as few:  # type: ignore[operator]  # a context of the plugin
        client.get("/outbox/")
    for number in range(2, 50):
        make_mail(inbox, number=number, state=State.PARKED)
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]  # a context of the plugin
        client.get("/outbox/")


def test_what_is_stuck_stands_on_top_with_the_reason(
    client: Client, inbox: Inbox, other: Inbox, coordinator: User
) -> None:
    make_mail(inbox, state=State.UNDELIVERABLE, trouble="The mail server answered 550: gone")
    make_mail(other, number=2, state=State.PARKED, trouble="Another reason")
    shown = page(client, coordinator)
    assert "Not delivered" in shown
    assert "The mail server answered 550: gone" in shown
    assert "Another reason" not in shown


def test_an_empty_outbox_says_when_mail_comes(client: Client, coordinator: User) -> None:
    assert "No mail here." in page(client, coordinator)


def test_a_district_without_an_inbox_stands_on_the_gap_list_of_its_own_people(
    client: Client, coordinator: User, stranger: User, mpp: User, other: Inbox
) -> None:
    assert "Hunter has no inbox" in page(client, coordinator)
    assert "Hunter has no inbox" in page(client, mpp)
    assert "Hunter has no inbox" not in page(client, stranger)


@pytest.mark.parametrize(
    ("live", "held", "words"),
    [
        (False, False, "Mail is kept here"),
        (False, True, "Mail is kept here"),
        (True, True, "Mail is held back"),
        (True, False, "Mail is live"),
    ],
)
def test_the_page_says_whether_mail_leaves(
    client: Client,
    coordinator: User,
    settings: LazySettings,
    live: bool,
    held: bool,
    words: str,
) -> None:
    settings.MAIL_LIVE = live
    if held:
        hold_mail("A demonstration", on=TODAY)
    assert words in page(client, coordinator)
