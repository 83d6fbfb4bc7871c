"""A part of a form that is folded away until somebody wants it."""

from __future__ import annotations

from typing import Any

from django.template import Context
from django.template.loader import render_to_string

from directory.crispy import Fieldset

TEMPLATE = "consultations/_folded_fields.html"


class Aside(Fieldset):
    """Fields behind a summary line that opens without a script; open where it holds something."""

    def render(self, form: Any, context: Context, template_pack: str = "nsw", **kwargs: Any) -> str:
        """Return the fields, folded away unless one of them is filled in or has an error."""
        shown = self.get_rendered_fields(form, context, template_pack, **kwargs)
        names = [pointer.name for pointer in self.get_field_names()]
        is_open = any(_is_telling(form, name) for name in names)
        values = {"legend": self.legend, "fields": shown, "is_open": is_open}
        return render_to_string(TEMPLATE, values)


def _is_telling(form: Any, name: str) -> bool:
    field = form[name]
    # What was typed before and not saved stands there from the start, and tells all the same.
    first = field.field.initial if form.kept else field.initial
    return bool(field.errors) or field.value() not in (None, "", first)
