"""The form that drafts a version of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from directory.forms.date_field import DateField
from directory.forms.layout import Button, FieldRow, Fieldset, NswForm
from permanency.policy.goals import Goal
from permanency.policy.rules import (
    LONGEST_MONTHS,
    LONGEST_WORKING_DAYS,
    SOFT_TARGETS,
    ClockStart,
    Rules,
    Transition,
)
from permanency.rules.services import NewRules, drafting_errors


def _number(label: str, most: int) -> forms.IntegerField:
    field = forms.IntegerField(label=label, min_value=1, max_value=most)
    field.widget.attrs["inputmode"] = "numeric"
    return field


class RulesDraftForm(NswForm, forms.Form):
    layout = (
        Fieldset(
            "The longest time between two reviews",
            FieldRow("months_preservation", "months_restoration"),
            FieldRow("months_guardianship", "months_adoption"),
            FieldRow("months_long_term_care", "intensive_months"),
        ),
        Fieldset("Time to permanency", "clock_months", "clock_start"),
        Fieldset(
            "Soft targets",
            FieldRow(*(f"target_{name}" for name in SOFT_TARGETS)),
            hint="Aims of the district, not policy. No date is counted by them.",
        ),
        Fieldset("When it takes effect", "effective_on", "transition", "source"),
    )
    buttons = (Button("Save the draft"),)

    clock_start = forms.ChoiceField(
        label="The time counts from", choices=ClockStart.choices, widget=forms.RadioSelect
    )
    effective_on = DateField(
        label="Takes effect on",
        help_text="A day after today. Until it is published by somebody else, nothing changes.",
    )
    transition = forms.ChoiceField(
        label="What becomes of open dates on that day",
        choices=Transition.choices,
        widget=forms.RadioSelect,
        help_text="A review that is already overdue on that day stays as it is in any case.",
    )
    source = forms.CharField(
        max_length=300,
        help_text="Which decision or publication it rests on, and where it can be read.",
    )

    def __init__(self, *args: Any, on: date, in_force: Rules, **kwargs: Any) -> None:
        initial = {
            **{f"months_{goal.value}": months for goal, months in in_force.review_months.items()},
            "intensive_months": in_force.intensive_months,
            "clock_months": in_force.clock_months,
            "clock_start": in_force.clock_start,
            **{f"target_{name}": days for name, days in in_force.targets_working_days.items()},
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.on = on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.add_errors(drafting_errors(self.new_rules(), on=self.on))
        return cleaned

    def new_rules(self) -> NewRules:
        said = self.cleaned_data
        content = {
            "review_months": {goal.value: said[f"months_{goal.value}"] for goal in Goal},
            "intensive_months": said["intensive_months"],
            "clock_months": said["clock_months"],
            "clock_start": said["clock_start"],
            "targets_working_days": {name: said[f"target_{name}"] for name in SOFT_TARGETS},
        }
        return NewRules(content, said["effective_on"], said["source"], said["transition"])


RulesDraftForm.base_fields |= {
    **{
        f"months_{goal.value}": _number(f"{goal.label}, in months", LONGEST_MONTHS) for goal in Goal
    },
    "intensive_months": _number("Intensive, in months", LONGEST_MONTHS),
    "clock_months": _number("Time to permanency, in months", LONGEST_MONTHS),
    **{
        f"target_{name}": _number(f"{name.capitalize()}, in working days", LONGEST_WORKING_DAYS)
        for name in SOFT_TARGETS
    },
}
