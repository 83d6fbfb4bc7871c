"""Who writes about the children of a district."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied

from directory.models import Appointment, District, User
from directory.roles import WRITES_CASES
from permanency.models import Child


def may_write(by: User, district: District, *, on: date) -> bool:
    return by.holds(WRITES_CASES, on=on, district=district)


def check_may_write(by: User | None, district: District, *, on: date) -> None:
    """Raise PermissionDenied for a person who does not write here; an import is nobody."""
    if by is not None and not may_write(by, district, on=on):
        raise PermissionDenied


def writer_appointment(by: User | None, child: Child, *, on: date) -> Appointment | None:
    """Return the appointment under which a person writes about this child, if any."""
    if by is None:
        return None
    return by.appointment_for(WRITES_CASES, on=on, district=child.district)
