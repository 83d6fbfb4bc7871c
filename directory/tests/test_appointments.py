"""Appointing people: who may, what is refused, and from when to when rights last."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from directory.errors import StepNotAllowedError
from directory.models import (
    Appointment,
    District,
    HistoryEntry,
    User,
)
from directory.people import appointments
from directory.people import services as people
from directory.places import services as places
from directory.roles import SERVES_THE_STATE, Role
from directory.tests.people import last_entry, make_district, make_person

TODAY = date(2026, 5, 14)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def test_an_appointment_leaves_who_what_and_when(
    administrator: User, nobody: User, hunter: District
) -> None:
    made = appointments.appoint(
        nobody,
        Role.COORDINATOR,
        hunter,
        starts_on=TODAY,
        instrument="Letter 7",
        by=administrator,
        on=TODAY,
    )
    assert nobody.holds({Role.COORDINATOR}, on=TODAY, district=hunter)
    entry = last_entry()
    assert (entry.verb, entry.subject) == ("appointed", f"user {nobody.pk}")
    assert (entry.by, entry.on, entry.district) == (administrator, TODAY, hunter)
    assert entry.appointment == administrator.appointments.get()
    assert entry.child_number is None
    assert entry.after["instrument"] == "Letter 7"
    assert made.district == hunter


def test_nobody_changes_their_own_appointments(administrator: User, hunter: District) -> None:
    with pytest.raises(StepNotAllowedError, match="your own"):
        appointments.appoint(
            administrator, Role.CFDU, hunter, starts_on=TODAY, by=administrator, on=TODAY
        )
    with pytest.raises(StepNotAllowedError, match="your own"):
        appointments.end_appointment(
            administrator.appointments.get(), ends_on=TODAY, by=administrator, on=TODAY
        )
    assert administrator.appointments.get().ends_on is None
    assert not HistoryEntry.objects.exists()


def test_another_administrator_may_change_them(administrator: User, hunter: District) -> None:
    other = make_person("Other Administrator", Role.ADMINISTRATOR)
    appointments.appoint(administrator, Role.CFDU, hunter, starts_on=TODAY, by=other, on=TODAY)
    assert administrator.appointments.count() == 2


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_edits_the_directory(
    role: Role, nobody: User, hunter: District
) -> None:
    person = make_person("Somebody Else", role, hunter)
    with pytest.raises(PermissionDenied):
        appointments.appoint(nobody, role, None, starts_on=TODAY, by=person, on=TODAY)
    with pytest.raises(PermissionDenied):
        people.add_person(email="new@example.org", name="New", by=person, on=TODAY)
    with pytest.raises(PermissionDenied):
        places.add_office(name="New", district=hunter, by=person, on=TODAY)
    with pytest.raises(PermissionDenied):
        people.disable_person(nobody, by=person, on=TODAY)
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize(
    ("since", "until"), [(TOMORROW, None), (date(2020, 1, 1), YESTERDAY)], ids=["coming", "ended"]
)
def test_an_administrator_edits_only_while_appointed(
    since: date, until: date | None, nobody: User
) -> None:
    person = make_person("Past Administrator", Role.ADMINISTRATOR, since=since, until=until)
    with pytest.raises(PermissionDenied):
        people.disable_person(nobody, by=person, on=TODAY)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_refused"),
    [
        (date(2026, 1, 1), date(2026, 3, 1), True),  # ends on the first day of the other
        (date(2026, 1, 1), date(2026, 2, 28), False),
        (date(2026, 4, 1), date(2026, 4, 30), True),  # inside
        (date(2026, 1, 1), None, True),  # around
        (date(2026, 5, 31), None, True),  # starts on the last day of the other
        (date(2026, 6, 1), None, False),
    ],
)
def test_the_same_appointment_does_not_overlap(
    starts_on: date, ends_on: date | None, is_refused: bool, administrator: User, hunter: District
) -> None:
    person = make_person(
        "Pat", Role.COORDINATOR, hunter, since=date(2026, 3, 1), until=date(2026, 5, 31)
    )

    def appoint() -> None:
        appointments.appoint(
            person,
            Role.COORDINATOR,
            hunter,
            starts_on=starts_on,
            ends_on=ends_on,
            by=administrator,
            on=TODAY,
        )

    if is_refused:
        with pytest.raises(StepNotAllowedError, match="already holds"):
            appoint()
    else:
        appoint()
    assert person.appointments.count() == 1 + (not is_refused)


def test_another_role_or_district_may_overlap(administrator: User, coordinator: User) -> None:
    appointments.appoint(
        coordinator,
        Role.COORDINATOR,
        make_district("Sydney"),
        starts_on=TODAY,
        by=administrator,
        on=TODAY,
    )
    assert len(coordinator.appointments_in_force(on=TODAY)) == 2


def test_an_appointment_does_not_end_before_it_starts(
    administrator: User, coordinator: User, nobody: User, hunter: District
) -> None:
    with pytest.raises(StepNotAllowedError, match="before the first day"):
        appointments.appoint(
            nobody,
            Role.CFDU,
            hunter,
            starts_on=TODAY,
            ends_on=YESTERDAY,
            by=administrator,
            on=TODAY,
        )
    with pytest.raises(StepNotAllowedError, match="before the first day"):
        appointments.end_appointment(
            coordinator.appointments.get(), ends_on=date(2019, 12, 31), by=administrator, on=TODAY
        )


@pytest.mark.parametrize("role", sorted(SERVES_THE_STATE))
def test_a_role_of_the_whole_state_names_no_district(
    role: Role, administrator: User, nobody: User, hunter: District
) -> None:
    with pytest.raises(StepNotAllowedError, match="whole state"):
        appointments.appoint(nobody, role, hunter, starts_on=TODAY, by=administrator, on=TODAY)


def test_rights_last_through_the_last_day(administrator: User, coordinator: User) -> None:
    appointment = coordinator.appointments.get()
    appointments.end_appointment(appointment, ends_on=TODAY, by=administrator, on=TODAY)
    assert coordinator.holds({Role.COORDINATOR}, on=TODAY)
    assert not coordinator.holds({Role.COORDINATOR}, on=TOMORROW)
    assert last_entry().before == {"ends_on": None}


def test_rights_begin_on_the_first_day(administrator: User, nobody: User, hunter: District) -> None:
    appointments.appoint(nobody, Role.CFDU, hunter, starts_on=TOMORROW, by=administrator, on=TODAY)
    assert not nobody.holds({Role.CFDU}, on=TODAY)
    assert nobody.holds({Role.CFDU}, on=TOMORROW)


def test_what_has_ended_cannot_end_again(administrator: User, hunter: District) -> None:
    person = make_person("Pat", Role.COORDINATOR, hunter, until=YESTERDAY)
    with pytest.raises(StepNotAllowedError, match="already ended"):
        appointments.end_appointment(
            person.appointments.get(), ends_on=TOMORROW, by=administrator, on=TODAY
        )


def test_an_appointment_is_not_prolonged_into_the_next_one(
    administrator: User, hunter: District
) -> None:
    person = make_person("Pat", Role.COORDINATOR, hunter, until=TOMORROW)
    first = person.appointments.get()
    appointments.appoint(
        person, Role.COORDINATOR, hunter, starts_on=date(2026, 6, 1), by=administrator, on=TODAY
    )
    with pytest.raises(StepNotAllowedError, match="already holds"):
        appointments.end_appointment(first, ends_on=date(2026, 6, 1), by=administrator, on=TODAY)


def test_an_appointment_that_has_not_begun_can_be_cancelled(
    administrator: User, hunter: District
) -> None:
    coming = make_person("Pat Coming", Role.CFDU, hunter, since=TOMORROW)
    appointments.cancel_appointment(coming.appointments.get(), by=administrator, on=TODAY)
    assert not coming.appointments.exists()
    assert last_entry().before["role"] == Role.CFDU.label
    current = make_person("Pat Current", Role.CFDU, hunter, since=TODAY)
    with pytest.raises(StepNotAllowedError, match="has begun"):
        appointments.cancel_appointment(current.appointments.get(), by=administrator, on=TODAY)
    assert Appointment.objects.filter(person=current).exists()


def test_a_disabled_person_is_not_appointed(
    administrator: User, nobody: User, hunter: District
) -> None:
    people.disable_person(nobody, by=administrator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="disabled"):
        appointments.appoint(nobody, Role.CFDU, hunter, starts_on=TODAY, by=administrator, on=TODAY)
