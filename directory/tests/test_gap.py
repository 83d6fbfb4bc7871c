"""After more than sixty silent days live mail waits for somebody who has read it."""

from datetime import date, timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from directory import clock, tasks
from directory.mail import smtp
from directory.mail.hold import hold_after_gap, hold_mail
from directory.models import HistoryEntry, Mail, MailSwitch, TickRun
from directory.tests.scripted_server import NOW, TODAY, ScriptedServer, owe_mail

pytestmark = pytest.mark.django_db


def worked_off(on: date) -> None:
    """Write down a completed tick for a day."""
    TickRun.objects.create(on=on, ended_at=NOW)


@pytest.mark.parametrize(("days", "held"), [(1, False), (60, False), (61, True), (400, True)])
def test_more_than_sixty_days_hold(server: ScriptedServer, days: int, held: bool) -> None:
    worked_off(TODAY - timedelta(days=days))
    assert hold_after_gap(on=TODAY) is held
    assert smtp.is_mail_held() is held


def test_the_reason_says_which_days_and_stands_in_the_history(server: ScriptedServer) -> None:
    worked_off(date(2026, 1, 2))
    assert hold_after_gap(on=TODAY)
    assert MailSwitch.objects.get().reason == (
        "Nothing was worked off from 2 January 2026 to 14 May 2026: read what has gathered, then "
        "release it"
    )
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.by) == ("held mail back", None)


def test_the_first_run_ever_is_no_gap(server: ScriptedServer) -> None:
    TickRun.objects.create(on=TODAY - timedelta(days=200))
    assert not hold_after_gap(on=TODAY)


def test_it_is_the_newest_day_that_counts_and_not_the_newest_run(server: ScriptedServer) -> None:
    worked_off(TODAY - timedelta(days=1))
    worked_off(TODAY - timedelta(days=300))
    assert not hold_after_gap(on=TODAY)


def test_a_clock_that_goes_back_is_no_gap(server: ScriptedServer) -> None:
    worked_off(TODAY + timedelta(days=400))
    assert not hold_after_gap(on=TODAY)


def test_where_mail_is_kept_nothing_changes(settings: LazySettings) -> None:
    settings.MAIL_LIVE = False
    worked_off(TODAY - timedelta(days=400))
    assert not hold_after_gap(on=TODAY)


def test_another_reason_to_hold_stays(server: ScriptedServer) -> None:
    hold_mail("A restored copy", on=TODAY)
    worked_off(TODAY - timedelta(days=400))
    assert not hold_after_gap(on=TODAY)
    assert MailSwitch.objects.get().reason == "A restored copy"


def test_the_worker_that_comes_before_the_tick_holds_too(server: ScriptedServer) -> None:
    owe_mail()
    worked_off(clock.today() - timedelta(days=61))
    tasks.deliver_to_people()
    assert smtp.is_mail_held()
    assert Mail.objects.get().state == Mail.State.OWED
    call_command("release_mail")
    worked_off(clock.today())
    tasks.deliver_to_people()
    assert Mail.objects.get().state == Mail.State.SENT
