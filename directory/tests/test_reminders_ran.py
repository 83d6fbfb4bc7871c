"""The proof that reminders ran: a line on every page of those who watch, red when it did not."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory import clock, tasks
from directory.mail import compose, leases, status
from directory.mail.hold import hold_mail
from directory.models import District, Heartbeat, Inbox, Mail, Notice, TickRun, User
from directory.roles import WATCHES_REMINDERS, Role
from directory.tests.inboxes import make_inbox
from directory.tests.people import make_district, make_person

State = Mail.State
TROUBLE = "Reminders may not be leaving"

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(settings: LazySettings) -> None:
    """Make everything well: mail is live, a worker spoke just now and a tick came to its end."""
    settings.MAIL_LIVE = True
    tasks.say_alive()
    TickRun.objects.create(on=clock.today(), ended_at=clock.now())


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


def page(client: Client, person: User, path: str = "/contacts/") -> str:
    client.force_login(person)
    return client.get(path).content.decode()


def line(shown: str) -> str:
    """Return the line on a page, in one line; "" where there is none."""
    found = re.search(r'<p class="app-reminders.*?</p>', shown, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split()) if found else ""


def mails(inbox: Inbox, *states: str, days_ago: int = 0) -> None:
    """Make mails of the last working morning, or of so many days before it."""
    on = compose.last_morning(clock.now()).date() - timedelta(days=days_ago)
    for state in states:
        number = Mail.objects.count()
        Mail.objects.create(
            inbox=inbox, on=on, part=f"part {number}", state=state, message_id=f"<{number}@x>"
        )


# The line


@pytest.mark.parametrize("role", list(Role))
def test_who_watches_over_reminders_sees_it_on_a_page_and_nobody_else(
    client: Client, well: None, hunter: District, role: Role
) -> None:
    person = make_person("Robin Reader", role, hunter)
    assert bool(line(page(client, person))) is (role in WATCHES_REMINDERS)


def test_it_says_when_dates_were_worked_out_and_what_left_since_the_morning(
    client: Client, well: None, inbox: Inbox, district_manager: User
) -> None:
    TickRun.objects.update(ended_at=(at := clock.now().replace(second=0)))
    mails(inbox, State.SENT, State.SENT, State.PARKED, State.UNDELIVERABLE, State.CANCELLED)
    mails(inbox, State.SENT, State.PARKED, days_ago=1)
    local = at.astimezone(clock.zone(clock.SYDNEY))
    hour = f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
    morning = compose.last_morning(at)
    assert line(page(client, district_manager)) == (
        f"Dates worked out at {hour} on {local.day} {local:%B %Y}; since the morning of "
        f"{morning.day} {morning:%B %Y} 2 mails sent, 2 failed."
    )


def test_mails_of_other_inboxes_are_not_counted_but_for_the_whole_state(
    client: Client, well: None, inbox: Inbox, district_manager: User, mpp: User
) -> None:
    mails(inbox, State.SENT)
    mails(make_inbox("Sydney inbox", make_district("Sydney")), State.SENT, State.PARKED)
    assert line(page(client, district_manager)).endswith("1 mail sent, 0 failed.")
    assert line(page(client, mpp)).endswith("2 mails sent, 1 failed.")


def test_where_mail_is_kept_it_says_so(
    client: Client, well: None, settings: LazySettings, inbox: Inbox, mpp: User
) -> None:
    settings.MAIL_LIVE = False
    mails(inbox, State.KEPT)
    assert line(page(client, mpp)).endswith("0 mails sent, 0 failed, 1 kept and not sent.")


@pytest.mark.parametrize(("hours", "is_missed"), [(25, False), (27, True)])
def test_it_is_red_in_words_after_twenty_six_hours(
    client: Client, well: None, mpp: User, hours: int, is_missed: bool
) -> None:
    TickRun.objects.update(ended_at=clock.now() - timedelta(hours=hours))
    shown = page(client, mpp)
    assert ("app-reminders-missed" in shown) is is_missed
    assert ("more than 26 hours ago: reminders may be missing" in line(shown)) is is_missed


def test_where_dates_were_never_worked_out_it_is_red(client: Client, mpp: User) -> None:
    TickRun.objects.create(on=clock.today())
    shown = page(client, mpp)
    assert "app-reminders-missed" in shown
    assert "Dates have never been worked out here" in line(shown)


def test_it_costs_one_question(well: None, mpp: User, django_assert_num_queries: Any) -> None:
    mpp.appointments_in_force(on=clock.today())
    with django_assert_num_queries(1):
        status.reminder_status(mpp, on=clock.today(), at=clock.now())


# The banner, and health


def bring_about(trouble: str) -> None:
    """Let one thing be wrong."""
    now = clock.now()
    if trouble == "worker":
        Heartbeat.objects.update(at=now - timedelta(seconds=110))
    elif trouble == "tick":
        TickRun.objects.update(ended_at=now - timedelta(minutes=16))
    elif trouble == "mail":
        mails(Inbox.objects.get(name="Hunter inbox"), State.OWED)
        Mail.objects.update(composed_at=now - timedelta(minutes=61))
    elif trouble == "mail_server":
        mails(Inbox.objects.get(name="Hunter inbox"), State.OWED)
        for at in (now - timedelta(minutes=1), now):
            leases.wait_for_server(at, "It cannot be reached.")


@pytest.mark.parametrize("trouble", ["", "worker", "tick", "mail", "mail_server"])
def test_health_and_the_banner_say_the_same(
    client: Client,
    well: None,
    inbox: Inbox,
    district_manager: User,
    coordinator: User,
    trouble: str,
) -> None:
    bring_about(trouble)
    at = clock.now()
    wrong = status.troubles(status.delivery_facts(at=at), at=at)
    assert list(wrong) == [trouble] * bool(trouble)
    told = status.reminder_status(district_manager, on=clock.today(), at=at)
    assert list(told.troubles) == list(wrong.values())
    shown = page(client, district_manager)
    assert (TROUBLE in shown) is bool(trouble)
    assert all(sentence in shown for sentence in wrong.values())
    assert TROUBLE not in page(client, coordinator)


def test_a_tick_that_never_ends_is_noticed_though_the_worker_is_alive(well: None) -> None:
    TickRun.objects.update(ended_at=clock.now() - timedelta(hours=27))
    TickRun.objects.create(on=clock.today())
    at = clock.now()
    assert status.troubles(status.delivery_facts(at=at), at=at) == {
        "tick": "Dates have not been worked out for more than 26 hours."
    }


# A notice that no mail took up. Thursday 14 May 2026, 7 am in Sydney is 21:00 UTC the day before.

MORNING = datetime(2026, 5, 13, 21, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "written_at", "at", "is_late"),
    [
        ("review_due", MORNING - AN_HOUR, MORNING + AN_HOUR / 2, False),
        ("review_due", MORNING - AN_HOUR, MORNING + AN_HOUR * 1.1, True),
        ("review_due", MORNING + AN_HOUR, MORNING + AN_HOUR * 20, False),
        # Written on Friday at noon: Saturday and Sunday have no morning for it.
        ("review_due", MORNING + AN_HOUR * 29, MORNING + AN_HOUR * 60, False),
        ("review_due", MORNING + AN_HOUR * 29, MORNING + AN_HOUR * 97.5, True),
        ("change_decided", MORNING + AN_HOUR, MORNING + AN_HOUR * 1.5, False),
        ("change_decided", MORNING + AN_HOUR, MORNING + AN_HOUR * 2.1, True),
    ],
)
def test_a_notice_is_late_an_hour_after_a_mail_should_have_taken_it_up(
    settings: LazySettings,
    inbox: Inbox,
    hunter: District,
    kind: str,
    written_at: datetime,
    at: datetime,
    is_late: bool,
) -> None:
    settings.MAIL_LIVE = True
    TickRun.objects.create(on=at.date(), ended_at=at)
    Heartbeat.objects.create(name=Heartbeat.WORKER, at=at)
    notice = Notice.objects.create(
        kind=kind, occurrence="goal:1", inbox=inbox, district=hunter, path="/", owed_on=at.date()
    )
    Notice.objects.update(written_at=written_at)
    wrong = status.troubles(status.delivery_facts(at=at), at=at)
    assert wrong == ({"mail": status.NOT_TAKEN_UP} if is_late else {})
    hold_mail("A restored copy", on=at.date())
    assert status.troubles(status.delivery_facts(at=at), at=at) == {}
    notice.delete()


def test_every_page_has_the_line_also_one_that_is_not_there(
    client: Client, well: None, mpp: User
) -> None:
    for path in ("/", "/outbox/", reverse("your-account"), "/no-such-page/"):
        assert line(page(client, mpp, path)), path
