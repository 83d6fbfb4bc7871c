"""What the form of a consultation is first filled with, and how two versions of it differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import QueryDict

from consultations.models import Consultation, Evidence
from consultations.policy import FORMAL, option_field
from consultations.records.content import complete, facts
from consultations.records.forms import PLAIN, ConsultationForm
from directory.forms.date_field import TypedDate
from directory.forms.optimistic_lock import (
    VERSION,
    Edit,
    OtherEdit,
    is_same,
    latest_edits,
    put,
    told,
)
from directory.models import User
from permanency.models import Action, Child
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words


def kind_asked_for(query: Mapping[str, str]) -> str:
    """Return the kind that a link asks for; formal unless it says informal."""
    asked = query.get("kind", "")
    return asked if asked in Consultation.Kind.values else Consultation.Kind.FORMAL


def first_words(child: Child, user: User, *, kind: str, on: date) -> dict[str, Any]:
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


def words_of(consultation: Consultation) -> dict[str, Any]:
    """Return what is written down about a consultation, by field of the form."""
    words = {name: getattr(consultation, name) for name in PLAIN}
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


def differing(saved: Consultation, form: ConsultationForm) -> list[tuple[str, str]]:
    """Return each field in which what was typed differs from what is saved, with the saved words.

    A draft keeps its words as they were typed, so those are what it is compared with.
    """
    if saved.typed:
        stands = {name: texts[-1] if texts else "" for name, texts in saved.typed.items()}
    else:
        stands = {name: _plain(value) for name, value in words_of(saved).items()}
    found = []
    for bound in form.visible_fields():
        now, typed = stands.get(bound.name, ""), _plain(bound.value())
        if bound.name in stands and now.split() != typed.split():
            found.append((str(bound.label), _in_words(form, bound.name, now) or "Nothing"))
    return found


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, TypedDate):
        read = value.numbers()
        return day_in_words(date(*read)) if read and _is_real(read) else " ".join(value)
    return "" if value is None else str(value)


def _is_real(numbers: tuple[int, int, int]) -> bool:
    try:
        date(*numbers)
    except ValueError:
        return False
    return True


def _in_words(form: ConsultationForm, name: str, value: str) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value))


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
