"""The forms of a time in care, of a court order, and of the actions agreed about a child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict

from directory.forms.date_field import DateField, QuickDayMonthYear
from directory.forms.drafts import HideErrorsMixin
from directory.forms.layout import Button, FieldRow, Fieldset, NswForm, NswFormSet
from permanency.care import services as care
from permanency.choices import set_choices
from permanency.goals.forms import DateCorrectionForm, EffectForm
from permanency.models import Action, CareEpisode, Child, CourtOrder
from permanency.policy.actions import (
    AgreedAction,
    action_due_on_error,
    finished_action_error,
)

EXIT_REASONS = (
    "Restoration",
    "Guardianship",
    "Adoption",
    "Turned 18",
    "Other",
)

EPISODE_FIELDS = ("entered_on", "left_on", "exit_reason")


class CareEpisodeForm(EffectForm):
    buttons = (Button("Save"),)
    layout: tuple[Any, ...] = (
        "entered_on",
        Fieldset(
            "If the child has left care",
            "left_on",
            "exit_reason",
            hint="Leave both empty while the child is in care.",
        ),
    )

    entered_on = DateField(label="Entered care on", help_text="For example 14 5 2025.")
    left_on = DateField(label="Left care on", required=False)
    exit_reason = forms.ChoiceField(
        label="Why the child left care",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        child: Child,
        on: date,
        episode: CareEpisode | None = None,
        **kwargs: Any,
    ) -> None:
        initial = kwargs.pop("initial", None) or {}
        if episode is not None:
            initial = {name: getattr(episode, name) for name in EPISODE_FIELDS} | initial
        super().__init__(*args, initial=initial, **kwargs)
        self.child, self.on, self.episode = child, on, episode
        # A reason from elsewhere, as an import may bring, stays what it is.
        exits = dict.fromkeys([*EXIT_REASONS, *([episode.exit_reason] if episode else [])])
        reasons = [(each, each) for each in exits if each]
        set_choices(self, "exit_reason", [("", "Still in care"), *reasons])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "entered_on" in cleaned and "left_on" in cleaned:
            others: Sequence[CareEpisode] = [
                each for each in self.child.care_episodes.all() if each != self.episode
            ]
            errors = care.episode_errors(
                self.child,
                entered_on=cleaned["entered_on"],
                left_on=cleaned["left_on"],
                on=self.on,
                others=others,
            )
            self.add_errors(errors)
        if cleaned.get("exit_reason") and "left_on" in cleaned and not cleaned["left_on"]:
            self.add_error("left_on", "Enter the day on which the child left care.")
        return cleaned


class CorrectEpisodeForm(CareEpisodeForm, DateCorrectionForm):
    """Records that a child left care, or corrects a time in care, which may move the dates."""

    layout: tuple[Any, ...] = (*CareEpisodeForm.layout, "reasons")
    buttons = CareEpisodeForm.buttons
    required_here = ("reasons",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = self.fields["reasons"]
        reasons.required = False
        reasons.label = "Why the day of entering care is corrected"
        reasons.help_text = "Only where that day changes. This stays in the history."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        entered_on = cleaned.get("entered_on")
        is_other = self.episode is not None and entered_on not in {None, self.episode.entered_on}
        if is_other and not cleaned.get("reasons"):
            self.add_error("reasons", care.REASONS_NEEDED)
        return cleaned


class CourtOrderForm(NswForm, forms.Form):
    layout = (
        Fieldset("The order", "kind", "starts_on", "expires_on", "note"),
        Fieldset("What happened since", "section_90_on", "ended_on"),
    )

    kind = forms.ChoiceField(label="Kind of order")
    starts_on = DateField(label="Made on", required=False)
    expires_on = DateField(
        label="Expires on",
        required=False,
        help_text="The coordinators are told 180, 90 and 30 days before a short term order "
        "expires.",
    )
    section_90_on = DateField(
        label="Application to vary or rescind it (section 90) made on", required=False
    )
    ended_on = DateField(
        label="Ended on",
        required=False,
        help_text="Where it was replaced or rescinded, or has expired.",
    )
    note = forms.CharField(max_length=200, required=False)

    def __init__(
        self, *args: Any, child: Child, on: date, order: CourtOrder | None = None, **kwargs: Any
    ) -> None:
        initial = kwargs.pop("initial", None) or {}
        if order is not None:
            initial = {name: getattr(order, name) for name in care.ORDER_FIELDS} | initial
        super().__init__(*args, initial=initial, **kwargs)
        self.child, self.on, self.order = child, on, order
        # That there is no order comes from an import only, and may be corrected.
        kinds = [
            (value, label)
            for value, label in CourtOrder.Kind.choices
            if value != CourtOrder.Kind.NONE or (order is not None and order.kind == value)
        ]
        set_choices(self, "kind", [("", "Choose one"), *kinds])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        errors = care.order_errors(cleaned, born_on=self.child.born_on, on=self.on)
        if "kind" in cleaned and "starts_on" in cleaned and not self._is_unchanged(cleaned):
            errors |= care.same_order_errors(self.child, cleaned)
        short_term = cleaned.get("kind") == CourtOrder.Kind.SHORT_TERM
        if short_term and "expires_on" in cleaned and not cleaned["expires_on"]:
            errors.setdefault("expires_on", "Enter the day on which the short term order expires.")
        self.add_errors(errors)
        return cleaned

    def _is_unchanged(self, cleaned: dict[str, Any]) -> bool:
        return self.order is not None and all(
            getattr(self.order, name) == cleaned[name] for name in care.ORDER_IDENTITY
        )


ACTIONS = "actions"


def days_soon_after(day: date) -> tuple[date, date]:
    """Return the days by which most is agreed to be done: in two weeks and in thirty days."""
    return day + timedelta(days=14), day + timedelta(days=30)


ACTION_REQUIRED = {
    "what": "Say what will be done.",
    "who": "Say who will do it.",
    "due_on": "Say by when.",
}


class ActionForm(HideErrorsMixin, NswForm, forms.Form):
    """One agreed action; a new row that stays empty is left out."""

    mark_optional = False
    hidden_with_words = ("number",)

    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    what = forms.CharField(label="What will be done", max_length=300, required=False)
    who = forms.CharField(
        label="Who will do it",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    due_on = DateField(label="By when", required=False)
    is_mine = forms.BooleanField(label="I will do this myself", required=False)

    def __init__(
        self,
        *args: Any,
        by_name: str = "",
        done: Mapping[int, Action] | None = None,
        soon_after: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if soon_after is not None:
            self.fields["due_on"].widget = QuickDayMonthYear(days_soon_after(soon_after))
            self.fields["who"].widget.attrs["list"] = "people"
        self.by_name, self.done = by_name, done or {}
        del self.fields["number" if by_name else "is_mine"]
        row = ("what", FieldRow("who", "due_on"))
        self.layout = (*row, "is_mine") if by_name else ("number", *row)

    def clean(self) -> dict[str, Any]:
        row: dict[str, Any] = super().clean() or self.cleaned_data
        said: list[Any] = [row.get(name) for name in ACTION_REQUIRED]
        action = self.done.get(row.get("number") or 0)
        if action is not None and not any(said):
            row["number"] = None
        if action is not None and action.done_on is not None and all(said):
            was = AgreedAction(action.what, action.who, action.due_on)
            error = finished_action_error(AgreedAction(*said), was, done_on=action.done_on)
            self.add_errors({"what": error} if error else {})
            return row
        if row.get("is_mine") and not row.get("who"):
            row["who"] = self.by_name
        if any(row.get(name) for name in ("number", *ACTION_REQUIRED)):
            missing = [name for name in ACTION_REQUIRED if not row.get(name)]
            self.add_errors({name: ACTION_REQUIRED[name] for name in missing})
        return row


class ActionRows(NswFormSet, forms.BaseFormSet[ActionForm]):
    """The agreed actions; none is due before `held_on`, the day on which they were agreed."""

    row_label = "Action"
    held_on: date | None = None

    def clean(self) -> None:
        for form in self.forms:
            due_on = getattr(form, "cleaned_data", {}).get("due_on")
            early = due_on and self.held_on and action_due_on_error(due_on, held_on=self.held_on)
            if early:
                form.add_error("due_on", early)

    def agreed_actions(self) -> tuple[AgreedAction, ...]:
        rows = (form.cleaned_data for form in self.forms)
        return tuple(AgreedAction(**row) for row in rows if row.get("what"))


def action_rows(
    sent: QueryDict | None,
    *,
    most: int,
    heading: str,
    hint: str,
    initial: list[dict[str, Any]] | None = None,
    by_name: str = "",
    done: Iterable[Action] = (),
    soon_after: date | None = None,
    hides_errors: bool = False,
) -> ActionRows:
    """Return the rows and an empty one; with `by_name` a person may say that they do it.

    A row of an action that is `done` meanwhile says so where it has other words. `soon_after`
    offers two days after that day as radios.
    """
    made = forms.formset_factory(ActionForm, formset=ActionRows, extra=1, max_num=most)
    arguments = {
        "by_name": by_name,
        "done": {each.pk: each for each in done},
        "soon_after": soon_after,
        "hides_errors": hides_errors,
    }
    rows = cast(ActionRows, made(sent, prefix=ACTIONS, initial=initial, form_kwargs=arguments))
    rows.heading, rows.hint = heading, hint
    return rows


class FormWithActions(NswForm):
    """A form with a `held_on`, and the rows of the actions that were agreed on that day."""

    def __init__(self, *args: Any, rows: ActionRows, **kwargs: Any) -> None:
        super().__init__(*args, formsets=(rows,), **kwargs)
        self.rows = rows

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        is_valid = super().is_valid()
        self.rows.held_on = self.cleaned_data.get("held_on")
        return self.rows.is_valid() and is_valid
