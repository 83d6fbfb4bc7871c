"""The form of a consultation, and the values that it is filled with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from consultations.models import Consultation, Evidence, OptionWeighed
from consultations.policy import (
    FORMAL,
    GOAL_CHANGE,
    REQUIRED_ALWAYS,
    REQUIRED_IF_FORMAL,
    ConsultationContent,
    EvidenceEntry,
    Option,
    asks_for_cultural_advice,
    content_errors,
    option_field,
)
from consultations.records.services import action_lines, default_state
from directory.forms.date_field import DateField
from directory.forms.drafts import HideErrorsMixin
from directory.forms.layout import Button, FieldRow, Fieldset, FoldedFieldset, NswForm, TextArea
from directory.models import User
from permanency.care.forms import ActionRows, FormWithActions, action_rows
from permanency.models import Action, Child
from permanency.policy.goals import AboriginalStatus, Goal, adoption_warning, goals_in_order

MAX_ACTION_ROWS = 30
OPTION_PARTS = ("is_practicable", "in_best_interests", "reasons")


def consultation_action_rows(sent: QueryDict | None, **arguments: Any) -> ActionRows:
    return action_rows(
        sent,
        most=MAX_ACTION_ROWS,
        heading="Actions agreed",
        hint="Leave a row empty if there is nothing more to do.",
        **arguments,
    )


ANSWERS = [("", "Not weighed yet"), *OptionWeighed.Answer.choices]
CULTURE_HINT = "From the child's family, community or an Aboriginal organisation."
OPTIONS_HINT = (
    "In the order in which they are considered for this child (section 10A). More than one may be "
    "weighed together."
)
CHILD_READS_HINT = "Plain, respectful words: the child may read this one day."


def _text(label: str, *, rows: int = 4, hint: str = "", most: int | None = None) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=hint,
        max_length=most,
        widget=TextArea({"rows": rows}),
    )


def _line(label: str, most: int, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, help_text=hint)


class ConsultationForm(FormWithActions, HideErrorsMixin, NswForm, forms.Form):
    """What is written down about one consultation; `rows` are its actions."""

    kind = forms.ChoiceField(
        label="Kind",
        choices=Consultation.Kind.choices,
        initial=Consultation.Kind.FORMAL,
        widget=forms.RadioSelect,
        help_text="A goal change needs a formal consultation. Informal advice is a short note.",
    )
    purpose = forms.ChoiceField(
        choices=Consultation.Purpose.choices, initial=Consultation.Purpose.GOAL_CHANGE
    )
    held_on = DateField(label="Date held")
    asked_by_name = _line("Who asked for it", 120)
    asked_by_role = _line("Their role", 80)
    asked_by_organisation = _line("Their organisation", 120)
    took_part = _text("Who took part", hint="One person a line: name, role, organisation.")
    question = _text("The question", rows=3, hint="What was to be talked through or decided?")
    child_views = _text("The child's views", hint=CHILD_READS_HINT)
    family_views = _text("The family's views", hint="Parents, kin and carers, as far as known.")
    cultural_advice = _text("Cultural advice")
    cultural_advice_from = _line("Who gave it", 200, "Name, and organisation or community.")
    recommended_goal = forms.ChoiceField(label="Recommended goal", required=False)
    recommendation = _text("Recommendation", rows=3)
    reasons = _text("Reasons")

    def __init__(self, *args: Any, child: Child, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.child, self.on = child, on
        self.status = AboriginalStatus(child.aboriginal_status)
        self.order = goals_in_order(self.status)
        offered = [("", "No particular goal"), *((goal.value, goal.label) for goal in self.order)]
        self.fields["recommended_goal"].choices = offered  # type: ignore[attr-defined]  # it is a ChoiceField
        for goal in self.order:
            label = goal.label
            for part, question in (
                ("is_practicable", f"{label}, practicable"),
                ("in_best_interests", f"{label}, in the child's best interests"),
            ):
                self.fields[option_field(goal, part)] = forms.ChoiceField(
                    label=question, choices=ANSWERS, required=False
                )
            self.fields[option_field(goal, "reasons")] = _text(f"{label}, reasons", rows=2)
        for kind in Evidence.Kind:
            self.fields[f"evidence_{kind}_state"] = forms.ChoiceField(
                label=kind.label,
                choices=Evidence.State.choices,
                required=False,
                initial=default_state(kind),
            )
            note = self.fields[f"evidence_{kind}_note"] = _line("Note", 300)
            note.widget.attrs["aria-label"] = f"Note: {kind.label}"
        if warning := adoption_warning(Goal.ADOPTION, self.status):
            self.fields[option_field(Goal.ADOPTION, "reasons")].help_text = warning
        if self.status.puts_adoption_last:
            self.fields["cultural_advice"].help_text = CULTURE_HINT

    @property
    def is_formal(self) -> bool:
        return bool(self["kind"].value() == FORMAL)

    @property
    def required_here(self) -> tuple[str, ...]:  # type: ignore[override]  # here it depends on the kind
        listed = [f"evidence_{kind}_{part}" for kind in Evidence.Kind for part in ("state", "note")]
        if not self.is_formal:
            return (*REQUIRED_ALWAYS, *listed)
        weighed = [option_field(goal, part) for goal in self.order for part in OPTION_PARTS[:2]]
        asked = ["recommended_goal"] if self["purpose"].value() == GOAL_CHANGE else []
        if asks_for_cultural_advice(self.status):
            asked.append("cultural_advice")
        return (*REQUIRED_ALWAYS, *REQUIRED_IF_FORMAL, *weighed, *listed, *asked)

    @property
    def layout(self) -> tuple[Any, ...]:  # type: ignore[override]  # here it depends on the kind
        about = Fieldset(
            "The consultation",
            "kind",
            "purpose",
            "held_on",
            "asked_by_name",
            FieldRow("asked_by_role", "asked_by_organisation"),
        )
        options = [
            part
            for goal in self.order
            for part in (
                FieldRow(
                    option_field(goal, "is_practicable"), option_field(goal, "in_best_interests")
                ),
                option_field(goal, "reasons"),
            )
        ]
        evidence = (
            FieldRow(f"evidence_{kind}_state", f"evidence_{kind}_note") for kind in Evidence.Kind
        )
        long = (
            Fieldset("Permanency options", *options, hint=OPTIONS_HINT),
            VIEWS,
            Fieldset("Evidence", *evidence, hint="What is missing can come before endorsement."),
            CULTURE,
        )
        if self.is_formal:
            return (about, "took_part", "question", *long, ADVICE)
        more = FoldedFieldset(
            "More than a short note: options, views, evidence", "took_part", *long
        )
        return (about, "question", INFORMAL_ADVICE, more)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"held_on", "kind", "purpose"} <= set(cleaned):
            wrong = content_errors(
                self._content(), status=self.status, born_on=self.child.born_on, on=self.on
            )
            for name, sentence in wrong.items():
                if name not in self.errors:
                    self.add_error(name, sentence)
        return cleaned

    def content(self) -> ConsultationContent:
        return self._content(self.rows)

    def _content(self, rows: ActionRows | None = None) -> ConsultationContent:
        answers = self.cleaned_data
        plain = {name: answers.get(name, "") for name in BASE_FIELDS if name != "held_on"}
        return ConsultationContent(
            **plain,
            held_on=answers["held_on"],
            options=tuple(
                Option(
                    goal.value,
                    *(answers.get(option_field(goal, part), "") for part in OPTION_PARTS),
                )
                for goal in self.order
            ),
            evidence=tuple(
                EvidenceEntry(
                    kind.value,
                    answers.get(f"evidence_{kind}_state") or Evidence.State.MISSING,
                    answers.get(f"evidence_{kind}_note", ""),
                )
                for kind in Evidence.Kind
            ),
            actions=rows.agreed_actions() if rows is not None else (),
        )


BASE_FIELDS = tuple(name for name in ConsultationForm.base_fields)
VIEWS = Fieldset("Views", "child_views", "family_views")
CULTURE = Fieldset("Culture", "cultural_advice", "cultural_advice_from")
ADVICE = Fieldset("Recommendation", "recommended_goal", "recommendation", "reasons")
INFORMAL_ADVICE = Fieldset("Advice", "recommendation", "reasons", "recommended_goal")
DRAFT_BUTTONS = (
    Button("Record", name="save", value="record"),
    Button("Save as draft", name="save", value="draft", look="dark-outline"),
)
CORRECTION_BUTTONS = (Button("Save correction", name="save", value="record"),)


def initial_values(child: Child, user: User, *, asked_kind: str, on: date) -> dict[str, Any]:
    purposes = Consultation.Purpose
    kind = asked_kind if asked_kind in Consultation.Kind.values else Consultation.Kind.FORMAL
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
    words = {name: getattr(consultation, name) for name in BASE_FIELDS}
    for option in consultation.options.all():
        for part in OPTION_PARTS:
            words[option_field(option.goal, part)] = getattr(option, part)
    for proof in consultation.evidence.all():
        words[f"evidence_{proof.kind}_state"] = proof.state
        words[f"evidence_{proof.kind}_note"] = proof.note
    return words


def open_actions(consultation: Consultation) -> list[dict[str, Any]]:
    return [
        {"number": each.pk, "what": each.what, "who": each.who, "due_on": each.due_on}
        for each in consultation.actions.filter(done_on=None)
    ]


def done_actions(consultation: Consultation | None) -> list[Action]:
    if consultation is None or consultation.recorded_on is None:
        return []
    return list(consultation.actions.exclude(done_on=None))


def saved_values(consultation: Consultation) -> dict[str, Any]:
    """Return what is saved of a consultation, by field, and its open actions in one line.

    Of a draft the texts as they were typed.
    """
    texts = {name: each[-1] for name, each in consultation.typed.items() if each}
    if texts:
        return texts
    rows = consultation.actions.filter(done_on=None)
    return {**current_values(consultation), "actions": action_lines(rows)}


def fields_by_history_line() -> Mapping[str, tuple[str, ...]]:
    """Return the fields behind each line of the history; the rows of actions stay as typed."""
    return {
        **{name: (name,) for name in BASE_FIELDS},
        "actions": (),
        **{
            f"option: {goal.label.lower()}": tuple(
                option_field(goal, part) for part in OPTION_PARTS
            )
            for goal in Goal
        },
        **{
            f"evidence: {kind.label}": (f"evidence_{kind}_state", f"evidence_{kind}_note")
            for kind in Evidence.Kind
        },
    }
