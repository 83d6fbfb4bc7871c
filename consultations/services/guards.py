"""What every verb here asks first: who acts, under which appointment, on which saved version."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet

from consultations.models import Consultation, GoalChange
from directory.models import Appointment, User
from directory.refusals import StaleEditError
from permanency.models import Child
from permanency.services.rights import writer_appointment

Saved = TypeVar("Saved", Consultation, GoalChange)


class StaleVersionError(StaleEditError):
    """This was saved since the person opened it: by somebody else, or by themselves elsewhere."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This {what} was saved meanwhile, in another tab or by somebody else. You opened it "
            "before that."
        )


def as_of_now(by: User) -> User:
    """Return the person with the appointments that stand in the database at this moment."""
    person: User = User.objects.get(pk=by.pk)
    return person


def writer(by: User, child: Child, *, on: date) -> Appointment:
    """Return the appointment under which a person writes about the child; else PermissionDenied."""
    held = writer_appointment(as_of_now(by), child, on=on)
    if held is None:
        raise PermissionDenied
    return held


def saved_before(rows: QuerySet[Saved], token: UUID | None) -> Saved | None:
    """Return what the same form has saved already, sent twice by an impatient click.

    `rows` are those that this form can have saved: this author's, about this child.
    """
    return None if token is None else rows.filter(token=token).first()


def own_token(token: UUID | None, row: Saved) -> UUID | None:
    """Return the token to keep on a row that is being saved; None where another row holds it."""
    held = type(row)._default_manager.exclude(pk=row.pk).filter(token=token)
    return None if token is None or held.exists() else token


def is_breach(error: IntegrityError, constraint: str, column: str) -> bool:
    """Say whether the database refused for this constraint; SQLite names its column instead."""
    said = str(error)
    return constraint in said or f"UNIQUE constraint failed: {column}" in said
