"""Appoints people to roles and ends appointments: the one source of what a person may do."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory import history
from directory.accounts.services import end_sessions
from directory.errors import StepNotAllowedError, refuse
from directory.history import audited_edit
from directory.models import Appointment, District, User
from directory.models.people import AppointmentQuerySet
from directory.people import dated_terms
from directory.people.dated_terms import ENDS_EARLY, Reasons
from directory.roles import SERVES_THE_STATE, Role

OWN_APPOINTMENTS = "You cannot change your own appointments. Ask another administrator."
DISABLED = "This person is disabled. Enable them first."
STATE_ONLY = "This role serves the whole state."
OVERLAPS = "This person already holds this appointment for some of these days."
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
    elif dated_terms.has_overlap(
        _same_appointments(person, role, district), starts_on=starts_on, ends_on=ends_on
    ):
        reasons["starts_on"] = OVERLAPS
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
    """Return the new appointment, to a district or (None) to the whole state.

    Raises StepNotAllowedError with every reason of `reasons_against_appointing`.
    """
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
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
    return dated_terms.reasons_against_ending(
        appointment, same, overlaps=OVERLAPS, ends_on=ends_on, on=on
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
    """Let the appointment end after this day, its last; of today or earlier, it ends sessions too.

    Raises StepNotAllowedError with every reason of `reasons_against_ending`.
    """
    history.editor_appointment(by, on=on)
    locked = dated_terms.lock_term(Appointment.objects.select_related("district"), appointment)
    audited_edit.check_version(locked, version)
    refuse(*reasons_against_ending(locked, ends_on=ends_on, by=by, on=on).values())
    note = f"{locked.person.name}, {locked}"
    dated_terms.end_term(locked, ends_on=ends_on, note=note, district=locked.district, by=by, on=on)
    if ends_on <= on:
        end_sessions(locked.person)


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, by: User, on: date) -> None:
    """Remove an appointment that has not begun; the history keeps it.

    Raises StepNotAllowedError for one's own, and for one that has begun.
    """
    history.editor_appointment(by, on=on)
    locked = dated_terms.lock_term(Appointment.objects.select_related("district"), appointment)
    if locked.person == by:
        raise StepNotAllowedError(OWN_APPOINTMENTS)
    if locked.starts_on <= on:
        raise StepNotAllowedError(HAS_BEGUN)
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
