"""The values that the form of a consultation is filled with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from consultations.models import Consultation, Evidence
from consultations.policy import FORMAL, option_field
from consultations.records.forms import BASE_FIELDS
from directory.models import User
from permanency.models import Action, Child
from permanency.policy.goals import Goal


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


def saved_values(consultation: Consultation) -> dict[str, Any]:
    """Return what is saved of a consultation, by field; of a draft the texts as they were typed."""
    texts = {name: each[-1] for name, each in consultation.typed.items() if each}
    return texts or current_values(consultation)


def fields_by_history_line() -> Mapping[str, tuple[str, ...]]:
    """Return the fields behind each line of the history; the rows of actions stay as typed."""
    parts = ("is_practicable", "in_best_interests", "reasons")
    return {
        **{name: (name,) for name in BASE_FIELDS},
        "actions": (),
        **{
            f"option: {goal.label.lower()}": tuple(option_field(goal, part) for part in parts)
            for goal in Goal
        },
        **{
            f"evidence: {kind.label}": (f"evidence_{kind}_state", f"evidence_{kind}_note")
            for kind in Evidence.Kind
        },
    }
