"""The people of the tests: each holds one appointment, in Hunter unless the name says otherwise."""

from datetime import date
from typing import Any

from django.test import Client

from directory.models import Appointment, District, HistoryEntry, User
from directory.roles import SERVES_THE_STATE, Role

PASSWORD = "a long enough test password"
SINCE = date(2020, 1, 1)


def make_district(name: str = "Hunter") -> District:
    """Return the district of this name, made if it is not there."""
    slug = name.lower().replace(" ", "-")
    return District.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def make_person(
    name: str,
    role: Role | None = None,
    district: District | None = None,
    *,
    since: date = SINCE,
    until: date | None = None,
) -> User:
    """Return a person who can sign in, appointed to a role where one is named."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    person = User.objects.create_user(email=email, name=name, password=PASSWORD)
    if role is not None:
        Appointment.objects.create(
            person=person,
            role=role,
            district=None if role in SERVES_THE_STATE else district,
            starts_on=since,
            ends_on=until,
            instrument="Test",
        )
    return person


# The people of the fixtures: name, role, district.
CAST: dict[str, tuple[str, Role | None, str]] = {
    "coordinator": ("Pat Coordinator", Role.COORDINATOR, "Hunter"),
    "second_coordinator": ("Robin Coordinator", Role.COORDINATOR, "Hunter"),
    "cfdu": ("Chris Approver", Role.CFDU, "Hunter"),
    "casework_manager": ("Casey Manager", Role.CASEWORK_MANAGER, "Hunter"),
    "district_manager": ("Dale Manager", Role.DISTRICT_MANAGER, "Hunter"),
    "mpp": ("Morgan Practice", Role.PRACTICE_MANAGER, ""),
    "contract_manager": ("Kim Contracts", Role.CONTRACT_MANAGER, "Hunter"),
    "administrator": ("Alex Administrator", Role.ADMINISTRATOR, ""),
    "stranger": ("Sam Stranger", Role.COORDINATOR, "Sydney"),
    "nobody": ("Noel Nobody", None, ""),
}


def make_one_of_the_cast(who: str) -> User:
    """Return the person whom a fixture of this name stands for."""
    name, role, district = CAST[who]
    return make_person(name, role, make_district(district) if district else None)


def sign_in(client: Client, person: User) -> Client:
    """Return the client, signed in as this person without the sign-in form."""
    client.force_login(person)
    return client


def last_entry() -> HistoryEntry:
    """Return the latest entry of the history."""
    entry: HistoryEntry = HistoryEntry.objects.latest("pk")
    return entry


def date_fields(name: str, value: date | None) -> dict[str, Any]:
    """Return the three boxes of a date."""
    if value is None:
        return {}
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}
