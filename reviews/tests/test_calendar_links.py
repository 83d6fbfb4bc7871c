"""Calendar links: whose they are, what each shows by the rights of the moment, and their end."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.database import append_only
from directory.models import (
    Allocation,
    Appointment,
    CalendarFeed,
    District,
    FeedRead,
    HistoryEntry,
    Inbox,
    Office,
    ReadEntry,
    User,
)
from directory.people import services as people
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from directory.web import calendar_links
from directory.web.request import PROVED_AT
from permanency.access import services as restrictions
from reviews.tests.cases import TODAY, days_ago, open_child
from reviews.tests.feeds import events, feed_link, read_feed


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox that serves Hunter."""
    hunter.inbox = Inbox.objects.create(name="Hunter inbox", address="hunter@example.org")
    hunter.save()
    return hunter.inbox


# Rights


def test_a_feed_shows_what_its_person_may_see_at_that_moment(
    hunter: District, coordinator: User, second_coordinator: User
) -> None:
    open_child(hunter, coordinator)
    open_child(make_district("Sydney"), make_person("Mo", Role.PRACTICE_MANAGER))
    kept = open_child(hunter, coordinator)
    mine, other = feed_link(coordinator), feed_link(second_coordinator)
    assert len(events(mine)) == len(events(other)) == 2
    restrictions.restrict(kept.child, reasons="Known to staff.", by=coordinator, on=TODAY)
    assert len(events(mine)) == 2, "named on it"
    assert len(events(other)) == 1
    Appointment.objects.filter(person=second_coordinator).update(ends_on=days_ago(1))
    assert read_feed(other).status_code == 404


def test_who_has_offices_has_the_children_of_these(
    hunter: District, coordinator: User, newcastle: Office
) -> None:
    open_child(hunter, coordinator, office=newcastle)
    open_child(hunter, coordinator)
    address = feed_link(coordinator)
    assert len(events(address)) == 2
    Allocation.objects.create(person=coordinator, office=newcastle, starts_on=SINCE)
    assert len(events(address)) == 1


def test_the_feed_of_an_inbox_holds_its_districts_without_restricted_children(
    hunter: District, coordinator: User, inbox: Inbox
) -> None:
    open_child(hunter, coordinator)
    kept = open_child(hunter, coordinator)
    near = make_district("Near")
    near.inbox = inbox
    near.save()
    open_child(near, make_person("Mo", Role.PRACTICE_MANAGER))
    restrictions.restrict(kept.child, reasons="Known to staff.", by=coordinator, on=TODAY)
    address = feed_link(coordinator, inbox)
    assert len(events(address)) == 2
    Appointment.objects.filter(person=coordinator).update(ends_on=days_ago(1))
    assert read_feed(address).status_code == 404


def test_wrong_revoked_and_dead_links_are_answered_alike(
    hunter: District, coordinator: User, administrator: User, inbox: Inbox
) -> None:
    revoked, of_leaver, shared = feed_link(coordinator), feed_link(coordinator), None
    shared = feed_link(coordinator, inbox)
    calendar_links.revoke_feed(CalendarFeed.objects.last(), by=coordinator, on=TODAY)  # type: ignore[arg-type]
    assert [read_feed(each).status_code for each in (revoked, of_leaver, shared)] == [404, 200, 200]
    people.disable_person(coordinator, by=administrator, on=TODAY)
    wrong = reverse("calendar-feed", args=["nobody-knows-this-one"])
    answers = [read_feed(each) for each in (revoked, of_leaver, shared, wrong)]
    assert {each.status_code for each in answers} == {404}
    assert len({len(each.content) for each in answers}) == 1
    people.enable_person(User.objects.get(pk=coordinator.pk), by=administrator, on=TODAY)
    assert {read_feed(each).status_code for each in (of_leaver, shared)} == {404}, "they stay dead"


def test_a_disabled_person_is_refused_even_where_a_link_was_left_open(
    hunter: District, coordinator: User
) -> None:
    address = feed_link(coordinator)
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert read_feed(address).status_code == 404


