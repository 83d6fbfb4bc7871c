"""Appoints people to roles and ends appointments: the one source of what a person may do."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from directory.models import Appointment, District, User
from directory.refusals import StepNotAllowedError
from directory.roles import SERVES_THE_STATE, Role
from directory.services import acts

OWN_APPOINTMENTS = "You cannot change your own appointments. Ask another administrator."
ENDS_EARLY = "The last day cannot be before the first day."
DISABLED = "This person is disabled. Enable them first."
STATE_ONLY = "This role serves the whole state."
OVERLAPS = "This person already holds this appointment for some of these days."
HAS_ENDED = "This appointment has already ended."
HAS_BEGUN = "This appointment has begun. It can only be ended."

Reasons = dict[str, str]


def _overlapping(
    person: User, role: str, district: District | None, starts_on: date, ends_on: date | None
) -> bool:
    rows = Appointment.objects.filter(person=person, role=role, district=district)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    return rows.exists()


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
    elif _overlapping(person, role, district, starts_on, ends_on):
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
    acts.authority(by, on=on)
    locked = User.objects.select_for_update().get(pk=person.pk)
    against = reasons_against_appointing(
        locked, role, district, starts_on=starts_on, ends_on=ends_on, by=by
    )
    if against:
        raise StepNotAllowedError(*against.values())
    made = Appointment.objects.create(
        person=locked, role=role, district=district,
        starts_on=starts_on, ends_on=ends_on, instrument=instrument,
    )  # fmt: skip
    after = {**_terms(made), "instrument": instrument}
    acts.record(
        "appointed", locked, by=by, on=on, district=district,
        after=after, note=f"{locked.name}, {made}",
    )  # fmt: skip
    return made


def _terms(appointment: Appointment) -> dict[str, object]:
    return {
        "role": appointment.get_role_display(),
        "district": str(appointment.district or "whole state"),
        "starts on": appointment.starts_on,
        "ends on": appointment.ends_on,
    }


def reasons_against_ending(
    appointment: Appointment, *, ends_on: date, by: User | None, on: date
) -> Reasons:
    """Return why the appointment cannot end on this day: a sentence by field, "" for the whole."""
    if appointment.person == by:
        return {"": OWN_APPOINTMENTS}
    if appointment.ends_on is not None and appointment.ends_on < on:
        return {"": HAS_ENDED}
    if ends_on < appointment.starts_on:
        return {"ends_on": ENDS_EARLY}
    later = Appointment.objects.exclude(pk=appointment.pk).filter(
        person=appointment.person, role=appointment.role, district=appointment.district,
        starts_on__gt=appointment.starts_on, starts_on__lte=ends_on,
    )  # fmt: skip
    return {"ends_on": OVERLAPS} if later.exists() else {}


@transaction.atomic
def end_appointment(appointment: Appointment, *, ends_on: date, by: User | None, on: date) -> None:
    """Let the appointment end after this day, its last.

    Raises StepNotAllowedError with every reason of `reasons_against_ending`.
    """
    acts.authority(by, on=on)
    locked = _locked(appointment)
    if against := reasons_against_ending(locked, ends_on=ends_on, by=by, on=on):
        raise StepNotAllowedError(*against.values())
    old, new = acts.change(locked, {"ends_on": ends_on})
    acts.record(
        "ended an appointment", locked.person, by=by, on=on, district=locked.district,
        before=old, after=new, note=f"{locked.person.name}, {locked}",
    )  # fmt: skip


@transaction.atomic
def cancel_appointment(appointment: Appointment, *, by: User, on: date) -> None:
    """Remove an appointment that has not begun; the history keeps it.

    Raises StepNotAllowedError for one's own, and for one that has begun.
    """
    acts.authority(by, on=on)
    locked = _locked(appointment)
    if locked.person == by:
        raise StepNotAllowedError(OWN_APPOINTMENTS)
    if locked.starts_on <= on:
        raise StepNotAllowedError(HAS_BEGUN)
    acts.record(
        "cancelled an appointment before it began", locked.person, by=by, on=on,
        district=locked.district, before=_terms(locked), note=f"{locked.person.name}, {locked}",
    )  # fmt: skip
    locked.delete()


def _locked(appointment: Appointment) -> Appointment:
    # The person's row is the lock for everything about their appointments.
    User.objects.select_for_update().get(pk=appointment.person_id)
    return Appointment.objects.select_related("person", "district").get(pk=appointment.pk)
