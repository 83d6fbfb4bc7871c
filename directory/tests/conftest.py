"""What the tests of the directory's pages share."""

from datetime import timedelta
from typing import Any

import pytest

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
