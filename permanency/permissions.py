"""Who writes about the children of a district, asked the same way by every service and page."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied

from directory.models import Appointment, District, User
from directory.roles import READS_CASES, WRITES_CASES
from permanency.models import Child


def may_write(by: User, district: District, *, on: date) -> bool:
    """Say whether a person writes about the children of this district."""
    return by.holds(WRITES_CASES, on=on, district=district)


def check_may_write(by: User | None, district: District, *, on: date) -> None:
    """Raise PermissionDenied where the person does not write about children of this district.

    Nobody is an import or the clock itself, which write under no appointment.
    """
    if by is not None and not may_write(by, district, on=on):
        raise PermissionDenied


def writer_appointment(by: User | None, child: Child, *, on: date) -> Appointment | None:
    """Return the appointment under which a person writes about this child, if any."""
    if by is None:
        return None
    return by.appointment_for(WRITES_CASES, on=on, district=child.district)


def acting_appointment(by: User | None, child: Child, *, on: date) -> Appointment | None:
    """Return the appointment under which a person acts about this child; None for nobody.

    Whoever writes about the child does so under that; others under the one by which they decide or
    read there, or, where the act itself has moved the child away, under the one they hold.
    """
    if by is None:
        return None
    for roles in (WRITES_CASES, READS_CASES):
        if held := by.appointment_for(roles, on=on, district=child.district):
            return held
    return next(
        (each for each in by.appointments_in_force(on=on) if each.role in READS_CASES), None
    )
