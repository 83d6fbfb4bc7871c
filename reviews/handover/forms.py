"""The form that gives somebody's open work to others: for each district a list and a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from directory.errors import StepNotAllowedError
from directory.forms.layout import Button, Fieldset, NswForm
from directory.models import User
from reviews.handover.open_work import OpenWork, Share
from reviews.handover.reassign import WORK_HAS_CHANGED, Handover

NOTHING_TICKED = "Tick the work that gets a new home."
NOBODY = (
    "Nobody else holds an appointment that fits. Appoint somebody first, or tick less here: an "
    "action or a draft asks for more than an office or a provider does."
)


class PiecesField(forms.MultipleChoiceField):
    """The pieces of one share; one that is there no more has moved on, and is no wrong answer."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: Any) -> None:
        if any(not self.valid_value(each) for each in value):
            raise StepNotAllowedError(WORK_HAS_CHANGED)


class HandoverForm(NswForm, forms.Form):
    """Asks which pieces go, and to whom: all are ticked, and nobody is chosen."""

    buttons = (Button("Give it to them"),)

    def __init__(self, *args: Any, work: OpenWork, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.work = work
        self.people: dict[str, dict[str, User]] = {}
        for share in work.shares:
            self._offer(share)
        self.layout = [
            Fieldset(capfirst(share.where), f"pieces_{share.key}", f"to_{share.key}")
            for share in work.shares
        ]

    def _offer(self, share: Share) -> None:
        self.fields[f"pieces_{share.key}"] = PiecesField(
            label=f"Work in {share.where}",
            choices=[(piece.key, piece.words) for piece in share.pieces],
            initial=[piece.key for piece in share.pieces],
            required=False,
        )
        self.people[share.key] = {str(each.pk): each for each in share.successors}
        people = [
            (str(each.pk), f"{each.name}, {roles}") for each, roles in share.successors.items()
        ]
        self.fields[f"to_{share.key}"] = forms.ChoiceField(
            label=f"Who takes over in {share.where}",
            choices=[("", "Choose one"), *people],
            required=False,
            help_text="" if people else NOBODY,
        )
        self.required_here = [*self.required_here, f"pieces_{share.key}", f"to_{share.key}"]

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if any(name.startswith("pieces_") and name not in self.fields for name in self.data):
            raise StepNotAllowedError(WORK_HAS_CHANGED)
        chosen = [share.key for share in self.work.shares if typed.get(f"pieces_{share.key}")]
        for key in chosen:
            if typed.get(f"to_{key}") == "":
                self.add_error(f"to_{key}", "Choose who takes over.")
        if not chosen:
            self.add_error(None, NOTHING_TICKED)
        return typed

    @property
    def handover(self) -> Handover:
        typed = self.cleaned_data
        return {
            key: (people[typed[f"to_{key}"]], frozenset(typed[f"pieces_{key}"]))
            for key, people in self.people.items()
            if typed[f"pieces_{key}"]
        }
