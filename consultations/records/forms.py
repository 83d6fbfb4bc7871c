"""The form of a consultation, and the values that it is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from consultations.goal_changes.eligibility import exemption_errors
from consultations.goal_changes.forms import GoalChangeForm, initial_from_consultation
from consultations.goal_changes.presentation import OneStep
from consultations.goal_changes.services import Proposal
from consultations.models import Consultation, Evidence, OptionWeighed
from consultations.policy import (
    ABOUT_THE_GOAL,
    FORMAL,
    GOAL_CHANGE,
    MISSING,
    REQUIRED_ALWAYS,
    REQUIRED_IF_FORMAL,
    ConsultationContent,
    EvidenceEntry,
    Option,
    asks_for_cultural_advice,
    content_errors,
    option_field,
    state_of_evidence,
)
from consultations.records.services import CONTENT_FIELDS, Exemption, action_lines
from directory.forms.date_field import DateField, QuickDayMonthYear
from directory.forms.drafts import HideErrorsMixin
from directory.forms.layout import Button, NswForm, TextArea, tell_length
from directory.forms.optimistic_lock import VERSION
from directory.forms.show_then_save import SEEN
from directory.models import User
from permanency.care.forms import ActionRows, FormWithActions, action_rows, days_soon_after
from permanency.goals.store import current_goal
from permanency.models import Action, Child
from permanency.policy.goals import AboriginalStatus, Goal, adoption_warning, goals_in_order

MAX_ACTION_ROWS = 30
OPTION_PARTS = ("is_practicable", "in_best_interests", "reasons")


def consultation_action_rows(sent: QueryDict | None, **arguments: Any) -> ActionRows:
    return action_rows(
        sent,
        most=MAX_ACTION_ROWS,
        heading="Actions agreed",
        hint="",
        **arguments,
    )


CULTURE_HINT = "From family, community, organisation"
OPTIONS_HINT = "In the order of section 10A for this child. More than one may be weighed together."
CHILD_READS_HINT = "Plain words: the child may read them one day"
# Whether the child's views were there is said by the views themselves.
MARKED_EVIDENCE = tuple(kind for kind in Evidence.Kind if kind != Evidence.Kind.CHILD_VIEWS)
# The fields of the endorsement that a consultation and its change may be recorded with.
EXEMPTION_FIELDS = ("evidence_exempted_because", "evidence_exempted_until")


def _text(label: str, *, rows: int = 3, hint: str = "", most: int | None = None) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=hint,
        max_length=most,
        widget=TextArea({"rows": rows}),
    )


def _line(label: str, most: int, hint: str = "") -> forms.CharField:
    box = forms.TextInput({"autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=False, help_text=hint, widget=box)


def _radios(label: str, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


@dataclass(frozen=True)
class OptionRow:
    """One option as the form shows it in a row of its table."""

    goal: Goal
    is_practicable: forms.BoundField
    in_best_interests: forms.BoundField
    reasons: forms.BoundField


@dataclass(frozen=True)
class EvidenceRow:
    """One piece of evidence as the form shows it; what is said elsewhere has no `state` to mark."""

    kind: Evidence.Kind
    state: forms.BoundField | None
    note: forms.BoundField


class ConsultationForm(FormWithActions, HideErrorsMixin, NswForm, forms.Form):
    """What is written down about one consultation; `rows` are its actions.

    With a `one_step` it can also take the change on that it recommends.
    """

    hidden_with_words = ("kind",)
    draft_button: Button | None = None
    goal_purposes = " ".join(sorted(ABOUT_THE_GOAL))
    options_hint = OPTIONS_HINT

    kind = forms.ChoiceField(choices=Consultation.Kind.choices, widget=forms.HiddenInput)
    purpose = forms.ChoiceField(label="What it was for", choices=Consultation.Purpose.choices)
    held_on = DateField(label="Date held")
    asked_by_name = _line("Who asked for it", 120)
    asked_by_role = _line("Their role", 80)
    asked_by_organisation = _line("Their organisation", 120)
    took_part = _text("Who took part", hint="One person a line: name, role, organisation")
    question = _text("The question", hint="What was to be talked through or decided?")
    child_views = _text("The child's views", hint=CHILD_READS_HINT)
    family_views = _text("The family's views", hint="Parents, kin and carers, as far as known")
    cultural_advice = _text("Cultural advice", rows=2)
    cultural_advice_from = _text(
        "Who gave it, and when", rows=2, most=200, hint="Name, and organisation or community"
    )
    recommended_goal = _radios("Recommended goal", [])
    recommendation = _text("Recommendation", hint="What should happen now")
    reasons = _text("Reasons", hint="Said once: they go with the proposal")
    evidence_exempted_because = _line("Why endorsing need not wait for it", 300)
    evidence_exempted_until = DateField(label="To come by", required=False)

    def __init__(
        self,
        *args: Any,
        child: Child,
        on: date,
        one_step: OneStep | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.child, self.on, self.one_step = child, on, one_step
        self.status = AboriginalStatus(child.aboriginal_status)
        self.order = goals_in_order(self.status)
        offered = [
            *((goal.value, goal.label) for goal in self.order),
            ("", "No goal in particular"),
        ]
        self.fields["recommended_goal"].choices = offered  # type: ignore[attr-defined]  # it is a ChoiceField
        self._add_rows()
        if one_step is None or one_step.against_endorsing:
            for name in EXEMPTION_FIELDS:
                del self.fields[name]
        else:
            soon = QuickDayMonthYear(days_soon_after(on))
            self.fields["evidence_exempted_until"].widget = soon
        if self.status.puts_adoption_last:
            self.fields["cultural_advice"].help_text = CULTURE_HINT

    def _add_rows(self) -> None:
        """Add the fields of the two tables, and bring all into the order of the page."""
        answers = OptionWeighed.Answer.choices
        for goal in self.order:
            asked = {
                "is_practicable": _radios(f"{goal.label}, practicable", answers),
                "in_best_interests": _radios(
                    f"{goal.label}, in the child's best interests", answers
                ),
                "reasons": _text(f"{goal.label}, reasons", rows=1),
            }
            self.fields |= {option_field(goal, part): field for part, field in asked.items()}
        for kind in Evidence.Kind:
            if kind in MARKED_EVIDENCE:
                state = _radios(kind.label, Evidence.State.choices)
                self.fields[f"evidence_{kind}_state"] = state
            note = _text(f"Note: {kind.label}", rows=1, most=300)
            self.fields[f"evidence_{kind}_note"] = note
        if warning := adoption_warning(Goal.ADOPTION, self.status):
            self.fields[option_field(Goal.ADOPTION, "reasons")].help_text = warning
        options = [name for name in self.fields if name.startswith("option_")]
        advice = ("recommended_goal", "recommendation", "reasons", *EXEMPTION_FIELDS)
        evidence = [
            name for name in self.fields if name.startswith("evidence_") and name not in advice
        ]
        self.order_fields([*ABOUT, *options, *VIEWS, *evidence, *CULTURE, *advice])
        for field in self.fields.values():
            tell_length(field)

    @property
    def is_formal(self) -> bool:
        return bool(self["kind"].value() != Consultation.Kind.INFORMAL)

    @property
    def is_about_the_goal(self) -> bool:
        return self["purpose"].value() in ABOUT_THE_GOAL

    def name_by_kind(self) -> None:
        """Call the one long text of informal advice what it is there."""
        if not self.is_formal:
            advice = self.fields["recommendation"]
            advice.label, advice.help_text = "Your advice", ""

    @property
    def shows_options(self) -> bool:
        answered = any(self[option_field(goal, OPTION_PARTS[0])].value() for goal in self.order)
        return self.is_about_the_goal or answered

    @property
    def required_here(self) -> tuple[str, ...]:  # type: ignore[override]  # here it depends on the kind
        if not self.is_formal:
            return tuple(REQUIRED_ALWAYS)
        asked = ["recommended_goal"] if self["purpose"].value() == GOAL_CHANGE else []
        if asks_for_cultural_advice(self.status):
            asked.append("cultural_advice")
        return (*REQUIRED_ALWAYS, *REQUIRED_IF_FORMAL, *EXEMPTION_FIELDS, *asked)

    @property
    def option_rows(self) -> list[OptionRow]:
        return [
            OptionRow(goal, *(self[option_field(goal, part)] for part in OPTION_PARTS))
            for goal in self.order
        ]

    @property
    def evidence_rows(self) -> list[EvidenceRow]:
        return [
            EvidenceRow(
                kind,
                self[f"evidence_{kind}_state"] if kind in MARKED_EVIDENCE else None,
                self[f"evidence_{kind}_note"],
            )
            for kind in Evidence.Kind
        ]

    @property
    def has_other_evidence(self) -> bool:
        other = [row for row in self.evidence_rows if row.kind == Evidence.Kind.OTHER]
        return any(row.note.value() or row.note.errors for row in other)

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        return FORMAL_PARTS if self.is_formal else INFORMAL_PARTS

    @property
    def has_more_than_a_note(self) -> bool:
        """Say whether informal advice holds more than the few fields that it begins with."""
        return any(
            self[name].errors or self[name].value() not in (None, "")
            for name in self.fields
            if name not in {*ABOUT, "recommendation", VERSION}
        )

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

    def proposal(self, *, goal_in_force: str, endorses: bool) -> Proposal | None:
        """Return what is proposed with this consultation; None where something is to be put right.

        The sentences stand beside the fields that they are about.
        """
        content = self.content()
        if content.kind != FORMAL:
            self.add_error(None, "Informal advice cannot carry a goal change.")
            return None
        if not content.recommended_goal:
            self.add_error("recommended_goal", "Choose the goal that is proposed.")
            return None
        form = proposal_form(self.child, content, goal_in_force=goal_in_force, on=self.on)
        if form.is_valid():
            form.refuse_same_goal(current_goal(self.child))
        for name, sentences in form.errors.items():
            here = PROPOSAL_FIELDS_HERE.get(name)
            for sentence in sentences:
                more = f" {CHOOSE_LATER}" if here == "asked_by_name" else ""
                self.add_error(here, f"{sentence}{more}")
        if endorses:
            missing = tuple(
                Evidence.Kind(each.kind).label for each in content.evidence if each.state == MISSING
            )
            self.add_errors(exemption_errors(missing, **self.exemption(), on=self.on))
        return None if self.errors else form.proposal()

    def exemption(self) -> Exemption:
        """Return why endorsing need not wait for what is missing, and by when that is to come."""
        because, until = (self.cleaned_data.get(name) for name in EXEMPTION_FIELDS)
        return {"because": because or "", "until": until}

    def _content(self, rows: ActionRows | None = None) -> ConsultationContent:
        answers = self.cleaned_data
        plain = {name: answers.get(name, "") for name in CONTENT_FIELDS if name != "held_on"}
        said_here = {name: plain[name] for name in SAID_OF_EVIDENCE}
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
                    state_of_evidence(kind, answers.get(f"evidence_{kind}_state", ""), **said_here),
                    answers.get(f"evidence_{kind}_note", ""),
                )
                for kind in Evidence.Kind
            ),
            actions=rows.agreed_actions() if rows is not None else (),
        )


ABOUT = (
    "kind",
    "purpose",
    "held_on",
    "asked_by_name",
    "asked_by_role",
    "asked_by_organisation",
    "took_part",
    "question",
)
VIEWS = ("child_views", "family_views")
CULTURE = ("cultural_advice", "cultural_advice_from")
SAID_OF_EVIDENCE = ("child_views", *CULTURE)
PROPOSE, ENDORSE = "propose", "endorse"
DRAFT_BUTTON = Button("Save as draft", name="save", value="draft")
FORMAL_PARTS = (
    ("about", "About the consultation"),
    ("options", "Permanency options"),
    ("views", "Views"),
    ("evidence", "Evidence and culture"),
    ("recommendation", "Recommendation"),
    ("actions", "Actions agreed"),
)
INFORMAL_PARTS = (("about", "About the advice"), ("actions", "Actions agreed"))
# What the fields of a proposal are on this form.
PROPOSAL_FIELDS_HERE = {
    "goal": "recommended_goal",
    "reasons": "reasons",
    "cultural_consultation": "cultural_advice",
    "requested_by": "asked_by_name",
    "requested_by_name": "asked_by_name",
}
CHOOSE_LATER = "Record it, and propose the change from its page, which has the list."


def proposal_form(
    child: Child, content: ConsultationContent, *, goal_in_force: str, on: date
) -> GoalChangeForm:
    """Return the form of the change that a consultation recommends, filled from that alone."""
    consultation = Consultation(
        child=child, **{name: getattr(content, name) for name in CONTENT_FIELDS}
    )
    data = initial_from_consultation(consultation, on=on)
    culture = "\n\n".join(filter(None, (content.cultural_advice, content.cultural_advice_from)))
    data |= {"cultural_consultation": culture, SEEN: goal_in_force}
    return GoalChangeForm(data, child=child, on=on, goal_in_force=goal_in_force)


def initial_values(child: Child, user: User, *, asked_kind: str, on: date) -> dict[str, Any]:
    purposes = Consultation.Purpose
    kind = asked_kind if asked_kind in Consultation.Kind.values else Consultation.Kind.FORMAL
    present = [f"{user.name}, Permanency Coordinator, DCJ"]
    if child.caseworker:
        place = child.caseworker_organisation or "organisation not recorded"
        present.insert(0, f"{child.caseworker}, caseworker, {place}")
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
    words = {name: getattr(consultation, name) for name in CONTENT_FIELDS}
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
        **{name: (name,) for name in CONTENT_FIELDS},
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
