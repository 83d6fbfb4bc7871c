"""What the tests of the directory's pages share."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from directory import clock
from directory.models import (
    Allocation,
    Appointment,
    District,
    Inbox,
    Office,
    Provider,
)
from directory.roles import Role
from directory.tests.oidc import CLIENT, FaultyProvider, real_provider, run_faulty_provider
from directory.tests.people import make_person


@pytest.fixture
def rows(hunter: District) -> dict[str, Any]:
    """Return one row of each kind, by kind."""
    person = make_person("Robin Row", Role.COORDINATOR, hunter)
    office = Office.objects.create(name="Mayfield", district=hunter)
    tomorrow = clock.today() + timedelta(days=1)
    return {
        "person": person,
        "district": hunter,
        "inbox": Inbox.objects.create(name="Hunter inbox", address="hunter@example.org"),
        "office": office,
        "provider": Provider.objects.create(name="Gumnut Care"),
        "appointment": person.appointments.get(),
        "coming": Appointment.objects.create(person=person, role=Role.CFDU, starts_on=tomorrow),
        "allocation": Allocation.objects.create(
            person=person, office=office, starts_on=clock.today()
        ),
    }


@pytest.fixture(scope="session")
def running() -> Iterator[str]:
    """Give the address of a real provider that runs in a child process."""
    with real_provider() as address:
        yield address


@pytest.fixture
def set_up(settings: LazySettings) -> Callable[[str], None]:
    """Give a function that sets up single sign-on with the provider at an address."""

    def at(address: str) -> None:
        settings.OIDC_SERVER_URL, settings.OIDC_NAME = address, "Agency"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, "a secret for tests"

    return at


@pytest.fixture
def provider(running: str, set_up: Callable[[str], None]) -> str:
    """Give the address of the real provider, set up here."""
    set_up(running)
    return running


@pytest.fixture
def faulty_provider(set_up: Callable[[str], None]) -> Iterator[FaultyProvider]:
    """Give a provider that lies when told to, set up here."""
    with run_faulty_provider() as made:
        set_up(made.address)
        yield made
