"""What every act on the directory has in common: somebody who may, and an entry in the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models

from directory import history
from directory.models import Appointment, District, User
from directory.roles import EDITS_DIRECTORY


def authority(by: User | None, *, on: date) -> Appointment | None:
    """Return the appointment under which a person edits the directory; None for a command.

    Raises PermissionDenied where the person holds no such appointment on this day.
    """
    if by is None:
        return None
    for each in by.held(on=on):
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
        appointment=authority(by, on=on),
        before=before,
        after=after,
        note=note,
    )


def change(row: models.Model, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set and save what differs; return what stood there before and what stands there now."""
    old, new = history.changes({name: getattr(row, name) for name in values}, values)
    for name, value in new.items():
        setattr(row, name, value)
    if new:
        row.save(update_fields=list(new))
    return old, new
