"""A real worker with beat, a real queue and a real mail server: what is owed arrives, once."""

from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from directory import clock
from directory.accounts import services as accounts
from directory.clock import add_working_days, is_working_day
from directory.mail.hold import hold_mail, release_mail
from directory.models import District, Heartbeat, Mail, Notice, Session, TickRun, User
from directory.tests.inboxes import make_inbox
from directory.tests.mail_server import MailServer
from directory.tests.people import make_district
from permanency.models import Child
from permanency.tests.factories import make_child, make_goal
from permanency.tests.worker import Worker

FALLBACK = "fallback@example.org"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def morning() -> date:
    """Return today, or the next working day: no worker composes a digest of its own before it."""
    today = clock.today()
    return today if is_working_day(today) else add_working_days(today, 1)


def due(district: District, on: date) -> Child:
    child = make_child(district)
    make_goal(child, review_due_on=on)
    return child


def _without_heads(server: MailServer) -> list[EmailMessage]:
    """Return the mails but those of the heads of the history, which go out on every day."""
    return [each for each in server.messages if "heads of the history" not in each["Subject"]]


def test_a_digest_leaves_once_after_three_days_off_and_a_second_worker_adds_nothing(
    start_worker: Callable[..., Worker],
    mail_server: MailServer,
    settings: LazySettings,
    hunter: District,
    morning: date,
) -> None:
    settings.MAIL_LIVE = True
    inbox = make_inbox("Hunter inbox", hunter)
    children = [due(hunter, morning - timedelta(days=days)) for days in (2, 1, 0)]
    elsewhere = due(make_district("Far West"), morning)
    hold_mail("Until the worker is there", on=morning)
    call_command("tick", "--on", morning.isoformat())
    assert mail_server.messages == []
    release_mail(on=morning)

    settings_of_worker = {
        "MAIL_LIVE": "1",
        "EMAIL_URL": mail_server.url,
        "FALLBACK_INBOX": FALLBACK,
    }
    worker = start_worker(**settings_of_worker)
    worker.wait_for(lambda: TickRun.objects.exclude(ended_at=None).count() >= 2)
    worker.wait_for(lambda: Heartbeat.objects.exists())
    worker.stop()
    digests = _without_heads(mail_server)
    texts = {str(each["To"]): each.get_content() for each in digests}
    assert set(texts) == {inbox.address, FALLBACK}
    assert len(digests) == 2
    assert [texts[inbox.address].count(child.reference) for child in children] == [1, 1, 1]
    assert texts[FALLBACK].count(elsewhere.reference) == 1
    assert "District without an inbox: 1" in texts[FALLBACK]

    told, ticks = Notice.objects.count(), TickRun.objects.count()
    start_worker(**settings_of_worker).wait_for(
        lambda: TickRun.objects.exclude(ended_at=None).count() > ticks
    )
    assert (Notice.objects.count(), len(_without_heads(mail_server))) == (told, 2)
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.SENT}


def test_the_worker_sends_mail_to_people_and_clears_sessions_that_have_ended(
    start_worker: Callable[..., Worker], coordinator: User
) -> None:
    began_at = clock.now() - timedelta(days=2)
    when = {"began_at": began_at, "seen_at": began_at, "expire_date": began_at}
    Session.objects.create(session_key="ended", session_data="", person=coordinator, **when)
    accounts.request_reset(coordinator.email, network_address=None, at=clock.now())
    worker = start_worker()
    worker.wait_for(lambda: Mail.objects.filter(person=coordinator, state=Mail.State.KEPT).exists())
    worker.wait_for(lambda: not Session.objects.exists())


def test_the_workers_own_tick_writes_what_falls_due_today_and_keeps_mail_that_is_not_live(
    start_worker: Callable[..., Worker], mail_server: MailServer, hunter: District
) -> None:
    inbox = make_inbox("Hunter inbox", hunter)
    child = due(hunter, clock.today())
    worker = start_worker(EMAIL_URL=mail_server.url)
    worker.wait_for(lambda: TickRun.objects.exclude(ended_at=None).exists())
    notice = Notice.objects.get()
    assert (notice.kind, notice.inbox, notice.reference) == ("review_due", inbox, child.reference)
    # Whether a digest was composed depends on the day and the hour; none was sent.
    assert set(Mail.objects.values_list("state", flat=True)) <= {Mail.State.KEPT}
    assert mail_server.messages == []