def test_a_secret_is_kept_nowhere_and_outlives_a_change_of_the_key(
    hunter: District,
    coordinator: User,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made, token = calendar_links.make_feed(by=coordinator, on=TODAY)
    assert len(token) >= 43
    caplog.set_level(logging.DEBUG)
    address = reverse("calendar-feed", args=[token])
    answer = read_feed(address)
    assert answer.wsgi_request.META["permanency.place"] == "/calendar/<str:token>.ics"
    wrong = reverse("calendar-feed", args=["x" + token])
    read_feed(wrong)
    formatter = logging.getLogger().handlers[0].formatter or logging.Formatter()
    lines = [
        formatter.format(record) for record in caplog.records if record.name != "django.db.backends"
    ]
    assert not any(token in line for line in lines)
    rows = (
        *CalendarFeed.objects.values(),
        *HistoryEntry.objects.values(),
        *ReadEntry.objects.values(),
    )
    assert not any(token in str(row) for row in rows)
    assert made.token_digest == calendar_links.token_digest(token)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the site, of many characters"
    assert read_feed(address).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert read_feed(address).status_code == 404


def test_a_reading_and_each_child_are_logged_once_a_day_however_often_a_calendar_asks(
    hunter: District, coordinator: User
) -> None:
    first = open_child(hunter, coordinator)
    address = feed_link(coordinator)
    for _ in range(3):
        assert read_feed(address).status_code == 200
    second = open_child(hunter, coordinator)
    read_feed(address)
    assert [row.events for row in FeedRead.objects.order_by("pk")] == [1, 2]
    entries = ReadEntry.objects.filter(kind="feed", by=coordinator).order_by("pk")
    assert [entry.shown for entry in entries] == [[first.child_id], [second.child_id]]
    assert {entry.route for entry in entries} == {"calendar-feed"}


def test_a_reading_is_noted_again_from_elsewhere_and_on_another_day(
    hunter: District, coordinator: User
) -> None:
    open_child(hunter, coordinator)
    feed_link(coordinator)
    feed, now = CalendarFeed.objects.get(), clock.now()
    noted = [
        calendar_links.note_read(
            feed, network_address=address, events=1, since=now + timedelta(days=days)
        )
        for address, days in (
            ("192.0.2.1", 0), ("192.0.2.1", 0), ("192.0.2.2", 0), ("192.0.2.1", 1),
        )
    ]  # fmt: skip
    assert [row is not None for row in noted] == [True, False, True, True]


# The database


def test_a_reading_is_never_changed(
    hunter: District, coordinator: User, tables_guarded_by_migrations: frozenset[str]
) -> None:
    assert "directory_feedread" in tables_guarded_by_migrations
    read_feed(feed_link(coordinator))
    append_only.install(connection, "directory_feedread")
    with pytest.raises(IntegrityError), transaction.atomic():
        FeedRead.objects.update(events=0)


@pytest.mark.parametrize("kind", ["both", "neither", "another's", "revoked by nobody"])
def test_the_database_keeps_whose_a_feed_is(kind: str, coordinator: User, inbox: Inbox) -> None:
    facts: dict[str, Any] = {
        "both": {"person": coordinator, "inbox": inbox},
        "neither": {},
        "another's": {"person": make_person("Somebody Else")},
        "revoked by nobody": {"person": coordinator, "revoked_at": clock.now()},
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.create(made_by=coordinator, token_digest="0" * 64, **facts[kind])


# The page


def make(client: Client, person: User, **sent: Any) -> Any:
    client.force_login(person)
    return client.post(reverse("make-calendar"), sent)


def test_a_link_is_shown_once_and_read_and_revoked_on_the_page(
    client: Client, hunter: District, coordinator: User, settings: LazySettings
) -> None:
    answer = make(client, coordinator)
    assert answer.status_code == 201
    address = answer.context["address"]
    assert address in answer.content.decode()
    assert address.startswith(f"{settings.BASE_URL}/calendar/")
    page = client.get(reverse("calendar")).content.decode()
    assert "Not yet" in page
    assert address.rpartition("/")[2] not in page
    read_feed(address.removeprefix(settings.BASE_URL))
    assert "Not yet" not in client.get(reverse("calendar")).content.decode()
    feed = CalendarFeed.objects.get()
    assert client.post(reverse("revoke-calendar", args=[feed.pk])).status_code == 302
    assert client.post(reverse("revoke-calendar", args=[feed.pk])).status_code == 409
    assert read_feed(address.removeprefix(settings.BASE_URL)).status_code == 404
    verbs = list(HistoryEntry.objects.values_list("verb", flat=True))
    assert verbs == ["revoked a calendar link", "made a calendar link"] or set(verbs) >= {
        "revoked a calendar link",
        "made a calendar link",
    }


def test_an_inbox_is_the_coordinators_of_its_districts_and_asks_for_fresh_proof(
    client: Client,
    coordinator: User,
    second_coordinator: User,
    stranger: User,
    district_manager: User,
    administrator: User,
    inbox: Inbox,
) -> None:
    assert make(client, stranger, inbox=inbox.pk).status_code == 404
    assert make(client, district_manager, inbox=inbox.pk).status_code == 404
    assert make(client, coordinator, inbox=inbox.pk).status_code == 201
    feed = CalendarFeed.objects.get()
    assert (feed.inbox, feed.made_by) == (inbox, coordinator)
    revoke = reverse("revoke-calendar", args=[feed.pk])
    client.force_login(stranger)
    assert client.post(revoke).status_code == 404
    client.force_login(second_coordinator)
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(hours=1)).isoformat()
    session.save()
    assert "reauthenticate" in client.post(revoke)["Location"]
    assert "reauthenticate" in client.post(reverse("make-calendar"))["Location"]
    client.force_login(administrator)
    assert coordinator.name in client.get(reverse("calendar")).content.decode()
    assert client.post(revoke)["Location"] == reverse("calendar")
    assert CalendarFeed.objects.open().count() == 0


def test_only_who_reads_cases_makes_a_link_and_only_so_many(
    client: Client, coordinator: User, administrator: User, contract_manager: User, nobody: User
) -> None:
    for person in (administrator, contract_manager, nobody):
        assert make(client, person).status_code == 403
    for _ in range(calendar_links.MOST_OPEN):
        assert make(client, coordinator).status_code == 201
    assert make(client, coordinator).status_code == 409
