"""Two people edit one child: what the other changed, and how both edits fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Field

from directory import history
from directory.models import HistoryEntry
from permanency.children.services import FIELDS, ChildFields, edits_since
from permanency.models import Child
from permanency.policy.months import day_in_words


@dataclass(frozen=True)
class OtherEdit:
    """An edit by somebody: who, when, and each field with what stood before and after, in words."""

    by: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]


def edits_after(child: Child, version: int) -> list[OtherEdit]:
    """Return the edits after this version of the child, the latest first."""
    return [
        OtherEdit(
            by=str(entry.by or "An import"),
            at=entry.at,
            fields=tuple(
                (
                    field_label(name),
                    value_in_words(name, entry.before.get(name)),
                    value_in_words(name, value),
                )
                for name, value in entry.after.items()
            ),
        )
        for entry in edits_since(child, version)
    ]


def field_label(name: str) -> str:
    """Return a field of a child as the forms call it."""
    label = str(_field(name).verbose_name)
    return label[0].upper() + label[1:]


def value_in_words(name: str, value: Any) -> str:
    """Return a value as history keeps it, in words."""
    if value in (None, ""):
        return "not recorded"
    if name.endswith("_on"):
        return day_in_words(date.fromisoformat(value) if isinstance(value, str) else value)
    choices = dict(_field(name).flatchoices)
    return str(choices.get(value, value))


def _field(name: str) -> Field[Any, Any]:
    return next(field for field in Child._meta.fields if field.name == name)


def merge_edits(typed: ChildFields, child: Child, *, version: int) -> dict[str, Any]:
    """Return what a form should show: what somebody typed over version `version` of this child.

    Where they had left a field as it was, it follows the edits since; what they typed stays.
    """
    base = _base_values(edits_since(child, version))
    as_typed = copy(child)
    for name, value in typed.items():
        setattr(as_typed, name, value)
    kept = _json_values(history.values(as_typed))
    return {
        name: getattr(child, name) if name in base and kept[name] == base[name] else value
        for name, value in ((name, getattr(as_typed, name)) for name in FIELDS)
    }


def _base_values(entries: Iterable[HistoryEntry]) -> dict[str, Any]:
    """Return what stood before the first of the entries, which come latest first, by field."""
    base: dict[str, Any] = {}
    for entry in entries:
        base |= entry.before
    return base


def _json_values(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in facts.items()
    }
