"""The forms of a goal change: what it says, its evidence, and the dates after its approval."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms

from consultations.goal_changes import services as changes
from consultations.goal_changes.eligibility import cultural_consultation_error, is_name_of_user
from consultations.goal_changes.services import PROPOSAL_FIELDS, Proposal
from consultations.models import Consultation, Evidence, GoalChange
from directory.forms.date_field import DateField
from directory.forms.layout import (
    Button,
    FieldRow,
    Fieldset,
    NswForm,
    TextArea,
)
from directory.forms.optimistic_lock import bind_form_to_row
from directory.forms.show_then_save import SEEN, SeenField, set_hidden
from directory.models import User
from directory.roles import READS_CASES
from permanency.choices import set_choices
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import AboriginalStatus, goals_in_order

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
        set_choices(self, "goal", [(goal.value, goal.label) for goal in order])
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
