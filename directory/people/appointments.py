"""Appointments to roles, and allocations of offices and providers, each from a day until a day."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from directory import history
from directory.accounts.services import end_sessions
from directory.errors import refuse
from directory.history import audited_edit
from directory.models import Allocation, Appointment, District, Office, Provider, User
from directory.models.people import AppointmentQuerySet
from directory.roles import SERVES_THE_STATE, Role

ENDS_EARLY = "The last day cannot be before the first day."

# A sentence by field, "" for the whole.
Reasons = dict[str, str]
Term = TypeVar("Term", Appointment, Allocation)


def _has_overlap(rows: QuerySet[Any], *, starts_on: date, ends_on: date | None) -> bool:
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    return rows.exists()


def _reasons_against_ending(
    term: Appointment | Allocation, same: QuerySet[Any], *, overlaps: str, ends_on: date, on: date
) -> Reasons:
    # `same` are the person's terms of the same kind in the same place.
    if term.ends_on is not None and term.ends_on < on:
        return {"": f"This {term._meta.verbose_name} has already ended."}
    if ends_on < term.starts_on:
        return {"ends_on": ENDS_EARLY}
    later = same.filter(starts_on__gt=term.starts_on, starts_on__lte=ends_on)
    return {"ends_on": overlaps} if later.exists() else {}


def _lock_term(term: Term, version: int | None, *relations: str, by: User | None, on: date) -> Term:
    audited_edit.lock(User.objects.all(), term.person, by=by, on=on)
    rows: QuerySet[Any] = type(term)._default_manager.select_related("person", *relations)
    locked: Term = rows.get(pk=term.pk)
    audited_edit.check_version(locked, version)
    return locked


def _end_term(
    term: Appointment | Allocation,
    *,
    ends_on: date,
    note: str,
    district: District | None = None,
    by: User | None,
    on: date,
) -> None:
    before, after = history.changes({"ends_on": term.ends_on}, {"ends_on": ends_on})
    if after:
        audited_edit.save_new_version(term, after)
    verb = f"ended an {term._meta.verbose_name}"
    history.record_change(
        verb, term.person, before, after=after, by=by, on=on, district=district, note=note
    )


OWN_APPOINTMENTS = "You cannot change your own appointments. Ask another administrator."
DISABLED = "This person is disabled. Enable them first."
STATE_ONLY = "This role serves the whole state."
HOLDS_ALREADY = "This person already holds this appointment for some of these days."
HAS_BEGUN = "This appointment has begun. It can only be ended."


def _same_appointments(person: User, role: str, district: District | None) -> AppointmentQuerySet:
    return Appointment.objects.filter(person=person, role=role, district=district)


def reasons_against_appointing(
    person: User,
    role: Role,
    district: District | None,
    *,
    starts_on: date,
    ends_on: date | None,
    by: User | None,
) -> Reasons:
    """Return why this appointment cannot be made: a sentence by field, "" for the whole."""
    reasons: Reasons = {}
    if person == by:
        reasons[""] = OWN_APPOINTMENTS
    elif not person.is_active:
        reasons[""] = DISABLED
    if role in SERVES_THE_STATE and district is not None:
        reasons["district"] = STATE_ONLY
    if ends_on is not None and ends_on < starts_on:
        reasons["ends_on"] = ENDS_EARLY
    elif _has_overlap(
        _same_appointments(person, role, district), starts_on=starts_on, ends_on=ends_on
    ):
        reasons["starts_on"] = HOLDS_ALREADY
    return reasons


@transaction.atomic
def appoint(
    person: User,
    role: Role,
    district: District | None,
    *,
    starts_on: date,
    ends_on: date | None = None,
    instrument: str = "",
    by: User | None,
    on: date,
) -> Appointment:
    """Return the new appointment, to a district or (None) to the whole state."""
    locked = audited_edit.lock(User.objects.all(), person, by=by, on=on)
    against = reasons_against_appointing(
        locked, role, district, starts_on=starts_on, ends_on=ends_on, by=by
    )
    refuse(*against.values())
    term = {"role": role, "district": district, "starts_on": starts_on, "ends_on": ends_on}
    made = Appointment.objects.create(person=locked, instrument=instrument, **term)
    after, note = {**history.values(made), "instrument": instrument}, f"{locked.name}, {made}"
    history.record_change(
        "appointed", locked, by=by, on=on, district=district, after=after, note=note
    )
    return made


def reasons_against_ending(
    appointment: Appointment, *, ends_on: date, by: User | None, on: date
) -> Reasons:
    """Return why the appointment cannot end on this day: a sentence by field, "" for the whole."""
    if appointment.person == by:
        return {"": OWN_APPOINTMENTS}
    same = _same_appointments(appointment.person, appointment.role, appointment.district)
    return _reasons_against_ending(
        appointment, same, overlaps=HOLDS_ALREADY, ends_on=ends_on, on=on
    )


@transaction.atomic
def end_appointment(
    appointment: Appointment,
    *,
    ends_on: date,
    version: int | None = None,
    by: User | None,
    on: date,
) -> None:
    """Let the appointment end after this day, its last; if that is today or past, sessions too."""
    locked = _lock_term(appointment, version, "district", by=by, on=on)
    refuse(*reasons_against_ending(locked, ends_on=ends_on, by=by, on=on).values())
    note = f"{locked.person.name}, {locked}"
    _end_term(locked, ends_on=ends_on, note=note, district=locked.district, by=by, on=on)
    if ends_on <= on:
        end_sessions(locked.person)


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, by: User, on: date) -> None:
    """Remove an appointment that has not begun; the history keeps it."""
    locked = _lock_term(appointment, None, "district", by=by, on=on)
    refuse(OWN_APPOINTMENTS if locked.person == by else "")
    refuse(HAS_BEGUN if locked.starts_on <= on else "")
    history.record_change(
        "cancelled an appointment before it began",
        locked.person,
        history.values(locked),
        after={},
        by=by,
        on=on,
        district=locked.district,
        note=f"{locked.person.name}, {locked}",
    )
    locked.delete()


WORKS_WITH_ALREADY = "This person already works with it for some of these days."
RETIRED = "It is retired by then."


def reasons_against_allocating(
    person: User, place: Office | Provider, *, starts_on: date, ends_on: date | None
) -> Reasons:
    """Return why this allocation cannot be made: a sentence by field."""
    if ends_on is not None and ends_on < starts_on:
        return {"ends_on": ENDS_EARLY}
    if place.retired_on is not None and place.retired_on <= starts_on:
        return {"place": RETIRED}
    same = Allocation.objects.filter(person=person, **_place_field(place))
    return (
        {"place": WORKS_WITH_ALREADY}
        if _has_overlap(same, starts_on=starts_on, ends_on=ends_on)
        else {}
    )


def _place_field(place: Office | Provider) -> dict[str, Office | Provider]:
    return {"office" if isinstance(place, Office) else "provider": place}


@transaction.atomic
def allocate(
    person: User,
    place: Office | Provider,
    *,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None,
    on: date,
) -> Allocation:
    locked = audited_edit.lock(User.objects.all(), person, by=by, on=on)
    against = reasons_against_allocating(locked, place, starts_on=starts_on, ends_on=ends_on)
    refuse(*against.values())
    made = Allocation.objects.create(
        person=locked, starts_on=starts_on, ends_on=ends_on, **_place_field(place)
    )
    note = f"{place} to {locked.name}"
    history.record_change("allocated", locked, after=history.values(made), by=by, on=on, note=note)
    return made


def reasons_against_ending_allocation(
    allocation: Allocation, *, ends_on: date, on: date
) -> Reasons:
    same = Allocation.objects.filter(
        person=allocation.person_id, office=allocation.office_id, provider=allocation.provider_id
    )
    return _reasons_against_ending(
        allocation, same, overlaps=WORKS_WITH_ALREADY, ends_on=ends_on, on=on
    )


@transaction.atomic
def end_allocation(
    allocation: Allocation,
    *,
    ends_on: date,
    version: int | None = None,
    by: User | None,
    on: date,
) -> None:
    locked = _lock_term(allocation, version, "office", "provider", by=by, on=on)
    refuse(*reasons_against_ending_allocation(locked, ends_on=ends_on, on=on).values())
    note = f"{locked} with {locked.person.name}"
    _end_term(locked, ends_on=ends_on, note=note, by=by, on=on)
