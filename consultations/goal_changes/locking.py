"""What every verb here asks first: who acts, under which appointment, on which saved version."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from directory.errors import StaleEditError
from directory.models import Appointment, User
from permanency.models import Child
from permanency.permissions import writer_appointment


class StaleVersionError(StaleEditError):
    """This was saved since the person opened it: by somebody else, or by themselves elsewhere."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This {what} was saved meanwhile, in another tab or by somebody else. You opened it "
            "before that."
        )


def fresh_user(by: User) -> User:
    """Return the person with the appointments that stand in the database at this moment."""
    person: User = User.objects.get(pk=by.pk)
    return person


def require_writer_appointment(by: User, child: Child, *, on: date) -> Appointment:
    """Return the appointment under which a person writes about the child; else PermissionDenied."""
    held = writer_appointment(fresh_user(by), child, on=on)
    if held is None:
        raise PermissionDenied
    return held


def is_violation_of(error: IntegrityError, constraint: str, column: str) -> bool:
    """Say whether the database refused for this constraint; SQLite names its column instead."""
    said = str(error)
    return constraint in said or f"UNIQUE constraint failed: {column}" in said
