"""Log of who read what: views add what their answer shows, and the middleware writes it.

An answer whose reading cannot be written is not served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db import models, transaction
from django.http import HttpRequest

from directory.models import ReadEntry, User
from directory.request_notes import notes_of

Kind = ReadEntry.Kind
REFUSAL_STATUSES = frozenset({403, 404, 405})


@dataclass(frozen=True)
class ReadEvent:
    kind: ReadEntry.Kind
    child_number: int | None = None
    reference: str = ""
    district_id: int | None = None
    shown: tuple[int, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def is_shown_by(self, status: int) -> bool:
        if status in REFUSAL_STATUSES or status >= 500:
            return False
        return self.kind == Kind.SEARCH or not 300 <= status < 400


def add_read(request: HttpRequest, read: ReadEvent) -> None:
    """Note what the answer is about to show; the same thing noted twice is one read."""
    notes = notes_of(request)
    if read not in notes.reads:
        notes.reads += (read,)


def add_list_read(
    request: HttpRequest,
    children: Iterable[int],
    *,
    filters: forms.BaseForm | None = None,
    kind: ReadEntry.Kind = Kind.LIST,
) -> None:
    shown = tuple(dict.fromkeys(children))
    detail: dict[str, Any] = {"rows": len(shown)}
    if filters is not None and (used := filters_in_use(filters)):
        detail["filters"] = used
    add_read(request, ReadEvent(kind, shown=shown, detail=detail))


def filters_in_use(form: forms.BaseForm) -> dict[str, str]:
    """Return the filters in use by their value in the address; of typed words only the name."""
    cleaned = getattr(form, "cleaned_data", {})
    return {
        name: _address_value(form.fields[name], value) for name, value in cleaned.items() if value
    }


def _address_value(field: forms.Field, value: Any) -> str:
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(field, forms.ChoiceField | forms.BooleanField) else "typed"


def write_reads(reads: Iterable[ReadEvent], *, by: User, on: date, route: str) -> int:
    """Write what was read, all of it or none, and return how many rows that took."""
    entries = [
        ReadEntry(
            on=on,
            by=by,
            route=route,
            kind=read.kind,
            child_number=read.child_number,
            reference=read.reference,
            district_id=read.district_id,
            shown=list(read.shown),
            detail=dict(read.detail),
        )
        for read in reads
    ]
    with transaction.atomic():
        return len(ReadEntry.objects.bulk_create(entries))
