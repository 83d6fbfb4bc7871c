"""Allocating, and editing districts, inboxes, offices and providers."""

from datetime import date, timedelta

import pytest

from directory.errors import StepNotAllowedError
from directory.models import (
    Allocation,
    District,
    Inbox,
    Office,
    Provider,
    User,
)
from directory.people import appointments
from directory.places import services as places
from directory.tests.people import last_entry, make_district

TODAY = date(2026, 5, 14)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def test_allocations_are_dated_and_do_not_overlap(
    administrator: User, coordinator: User, hunter: District
) -> None:
    office = Office.objects.create(name="Mayfield", district=hunter)
    made = appointments.allocate(coordinator, office, starts_on=TODAY, by=administrator, on=TODAY)
    assert list(coordinator.allocations.in_force(on=TODAY)) == [made]
    with pytest.raises(StepNotAllowedError, match="already works"):
        appointments.allocate(coordinator, office, starts_on=TOMORROW, by=administrator, on=TODAY)
    appointments.end_allocation(made, ends_on=TODAY, by=administrator, on=TODAY)
    assert coordinator.allocations.in_force(on=TODAY).exists()
    assert not coordinator.allocations.in_force(on=TOMORROW).exists()
    appointments.allocate(coordinator, office, starts_on=TOMORROW, by=administrator, on=TODAY)
    assert Allocation.objects.count() == 2


def test_an_allocation_is_refused_for_what_is_retired(
    administrator: User, coordinator: User
) -> None:
    provider = Provider.objects.create(name="Gumnut Care", retired_on=TODAY)
    with pytest.raises(StepNotAllowedError, match="retired"):
        appointments.allocate(coordinator, provider, starts_on=TODAY, by=administrator, on=TODAY)


def test_an_allocation_does_not_end_before_it_starts(
    administrator: User, coordinator: User
) -> None:
    provider = Provider.objects.create(name="Gumnut Care")
    made = appointments.allocate(coordinator, provider, starts_on=TODAY, by=administrator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="before the first day"):
        appointments.end_allocation(made, ends_on=YESTERDAY, by=administrator, on=TODAY)


def test_a_district_gets_another_inbox(administrator: User, hunter: District) -> None:
    inbox = places.add_inbox(name="New", address="new@example.org", by=administrator, on=TODAY)
    places.edit_district(hunter, inbox=inbox, note="", by=administrator, on=TODAY)
    hunter.refresh_from_db()
    assert hunter.inbox == inbox
    entry = last_entry()
    assert (entry.before, entry.after) == ({"inbox": "none"}, {"inbox": "New"})
    assert entry.district == hunter


def test_a_retired_inbox_serves_nobody(administrator: User, hunter: District) -> None:
    retired = Inbox.objects.create(name="Old", address="old@example.org", retired_on=TODAY)
    with pytest.raises(StepNotAllowedError, match="retired"):
        places.edit_district(hunter, inbox=retired, note="", by=administrator, on=TODAY)


def test_an_inbox_that_serves_a_district_does_not_retire(
    administrator: User, hunter: District
) -> None:
    inbox = places.add_inbox(name="New", address="new@example.org", by=administrator, on=TODAY)
    places.edit_district(hunter, inbox=inbox, note="", by=administrator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="still serves"):
        places.retire(inbox, retired_on=TODAY, by=administrator, on=TODAY)
    places.edit_district(hunter, inbox=None, note="Gone", by=administrator, on=TODAY)
    places.retire(inbox, retired_on=TODAY, by=administrator, on=TODAY)
    inbox.refresh_from_db()
    assert inbox.retired_on == TODAY


def test_the_fallback_inbox_does_not_retire(administrator: User) -> None:
    fallback = Inbox.objects.create(name="Fallback inbox", is_fallback=True)
    with pytest.raises(StepNotAllowedError, match="fallback"):
        places.retire(fallback, retired_on=TODAY, by=administrator, on=TODAY)


def test_a_provider_is_added_edited_retired_and_brought_back(
    administrator: User, hunter: District
) -> None:
    sydney = make_district("Sydney")
    provider = places.add_provider(
        name="Gumnut Care", districts=[hunter], by=administrator, on=TODAY
    )
    places.edit_provider(
        provider,
        name="Gumnut Care",
        districts=[hunter, sydney],
        is_aboriginal_controlled=False,
        by=administrator,
        on=TODAY,
    )
    assert last_entry().before == {"districts": ["Hunter"]}
    assert last_entry().after == {"districts": ["Hunter", "Sydney"]}
    places.retire(provider, retired_on=TOMORROW, by=administrator, on=TODAY)
    assert list(Provider.objects.current(on=TODAY)) == [provider]
    assert list(Provider.objects.current(on=TOMORROW)) == []
    with pytest.raises(StepNotAllowedError, match="already retired"):
        places.retire(provider, retired_on=TODAY, by=administrator, on=TODAY)
    places.bring_back(provider, by=administrator, on=TODAY)
    assert list(Provider.objects.current(on=TOMORROW)) == [provider]
    with pytest.raises(StepNotAllowedError, match="not retired"):
        places.bring_back(provider, by=administrator, on=TODAY)
