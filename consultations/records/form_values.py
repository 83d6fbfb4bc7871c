"""What the form of a consultation is first filled with, and how two versions of it differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import QueryDict

from consultations.models import Consultation, Evidence
from consultations.policy import FORMAL, option_field
from consultations.records.content import history_fields, with_full_lists
from consultations.records.forms import BASE_FIELDS, ConsultationForm
from directory.forms.date_field import DateParts
from directory.forms.optimistic_lock import (
    VERSION,
    Edit,
    OtherEdit,
    edit_in_words,
    is_same_value,
    latest_edits,
    put_value,
)
from directory.models import User
from permanency.models import Action, Child
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words


def kind_in_query(query: Mapping[str, str]) -> str:
    """Return the kind that a link asks for; formal unless it says informal."""
    asked = query.get("kind", "")
    return asked if asked in Consultation.Kind.values else Consultation.Kind.FORMAL


def initial_values(child: Child, user: User, *, kind: str, on: date) -> dict[str, Any]:
    """Return sensible answers to begin with: today, the caseworker, the person who writes."""
    purposes = Consultation.Purpose
    present = [f"{user.name}, Permanency Coordinator, DCJ"]
    if child.caseworker:
        place = child.caseworker_organisation or "organisation not recorded"
        present.append(f"{child.caseworker}, caseworker, {place}")
    return {
        "kind": kind,
        "purpose": purposes.GOAL_CHANGE if kind == FORMAL else purposes.DIFFICULTY,
        "held_on": on,
        "asked_by_name": child.caseworker,
        "asked_by_role": "Caseworker" if child.caseworker else "",
        "asked_by_organisation": child.caseworker_organisation,
        "took_part": "\n".join(present),
    }


def current_values(consultation: Consultation) -> dict[str, Any]:
    """Return what is written down about a consultation, by field of the form."""
    words = {name: getattr(consultation, name) for name in BASE_FIELDS}
    for option in consultation.options.all():
        for part in ("is_practicable", "in_best_interests", "reasons"):
            words[option_field(option.goal, part)] = getattr(option, part)
    for proof in consultation.evidence.all():
        words[f"evidence_{proof.kind}_state"] = proof.state
        words[f"evidence_{proof.kind}_note"] = proof.note
    return words


def open_actions(consultation: Consultation) -> list[dict[str, Any]]:
    """Return the actions that can still be put right, one a row."""
    return [
        {"number": each.pk, "what": each.what, "who": each.who, "due_on": each.due_on}
        for each in consultation.actions.filter(done_on=None)
    ]


def done_actions(consultation: Consultation | None) -> list[Action]:
    """Return the actions that are done and stay as they were."""
    if consultation is None or consultation.recorded_on is None:
        return []
    return list(consultation.actions.exclude(done_on=None))


def differences(saved: Consultation, form: ConsultationForm) -> list[tuple[str, str]]:
    """Return each field in which what was typed differs from what is saved, with the saved words.

    A draft keeps its words as they were typed, so those are what it is compared with.
    """
    if saved.typed:
        stands = {name: texts[-1] if texts else "" for name, texts in saved.typed.items()}
    else:
        stands = {name: _as_text(value) for name, value in current_values(saved).items()}
    found = []
    for bound in form.visible_fields():
        now, typed = stands.get(bound.name, ""), _as_text(bound.value())
        if bound.name in stands and now.split() != typed.split():
            found.append((str(bound.label), _choice_label(form, bound.name, now) or "Nothing"))
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, DateParts):
        read = value.numbers()
        return day_in_words(date(*read)) if read and _is_real(read) else " ".join(value)
    return "" if value is None else str(value)


def _is_real(numbers: tuple[int, int, int]) -> bool:
    try:
        date(*numbers)
    except ValueError:
        return False
    return True


def _choice_label(form: ConsultationForm, name: str, value: str) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value))


def edits_since(sent: ConsultationForm, saved: Consultation) -> list[Edit]:
    """Return the edits of a consultation since the version that a valid form was made for."""
    names = {*_fields_by_line(), "actions"}
    since = max(0, saved.version - sent.cleaned_data[VERSION])
    return latest_edits(f"consultation {saved.pk}", names, most=since, child_number=saved.child_id)


def merge_edits(
    data: QueryDict, sent: ConsultationForm, saved: Consultation, edits: list[Edit]
) -> None:
    """Put into what was sent the saved words of each field that its sender had left alone."""
    stood: dict[str, Any] = {}
    for edit in edits:
        stood |= edit.before
    typed = history_fields(with_full_lists(sent.content(), saved.child))
    words = current_values(saved)
    for line, names in _fields_by_line().items():
        if line in stood and is_same_value(stood[line], typed.get(line)):
            for name in names:
                put_value(data, sent, name, words.get(name))


def edit_descriptions(form: ConsultationForm, edits: list[Edit]) -> list[OtherEdit]:
    """Return the edits as the page tells them: who changed what, when, with both texts."""
    return [edit_in_words(form, edit) for edit in edits]


def _fields_by_line() -> Mapping[str, tuple[str, ...]]:
    """Return the fields behind each line of the history."""
    parts = ("is_practicable", "in_best_interests", "reasons")
    return {
        **{name: (name,) for name in BASE_FIELDS},
        **{
            f"option: {goal.label.lower()}": tuple(option_field(goal, part) for part in parts)
            for goal in Goal
        },
        **{
            f"evidence: {kind.label}": (f"evidence_{kind}_state", f"evidence_{kind}_note")
            for kind in Evidence.Kind
        },
    }
