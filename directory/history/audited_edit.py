"""Editing a row of the directory: lock it at the version that was read, save, record the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db.models import Manager, QuerySet

from directory import history
from directory.errors import StaleEditError
from directory.models import District, User
from directory.models.places import Versioned

Row = TypeVar("Row", bound=Versioned)


def lock(
    rows: QuerySet[Row] | Manager[Row],
    row: Row,
    version: int | None = None,
    *,
    by: User | None,
    on: date,
) -> Row:
    """Return the row as it stands, locked; PermissionDenied for who does not edit the directory."""
    history.editor_appointment(by, on=on)
    locked = rows.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    check_version(locked, version)
    return locked


def check_version(row: Versioned, version: int | None) -> None:
    """Raise StaleEditError where a locked row has another version than the one read, if any was."""
    if version is not None and row.version != version:
        raise StaleEditError


def save(
    row: Versioned,
    values: Mapping[str, Any],
    verb: str,
    *,
    by: User | None,
    on: date,
    note: str,
    district: District | None = None,
    edited_on: date | None = None,
) -> bool:
    """Save what differs as a new version, with its entry in the history; say whether any did."""
    before = history.values(row)
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    if new:
        save_new_version(row, {**new, "edited_on": edited_on} if edited_on else new)
        history.record_change(verb, row, before, by=by, on=on, district=district, note=note)
    return bool(new)


def save_new_version(row: Versioned, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
