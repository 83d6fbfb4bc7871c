"""What is asked before a list leaves as a file."""

from __future__ import annotations

from django import forms

from directory.crispy import Button, NswForm
from directory.spreadsheet import Format


class ExportForm(NswForm, forms.Form):
    """Why somebody takes a list away, and as what."""

    reason = forms.CharField(
        label="Why do you need this file?",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="It is written down beside your name, and stands in the file. "
        "Do not name a child.",
        error_messages={"required": "Say why you need this file."},
    )
    file_format = forms.ChoiceField(
        label="Kind of file",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )
    buttons = (Button("Export"),)
    warn_unsaved = False
