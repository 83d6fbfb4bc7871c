"""The form of a review: what is asked when one is held, and when one was not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from directory.forms.date_field import DateField
from directory.forms.drafts import HideErrorsMixin
from directory.forms.layout import (
    Answer,
    Button,
    FieldRow,
    Fieldset,
    FieldsIf,
    NswForm,
    TextArea,
)
from directory.forms.show_then_save import SEEN, SeenField, set_hidden
from permanency.care.forms import ActionRows, FormWithActions, action_rows
from permanency.choices import set_choices
from permanency.goals.forms import FIRST_TWO_YEAR_GOAL, DateCorrectionForm
from permanency.models import Action, CasePlanGoal
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import needs_reason_for_backdating
from reviews.held import corrections
from reviews.held.corrections import Anchors
from reviews.held.services import TWO_YEAR_OUTCOMES, ReviewContent, review_errors
from reviews.models import GoalReview

Outcome = GoalReview.Outcome
FORM_ID = "review-form"
MAX_ACTIONS = 20
CONTENT_FIELDS = tuple(ReviewContent.__dataclass_fields__)


def _words(rows: int = 3) -> TextArea:
    return TextArea({"rows": rows})


class ReviewContentForm(NswForm, forms.Form):
    """What a review says in words; also the form in which that is corrected."""

    took_part = forms.CharField(
        label="Who took part",
        help_text="One person a line: name, role, organisation.",
        widget=_words(),
        required=False,
    )
    progress = forms.ChoiceField(
        label="Progress toward the goal",
        choices=GoalReview.Progress.choices,
        widget=forms.RadioSelect,
    )
    progress_reasons = forms.CharField(label="Why", widget=_words(), required=False)
    barriers = forms.CharField(label="What stands in the way", widget=_words(), required=False)
    support_needed = forms.CharField(label="Support needed", widget=_words(), required=False)
    cultural_practice = forms.CharField(
        label="Cultural practice",
        help_text=(
            "The child's cultural plan, family finding, who was consulted, connection to family, "
            "community and Country."
        ),
        widget=_words(),
        required=False,
    )
    copy_given_on = DateField(label="Copy given to the provider on", required=False)

    required_here: Sequence[str] = ("progress_reasons",)

    def __init__(
        self, *args: Any, on: date, reviewed_on: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reviewed_on, self.on = reviewed_on, on

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        off = said.get("progress") in {GoalReview.Progress.AT_RISK, GoalReview.Progress.OFF_TRACK}
        if off and not said.get("progress_reasons"):
            self.add_error("progress_reasons", "Say why the goal is not on track.")
        held_on, given_on = said.get("held_on", self.reviewed_on), said.get("copy_given_on")
        if given_on and given_on > self.on:
            self.add_error("copy_given_on", "This date must not be in the future.")
        elif given_on and held_on and given_on < held_on:
            self.add_error("copy_given_on", "A copy is given on the day of the review or later.")
        return said

    @property
    def content(self) -> ReviewContent:
        return ReviewContent(**{name: self.cleaned_data[name] for name in CONTENT_FIELDS})


class ReviewCorrectionForm(ReviewContentForm):
    """Corrects what a review says."""

    layout = CONTENT_FIELDS
    buttons = (Button("Save the correction"),)


class OpenActionsForm(NswForm, forms.Form):
    """What became of the child's open actions: each is still open, or done."""

    OPEN, DONE = "open", "done"
    mark_optional = False

    def __init__(self, *args: Any, actions: Iterable[Action], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actions = {f"action_{each.pk}": each for each in actions}
        for name, action in self.actions.items():
            self.fields[name] = forms.ChoiceField(
                label=action.what,
                help_text=f"{action.who}, {'overdue since' if action.due_on < on else 'due'} "
                f"{day_in_words(action.due_on)}",
                choices=[(self.OPEN, "Still open"), (self.DONE, "Done")],
                widget=forms.RadioSelect,
                initial=self.OPEN,
                required=False,
            )

    def done(self) -> list[Action]:
        return [
            action
            for name, action in self.actions.items()
            if self.cleaned_data.get(name) == self.DONE
        ]


class HoldForm(FormWithActions, HideErrorsMixin, ReviewContentForm):
    """A review that was held; `seen` is the effect on the dates that was shown."""

    held_on = DateField(label="Date held")
    backdated_reasons = forms.CharField(
        label="Why it is recorded late", widget=_words(2), required=False
    )
    outcome = forms.ChoiceField(label="What the review led to", widget=forms.RadioSelect)
    seen = SeenField()

    layout = (
        Fieldset(
            "The review",
            FieldRow("took_part", "held_on", css_class="app-form-row--top"),
            FieldsIf("is_recorded_late", "backdated_reasons"),
        ),
        Fieldset(
            "Progress",
            "progress",
            FieldRow("progress_reasons", "barriers"),
            FieldRow("support_needed", "cultural_practice"),
        ),
        Fieldset("Outcome", "outcome", "copy_given_on"),
        SEEN,
    )
    buttons: Sequence[Button] = (Button("Check the dates", name="check"),)
    required_here = (*ReviewContentForm.required_here, "backdated_reasons")

    def __init__(
        self, *args: Any, goal: CasePlanGoal, open_actions: OpenActionsForm, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.goal, self.open_actions = goal, open_actions
        self.formsets = (open_actions, *self.formsets)
        left_out = {Outcome.NOT_HELD}
        if not Goal(goal.goal).has_two_year_clock:
            left_out |= TWO_YEAR_OUTCOMES
        if goal.is_intensive or goal.ended_on is not None:
            left_out |= {Outcome.INTENSIVE}
        outcomes = [(each.value, each.label) for each in Outcome if each not in left_out]
        cast(forms.ChoiceField, self.fields["outcome"]).choices = outcomes

    @property
    def is_recorded_late(self) -> bool:
        """Say whether the form asks why: for a day long past, or where that was answered."""
        day = (
            self.cleaned_data.get("held_on") if self.is_bound and self.errors is not None else None
        )
        is_late = day is not None and needs_reason_for_backdating(day, on=self.on)
        return is_late or bool(self["backdated_reasons"].value())

    def is_valid(self) -> bool:
        return super().is_valid() and self.open_actions.is_valid()

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("held_on") and said.get("outcome"):
            errors = review_errors(
                self.goal,
                held_on=said["held_on"],
                outcome=said["outcome"],
                reasons=said.get("progress_reasons", ""),
                backdated_reasons=said.get("backdated_reasons", ""),
                on=self.on,
            )
            for name, sentence in errors.items():
                if name not in self.errors:
                    self.add_error(name, sentence)
        return said

    def answers(self) -> list[Answer]:
        """Return what was answered, what became of open actions, and the new ones."""
        new = [
            Answer(row["what"], str(action))
            for row, action in zip(
                (row for row in self.rows.forms if row.cleaned_data.get("what")),
                self.rows.agreed_actions(),
                strict=True,
            )
        ]
        return [*super().answers(), *self.open_actions.answers(), *new]

    def remember(self, effect: str) -> None:
        set_hidden(self, SEEN, effect)


def review_action_rows(sent: QueryDict | None, **arguments: Any) -> ActionRows:
    return action_rows(
        sent,
        most=MAX_ACTIONS,
        heading="New actions",
        hint="Who will do what, by when. Rows left empty are not kept.",
        **arguments,
    )


class NotHeldForm(NswForm, forms.Form):
    """A review that was not held: why, and when it is planned for."""

    not_held_reasons = forms.CharField(label="Why it was not held", widget=_words())
    planned_on = DateField(label="Planned for")
    buttons = (Button("Save that it was not held"),)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_planned_on(self) -> date:
        planned_on: date = self.cleaned_data["planned_on"]
        if planned_on < self.on:
            raise forms.ValidationError("The planned date is today or later.")
        return planned_on


class GoalDaysForm(DateCorrectionForm):
    """Corrects the days and the kind of a goal; what is not asked for stays as it is."""

    layout: tuple[str, ...] = (
        "goal",
        "effective_on",
        "first_two_year_goal_on",
        "last_review_held_on",
        "reasons",
    )

    goal = forms.ChoiceField(
        label="Case plan goal", help_text="Only where it was opened here as the wrong one."
    )
    effective_on = DateField(label="In force since")
    first_two_year_goal_on = FIRST_TWO_YEAR_GOAL
    last_review_held_on = DateField(
        label="Last review before the goal was opened here",
        required=False,
        help_text="If no review was held since the goal took effect, leave it empty.",
    )

    def __init__(self, *args: Any, goal: CasePlanGoal, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corrected, self.on = goal, on
        self.initial = {**vars(corrections.anchors_of(goal)), **self.initial}
        order = goals_in_order(AboriginalStatus(goal.child.aboriginal_status))
        set_choices(self, "goal", [(each.value, each.label) for each in order])
        if not corrections.may_correct_kind(goal):
            del self.fields["goal"]
        is_opened = goal.source == CasePlanGoal.Source.OPENED_IN_FORCE
        if not (is_opened and Goal(goal.goal).has_two_year_clock):
            del self.fields["first_two_year_goal_on"]
        if not is_opened or goal.ended_on is not None or goal.reviews.held().exists():
            del self.fields["last_review_held_on"]
        self.layout = tuple(name for name in self.layout if name in self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "effective_on" in cleaned and not self.errors.keys() & self.fields.keys() - {"reasons"}:
            self.add_errors(corrections.anchor_errors(self.corrected, self.anchors, on=self.on))
        return cleaned

    @property
    def anchors(self) -> Anchors:
        as_recorded = vars(corrections.anchors_of(self.corrected))
        typed = {name: self.cleaned_data[name] for name in as_recorded if name in self.cleaned_data}
        return Anchors(**{**as_recorded, **typed})


class ReviewDateForm(DateCorrectionForm):
    """Corrects the day on which a review was held."""

    layout = ("held_on", "reasons")

    held_on = DateField(label="Date held")

    def __init__(self, *args: Any, review: GoalReview, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.review, self.on = review, on
        self.initial = {"held_on": review.held_on, **self.initial}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "held_on" in cleaned:
            error = corrections.review_date_error(self.review, cleaned["held_on"], on=self.on)
            self.add_errors({"held_on": error} if error else {})
        return cleaned
