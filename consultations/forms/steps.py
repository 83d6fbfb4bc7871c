"""What each step of the workflow asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from consultations.models import GoalChange
from consultations.services import changes, decisions
from consultations.workflow import Step
from directory.crispy import Button, NswForm
from directory.models import User
from directory.widgets import DateField


class StepForm(NswForm, forms.Form):
    """A step with the version of the change that the person sees; its ids are its own."""

    step: Step
    button = ""
    look = "dark-outline"

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, change: GoalChange, on: date, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{self.step}_%s")
        kwargs.setdefault("initial", {"version": change.version})
        super().__init__(*args, **kwargs)
        self.change, self.on = change, on
        self.buttons = (Button(self.button, look=self.look),)

    def asked_for(self) -> dict[str, Any]:
        """Return the valid answers as the service takes them."""
        return dict(self.cleaned_data)


class ReasonsForm(StepForm):
    """A step that asks for reasons."""

    reasons = forms.CharField(label="Reasons", widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].error_messages["required"] = "Give your reasons."


class ProposeForm(StepForm):
    """Proposing asks for what the draft itself says."""

    step, button, look = Step.PROPOSE, "Propose for endorsement", "dark"


class StartAgainForm(StepForm):
    """Starting again asks for nothing: the draft is copied."""

    step, button, look = Step.START_AGAIN, "Start again with a new draft", "dark"


class EndorseForm(StepForm):
    """Endorsing asks for the evidence, or for a reason and a date where some is missing."""

    step, button, look = Step.ENDORSE, "Endorse", "dark"

    reasons = forms.CharField(
        label="Why you endorse it",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="The approver decides on this.",
    )
    evidence_exempted_because = forms.CharField(
        label="Why the missing evidence can wait",
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    evidence_exempted_until = DateField(label="When it will be there", required=False)
    required_here = ("evidence_exempted_because", "evidence_exempted_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = decisions.missing_evidence(self.change)
        if self.missing:
            said = ", ".join(name[0].lower() + name[1:] for name in self.missing)
            self.fields["evidence_exempted_because"].help_text = f"Missing: {said}."
        else:
            del self.fields["evidence_exempted_because"], self.fields["evidence_exempted_until"]

    def clean(self) -> dict[str, Any]:
        """Ask for the reason and the date where evidence is missing."""
        cleaned = super().clean() or self.cleaned_data
        errors = decisions.exemption_errors(
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
    """Not endorsing asks for reasons."""

    step, button = Step.NOT_ENDORSE, "Do not endorse"


class AskForMoreForm(ReasonsForm):
    """Asking for more says what is missing."""

    step, button = Step.ASK_FOR_MORE, "Ask for more"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].label = "What is missing"
        self.fields["reasons"].error_messages["required"] = "Say what is missing."


class ApproveForm(StepForm):
    """Approving asks from when the goal holds; the decider may add reasons."""

    step, button, look = Step.APPROVE, "Approve the goal change", "dark"

    effective_on = DateField(label="The new goal takes effect on")
    reasons = forms.CharField(
        required=False, widget=forms.Textarea({"rows": 3}), help_text="Kept with the decision."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_on"].initial = self.on

    def clean_effective_on(self) -> date:
        """Return the day; it may not be ahead, nor before the consultation or the current goal."""
        day: date = self.cleaned_data["effective_on"]
        errors = decisions.effective_on_errors(self.change, day, on=self.on)
        if errors:
            raise forms.ValidationError(list(errors))
        return day


class DeclineForm(ReasonsForm):
    """Declining asks for reasons."""

    step, button = Step.DECLINE, "Decline"


class WithdrawForm(ReasonsForm):
    """Withdrawing asks for reasons."""

    step, button, look = Step.WITHDRAW, "Withdraw the goal change", "danger"


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
        child = change.child
        if changes.recorder_of_case_plan(person, child, on=on) is None:
            del self.fields["case_plan_approved_on"]
        if changes.recorder_of_childstory(person, child, on=on) is None:
            del self.fields["entered_in_childstory_on"]
        is_one = len(self.fields) == 1
        for name, field in self.fields.items():
            field.required = is_one
            self.initial.setdefault(name, getattr(change, name) or (on if is_one else None))

    def clean(self) -> dict[str, Any]:
        """Refuse a day before the approval or ahead of today, and no day at all."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(isinstance(day, date) for day in cleaned.values()):
            self.add_error(None, "Enter at least one of the dates.")
        for name, day in list(cleaned.items()):
            if isinstance(day, date) and (
                sentence := changes.fact_errors(self.change, day, on=self.on)
            ):
                self.add_error(name, sentence)
        return cleaned
