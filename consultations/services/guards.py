"""What every verb here asks first: who acts, under which appointment, on which saved version."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from directory.models import Appointment, User
from directory.refusals import StepNotAllowedError
from directory.roles import WRITES_CASES
from permanency.models import Child


class StaleVersionError(StepNotAllowedError):
    """Somebody else has saved this since the person opened it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Somebody else has saved this {what} since you opened it.")


def as_of_now(by: User) -> User:
    """Return the person with the appointments that stand in the database at this moment."""
    person: User = User.objects.get(pk=by.pk)
    return person


def writer(by: User, child: Child, *, on: date) -> Appointment:
    """Return the appointment under which a person writes about the child; else PermissionDenied."""
    held = as_of_now(by).appointment_for(WRITES_CASES, on=on, district=child.district)
    if held is None:
        raise PermissionDenied
    return held


def refuse(*reasons: str) -> None:
    """Raise StepNotAllowedError with the reasons that say something; return if none does."""
    said = tuple(reason for reason in reasons if reason)
    if said:
        raise StepNotAllowedError(*said)


def is_breach(error: IntegrityError, constraint: str, column: str) -> bool:
    """Say whether the database refused for this constraint; SQLite names its column instead."""
    said = str(error)
    return constraint in said or f"UNIQUE constraint failed: {column}" in said
