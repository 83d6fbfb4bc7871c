"""The filter of what was read."""

from __future__ import annotations

from django import forms

from directory.forms.date_field import DateField
from directory.forms.layout import NswForm
from directory.models import ReadEntry
from directory.models.history import ReadEntryQuerySet


class ReadingFilterForm(NswForm, forms.Form):
    """Narrows what was read to a time, and to the records themselves."""

    method = "get"
    mark_optional = False

    since = DateField(label="From", required=False)
    until = DateField(label="Until", required=False)
    records = forms.BooleanField(label="Leave out lists, searches and exports", required=False)

    def narrow(self, entries: ReadEntryQuerySet) -> ReadEntryQuerySet:
        self.full_clean()
        chosen = self.cleaned_data
        if since := chosen.get("since"):
            entries = entries.filter(on__gte=since)
        if until := chosen.get("until"):
            entries = entries.filter(on__lte=until)
        if chosen.get("records"):
            entries = entries.filter(kind=ReadEntry.Kind.RECORD)
        return entries
