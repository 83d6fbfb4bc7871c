"""Carries what was typed into a fresh form, unjudged: adding a row finds no faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


def typed(form: forms.BaseForm, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into each field, to be shown again as it was."""
    return {
        name: field.widget.value_from_datadict(sent, {}, form.add_prefix(name))
        for name, field in form.fields.items()
    }


def typed_rows(rows: forms.BaseFormSet[Any]) -> list[dict[str, Any]]:
    """Return what was typed into each row of a formset that was sent."""
    return [typed(form, rows.data) for form in rows.forms]
