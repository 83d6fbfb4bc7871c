"""Optimistic lock: a form carries the version of its row, and shows what others saved since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Manager, Model, QuerySet
from django.utils.formats import date_format

from directory.errors import StaleEditError
from directory.forms.date_field import DateParts
from directory.models import HistoryEntry

VERSION = "version"
EMPTY_WORD = "nothing"


@dataclass(frozen=True)
class Edit:
    by: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    is_redacted: bool = False


@dataclass(frozen=True)
class OtherEdit:
    by: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]
    is_redacted: bool = False


@dataclass(frozen=True)
class EditedRow:
    """The row that a form edits, and how its history corresponds to the fields of the form.

    `lines` names the fields of a history line that is not itself a field; one of rows has none.
    `typed` and `saved` return what was typed, by line, and what is saved, by field or by such a
    line, where that is not plainly the cleaned data and the columns of the row.
    """

    row: Any
    subject: str
    child_number: int | None
    verb: str
    lines: Mapping[str, Sequence[str]]
    typed: Callable[[], Mapping[str, Any]]
    saved: Callable[[Any], Mapping[str, Any]]


class VersionField(forms.IntegerField):
    """The hidden field with the version that was read; a missing one counts as the first."""

    def __init__(self) -> None:
        # The largest number is that of the column: another would be an error of the database.
        super().__init__(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def clean(self, value: Any) -> int:
        return super().clean(value) or 1


def latest_edit(subject: str, *, child_number: int) -> Edit | None:
    return next(map(_edit, _entries(subject, child_number, "")), None)


def bind_form_to_row(
    form: Any,
    row: Any,
    *,
    subject: str = "",
    child_number: int | None = None,
    verb: str = "",
    lines: Mapping[str, Sequence[str]] | None = None,
    typed: Callable[[], Mapping[str, Any]] | None = None,
    saved: Callable[[Any], Mapping[str, Any]] | None = None,
) -> None:
    """Let a form edit this row at the version read now; the rest is that of `EditedRow`."""
    form.fields[VERSION] = VersionField()
    form.hidden_with_words = (*form.hidden_with_words, VERSION)
    form.initial = {VERSION: row.version, **form.initial}
    columns = {each.name: (each.name,) for each in row._meta.get_fields()}
    form.edited = EditedRow(
        row=row,
        subject=subject or f"{row._meta.verbose_name} {row.pk}",
        child_number=child_number,
        verb=verb,
        lines=columns if lines is None else lines,
        typed=typed or (lambda: form.cleaned_data),
        saved=saved or (lambda now: _columns(now, form.fields)),
    )


def _columns(row: Model, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return {
        name: list(value.all()) if isinstance(value, Manager) else value
        for name, value in values.items()
    }


def save_unless_stale(form: Any, act: Callable[[], object]) -> bool:
    """Do what a valid form asks; where somebody has saved meanwhile, show that and return False."""
    try:
        act()
    except StaleEditError:
        show_latest_row(form)
        return False
    return True


def form_status(form: Any) -> int:
    if getattr(form, "other_edits", None) is not None:
        return 409
    return 422 if form.is_bound else 200


def show_latest_row(form: Any) -> None:
    """Show what was typed over the row as it is now; `form.other_edits` says who changed what.

    A field that the person had left alone follows the others; what they typed stays. Where the
    history does not say what every edit changed (one is redacted, or is of a draft), nothing
    follows, and `form.saved_differences` has each field that is saved with another value.
    """
    edited: EditedRow = form.edited
    now = type(edited.row)._base_manager.get(pk=edited.row.pk)
    saved, since = edited.saved(now), max(0, now.version - form.cleaned_data[VERSION])
    edits = _edits(edited, most=since)
    is_told = len(edits) == since and not any(each.is_redacted for each in edits)
    data = form.data.copy()
    if is_told:
        _follow(data, form, edits, saved)
    data[form.add_prefix(VERSION)] = str(now.version)
    form.data = data
    form.full_clean()
    form.other_edits = [_edit_in_words(form, edit) for edit in edits]
    form.saved_differences = None if is_told else tuple(_differences(form, saved))


def _differences(form: Any, saved: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for bound in form.visible_fields():
        if bound.name in saved and bound.field.has_changed(saved[bound.name], bound.data):
            yield str(bound.label), _value_in_words(bound.field, saved[bound.name])
    edited: EditedRow = form.edited
    rows = [line for line, names in edited.lines.items() if not names and line in saved]
    typed = edited.typed() if rows else {}
    for line in rows:
        if sorted(saved[line]) != sorted(typed.get(line, ())):
            yield line.replace("_", " ").capitalize(), _value_in_words(None, saved[line])


def _entries(subject: str, child_number: int | None, verb: str) -> QuerySet[HistoryEntry]:
    entries = HistoryEntry.objects.filter(child_number=child_number, subject=subject)
    if verb:
        entries = entries.filter(verb=verb)
    return entries.select_related("by", "redaction").order_by("-pk")


def _edit(entry: HistoryEntry) -> Edit:
    is_redacted = hasattr(entry, "redaction")
    return Edit(str(entry.by or "The system"), entry.at, entry.before, entry.after, is_redacted)


def _edits(edited: EditedRow, *, most: int) -> list[Edit]:
    edits: list[Edit] = []
    for entry in _entries(edited.subject, edited.child_number, edited.verb):
        if len(edits) >= most:
            break
        edit = _edit(entry)
        after = {line: value for line, value in edit.after.items() if line in edited.lines}
        if after or edit.is_redacted:
            edits.append(Edit(edit.by, edit.at, edit.before, after, edit.is_redacted))
    return edits


def _follow(data: Any, form: Any, edits: Iterable[Edit], saved: Mapping[str, Any]) -> None:
    edited: EditedRow = form.edited
    base: dict[str, Any] = {}
    for edit in edits:
        base |= edit.before
    typed = edited.typed() if base else {}
    for line, value in base.items():
        if line in edited.lines and _is_same_value(value, typed.get(line)):
            for name in edited.lines[line]:
                if name in form.fields:
                    _put_value(data, form, name, saved.get(name))


def _is_same_value(kept: Any, typed: Any) -> bool:
    if isinstance(typed, Model):
        return kept in {str(typed.pk), str(typed)}
    if isinstance(typed, QuerySet):
        return bool(kept == sorted(map(str, typed)))
    if isinstance(typed, date):
        return bool(kept == typed.isoformat())
    return bool((kept or "") == (typed or ""))


def _put_value(data: Any, form: Any, name: str, value: Any) -> None:
    sent_as = form.add_prefix(name)
    for key in (sent_as, *(f"{sent_as}_{part}" for part in DateParts._fields)):
        data.pop(key, None)
    if isinstance(value, list):
        data.setlist(sent_as, [str(row.pk) for row in value])
    elif isinstance(value, date):
        data[sent_as] = value.isoformat()
    elif value not in (None, "", False):
        data[sent_as] = str(value.pk) if isinstance(value, Model) else str(value)


def _edit_in_words(form: Any, edit: Edit) -> OtherEdit:
    lines = []
    for name, value in edit.after.items():
        field = form.fields.get(name)
        label = form[name].label if field else name.replace("_", " ").capitalize()
        was = _value_in_words(field, edit.before.get(name))
        lines.append((str(label), was, _value_in_words(field, value)))
    return OtherEdit(edit.by, edit.at, tuple(lines), edit.is_redacted)


def _value_in_words(field: forms.Field | None, value: Any) -> str:
    if value in (None, "", []):
        return EMPTY_WORD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(field, forms.DateField) and isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, date):
        return date_format(value, "j F Y")
    choices = getattr(field, "choices", ())
    labels = dict(choices) if isinstance(choices, list) else {}
    label = labels.get(str(value), value)
    return str(value if isinstance(label, list | tuple) else label)
