"""What every act on the directory has in common: somebody who may, and an entry in the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models

from directory import history
from directory.errors import StaleEditError
from directory.models import Appointment, District, User
from directory.models.places import Versioned
from directory.roles import EDITS_DIRECTORY


def editor_appointment(by: User | None, *, on: date) -> Appointment | None:
    """Return the appointment under which a person edits the directory; None for a command.

    Raises PermissionDenied where the person holds no such appointment on this day.
    """
    if by is None:
        return None
    for each in by.appointments_in_force(on=on):
        if each.role in EDITS_DIRECTORY:
            return each
    raise PermissionDenied


def record(
    verb: str,
    subject: models.Model,
    *,
    by: User | None,
    on: date,
    district: District | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> None:
    """Write the history entry of one act. `note` says in plain words what it was about."""
    history.record(
        verb,
        f"{subject._meta.verbose_name} {subject.pk}",
        by=by,
        on=on,
        district=district,
        appointment=editor_appointment(by, on=on),
        before=before,
        after=after,
        note=note,
    )


def check_version(row: Versioned, version: int | None) -> None:
    """Raise StaleEditError where a locked row is no longer what somebody saw of it.

    A command, which has seen nothing, names no version.
    """
    if version is not None and row.version != version:
        raise StaleEditError


def change(
    row: Versioned, values: Mapping[str, Any], *, edited_on: date | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set and save what differs; return what stood there before and what stands there now.

    Where anything differs the row has a new version, and is marked as edited where a day is given.
    """
    old, new = history.changes({name: getattr(row, name) for name in values}, values)
    if new:
        save_new_version(row, {**new, "edited_on": edited_on} if edited_on else new)
    return old, new


def save_new_version(row: Versioned, values: Mapping[str, Any]) -> None:
    """Save these values as a new version of a locked row."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
