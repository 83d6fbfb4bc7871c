"""A correction of a consultation, shown over what others have saved since it was opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from consultations.forms.accounts import words_of
from consultations.forms.consultations import PLAIN, ConsultationForm
from consultations.models import Consultation, Evidence
from consultations.policy import option_field
from consultations.services.accounts import complete, facts
from directory.editing import VERSION, OtherEdit, is_same, put, told
from directory.services.edits import Edit, latest_edits
from permanency.policy.goals import Goal


def edits_since(sent: ConsultationForm, saved: Consultation) -> list[Edit]:
    """Return the edits of a consultation since the version that a valid form was made for."""
    names = {*_fields_by_line(), "actions"}
    since = max(0, saved.version - sent.cleaned_data[VERSION])
    return latest_edits(f"consultation {saved.pk}", names, most=since, child_number=saved.child_id)


def follow(data: QueryDict, sent: ConsultationForm, saved: Consultation, edits: list[Edit]) -> None:
    """Put into what was sent the saved words of each field that its sender had left alone."""
    stood: dict[str, Any] = {}
    for edit in edits:
        stood |= edit.before
    typed = facts(complete(sent.account(), saved.child))
    words = words_of(saved)
    for line, names in _fields_by_line().items():
        if line in stood and is_same(stood[line], typed.get(line)):
            for name in names:
                put(data, sent, name, words.get(name))


def in_words(form: ConsultationForm, edits: list[Edit]) -> list[OtherEdit]:
    """Return the edits as the page tells them: who changed what, when, with both texts."""
    return [told(form, edit) for edit in edits]


def _fields_by_line() -> Mapping[str, tuple[str, ...]]:
    """Return the fields behind each line of the history."""
    parts = ("is_practicable", "in_best_interests", "reasons")
    return {
        **{name: (name,) for name in PLAIN},
        **{
            f"option: {goal.label.lower()}": tuple(option_field(goal, part) for part in parts)
            for goal in Goal
        },
        **{
            f"evidence: {kind.label}": (f"evidence_{kind}_state", f"evidence_{kind}_note")
            for kind in Evidence.Kind
        },
    }
