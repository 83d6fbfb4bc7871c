"""The tick from end to end: what falls due stands once in its inbox's mail, without a name."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection

from consultations.goal_changes.transitions import endorsed_case_fields, post_step_notices
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status, Step
from directory import clock, tasks
from directory.mail import leases
from directory.models import District, Heartbeat, Inbox, Mail, Notice, TickRun, User
from directory.tests.inboxes import make_inbox
from directory.tests.mail_server import MailServer
from directory.tests.people import make_district
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_action, make_child, make_goal, make_order
from reviews import notices_due
from reviews.tasks import tick as tick_task

MONDAY = date(2026, 5, 11)
THURSDAY = date(2026, 5, 14)
NOW = datetime(2026, 5, 14, tzinfo=UTC)
State = Mail.State

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


@pytest.fixture
def live(mail_server: MailServer, settings: LazySettings) -> MailServer:
    """Return a mail server to which mail goes live."""
    settings.MAIL_LIVE = True
    settings.FALLBACK_INBOX = "fallback@example.org"
    return mail_server


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


@pytest.fixture(autouse=True)
def fallback(db: None) -> None:
    """Have the inbox of those who have none, as the published list brings it: no act, no history.

    A tick that adds it writes the first entry of a history, whose head goes out with the next.
    """
    Inbox.objects.create(name="Fallback inbox", is_fallback=True)


def due(district: District, on: date, **fields: object) -> Child:
    child = make_child(district, **fields)
    make_goal(child, review_due_on=on)
    return child


def tick(on: date) -> TickRun:
    return notices_due.tick(at=notices_due.morning_of(on), now=lambda: NOW)


def read(server: MailServer) -> list[tuple[str, str]]:
    return [(str(each["To"]), each.get_content().replace("\r\n", "\n")) for each in server.messages]


# From the due date to the mail server


def test_a_review_that_falls_due_stands_once_in_its_inboxs_mail_and_a_second_tick_adds_nothing(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    child = due(hunter, THURSDAY)
    first, second = tick(THURSDAY), tick(THURSDAY)
    ((to, text),) = read(live)
    assert to == inbox.address
    assert text.count(child.reference) == 1
    assert "Goal review due: 1" in text
    assert first.counts == {"review": 1, "digests": 1, "sent": 1}
    assert second.counts == {}


def test_three_days_off_are_caught_up_in_one_mail(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    children = [due(hunter, THURSDAY - timedelta(days=days)) for days in (2, 1, 0)]
    tick(MONDAY)
    live.messages.clear()
    tick(THURSDAY)
    ((_, text),) = read(live)
    assert [text.count(child.reference) for child in children] == [1, 1, 1]
    tick(THURSDAY)
    assert len(live.messages) == 1


def test_a_district_without_an_inbox_goes_to_the_fallback_with_word_of_the_gap(
    live: MailServer, hunter: District
) -> None:
    child = due(hunter, THURSDAY)
    tick(THURSDAY)
    ((to, text),) = read(live)
    assert to == "fallback@example.org"
    assert f"{child.reference}, Hunter: " in text
    assert "District without an inbox: 1\n- Hunter: http" in text


def test_on_a_saturday_the_ledger_is_written_and_monday_tells_only_how_it_stands_then(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    saturday = THURSDAY + timedelta(days=2)
    child = due(hunter, saturday)
    tick(saturday)
    assert (Notice.objects.get().kind, live.messages) == ("review_due", [])
    tick(saturday + timedelta(days=2))
    ((_, text),) = read(live)
    assert text.count(child.reference) == 1
    assert "Goal review overdue: 1" in text


def test_an_overdue_review_comes_back_a_week_later_until_it_is_held(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    child = due(hunter, THURSDAY - timedelta(days=1))
    for day in range(8):
        tick(THURSDAY + timedelta(days=day))
    told = [text for _, text in read(live) if child.reference in text]
    assert len(told) == 2


# What a mail never says

CANARY = "Quenby"
PROSE = "Zephyrine saw the grandmother"


@pytest.fixture
def every_kind(hunter: District, coordinator: User) -> Child:
    """Return a child about whom an inbox is owed word of every kind, with telltale words all over.

    Hunter has no inbox, so that the gap is told as well.
    """
    child = make_child(
        hunter,
        first_name=CANARY,
        last_name=f"{CANARY}son",
        childstory_id="QCS12345",
        caseworker=PROSE,
        caseworker_organisation=PROSE,
    )
    for days in (0, -1, 20):
        other = make_child(hunter, first_name=CANARY, last_name=CANARY)
        make_goal(other, source_note=PROSE, review_due_on=THURSDAY + timedelta(days=days))
    make_goal(child, two_year_on=THURSDAY - timedelta(days=1), source_note=PROSE)
    make_goal(make_child(hunter, first_name=CANARY), two_year_on=THURSDAY + timedelta(days=80))
    make_order(child, expires_on=THURSDAY, note=PROSE)
    make_action(child, what=PROSE, who=CANARY, due_on=THURSDAY - timedelta(days=3))
    for step, status in (
        (Step.PROPOSE, Status.PROPOSED),
        (Step.ENDORSE, Status.ENDORSED),
        (Step.ASK_FOR_MORE, Status.DRAFT),
        (Step.DECLINE, Status.DECLINED),
    ):
        post_step_notices(_change(hunter, coordinator, status), step, on=THURSDAY)
    return child


def _change(district: District, by: User, status: Status) -> GoalChange:
    child = make_child(district, first_name=CANARY, last_name=CANARY)
    consultation = Consultation.objects.create(
        child=child, held_on=THURSDAY, by=by, question=PROSE, recommendation=PROSE
    )
    return GoalChange.objects.create(
        child=child,
        consultation=consultation,
        goal=Goal.GUARDIANSHIP,
        reasons=PROSE,
        status=status,
        status_since_on=THURSDAY,
        requested_by_name=CANARY,
        recorded_by=by,
        endorsed_by=by if status == Status.ENDORSED else None,
        **(endorsed_case_fields(child) if status == Status.ENDORSED else {}),
    )


def test_no_mail_of_any_kind_holds_a_name_a_birth_date_or_a_typed_word(
    live: MailServer, every_kind: Child, coordinator: User
) -> None:
    tick(THURSDAY)
    assert set(Notice.objects.values_list("kind", flat=True)) == set(Notice.Kind.values)
    assert not Notice.objects.unsent().exists()
    assert len(live.messages) == 3
    words = {CANARY, "Zephyrine", "grandmother", "QCS", coordinator.name, coordinator.email}
    born_on = every_kind.born_on
    words |= {born_on.isoformat(), f"{born_on.day} {born_on:%B %Y}", f"{born_on:%d/%m/%Y}"}
    whole = "\n".join(f"{each}" for each in live.messages)
    bodies = "\n".join(text for _, text in read(live))
    assert every_kind.reference in bodies
    for word in words:
        assert word.lower() not in whole.lower(), word
        assert word.lower() not in bodies.lower(), word


# Twice at once


@pytest.mark.django_db(transaction=True)
def test_six_ticks_at_once_write_and_send_each_thing_once(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    for _ in range(5):
        due(hunter, THURSDAY)
    due(make_district("Far West"), THURSDAY)
    barrier, faults = Barrier(6), list[object]()

    def work() -> None:
        try:
            barrier.wait()
            faults.extend(tick(THURSDAY).problems)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Notice.objects.count() == 7
    assert sorted(to for to, _ in read(live)) == ["fallback@example.org", inbox.address]


# The command


def test_the_command_says_what_it_did_and_then_that_nothing_is_new(
    hunter: District, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    due(hunter, THURSDAY)
    call_command("tick", "--on", "2026-05-14")
    assert capsys.readouterr().out == "Tick for 14 May 2026: review: 1, digests: 1, kept: 1.\n"
    assert Mail.objects.get().state == State.KEPT
    call_command("tick", "--on", "2026-05-14")
    assert capsys.readouterr().out == "Tick for 14 May 2026: nothing new.\n"


def test_the_command_acts_as_if_it_were_morning_in_every_district(
    hunter: District,
) -> None:
    District.objects.filter(pk=hunter.pk).update(time_zone="Australia/Broken_Hill")
    hunter.refresh_from_db()
    make_inbox("Far West inbox", hunter)
    due(hunter, THURSDAY)
    call_command("tick", "--on", "2026-05-14")
    assert Mail.objects.get().on == THURSDAY


def test_a_day_ahead_is_only_tried_in_a_demonstration(
    hunter: District, inbox: Inbox, settings: LazySettings
) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    due(hunter, tomorrow)
    settings.DEMO = False
    with pytest.raises(CommandError, match="demonstration"):
        call_command("tick", "--on", tomorrow.isoformat())
    assert not Notice.objects.exists()
    settings.DEMO = True
    call_command("tick", "--on", tomorrow.isoformat())
    assert Notice.objects.get().kind == "review_due"


def test_acting_for_a_day_ahead_makes_nobody_18(hunter: District, settings: LazySettings) -> None:
    settings.DEMO = True
    # On a 29 February nobody turns 18, but who did on the day before it is 18.
    ahead = clock.today() + timedelta(days=7)
    goal = make_goal(make_child(hunter, born_on=add_months(ahead, -18 * 12)))
    call_command("tick", "--on", ahead.isoformat())
    goal.refresh_from_db()
    assert goal.ended_on is None


def test_without_a_day_the_command_acts_for_now(hunter: District, inbox: Inbox) -> None:
    due(hunter, clock.today())
    call_command("tick")
    assert Notice.objects.get().kind == "review_due"


def test_the_command_ends_with_2_where_something_was_parked(
    hunter: District, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    make_goal(make_child(hunter), two_year_on=date(1850, 1, 1))
    child = due(hunter, THURSDAY)
    with pytest.raises(SystemExit) as ended:
        call_command("tick", "--on", "2026-05-14")
    assert ended.value.code == 2
    assert "Parked: goal:" in capsys.readouterr().out
    assert child.reference in Mail.objects.get().body


def test_a_parked_mail_ends_the_command_with_2(hunter: District, inbox: Inbox) -> None:
    due(hunter, THURSDAY)
    tick(THURSDAY - timedelta(days=1))
    Mail.objects.update(state=State.OWED, tries=leases.MOST_TRIES, ended_at=None)
    with pytest.raises(SystemExit) as ended:
        call_command("tick", "--on", "2026-05-13")
    assert ended.value.code == 2


@pytest.mark.parametrize("day", ["14/05/2026", "2026-02-30", "1850-01-01", "soon"])
def test_a_day_that_cannot_be_is_refused_in_words(db: None, day: str) -> None:
    with pytest.raises(CommandError, match="--on takes a day as YYYY-MM-DD"):
        call_command("tick", "--on", day)
    assert TickRun.objects.count() == 0


def test_after_four_hundred_dark_days_the_ledger_is_filled_and_mail_waits_for_somebody(
    live: MailServer, hunter: District, inbox: Inbox
) -> None:
    tick(THURSDAY - timedelta(days=400))
    live.messages.clear()
    child = due(hunter, THURSDAY - timedelta(days=200))
    for _ in range(2):
        assert tick(THURSDAY).problems == []
    assert Notice.objects.filter(reference=child.reference).count() == 1
    assert (Mail.objects.get(inbox=inbox, on=THURSDAY).state, live.messages) == (State.OWED, [])
    call_command("release_mail")
    tick(THURSDAY)
    assert [child.reference in text for to, text in read(live) if to == inbox.address] == [True]


# What the parts that fail leave whole


def test_a_time_zone_that_is_not_known_is_noted_and_sydneys_is_used(
    hunter: District, inbox: Inbox
) -> None:
    District.objects.filter(pk=hunter.pk).update(time_zone="Mars/Olympus")
    child = due(hunter, THURSDAY)
    run = tick(THURSDAY)
    assert [problem["matter"] for problem in run.problems] == [f"district {hunter.pk}"]
    assert child.reference in Mail.objects.get().body


@pytest.fixture
def actions_cannot_be_read(transactional_db: None) -> Iterator[None]:
    """Take a column away from the actions, and put it back."""
    rename = "ALTER TABLE permanency_action RENAME COLUMN {} TO {}".format
    with connection.cursor() as cursor:
        cursor.execute(rename("due_on", "gone_on"))
    yield
    with connection.cursor() as cursor:
        cursor.execute(rename("gone_on", "due_on"))


@pytest.mark.usefixtures("actions_cannot_be_read")
def test_a_part_that_fails_is_noted_and_the_others_are_done(hunter: District, inbox: Inbox) -> None:
    child = due(hunter, THURSDAY)
    run = tick(THURSDAY)
    assert [problem["matter"] for problem in run.problems] == ["action"]
    assert run.ended_at is not None
    assert child.reference in Mail.objects.get().body


# The tasks


def test_the_task_is_the_same_tick(hunter: District, inbox: Inbox) -> None:
    due(hunter, clock.today())
    tick_task()
    assert TickRun.objects.get().ended_at is not None
    assert Notice.objects.get().kind == "review_due"


def test_the_worker_says_that_it_is_alive_on_one_row(db: None) -> None:
    tasks.say_alive()
    tasks.say_alive()
    heard_at = Heartbeat.objects.get().at
    assert abs((clock.now() - heard_at).total_seconds()) < 5


def test_messages_spent_for_more_than_a_day_are_deleted_and_the_others_stay(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.BROKER_FOLDER = tmp_path
    assert tasks.clear_spent_messages() == 0
    (tmp_path / "processed").mkdir()
    (tmp_path / "queue").mkdir()
    old, new, waiting = (
        tmp_path / "processed" / "old.msg",
        tmp_path / "processed" / "new.msg",
        tmp_path / "queue" / "old.msg",
    )
    now = clock.now().timestamp()
    for path, days in ((old, 2), (new, 0), (waiting, 2)):
        path.write_text("{}")
        written = now - days * 24 * 60 * 60
        os.utime(path, (written, written))
    assert tasks.clear_spent_messages() == 1
    assert [path.exists() for path in (old, new, waiting)] == [False, True, True]
