"""The version of a row that people edit: checked before an edit, one further after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from directory.errors import StaleEditError
from directory.models.places import Versioned


def check_version(row: Versioned, version: int | None) -> None:
    """Raise StaleEditError where a locked row is no longer what somebody saw of it.

    A command, which has seen nothing, names no version.
    """
    if version is not None and row.version != version:
        raise StaleEditError


def change(row: Versioned, values: Mapping[str, Any], *, edited_on: date | None = None) -> bool:
    """Set and save what differs, as a new version; say whether anything does.

    The row is then marked as edited where a day is given.
    """
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    if new:
        save_new_version(row, {**new, "edited_on": edited_on} if edited_on else new)
    return bool(new)


def save_new_version(row: Versioned, values: Mapping[str, Any]) -> None:
    """Save these values as a new version of a locked row."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
