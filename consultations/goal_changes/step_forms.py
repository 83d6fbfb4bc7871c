"""The forms of the steps on a goal change, and the one in which an approver decides."""

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
from consultations.goal_changes.presentation import DECISIONS
from consultations.models import Decision, GoalChange
from consultations.workflow import Step
from directory.errors import OtherEffectError
from directory.forms.date_field import DateField
from directory.forms.layout import (
    Answer,
    Button,
    NswForm,
    RadiosWithFields,
    TextArea,
)
from directory.forms.optimistic_lock import VERSION
from directory.forms.show_then_save import SEEN, SeenField
from directory.models import User
from permanency.policy.months import lower_first


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
        decision = cast(forms.ChoiceField, self.fields["decision"])
        decision.choices = [(step.value, step.label) for step in steps]
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
