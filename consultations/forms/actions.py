"""The rows of agreed actions below a consultation: what, who, by when."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from consultations.forms.typed import Quiet
from consultations.policy import Undertaking, why_not_due
from directory.crispy import NswForm, NswFormSet, Row
from directory.widgets import DateField

PREFIX = "actions"
MOST_ROWS = 30


class ActionForm(Quiet, NswForm, forms.Form):
    """One action; a new row may stay empty."""

    layout = ("number", "what", Row("who", "due_on"))
    mark_optional = False

    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    what = forms.CharField(label="What will be done", max_length=300)
    who = forms.CharField(label="Who will do it", max_length=120)
    due_on = DateField(label="By when")


class ActionRows(NswFormSet, forms.BaseFormSet[ActionForm]):
    """The actions agreed at one consultation. `held_on` is set before they are judged."""

    heading = "Actions agreed"
    hint = "Leave a row empty if there is nothing more to do."
    row_label = "Action"
    held_on: date | None = None

    def clean(self) -> None:
        """Say of each action that it cannot be due before it was agreed."""
        for form in self.forms:
            due_on = form.cleaned_data.get("due_on") if hasattr(form, "cleaned_data") else None
            if due_on and self.held_on and (late := why_not_due(due_on, held_on=self.held_on)):
                form.add_error("due_on", late)

    def undertakings(self) -> tuple[Undertaking, ...]:
        """Return the filled rows of valid forms."""
        return tuple(
            Undertaking(
                form.cleaned_data["what"],
                form.cleaned_data["who"],
                form.cleaned_data["due_on"],
                form.cleaned_data.get("number"),
            )
            for form in self.forms
            if form.cleaned_data.get("what")
        )


def action_rows(
    sent: QueryDict | None = None,
    *,
    initial: list[dict[str, Any]] | None = None,
    is_quiet: bool = False,
) -> ActionRows:
    """Return the rows, with one empty row more than there are actions."""
    made = forms.formset_factory(ActionForm, formset=ActionRows, extra=1, max_num=MOST_ROWS)
    rows = made(sent, prefix=PREFIX, initial=initial, form_kwargs={"is_quiet": is_quiet})
    return cast(ActionRows, rows)
