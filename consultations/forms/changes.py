"""The form of a goal change: which goal, why, and who asked for it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms

from consultations.models import Consultation, GoalChange
from consultations.services.asking import is_named
from consultations.services.changes import PROPOSAL, Proposal
from consultations.services.drafts import asks_for_cultural_consultation
from directory.crispy import Button, Fieldset, NswForm, Row
from directory.models import User
from directory.roles import READS_CASES
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, goals_in_order

PROPOSE = Button("Propose", name="save", value="propose")
DRAFT = Button("Save as draft", name="save", value="draft", look="dark-outline")
CHANGE = Button("Save changes", name="save", value="draft")
WHO_ASKED = ("requested_by_name", "requested_by_role", "requested_by_organisation")


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
        widget=forms.Textarea({"rows": 5}),
        help_text="The approver reads these. Plain, respectful words: the child may read them too.",
    )
    cultural_consultation = forms.CharField(
        label="Who was consulted about adoption, and what they said",
        required=False,
        widget=forms.Textarea({"rows": 4}),
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
    required_here = ("reasons", "requested_by_name")

    def __init__(self, *args: Any, child: Child, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.child = child
        order = goals_in_order(AboriginalStatus(child.aboriginal_status))
        self.fields["goal"].choices = [(goal.value, goal.label) for goal in order]  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["requested_by"].queryset = User.objects.holding(  # type: ignore[attr-defined]  # it is a ModelChoiceField
            READS_CASES, on=on, district=child.district
        )
        self.asks_culture = AboriginalStatus(child.aboriginal_status).puts_adoption_last
        if not self.asks_culture:
            del self.fields["cultural_consultation"]
        self.is_proposal = True

    @property
    def layout(self) -> tuple[Any, ...]:  # type: ignore[override]  # here it depends on the child
        """Return the order of the fields."""
        culture = ("cultural_consultation",) if self.asks_culture else ()
        return (
            Fieldset("The change", "goal", "reasons", *culture),
            Fieldset(
                "Who asked for it",
                "requested_by",
                "requested_by_name",
                Row("requested_by_role", "requested_by_organisation"),
            ),
        )

    def clean(self) -> dict[str, Any]:
        """Put beside each field what a proposal lacks; one person is not named in two ways."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("requested_by") is None:
            self._refuse_a_known_name(cleaned.get("requested_by_name", ""))
        else:
            self._prefer_the_chosen(cleaned)
        if self.is_proposal:
            self._ask_for_all(cleaned)
        return cleaned

    def _refuse_a_known_name(self, name: str) -> None:
        """Ask for the person instead of the name: three people are told apart by person."""
        people = self.fields["requested_by"].queryset  # type: ignore[attr-defined]  # it is a ModelChoiceField
        if "@" in name:
            self.add_error(
                "requested_by_name",
                "Write a name, not an address. If they sign in here, choose them from the list.",
            )
        elif meant := [each.name for each in people if is_named(name, each)]:
            said = " or ".join(meant[:3])
            self.add_error(
                "requested_by_name",
                f"This can be {said}, who signs in here: choose them from the list. For somebody "
                "else, write the full name.",
            )

    def _prefer_the_chosen(self, cleaned: dict[str, Any]) -> None:
        """Let the person chosen take the place of the name that was filled in beforehand."""
        person, name = cleaned["requested_by"], cleaned.get("requested_by_name", "")
        changed = self.changed_data
        if name not in {"", person.name} and "requested_by_name" in changed:
            self.add_error("requested_by_name", f"You chose {person} above. Keep one of the two.")
        elif "requested_by" in changed:
            for field in WHO_ASKED:
                if field not in changed:
                    cleaned[field] = ""

    def _ask_for_all(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("reasons"):
            self.add_error("reasons", "Give the reasons for the change.")
        if cleaned.get("requested_by") is None and not cleaned.get("requested_by_name"):
            self.add_error("requested_by_name", "Say who asked for the change.")
        text = cleaned.get("cultural_consultation", "")
        sentence = asks_for_cultural_consultation(cleaned.get("goal", ""), text, self.child)
        if sentence:
            self.add_error("cultural_consultation", sentence)

    def must_differ_from(self, current: CasePlanGoal | None) -> None:
        """Refuse to propose the goal that is in force already."""
        if current is not None and self.cleaned_data.get("goal") == current.goal:
            self.add_error("goal", f"{current} is the goal in force already.")

    def proposal(self) -> Proposal:
        """Return the valid answers as what the change says."""
        said = {name: self.cleaned_data[name] for name in PROPOSAL if name in self.cleaned_data}
        return cast(Proposal, said)


def from_consultation(consultation: Consultation, *, on: date) -> dict[str, Any]:
    """Return what the consultation already says for a new change that rests on it."""
    name, child = consultation.asked_by_name, consultation.child
    known = User.objects.holding(READS_CASES, on=on, district=child.district)
    people = [each for each in known if is_named(name, each)]
    who = {"requested_by": people[0].pk} if len(people) == 1 else {"requested_by_name": name}
    return {
        **who,
        "goal": consultation.recommended_goal,
        "reasons": consultation.reasons,
        "requested_by_role": consultation.asked_by_role,
        "requested_by_organisation": consultation.asked_by_organisation,
    }


def from_change(change: GoalChange) -> dict[str, Any]:
    """Return what a change says now, for editing it."""
    said = {name: getattr(change, name) for name in PROPOSAL}
    if change.requested_by_id is not None:
        said["requested_by_name"] = ""
    return {**said, "requested_by": change.requested_by_id}
