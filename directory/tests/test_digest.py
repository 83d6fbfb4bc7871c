"""One mail for an inbox and a working morning, worst first, and no word that a person typed."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings

from directory.mail import compose as mail_compose
from directory.mail import notices as mail_notices
from directory.mail import texts
from directory.models import District, Inbox, Mail, Notice, TickRun
from directory.places.services import fallback_inbox
from directory.tests.inboxes import make_inbox
from directory.tests.people import make_district

SYDNEY = ZoneInfo("Australia/Sydney")
MONDAY = date(2026, 5, 11)
THURSDAY = date(2026, 5, 14)
FRIDAY = date(2026, 5, 15)
KINGS_BIRTHDAY = date(2026, 6, 8)

pytestmark = pytest.mark.django_db

Owe = Callable[..., Notice]


def compose(on: date, hour: int = 7, minute: int = 0) -> list[Mail]:
    """Compose at this time in Sydney and return the mails that came of it."""
    known = set(Mail.objects.values_list("pk", flat=True))
    mail_compose.compose(at=datetime(on.year, on.month, on.day, hour, minute, tzinfo=SYDNEY))
    return list(Mail.objects.exclude(pk__in=known).order_by("pk"))


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


@pytest.fixture
def owe(hunter: District) -> Owe:
    """Give a function that owes an inbox word of one more matter."""

    def owe(
        kind: str = Notice.Kind.REVIEW_DUE,
        *,
        district: District = hunter,
        about_on: date = THURSDAY,
        owed_on: date = THURSDAY,
        occurrence: str = "",
        threshold: str = "0",
    ) -> Notice:
        number = Notice.objects.count() + 1
        return mail_notices.post(
            kind,
            occurrence or f"goal:{number}:review:{about_on}",
            district=district,
            path=f"/children/{number}/",
            owed_on=owed_on,
            child_number=number,
            reference=f"REF{number:05}",
            about_on=about_on,
            threshold=threshold,
        )

    return owe


# When


def test_a_digest_comes_from_seven_in_the_morning_of_a_working_day(inbox: Inbox, owe: Owe) -> None:
    notice = owe()
    assert compose(THURSDAY, hour=6, minute=59) == []
    (mail,) = compose(THURSDAY, hour=7)
    notice.refresh_from_db()
    assert (mail.inbox, mail.on, mail.part) == (inbox, THURSDAY, "digest")
    assert notice.mail == mail


@pytest.mark.parametrize(
    "day",
    [date(2026, 5, 16), date(2026, 5, 17), KINGS_BIRTHDAY, date(2026, 12, 25)],
)
def test_no_mail_comes_on_other_days(inbox: Inbox, owe: Owe, day: date) -> None:
    owe()
    assert compose(day, hour=12) == []


def test_a_second_one_on_the_same_day_is_not_made(inbox: Inbox, owe: Owe) -> None:
    owe()
    assert len(compose(THURSDAY)) == 1
    later = owe()
    assert compose(THURSDAY, hour=15) == []
    (mail,) = compose(FRIDAY)
    assert later.reference in mail.body
    assert "1 matter on" in mail.body


def test_three_days_off_are_caught_up_in_one_digest(inbox: Inbox, owe: Owe) -> None:
    notices = [owe(owed_on=THURSDAY - timedelta(days=ago)) for ago in (3, 2, 1)]
    (mail,) = compose(THURSDAY)
    assert [notice.reference in mail.body for notice in notices] == [True] * 3
    assert compose(THURSDAY) == []


def test_nothing_to_say_means_no_mail_but_on_the_first_working_day_of_the_week(
    inbox: Inbox,
) -> None:
    assert compose(THURSDAY) == []
    (mail,) = compose(MONDAY)
    assert mail.subject == "Permanency: nothing due, 11 May 2026"
    assert "Nothing is due on Monday 11 May 2026." in mail.body
    assert compose(MONDAY) == []


def test_after_a_holiday_the_week_begins_on_tuesday(inbox: Inbox) -> None:
    assert compose(KINGS_BIRTHDAY) == []
    assert len(compose(KINGS_BIRTHDAY + timedelta(days=1))) == 1


def test_the_fallback_and_an_inbox_that_serves_nobody_are_not_told_of_nothing() -> None:
    fallback_inbox(on=MONDAY)
    make_inbox("Unused inbox")
    assert compose(MONDAY) == []


def test_a_retired_inbox_is_not_told_of_nothing(inbox: Inbox) -> None:
    Inbox.objects.filter(pk=inbox.pk).update(retired_on=MONDAY)
    assert compose(MONDAY) == []


def test_morning_comes_when_it_has_come_to_every_district_that_the_inbox_serves(
    hunter: District, owe: Owe
) -> None:
    far_west = make_district("Far West")
    make_inbox("Western inbox", hunter, far_west)
    District.objects.filter(pk=far_west.pk).update(time_zone="Australia/Broken_Hill")
    owe(district=District.objects.get(pk=hunter.pk))
    assert compose(THURSDAY, hour=7, minute=29) == []
    assert len(compose(THURSDAY, hour=7, minute=30)) == 1


def test_what_has_no_inbox_goes_to_the_fallback(hunter: District, owe: Owe) -> None:
    notice = owe()
    (mail,) = compose(THURSDAY)
    assert mail.inbox is not None
    assert mail.inbox.is_fallback
    assert notice.reference in mail.body


# What it says


def test_the_most_urgent_comes_first_grouped_by_kind_with_the_oldest_date_first(
    inbox: Inbox, owe: Owe
) -> None:
    owe(Notice.Kind.ACTION_OVERDUE)
    owe(Notice.Kind.REVIEW_COMING, about_on=date(2026, 6, 1))
    owe(Notice.Kind.REVIEW_OVERDUE, about_on=date(2026, 5, 2))
    owe(Notice.Kind.REVIEW_OVERDUE, about_on=date(2026, 4, 2))
    owe(Notice.Kind.TWO_YEAR_PASSED)
    (mail,) = compose(THURSDAY)
    assert re.findall(r"REF\d+", mail.body) == [
        "REF00004",
        "REF00003",
        "REF00005",
        "REF00002",
        "REF00001",
    ]
    assert "Goal review overdue: 2\n- 2 April 2026, REF00004: http" in mail.body
    assert mail.subject == "Permanency: 5 matters, 14 May 2026"


def test_a_line_names_the_district_where_the_inbox_serves_several(
    hunter: District, owe: Owe
) -> None:
    coast = make_district("Central Coast")
    make_inbox("Hunter and Central Coast inbox", hunter, coast)
    owe(district=coast)
    (mail,) = compose(THURSDAY)
    assert "- 14 May 2026, REF00001, Central Coast: http" in mail.body


def test_more_than_one_screen_ends_in_a_link_with_the_number_of_the_rest(
    inbox: Inbox, owe: Owe, settings: LazySettings
) -> None:
    settings.BASE_URL = "https://permanency.example.org"
    for _ in range(texts.MOST_LINES + 4):
        owe()
    (mail,) = compose(THURSDAY)
    assert mail.body.count("\n- ") == texts.MOST_LINES
    assert "And 4 more: https://permanency.example.org/\n" in mail.body
    assert "Goal review due: 29\n" in mail.body
    assert "https://permanency.example.org/children/1/\n" in mail.body
    assert not Notice.objects.unsent().exists()


def test_one_screen_has_no_rest(inbox: Inbox, owe: Owe) -> None:
    for _ in range(texts.MOST_LINES):
        owe()
    (mail,) = compose(THURSDAY)
    assert " more: " not in mail.body


def test_a_sort_without_room_for_a_line_stands_there_with_its_number(
    inbox: Inbox, owe: Owe
) -> None:
    for _ in range(texts.MOST_LINES):
        owe(Notice.Kind.REVIEW_OVERDUE)
    for _ in range(3):
        owe(Notice.Kind.REVIEW_COMING)
    (mail,) = compose(THURSDAY)
    for kind, number in ((Notice.Kind.REVIEW_OVERDUE, 25), (Notice.Kind.REVIEW_COMING, 3)):
        assert f"{kind.label}: {number}\n" in mail.body
    assert "And 3 more: " in mail.body


@pytest.mark.parametrize(
    ("dark", "said"),
    [
        ([], ""),
        ([12], "No reminders were worked out on 1 day from 12 May 2026. What fell due"),
        ([9, 10, 12], "on 3 days from 9 May 2026 to 12 May 2026. What fell due then"),
    ],
)
def test_a_digest_after_dark_days_says_which_they_were(
    inbox: Inbox, owe: Owe, dark: list[int], said: str
) -> None:
    """Also where a tick of a weekend lies between them and the mail."""
    at = datetime(2026, 5, 14, tzinfo=UTC)
    for day in range(8, 15):
        ended_at = None if day in dark else at
        TickRun.objects.create(on=date(2026, 5, day), ended_at=ended_at)
    owe(owed_on=date(2026, 5, 8), about_on=date(2026, 5, 8))
    compose(date(2026, 5, 8))
    owe()
    (mail,) = compose(THURSDAY)
    assert said in mail.body
    assert ("No reminders were worked out" in mail.body) is bool(said)


def test_of_two_stages_of_a_matter_only_the_later_is_told(inbox: Inbox, owe: Owe) -> None:
    saturday, matter = date(2026, 5, 9), "goal:1:review:2026-05-09"
    owe(Notice.Kind.REVIEW_DUE, about_on=saturday, owed_on=saturday, occurrence=matter)
    owe(
        Notice.Kind.REVIEW_OVERDUE,
        about_on=saturday,
        owed_on=date(2026, 5, 10),
        occurrence=matter,
        threshold="week-1",
    )
    (mail,) = compose(MONDAY)
    assert "1 matter on" in mail.body
    assert "Goal review overdue: 1" in mail.body
    assert not Notice.objects.unsent().exists()
    assert compose(date(2026, 5, 12)) == []


def test_what_was_settled_is_left_out(inbox: Inbox, owe: Owe) -> None:
    settled, open_one = owe(), owe()
    mail_notices.settle(settled.occurrence)
    (mail,) = compose(THURSDAY)
    assert settled.reference not in mail.body
    assert open_one.reference in mail.body


def test_what_was_settled_since_is_taken_out_before_the_mail_leaves(inbox: Inbox, owe: Owe) -> None:
    settled, open_one = owe(), owe()
    (mail,) = compose(THURSDAY)
    mail_notices.settle(settled.occurrence)
    assert mail_compose.recompose(mail)
    mail.refresh_from_db()
    assert settled.reference not in mail.body
    assert open_one.reference in mail.body
    assert mail.subject == "Permanency: 1 matter, 14 May 2026"


def test_a_mail_of_which_everything_was_settled_is_owed_no_more(inbox: Inbox, owe: Owe) -> None:
    notice = owe()
    (mail,) = compose(THURSDAY)
    assert mail_compose.recompose(mail)
    mail_notices.settle(notice.occurrence)
    assert not mail_compose.recompose(mail)


@pytest.mark.parametrize("may_repeat", [False, True])
def test_a_digest_that_may_have_arrived_keeps_what_it_told_though_it_was_settled(
    inbox: Inbox, owe: Owe, may_repeat: bool
) -> None:
    settled, _ = owe(), owe()
    (mail,) = compose(THURSDAY)
    mail_notices.settle(settled.occurrence)
    # As an administrator leaves it who has it tried again: no answer is counted as lost any more.
    mail.unsure, mail.may_repeat = 0, may_repeat
    assert mail_compose.recompose(mail)
    settled.refresh_from_db()
    assert (settled.mail == mail) is may_repeat


def test_on_the_first_working_day_such_a_mail_says_that_nothing_is_due(
    inbox: Inbox, owe: Owe
) -> None:
    notice = owe(about_on=MONDAY, owed_on=MONDAY)
    (mail,) = compose(MONDAY)
    mail_notices.settle(notice.occurrence)
    assert mail_compose.recompose(mail)
    assert "Nothing is due" in mail.body


# At once


@pytest.mark.parametrize("kind", mail_compose.IMMEDIATE_KINDS)
@pytest.mark.parametrize("hour", [3, 12])
def test_a_change_returned_or_decided_is_mailed_at_once_one_mail_for_a_matter(
    inbox: Inbox, owe: Owe, kind: Notice.Kind, hour: int
) -> None:
    owe(kind)
    owe(kind)
    sunday = date(2026, 5, 17)
    mails = compose(sunday, hour=hour)
    assert [mail.subject for mail in mails] == [
        f"{kind.label}: REF00001, 17 May 2026",
        f"{kind.label}: REF00002, 17 May 2026",
    ]
    assert compose(sunday, hour=hour) == []
    assert compose(date(2026, 5, 19)) == []


def test_an_immediate_mail_settled_before_it_left_is_owed_no_more(inbox: Inbox, owe: Owe) -> None:
    notice = owe(Notice.Kind.CHANGE_RETURNED)
    (mail,) = compose(THURSDAY, hour=3)
    mail_notices.settle(notice.occurrence)
    assert not mail_compose.recompose(mail)


# What it never says


def test_a_mail_holds_nothing_but_kind_reference_date_district_and_link(
    hunter: District, owe: Owe, settings: LazySettings
) -> None:
    settings.BASE_URL = "https://permanency.example.org"
    make_inbox("Hunter and Far West inbox", hunter, make_district("Far West"))
    for kind in Notice.Kind:
        owe(kind)
    mails = compose(THURSDAY)
    assert len(mails) == 3
    labels = "|".join(re.escape(kind.label) for kind in Notice.Kind)
    line = re.compile(
        r"- 14 May 2026, REF\d{5}, Hunter: https://permanency\.example\.org/children/\d+/"
    )
    fixed = (
        re.compile(rf"({labels}): \d+"),
        re.compile(rf"({labels}), 14 May 2026"),
        re.compile(r"REF\d{5}, Hunter: https://permanency\.example\.org/children/\d+/"),
        re.compile(r"10 matters on Thursday 14 May 2026, the most urgent first\."),
        re.compile(r"(Each|The) link asks you to sign in\.|Permanency tracker|"),
    )
    for mail in mails:
        for words in mail.body.splitlines():
            assert any(pattern.fullmatch(words) for pattern in (line, *fixed)), words
        assert re.fullmatch(
            rf"Permanency: 10 matters, 14 May 2026|({labels}): REF\d{{5}}, 14 May 2026",
            mail.subject,
        )


def test_a_message_id_is_fixed_and_its_own(inbox: Inbox, owe: Owe) -> None:
    owe(Notice.Kind.CHANGE_DECIDED)
    owe(Notice.Kind.CHANGE_DECIDED)
    first, second = compose(THURSDAY, hour=3)
    assert re.fullmatch(r"<[0-9a-f]{32}@[\w.]+>", first.message_id)
    assert first.message_id != second.message_id


def test_the_moment_may_be_told_in_any_zone(inbox: Inbox, owe: Owe) -> None:
    owe()
    mail_compose.compose(at=datetime(2026, 5, 13, 21, 0, tzinfo=UTC))
    assert Mail.objects.get().on == THURSDAY
