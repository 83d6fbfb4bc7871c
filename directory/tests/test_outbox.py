"""What an inbox is owed: once for a matter and threshold, and not after it is settled."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from directory.mail import leases, notices
from directory.models import District, HistoryEntry, Inbox, Mail, Notice
from directory.places.published_list import FALLBACK_KEY, PublishedList, load
from directory.tests.inboxes import make_inbox
from directory.tests.people import make_district

TODAY = date(2026, 5, 14)
KIND = Notice.Kind.CHANGE_DECIDED

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


def post(district: District, occurrence: str = "change:3:approved:4") -> Notice:
    return notices.post(
        KIND,
        occurrence,
        district=district,
        path="/goal-changes/3/",
        owed_on=TODAY,
        child_number=7,
        reference="K7RW2MXQ",
        about_on=TODAY,
    )


def test_a_notice_goes_to_the_inbox_of_the_district(hunter: District) -> None:
    inbox = make_inbox("Hunter inbox", hunter)
    assert post(hunter).inbox == inbox


def test_posting_again_returns_the_notice_that_is_there(hunter: District) -> None:
    make_inbox("Hunter inbox", hunter)
    assert post(hunter) == post(hunter)
    assert Notice.objects.count() == 1


def test_another_matter_is_another_notice(hunter: District) -> None:
    assert post(hunter) != post(hunter, "change:4:approved:4")


def test_a_district_without_an_inbox_uses_the_one_fallback(hunter: District) -> None:
    inbox = post(hunter).inbox
    assert inbox.is_fallback
    assert post(make_district("Far West"), "change:5:approved:1").inbox == inbox


def test_a_fallback_that_nobody_has_loaded_is_added_once_and_the_history_says_so(
    hunter: District,
) -> None:
    inbox = post(hunter).inbox
    post(hunter, "change:5:approved:1")
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject) == ("added the fallback inbox", f"inbox {inbox.pk}")
    assert (entry.by, entry.on) == (None, TODAY)


def test_a_fallback_from_the_published_list_is_taken_as_it_is(hunter: District) -> None:
    load(PublishedList((), ()), by=None, on=TODAY)
    written = HistoryEntry.objects.count()
    assert post(hunter).inbox.list_key == FALLBACK_KEY
    assert HistoryEntry.objects.count() == written


@pytest.mark.parametrize(
    ("retired_on", "falls_back"),
    [(date(2026, 5, 13), True), (TODAY, True), (date(2026, 5, 15), False)],
)
def test_a_retired_inbox_serves_nobody(
    hunter: District, retired_on: date, falls_back: bool
) -> None:
    inbox = make_inbox("Hunter inbox", hunter)
    Inbox.objects.filter(pk=inbox.pk).update(retired_on=retired_on)
    hunter.refresh_from_db()
    assert post(hunter).inbox.is_fallback is falls_back


def test_settling_takes_every_matter_that_begins_so_and_no_other(hunter: District) -> None:
    for occurrence in ("goal:1:review:2026-05-14", "goal:1:two_year:2027-01-01", "goal:12:x"):
        post(hunter, occurrence)
    assert notices.settle("goal:1:") == 2
    assert notices.settle("goal:1:") == 0
    assert [str(notice.occurrence) for notice in Notice.objects.unsent()] == ["goal:12:x"]


def test_settling_takes_several_beginnings_and_none_means_none(hunter: District) -> None:
    post(hunter, "goal:1:x")
    post(hunter, "order:1:x")
    assert notices.settle() == 0
    assert notices.settle("goal:1:", "order:1:") == 2


def test_what_was_settled_before_anybody_was_told_can_be_owed_again(hunter: District) -> None:
    notice = post(hunter)
    notices.settle("change:3:")
    assert not Notice.objects.unsent().exists()
    assert post(hunter) == notice
    assert list(Notice.objects.unsent()) == [notice]


def test_many_are_written_at_once_and_one_that_is_there_stays_as_it_is(hunter: District) -> None:
    inbox = make_inbox("Hunter inbox", hunter)
    rows = [
        notices.NoticeRow(
            kind=KIND,
            occurrence=f"change:{number}:approved:1",
            inbox_id=inbox.pk,
            district_id=hunter.pk,
            path=f"/goal-changes/{number}/",
            owed_on=TODAY,
        )
        for number in range(3)
    ]
    notices.post_many(rows[:2])
    told, untold = Notice.objects.order_by("pk")
    mail = Mail.objects.create(inbox=inbox, on=TODAY, part="digest")
    Notice.objects.filter(pk=told.pk).update(mail=mail)
    notices.settle("change:0:", "change:1:")
    notices.post_many(rows)
    assert Notice.objects.count() == 3
    unsent = Notice.objects.unsent().values_list("occurrence", flat=True)
    assert set(unsent) == {untold.occurrence, "change:2:approved:1"}, "told is told"


def test_what_is_unsent_is_found_by_its_own_index(hunter: District) -> None:
    inbox = make_inbox("Hunter inbox", hunter)
    settled_at = datetime(2026, 5, 14, tzinfo=UTC)
    owed = [
        notices.NoticeRow(KIND, f"change:{number}:approved:1", inbox.pk, hunter.pk, "/", TODAY)
        for number in range(1_500)
    ]
    assert notices.post_many(owed) == len(owed)
    Notice.objects.exclude(occurrence="change:7:approved:1").update(settled_at=settled_at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert Notice.objects.unsent().count() == 1
    assert "notice_unsent" in Notice.objects.unsent().filter(inbox=inbox).explain()


def test_whether_a_mail_still_stands_is_found_by_an_index_of_what_was_settled(
    hunter: District,
) -> None:
    """As on the first night of a large database: a mail of very many notices, none settled."""
    inbox = make_inbox("Hunter inbox", hunter)
    mail = Mail.objects.create(inbox=inbox, on=TODAY, part="digest")
    owed = [
        notices.NoticeRow(KIND, f"change:{number}:approved:1", inbox.pk, hunter.pk, "/", TODAY)
        for number in range(1_500)
    ]
    assert notices.post_many(owed) == len(owed)
    Notice.objects.update(mail=mail)
    asked = leases.CLAIM_QUERY.format(as_addressed="TRUE", locked="")
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(explain + asked, [mail.pk, mail.state, mail.attempt, True])
        assert "notice_settled" in str(cursor.fetchall())
