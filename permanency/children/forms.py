"""The form of a child's details, for registering and for editing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from directory.forms.date_field import DateField
from directory.forms.layout import Answer, Button, FieldRow, Fieldset, NswForm
from directory.forms.optimistic_lock import bind_form_to_row
from directory.models import Allocation, Appointment, District, Office, Provider, User
from directory.roles import READS_CASES, WRITES_CASES, CaseManagement
from permanency.children import lists
from permanency.children import services as register
from permanency.choices import (
    ChoiceRow,
    FilterForm,
    OfficeField,
    ProviderField,
    choice_rows,
    choices_by_field,
    in_groups,
    in_pairs,
    set_choice_rows,
    set_choices,
)
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.months import day_in_words

CHILD_FIELDSET = Fieldset(
    "The child",
    "childstory_id",
    FieldRow("first_name", "last_name"),
    "born_on",
    "aboriginal_status",
    "cald",
)
CASE_FIELDSET = Fieldset("Where the case is", "district", "office", "case_managed_by", "provider")
WORKER_FIELDSET = Fieldset(
    "Who works with the child", FieldRow("caseworker", "caseworker_organisation")
)


ANOTHER_CHILD = "another_child"
OUTLINE = "dark-outline"
MAY_BE_THE_SAME = (
    "This may be a child who is registered already. Look at the child named above; if it is "
    "another one, say so below."
)


class ChildForm(NswForm, forms.Form):
    """What both forms ask for. The services' own sentences stand beside the fields."""

    required_here = ("first_name", "last_name")
    another = "It is another child: save"
    buttons: Sequence[Button]

    childstory_id = forms.CharField(
        label="ChildStory ID",
        # Longer than it may be, so that the browser does not quietly cut what was typed.
        max_length=40,
        help_text="1 to 8 letters or digits, as in ChildStory.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    first_name = forms.CharField(
        max_length=80, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    last_name = forms.CharField(
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="A child with one name has it in either box.",
    )
    born_on = DateField(label="Date of birth", help_text="For example 14 5 2016.")
    aboriginal_status = forms.ChoiceField(
        label="Aboriginal or Torres Strait Islander status",
        choices=AboriginalStatus.choices,
        initial=AboriginalStatus.UNKNOWN,
        help_text="It decides the order in which permanency options are considered.",
    )
    cald = forms.ChoiceField(
        label="Culturally and linguistically diverse background",
        choices=Child.Cald.choices,
        initial=Child.Cald.UNKNOWN,
        widget=forms.RadioSelect,
    )
    district = forms.ModelChoiceField(District.objects.none())
    office = OfficeField(
        Office.objects.none(),
        label="Community Services Centre",
        required=False,
        help_text="An office of the district.",
    )
    case_managed_by = forms.ChoiceField(
        label="Who manages the case",
        choices=CaseManagement.choices,
        widget=forms.RadioSelect,
        help_text="It decides who approves a change of goal.",
    )
    provider = ProviderField(
        Provider.objects.none(),
        required=False,
        help_text="Only where a PSP provider manages the case.",
    )
    caseworker = forms.CharField(label="Caseworker's name", max_length=120, required=False)
    caseworker_organisation = forms.CharField(
        label="Caseworker's organisation", max_length=120, required=False
    )

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.on = by, on
        self._set_choices(self._districts())

    def _districts(self) -> QuerySet[District]:
        raise NotImplementedError

    def _first_district(self) -> District | None:
        raise NotImplementedError

    def _set_choices(self, districts: QuerySet[District]) -> None:
        current = Q(retired_on=None) | Q(retired_on__gt=self.on)
        offices = Office.objects.filter(
            current & Q(district__in=districts) | Q(pk=_key(self.initial.get("office")))
        )
        set_choice_rows(self, "district", districts)
        set_choice_rows(
            self,
            "office",
            offices.select_related("district").order_by("district__name", "name"),
        )
        set_choice_rows(
            self,
            "provider",
            Provider.objects.filter(current | Q(pk=_key(self.initial.get("provider")))),
        )
        cast(ProviderField, self.fields["provider"]).district = self._first_district()

    def clean_childstory_id(self) -> str:
        return register.in_capitals(self.cleaned_data["childstory_id"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.add_errors(register.child_errors(cleaned, on=self.on))
        return cleaned

    def service_values(self) -> register.ChildFields:
        answers = self.cleaned_data
        return cast(
            register.ChildFields,
            {name: answers[name] for name in register.FIELDS if name in answers},
        )

    def ask_about(self, alike: Sequence[Child]) -> bool:
        """Return whether there is to ask if it is one of these children, and then ask."""
        asked = " ".join(str(each.pk) for each in alike)
        if not alike or self.data.get(ANOTHER_CHILD) == asked:
            return False
        self.add_error(None, MAY_BE_THE_SAME)
        self.buttons = (*self.buttons, Button(self.another, ANOTHER_CHILD, asked, OUTLINE))
        return True

    @property
    def answered(self) -> tuple[str, str]:
        """Return the answer to what was asked, for the page that shows what saving does."""
        return ANOTHER_CHILD, self.data.get(ANOTHER_CHILD, "")


def _key(place: Any) -> Any:
    return getattr(place, "pk", place)


def _in_words(value: Any) -> str:
    return day_in_words(value) if isinstance(value, date) else str(value or "None")


class NewChildForm(ChildForm):
    layout = (CHILD_FIELDSET, CASE_FIELDSET, WORKER_FIELDSET, Fieldset("Care", "entered_care_on"))
    buttons = (Button("Register the child"),)
    another = "It is another child: register"

    entered_care_on = DateField(
        label="Entered care on",
        required=False,
        help_text="The start of the present time in out-of-home care. Leave it empty for a child "
        "at home.",
    )

    def _districts(self) -> QuerySet[District]:
        reach = self.by.reach(WRITES_CASES, on=self.on)
        districts = District.objects.current(on=self.on).filter(reach.q("pk"))
        if not reach.everywhere and len(reach.district_ids) == 1:
            self.initial.setdefault("district", next(iter(reach.district_ids)))
        return districts

    def _first_district(self) -> District | None:
        reach = self.by.reach(WRITES_CASES, on=self.on)
        if reach.everywhere or len(reach.district_ids) != 1:
            return None
        return self._districts().first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        entered_on, born_on = cleaned.get("entered_care_on"), cleaned.get("born_on")
        if entered_on is not None and entered_on > self.on:
            self.add_error("entered_care_on", "This day must not be in the future.")
        elif entered_on is not None and born_on is not None and entered_on < born_on:
            self.add_error("entered_care_on", "This day must not be before the child was born.")
        return cleaned


class EditChildForm(ChildForm):
    """Changes the details of a child, who may move to another district or leave the register."""

    layout = (
        CHILD_FIELDSET,
        CASE_FIELDSET,
        WORKER_FIELDSET,
        Fieldset(
            "If the case has ended",
            "died_on",
            "left_state_on",
            hint="Either date ends the child's goal and its dates.",
        ),
    )
    buttons = (Button("Save"),)

    died_on = DateField(label="Died on", required=False)
    left_state_on = DateField(label="Left New South Wales on", required=False)

    def __init__(self, *args: Any, child: Child, **kwargs: Any) -> None:
        self.child = child
        initial = {name: getattr(child, name) for name in register.FIELDS}
        super().__init__(*args, initial=initial, **kwargs)
        bind_form_to_row(self, child, child_number=child.pk, verb=register.EDITED)

    def _districts(self) -> QuerySet[District]:
        return District.objects.filter(
            Q(retired_on=None) | Q(retired_on__gt=self.on) | Q(pk=self.child.district_id)
        )

    def _first_district(self) -> District:
        return self.child.district

    def changes_in_words(self) -> list[Answer]:
        """Return what was changed: each field with what stands in it now."""
        return [
            Answer(self[name], _in_words(value))
            for name, value in self.service_values().items()
            if value != self.initial[name]
        ]

    @property
    def district_out_of_reach(self) -> str | None:
        district: District = self.cleaned_data["district"]
        return None if district in self.by.reach(WRITES_CASES, on=self.on) else str(district)


# Which column of a child a filter is about.
FILTER_PATHS = {"district": "district__slug", "office": "office", "provider": "provider"}


class ChildFilterForm(FilterForm):
    """Narrows the list of children. Its names are a contract: figures elsewhere link here."""

    state = forms.ChoiceField(label="Due", required=False)
    goal = forms.ChoiceField(label="Goal", required=False)
    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    provider = forms.ChoiceField(label="Provider", required=False)
    pc = forms.ChoiceField(label="Permanency Coordinator", required=False)
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, by=by, on=on, **kwargs)
        set_choices(self, "state", [("", "Any"), *lists.DueState.choices])
        set_choices(self, "goal", [("", "Any"), *Goal.choices])

    def _choice_rows(self) -> dict[str, list[ChoiceRow]]:
        reach = self.by.reach(READS_CASES, on=self.on)
        # An approver sees some of the children in reach: the others' providers are not named.
        visible = Child.objects.visible_to(self.by, on=self.on)
        has_visible_children = Exists(visible.filter(provider=OuterRef("pk")))
        is_allocated = Exists(Allocation.objects.filter(person=OuterRef("pk")))
        coordinators = User.objects.holding(WRITES_CASES, on=self.on).filter(is_allocated)
        if not reach.everywhere:
            here = Appointment.objects.filter(
                person=OuterRef("pk"), district__in=reach.district_ids
            )
            coordinators = coordinators.filter(Exists(here))
        asked = {
            "office": choice_rows(Office.objects.filter(reach.q()), group="district__name"),
            "provider": choice_rows(Provider.objects.filter(has_visible_children)),
            "pc": choice_rows(coordinators),
        }
        if reach.everywhere or len(reach.district_ids) > 1:
            asked["district"] = choice_rows(District.objects.filter(reach.q("pk")), value="slug")
        return choices_by_field(asked)

    def _set_choices(self, found: Mapping[str, list[ChoiceRow]]) -> None:
        if "district" not in found:
            del self.fields["district"]
        for name, choices in found.items():
            shown = in_groups(choices) if name == "office" else in_pairs(choices)
            set_choices(self, name, [("", "Anybody" if name == "pc" else "All"), *shown])
        if not self.by.holds(WRITES_CASES, on=self.on):
            del self.fields["mine"]

    def narrow(self, children: ChildQuerySet) -> ChildQuerySet:
        self.full_clean()
        chosen = self.cleaned_data
        if state := chosen.get("state"):
            children = lists.in_state(children, state, on=self.on)
        if goal := chosen.get("goal"):
            children = children.with_goal(goal, on=self.on)
        for name, path in FILTER_PATHS.items():
            if place := chosen.get(name):
                children = children.filter(**{path: place})
        if coordinator := chosen.get("pc"):
            children = children.mine(User.objects.get(pk=coordinator), on=self.on)
        if chosen.get("mine"):
            children = children.mine(self.by, on=self.on)
        return children


class FindChildForm(NswForm, forms.Form):
    """Finds a child by ChildStory ID, reference, name or caseworker. By POST: names are private."""

    warn_unsaved = may_keep_draft = False

    who = forms.CharField(
        label="Name, case reference, ChildStory ID or caseworker",
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter a name, a case reference, a ChildStory ID or a caseworker."
        },
    )
