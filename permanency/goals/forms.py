"""The forms that move the dates of a goal. Each shows its effect before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from directory.errors import StepNotAllowedError
from directory.forms.date_field import DateField
from directory.forms.layout import Button, Fieldset, NswForm, TextArea
from permanency.choices import set_choices
from permanency.goals import clocks, intensive, lifecycle, two_years
from permanency.models import CasePlanGoal, Child, Extension, IntensiveMark
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order
from permanency.policy.months import day_in_words
from permanency.policy.open_review import Mark

CHECK_BUTTONS = (Button("Check the dates", name="check"),)
FIRST_TWO_YEAR_GOAL = DateField(
    label="First two-year goal in this time in care",
    required=False,
    help_text="Where an earlier goal of restoration, guardianship or adoption came before.",
)


def _reasons_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=2_000,
        widget=TextArea({"rows": 4}),
    )


class EffectForm(NswForm, forms.Form):
    """Shows its effect before it is saved; `about` refuses a page that is older than the goal."""

    buttons = CHECK_BUTTONS

    about = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("about", about)
        self.expected = about

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("about", "") != self.expected:
            raise StepNotAllowedError("The goal has changed since you opened the page.")
        return cleaned

    def service_values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "about"}


CORRECTION_REASONS = _reasons_field(
    "Why it is corrected",
    "What was wrong, and where the right day is written. This stays in the history.",
)


class DateCorrectionForm(EffectForm):
    reasons = CORRECTION_REASONS

    def _in_words(self, name: str) -> str:
        said, was = super()._in_words(name), self.initial.get(name)
        if not isinstance(was, date) or was == self.cleaned_data[name]:
            return said
        return f"{said or 'None'}, before that {day_in_words(was)}"


class StrikeForm(EffectForm):
    """Strikes a record that was made by mistake."""

    reasons = _reasons_field(
        "Why it is struck",
        "For example: it was about another child. This stays with the record and in the history.",
    )


class OpenGoalForm(EffectForm):
    layout = (
        Fieldset("The goal in ChildStory", "goal", "effective_on", "source_note"),
        Fieldset(
            "What went before",
            "last_review_held_on",
            "first_two_year_goal_on",
            hint="Both decide from which day the dates are counted. Leave empty what is not known.",
        ),
    )

    goal = forms.ChoiceField(label="Case plan goal", widget=forms.RadioSelect)
    effective_on = DateField(label="In force since", help_text="For example 14 5 2025.")
    source_note = forms.CharField(
        label="Where this is written",
        max_length=200,
        help_text="For example: case plan in ChildStory, approved in May 2025.",
    )
    last_review_held_on = DateField(
        label="Last review held on",
        required=False,
        help_text="If it was before the goal took effect, it does not count.",
    )
    first_two_year_goal_on = FIRST_TWO_YEAR_GOAL

    def __init__(self, *args: Any, child: Child, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.child, self.on = child, on
        order = goals_in_order(AboriginalStatus(child.aboriginal_status))
        set_choices(self, "goal", [(goal.value, goal.label) for goal in order])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        ended = clocks.ending_of(self.child, on=self.on)
        if ended is not None:
            self.add_error(None, f"{ended.sentence()} No goal can be opened any more.")
        if "effective_on" in cleaned:
            entered_on = clocks.entered_care_on(self.child)
            errors = lifecycle.opening_errors(
                self.unsaved_goal(), entered_care_on=entered_on, on=self.on
            )
            self.add_errors(errors)
        return cleaned

    def unsaved_goal(self) -> CasePlanGoal:
        return CasePlanGoal(child=self.child, **self.service_values())


class IntensiveForm(EffectForm):
    reasons = _reasons_field(
        "Why reviews should be held every three months",
        "For example: permanency is unlikely within two years, or more support is needed.",
    )


class EndIntensiveForm(EffectForm):
    reasons = _reasons_field(
        "Why the ordinary review period is enough again",
        "For example: the barrier has been removed.",
    )


class GoalForm(EffectForm):
    def __init__(self, *args: Any, goal: CasePlanGoal, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goal, self.on = goal, on


class RecordedFactForm(GoalForm):
    """The part of a form that corrects a recorded row of a goal, or takes it back."""

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        recorded = {name: getattr(row, name) for name in row.HISTORY_FIELDS}
        super().__init__(*args, initial=recorded, **kwargs)

    @property
    def facts(self) -> dict[str, Any] | None:
        """Return what the row says now, None where it is taken back."""
        said = self.cleaned_data
        if said["taken_back"]:
            return None
        return {name: said[name] for name in self.row.HISTORY_FIELDS}


class ExtensionForm(GoalForm):
    extended_to = DateField(label="Extended to", help_text="The new date. The old one stays shown.")
    decided_on = DateField(label="Decided on")
    decided_by_name = forms.CharField(
        label="Decided by", max_length=120, help_text="Name and role of who decided."
    )
    reasons = _reasons_field(
        "Reasons", "Why permanency needs more time, and what will be done with it."
    )

    # The one that is corrected.
    row: Extension | None = None

    @property
    def decided(self) -> clocks.DecidedExtension:
        return self.cleaned_data["decided_on"], self.cleaned_data["extended_to"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"extended_to", "decided_on"} <= cleaned.keys() and not cleaned.get("taken_back"):
            self.add_errors(
                two_years.extension_errors(
                    self.goal,
                    extended_to=cleaned["extended_to"],
                    decided_on=cleaned["decided_on"],
                    on=self.on,
                    instead_of=self.row,
                )
            )
        return cleaned


class ExtensionCorrectionForm(RecordedFactForm, ExtensionForm):
    """Corrects what was recorded of an extension, or takes it back."""

    layout: Sequence[Any] = (
        Fieldset("What was decided", *Extension.HISTORY_FIELDS),
        Fieldset("The correction", "taken_back", "why"),
    )

    taken_back = forms.BooleanField(
        label="It was never decided: take the extension back", required=False
    )
    why = CORRECTION_REASONS


class MarkCorrectionForm(RecordedFactForm):
    """Corrects the days and reasons of a mark as intensive, or takes it back."""

    layout: Sequence[Any] = (
        Fieldset("The mark", *IntensiveMark.HISTORY_FIELDS),
        Fieldset("The correction", "taken_back", "why"),
    )

    from_on = DateField(label="Intensive from")
    until_on = DateField(
        label="Until",
        required=False,
        help_text="The day from which the ordinary review period was enough again. Leave it empty "
        "while the goal is intensive.",
    )
    reasons = _reasons_field("Why reviews are held every three months", "")
    taken_back = forms.BooleanField(
        label="It was marked by mistake: take the mark back", required=False
    )
    why = CORRECTION_REASONS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"from_on", "until_on"} <= cleaned.keys() and not cleaned.get("taken_back"):
            days = cleaned["from_on"], cleaned["until_on"]
            self.add_errors(intensive.mark_errors(self.goal, *days, mark=self.row, on=self.on))
        return cleaned

    @property
    def marks(self) -> list[Mark]:
        """Return the marks of the goal as they will be."""
        others, facts = clocks.recorded_marks(self.goal, but=self.row), self.facts
        return [*others, Mark(facts["from_on"], facts["until_on"])] if facts else others


ACHIEVED_LABELS = {
    Goal.RESTORATION: "Parental responsibility returned to the parents on",
    Goal.GUARDIANSHIP: "Guardianship order made on",
    Goal.ADOPTION: "Adoption order made on",
}


class AchievementForm(GoalForm):
    layout: Sequence[Any] = ("moved_home_on", "achieved_on", "note")

    moved_home_on = DateField(
        label="Moved home on",
        required=False,
        help_text="The move home does not end the goal: the return of parental responsibility "
        "does. You can record the move home alone.",
    )
    achieved_on = DateField()
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2_000,
        widget=TextArea({"rows": 3}),
        help_text="For example: the court and the file number.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["achieved_on"].label = ACHIEVED_LABELS[Goal(self.goal.goal)]
        if self.goal.goal == Goal.RESTORATION:
            self.fields["achieved_on"].required = False
            self.initial.setdefault("moved_home_on", self.goal.moved_home_on)
        else:
            del self.fields["moved_home_on"]
            self.layout = ("achieved_on", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        moved_on, achieved_on = cleaned.get("moved_home_on"), cleaned.get("achieved_on")
        for name in ("moved_home_on", "achieved_on"):
            day = cleaned.get(name)
            if day is not None and day > self.on:
                self.add_error(name, "This day must not be in the future.")
            elif day is not None and day < self.goal.effective_on:
                self.add_error(name, "This day must not be before the goal took effect.")
        if moved_on and achieved_on and achieved_on < moved_on:
            self.add_error("achieved_on", "Parental responsibility returns after the move home.")
        if not self.errors and not moved_on and not achieved_on:
            self.add_error("achieved_on", "Enter this date, or the date of the move home.")
        return cleaned


class AchievementCorrectionForm(GoalForm):
    """Corrects the day on which permanency was achieved, or takes the achievement back."""

    layout = ("achieved_on", "taken_back", "reasons")

    achieved_on = DateField(label="Permanency achieved on")
    taken_back = forms.BooleanField(
        label="Permanency was not achieved: put the goal in force again", required=False
    )
    reasons = CORRECTION_REASONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("achieved_on", self.goal.ended_on)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("taken_back"):
            day = cleaned.get("achieved_on")
            for sentence in lifecycle.achievement_errors(self.goal, day, on=self.on):
                self.add_error("achieved_on", sentence)
        return cleaned

    @property
    def achieved_on_now(self) -> date | None:
        """Return the corrected day, None where the achievement is taken back."""
        said = self.cleaned_data
        return None if said["taken_back"] else said["achieved_on"]
