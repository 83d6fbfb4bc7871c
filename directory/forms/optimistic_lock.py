"""What somebody else has changed in a row since a version of it was read, from the history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Manager, Model, QuerySet
from django.utils.formats import date_format

from directory.errors import StaleEditError
from directory.models import HistoryEntry


@dataclass(frozen=True)
class Edit:
    """One edit: who, when, and what stood before and after, by field, as history keeps it."""

    by: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def latest_edit(subject: str, *, child_number: int) -> Edit | None:
    """Return the last entry about a row of a child's case: who saved it, and when."""
    entries = HistoryEntry.objects.filter(child_number=child_number, subject=subject)
    entry = entries.select_related("by").order_by("-pk").first()
    if entry is None:
        return None
    return Edit(str(entry.by or "The system"), entry.at, entry.before, entry.after)


def latest_edits(
    subject: str, fields: Collection[str], *, most: int, child_number: int | None = None
) -> list[Edit]:
    """Return the latest edits of any of these fields, the latest first, `most` of them at most."""
    entries = HistoryEntry.objects.filter(child_number=child_number, subject=subject)
    found: list[Edit] = []
    for entry in entries.select_related("by").order_by("-pk"):
        if len(found) >= most:
            break
        after = {name: value for name, value in entry.after.items() if name in fields}
        if after:
            by = str(entry.by or "The system")
            found.append(Edit(by, entry.at, entry.before, after))
    return found


VERSION = "version"
EMPTY_WORD = "nothing"


@dataclass(frozen=True)
class OtherEdit:
    """An edit by somebody: who, when, and each field with what stood before and after, in words."""

    by: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]


class VersionField(forms.IntegerField):
    """The hidden field that says which version was read; who names none has read the first."""

    def __init__(self) -> None:
        # The largest number is that of the column: another would be an error of the database.
        super().__init__(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def clean(self, value: Any) -> int:
        """Return the version."""
        return super().clean(value) or 1


def bind_form_to_row(
    form: Any, row: Any, *, subject: str = "", child_number: int | None = None
) -> None:
    """Let a form edit this row: it carries the version that is read now.

    `subject` is what the history calls the row, where that is another name than the row's own.
    """
    form.fields[VERSION] = VersionField()
    form.initial = {VERSION: row.version, **form.initial}
    form.edited = row
    form.edited_as = (subject or f"{row._meta.verbose_name} {row.pk}", child_number)


def save_unless_stale(form: Any, act: Callable[[], object]) -> bool:
    """Do what a valid form asks; say whether it was done.

    It is not where somebody has saved the row meanwhile. Then the form shows what was typed over
    the row as it stands now, with who changed what, and can be sent again.
    """
    try:
        act()
    except StaleEditError:
        show_latest_row(form)
        return False
    return True


def form_status(form: Any) -> int:
    """Return the status of a form's page: shown first, to be put right, or behind a later edit."""
    if getattr(form, "other_edits", None) is not None:
        return 409
    return 422 if form.is_bound else 200


def show_latest_row(form: Any) -> None:
    """Show what was typed over the row as it stands now; `form.other_edits` says who changed what.

    Where the person had left a field as it was, it follows the others; what they typed stays.
    """
    now = type(form.edited)._base_manager.get(pk=form.edited.pk)
    subject, child_number = form.edited_as
    read = form.cleaned_data[VERSION]
    columns = {each.name for each in now._meta.get_fields()}
    found = latest_edits(
        subject, columns, most=max(0, now.version - read), child_number=child_number
    )
    base: dict[str, Any] = {}
    for edit in found:
        base |= edit.before
    data = form.data.copy()
    for name in form.fields:
        if name in base and is_same_value(base[name], form.cleaned_data.get(name)):
            put_value(data, form, name, getattr(now, name))
    data[form.add_prefix(VERSION)] = str(now.version)
    form.data = data
    form.full_clean()
    form.other_edits = [edit_in_words(form, edit) for edit in found]


def is_same_value(kept: Any, typed: Any) -> bool:
    """Say whether history keeps this value so: rows by their key or by their name."""
    if isinstance(typed, Model):
        return kept in {str(typed.pk), str(typed)}
    if isinstance(typed, QuerySet):
        return bool(kept == sorted(map(str, typed)))
    if isinstance(typed, date):
        return bool(kept == typed.isoformat())
    return bool((kept or "") == (typed or ""))


def put_value(data: Any, form: Any, name: str, value: Any) -> None:
    """Put a value where a form reads what was sent."""
    sent_as = form.add_prefix(name)
    for key in [key for key in data if key == sent_as or key.startswith(f"{sent_as}_")]:
        if key == sent_as or key.removeprefix(f"{sent_as}_") in {"day", "month", "year"}:
            del data[key]
    if isinstance(value, Manager):
        data.setlist(sent_as, [str(row.pk) for row in value.all()])
    elif isinstance(value, date):
        data[sent_as] = value.isoformat()
    elif value not in (None, "", False):
        data[sent_as] = str(value.pk) if isinstance(value, Model) else str(value)


def edit_in_words(form: Any, edit: Edit) -> OtherEdit:
    """Return an edit in words, by the labels and choices of the form's fields."""
    lines = []
    for name, value in edit.after.items():
        field = form.fields.get(name)
        label = form[name].label if field else name.replace("_", " ").capitalize()
        lines.append(
            (str(label), value_in_words(field, edit.before.get(name)), value_in_words(field, value))
        )
    return OtherEdit(edit.by, edit.at, tuple(lines))


def value_in_words(field: forms.Field | None, value: Any) -> str:
    """Return a value as history keeps it, in words."""
    if value in (None, "", []):
        return EMPTY_WORD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(field, forms.DateField):
        return date_format(date.fromisoformat(value), "j F Y")
    return _choice_label(getattr(field, "choices", ()), value)


def _choice_label(choices: Iterable[Any], value: Any) -> str:
    named: Mapping[str, Any] = {}
    if isinstance(choices, list):
        named = {str(key): label for key, label in choices if not isinstance(label, list | tuple)}
    return str(named.get(str(value), value))
