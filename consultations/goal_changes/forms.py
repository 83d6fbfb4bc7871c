"""The forms of a goal change: what it says, each step on it, and the dates after its approval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.urls import reverse

from consultations.goal_changes import decisions, eligibility, presentation
from consultations.goal_changes import services as changes
from consultations.goal_changes.eligibility import cultural_consultation_error, is_name_of_user
from consultations.goal_changes.presentation import DECISIONS
from consultations.goal_changes.services import PROPOSAL_FIELDS, Proposal
from consultations.models import Consultation, Decision, Evidence, GoalChange
from consultations.workflow import Step
from directory.errors import OtherEffectError
from directory.forms.date_field import DateField
from directory.forms.layout import (
    Answer,
    Button,
    FieldRow,
    Fieldset,
    NswForm,
    RadiosWithFields,
    TextArea,
)
from directory.forms.optimistic_lock import VERSION, bind_form_to_row
from directory.forms.show_then_save import SEEN, SeenField, set_hidden
from directory.models import User
from directory.roles import READS_CASES
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, goals_in_order
from permanency.policy.months import lower_first

PROPOSE = Button("Propose", name="save", value="propose")
DRAFT = Button("Save as draft", name="save", value="draft", look="dark-outline")
CHANGE = Button("Save changes", name="save", value="draft")
OTHER_GOAL = (
    "The goal in force has changed since you opened this page. Look at it again, then propose the "
    "change if it is still right."
)
REQUESTER_FIELDS = ("requested_by_name", "requested_by_role", "requested_by_organisation")


class GoalChangeForm(NswForm, forms.Form):
    """What a goal change says. A draft needs the goal alone; a proposal needs it all."""

    goal = forms.ChoiceField(
        label="Proposed goal",
        widget=forms.RadioSelect,
        help_text="In the order in which the options are considered for this child (section 10A).",
    )
    reasons = forms.CharField(
        label="Reasons for the change",
        required=False,
        widget=TextArea({"rows": 5}),
        help_text="The approver reads these. Plain, respectful words: the child may read them too.",
    )
    cultural_consultation = forms.CharField(
        label="Who was consulted about adoption, and what they said",
        required=False,
        widget=TextArea({"rows": 4}),
        help_text=(
            "For adoption, where the child is Aboriginal or Torres Strait Islander or this is not "
            "yet known: family, community, and Aboriginal or Torres Strait Islander organisations."
        ),
    )
    requested_by = forms.ModelChoiceField(
        User.objects.none(),
        label="Who asked for the change, if they sign in here",
        required=False,
        empty_label="Somebody who does not sign in here",
        help_text="Whoever asked for a change can neither endorse nor approve it.",
    )
    requested_by_name = forms.CharField(
        label="Otherwise, who asked", max_length=120, required=False
    )
    requested_by_role = forms.CharField(label="Their role", max_length=80, required=False)
    requested_by_organisation = forms.CharField(
        label="Their organisation", max_length=120, required=False
    )
    seen = SeenField()
    required_here = ("reasons", "requested_by_name")

    def __init__(
        self, *args: Any, child: Child, on: date, goal_in_force: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.child, self.goal_in_force = child, goal_in_force
        self.initial[SEEN] = goal_in_force
        order = goals_in_order(AboriginalStatus(child.aboriginal_status))
        self.fields["goal"].choices = [(goal.value, goal.label) for goal in order]  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["requested_by"].queryset = User.objects.holding(  # type: ignore[attr-defined]  # it is a ModelChoiceField
            READS_CASES, on=on, district=child.district
        )
        self.asks_cultural_consultation = AboriginalStatus(
            child.aboriginal_status
        ).puts_adoption_last
        if not self.asks_cultural_consultation:
            del self.fields["cultural_consultation"]
        self.is_proposal = True

    @property
    def layout(self) -> tuple[Any, ...]:  # type: ignore[override]  # here it depends on the child
        culture = ("cultural_consultation",) if self.asks_cultural_consultation else ()
        return (
            Fieldset("The change", "goal", "reasons", *culture),
            Fieldset(
                "Who asked for it",
                "requested_by",
                "requested_by_name",
                FieldRow("requested_by_role", "requested_by_organisation"),
            ),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get("requested_by_name", "")
        if cleaned.get("requested_by") is None:
            self._refuse_name_of_user(name)
        else:
            self._prefer_selected_user(cleaned)
        if not self.is_proposal:
            return cleaned
        if not cleaned.get("reasons"):
            self.add_error("reasons", "Give the reasons for the change.")
        if cleaned.get("requested_by") is None and not name:
            self.add_error("requested_by_name", "Say who asked for the change.")
        text = cleaned.get("cultural_consultation", "")
        if error := cultural_consultation_error(cleaned.get("goal", ""), text, self.child):
            self.add_error("cultural_consultation", error)
        return cleaned

    def _refuse_name_of_user(self, name: str) -> None:
        people = self.fields["requested_by"].queryset  # type: ignore[attr-defined]  # it is a ModelChoiceField
        if "@" in name:
            self.add_error(
                "requested_by_name",
                "Write a name, not an address. If they sign in here, choose them from the list.",
            )
        elif meant := [each.name for each in people if is_name_of_user(name, each)]:
            people_named = " or ".join(meant[:3])
            self.add_error(
                "requested_by_name",
                f"This can be {people_named}, who signs in here: choose them from the list. For "
                "somebody else, write the full name.",
            )

    def _prefer_selected_user(self, cleaned: dict[str, Any]) -> None:
        person, name = cleaned["requested_by"], cleaned.get("requested_by_name", "")
        changed = self.changed_data
        if name not in {"", person.name} and "requested_by_name" in changed:
            self.add_error("requested_by_name", f"You chose {person} above. Keep one of the two.")
        elif "requested_by" in changed:
            for field in REQUESTER_FIELDS:
                if field not in changed:
                    cleaned[field] = ""

    def refuse_same_goal(self, current: CasePlanGoal | None) -> None:
        if current is not None and self.cleaned_data.get("goal") == current.goal:
            self.add_error("goal", f"{current} is the goal in force already.")

    def refuse_unseen_goal(self) -> bool:
        """Say whether a goal other than the one that was shown is in force, and show that one."""
        if self.cleaned_data[SEEN] == self.goal_in_force:
            return False
        self.add_error(None, OTHER_GOAL)
        set_hidden(self, SEEN, self.goal_in_force)
        return True

    def proposal(self) -> Proposal:
        answers = self.cleaned_data
        return cast(Proposal, {name: answers[name] for name in PROPOSAL_FIELDS if name in answers})


def initial_from_consultation(consultation: Consultation, *, on: date) -> dict[str, Any]:
    name, district = consultation.asked_by_name, consultation.child.district
    readers = User.objects.holding(READS_CASES, on=on, district=district)
    people = [each for each in readers if is_name_of_user(name, each)]
    who = {"requested_by": people[0].pk} if len(people) == 1 else {"requested_by_name": name}
    return {
        **who,
        "goal": consultation.recommended_goal,
        "reasons": consultation.reasons,
        "requested_by_role": consultation.asked_by_role,
        "requested_by_organisation": consultation.asked_by_organisation,
    }


def initial_from_change(change: GoalChange) -> dict[str, Any]:
    values = {name: getattr(change, name) for name in PROPOSAL_FIELDS}
    if change.requested_by_id is not None:
        values["requested_by_name"] = ""
    return {**values, "requested_by": change.requested_by_id}


class StepForm(NswForm, forms.Form):
    """A step with the version of the change that the person sees; its ids are its own.

    One that moves the dates, or is to move them, has `seen` too: what is shown with it.
    """

    step: Step
    service: Callable[..., Decision]
    button = ""
    look = "dark-outline"

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, *args: Any, change: GoalChange, on: date, seen: str = "", **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", f"id_{self.step}_%s")
        first = {"version": change.version, SEEN: seen, "effective_on": on}
        kwargs.setdefault("initial", first)
        super().__init__(*args, **kwargs)
        self.change, self.on = change, on
        self.buttons = (Button(self.button, look=self.look),)

    def save(self, *, by: User) -> Decision:
        """Save the step; OtherEffectError where something else was shown than what holds now."""
        answers = dict(self.cleaned_data)
        if SEEN in answers and self.step is not Step.APPROVE:
            effects, now = presentation.shown_with(self.change, on=self.on)
            if answers.pop(SEEN) != now:
                raise OtherEffectError(effects)
        return self.service(self.change, by=by, on=self.on, **answers)


class ReasonsForm(StepForm):
    reasons = forms.CharField(
        label="Reasons",
        widget=TextArea({"rows": 4}),
        error_messages={"required": "Give your reasons."},
    )


class ProposeForm(StepForm):
    seen = SeenField()
    step, service = Step.PROPOSE, staticmethod(decisions.propose)
    button, look = "Propose for endorsement", "dark"


class StartAgainForm(StepForm):
    step, service = Step.START_AGAIN, staticmethod(changes.start_again)
    button, look = "Start again with a new draft", "dark"


class EndorseForm(StepForm):
    seen = SeenField()
    step, service = Step.ENDORSE, staticmethod(decisions.endorse)
    button, look = "Endorse", "dark"

    reasons = forms.CharField(
        label="Why you endorse it",
        required=False,
        widget=TextArea({"rows": 4}),
        help_text="The approver decides on this.",
    )
    evidence_exempted_because = forms.CharField(
        label="Why the missing evidence can wait",
        required=False,
        widget=TextArea({"rows": 3}),
    )
    evidence_exempted_until = DateField(label="When it will be there", required=False)
    required_here = ("evidence_exempted_because", "evidence_exempted_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = eligibility.missing_evidence(self.change)
        if self.missing:
            names = ", ".join(lower_first(name) for name in self.missing)
            self.fields["evidence_exempted_because"].help_text = f"Missing: {names}."
        else:
            del self.fields["evidence_exempted_because"], self.fields["evidence_exempted_until"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        errors = eligibility.exemption_errors(
            self.missing,
            because=cleaned.get("evidence_exempted_because", ""),
            until=cleaned.get("evidence_exempted_until"),
            on=self.on,
        )
        for name, sentence in errors.items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return cleaned


class NotEndorseForm(ReasonsForm):
    step, service = Step.NOT_ENDORSE, staticmethod(decisions.not_endorse)
    button = "Do not endorse"


class AskForMoreForm(StepForm):
    step, service = Step.ASK_FOR_MORE, staticmethod(decisions.ask_for_more)
    button = "Ask for more"

    reasons = forms.CharField(
        label="What is missing",
        widget=TextArea({"rows": 4}),
        error_messages={"required": "Say what is missing."},
    )


class ApproveForm(StepForm):
    seen = SeenField()
    step, service = Step.APPROVE, staticmethod(decisions.approve)
    button, look = "Approve the goal change", "dark"

    effective_on = DateField(label="The new goal takes effect on")
    reasons = forms.CharField(
        label="Words to go with it", required=False, widget=TextArea({"rows": 3})
    )

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if errors := eligibility.effective_on_errors(self.change, day, on=self.on):
            raise forms.ValidationError(errors)
        return day


class DeclineForm(ReasonsForm):
    step, service = Step.DECLINE, staticmethod(decisions.decline)
    button = "Decline"


class WithdrawForm(ReasonsForm):
    step, service = Step.WITHDRAW, staticmethod(decisions.withdraw)
    button, look = "Withdraw the goal change", "danger"


FORMS: dict[Step, type[StepForm]] = {
    form.step: form
    for form in (
        ProposeForm,
        EndorseForm,
        NotEndorseForm,
        AskForMoreForm,
        ApproveForm,
        DeclineForm,
        StartAgainForm,
        WithdrawForm,
    )
}


class DecideForm(NswForm, forms.Form):
    """One answer of several, nothing chosen beforehand, with the fields of each step.

    Once it is valid, `step_form` is the form of the step that was chosen.
    """

    decision = forms.ChoiceField(
        label="Your decision",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you decide."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    buttons = (Button("Check before deciding", name="check"),)
    step_form: StepForm

    def __init__(
        self,
        *args: Any,
        change: GoalChange,
        on: date,
        steps: Sequence[Step] = DECISIONS,
        **kwargs: Any,
    ) -> None:
        first = {VERSION: change.version, f"{Step.APPROVE}-effective_on": on}
        super().__init__(*args, auto_id="id_decide_%s", initial=first, **kwargs)
        self.change, self.on = change, on
        self.fields["decision"].choices = [(step.value, step.label) for step in steps]  # type: ignore[attr-defined]  # it is a ChoiceField
        self.opens: dict[str, list[str]] = {step.value: [] for step in steps}
        for step in steps:
            for name, field in FORMS[step].base_fields.items():
                if not field.widget.is_hidden:
                    self._add_field(step, name, field)

    def _add_field(self, step: Step, name: str, field: forms.Field) -> None:
        """Add what a step asks for, under the name of the step; it is required there alone."""
        own_name = f"{step}-{name}"
        self.opens[step].append(own_name)
        if field.required:
            self.required_here = (*self.required_here, own_name)
        self.fields[own_name] = copy(field)
        self.fields[own_name].required = False

    @property
    def layout(self) -> tuple[Any, ...]:  # type: ignore[override]  # here it depends on the change
        hints = presentation.decision_hints(self.change)
        return RadiosWithFields("decision", self.opens, hints), VERSION

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if decision := cleaned.get("decision"):
            self.step_form = self._form_of(Step(decision))
            for name, errors in self.step_form.errors.items():
                field = f"{decision}-{name}"
                self.add_error(field if field in self.fields else None, list(errors))
        return cleaned

    def _form_of(self, step: Step) -> StepForm:
        sent = QueryDict(mutable=True)
        for name, texts in cast(QueryDict, self.data).lists():
            if name in {VERSION, SEEN} or name.startswith(f"{step}-"):
                sent.setlist(name.removeprefix(f"{step}-"), texts)
        address = reverse("take-step", args=[self.change.pk, step])
        return FORMS[step](sent, change=self.change, on=self.on, action_url=address)

    def answers(self) -> list[Answer]:
        """Return the decision, and what was answered in the fields of that step."""
        mine = {"decision", *self.opens[self.cleaned_data["decision"]]}
        return [each for each in super().answers() if each.field.name in mine]


class MarkEvidenceForm(NswForm, forms.Form):
    """Marks a missing piece of evidence as seen, or as not needed and why."""

    state = forms.ChoiceField(
        label="It is",
        choices=[
            (each.value, each.label) for each in Evidence.State if each != Evidence.State.MISSING
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it was seen or is not needed."},
    )
    note = forms.CharField(
        max_length=300,
        required=False,
        help_text="Where it is filed, or why it is not needed.",
    )
    required_here = ("note",)
    buttons = (Button("Save", look="dark-outline"),)

    def __init__(self, *args: Any, change: GoalChange, evidence: Evidence, **kwargs: Any) -> None:
        auto_id, first = f"id_{evidence.kind}_%s", {"note": evidence.note}
        super().__init__(*args, auto_id=auto_id, initial=first, **kwargs)
        bind_form_to_row(self, change.consultation, child_number=change.child_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("state") == Evidence.State.NOT_NEEDED and not cleaned.get("note"):
            self.add_error("note", "Say why it is not needed.")
        return cleaned


class CasePlanForm(NswForm, forms.Form):
    """The facts after approval, each only for the person who may record it."""

    case_plan_approved_on = DateField(label="Case plan approved on", required=False)
    entered_in_childstory_on = DateField(label="Goal entered in ChildStory on", required=False)
    mark_optional = False
    buttons = (Button("Save dates"),)

    def __init__(
        self, *args: Any, change: GoalChange, person: User, on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.change, self.on = change, on
        for name, appointment in changes.date_appointments(person, change.child, on=on).items():
            if appointment is None:
                del self.fields[f"{name}_on"]
        is_one = len(self.fields) == 1
        for name, field in self.fields.items():
            field.required = is_one
            self.initial.setdefault(name, getattr(change, name) or (on if is_one else None))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(isinstance(day, date) for day in cleaned.values()):
            self.add_error(None, "Enter at least one of the dates.")
        for name, day in list(cleaned.items()):
            if isinstance(day, date) and (
                sentence := changes.later_date_error(self.change, day, on=self.on)
            ):
                self.add_error(name, sentence)
        return cleaned
