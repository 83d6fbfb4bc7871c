"""Forms about a person: who they are, their password, and finding them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from directory.forms.date_field import DateField
from directory.forms.layout import Button, ListFilterForm, NswForm
from directory.models import District, Office, Provider, User
from directory.people.appointments import (
    Reasons,
    reasons_against_allocating,
    reasons_against_appointing,
)
from directory.people.services import ADDRESS_TAKEN, is_address_taken
from directory.roles import Role


class PersonForm(NswForm, forms.Form):
    name = forms.CharField(max_length=120)
    email = forms.EmailField(
        label="Work e-mail address", max_length=254, help_text="They sign in with it."
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if is_address_taken(email, by_other_than=self.person):
            raise ValidationError(ADDRESS_TAKEN, code="taken")
        return email


class NewPersonForm(PersonForm):
    buttons = (Button("Add person"),)


class PeopleFilterForm(ListFilterForm):
    name = forms.CharField(label="Name or e-mail address", max_length=120, required=False)
    role = forms.ChoiceField(choices=[("", "Any role"), *Role.choices], required=False)
    district = forms.ModelChoiceField(
        District.objects.all(), required=False, empty_label="Any district"
    )


WHOLE_STATE = "state"


class AppointmentForm(NswForm, forms.Form):
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])
    # The whole state is a choice of its own, so that nobody gets it by leaving a field empty.
    district = forms.ChoiceField(label="Where")
    starts_on = DateField(label="First day")
    ends_on = DateField(label="Last day", required=False, help_text="Empty means until further.")
    instrument = forms.CharField(
        label="Instrument",
        max_length=120,
        required=False,
        help_text="What the appointment rests on, for example a delegation or a letter.",
    )
    buttons = (Button("Appoint"),)

    def __init__(self, *args: Any, person: User, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.by = person, by
        self.places = {str(row.pk): row for row in District.objects.current(on=on)}
        choices = [(key, row.name) for key, row in self.places.items()]
        self.fields["district"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has choices
            ("", "Choose a district"),
            (WHOLE_STATE, "The whole state"),
            *choices,
        ]
        self.initial.setdefault("starts_on", on)

    @property
    def chosen_district(self) -> District | None:
        return self.places.get(self.cleaned_data["district"])

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if {"role", "district", "starts_on", "ends_on"} <= typed.keys():
            reasons = reasons_against_appointing(
                self.person,
                Role(typed["role"]),
                self.chosen_district,
                starts_on=typed["starts_on"],
                ends_on=typed["ends_on"],
                by=self.by,
            )
            self.add_errors(reasons)
        return typed


class AllocationForm(NswForm, forms.Form):
    place = forms.ChoiceField(label="Office or provider")
    starts_on = DateField(label="First day")
    ends_on = DateField(label="Last day", required=False, help_text="Empty means until further.")
    buttons = (Button("Allocate"),)

    def __init__(self, *args: Any, person: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.places: dict[str, Office | Provider] = {}
        groups: dict[str, list[tuple[str, str]]] = {"Providers": []}
        for provider in Provider.objects.current(on=on):
            self._offer(groups["Providers"], f"provider-{provider.pk}", provider)
        offices = Office.objects.current(on=on).select_related("district")
        for office in offices.order_by("district__name", "name"):
            group = groups.setdefault(f"Offices in {office.district}", [])
            self._offer(group, f"office-{office.pk}", office)
        self.fields["place"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has choices
            ("", "Choose an office or a provider"),
            *((label, rows) for label, rows in groups.items() if rows),
        ]
        self.initial.setdefault("starts_on", on)

    def _offer(self, group: list[tuple[str, str]], key: str, place: Office | Provider) -> None:
        self.places[key] = place
        group.append((key, place.name))

    @property
    def chosen_place(self) -> Office | Provider:
        return self.places[self.cleaned_data["place"]]

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if {"place", "starts_on", "ends_on"} <= typed.keys():
            reasons = reasons_against_allocating(
                self.person,
                self.chosen_place,
                starts_on=typed["starts_on"],
                ends_on=typed["ends_on"],
            )
            self.add_errors(reasons)
        return typed


class EndingForm(NswForm, forms.Form):
    ends_on = DateField(label="Last day", help_text="The last day still counts.")
    buttons = (Button("Save the last day"),)

    def __init__(
        self, *args: Any, reasons_against: Callable[..., Reasons], on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reasons_against = reasons_against
        self.initial.setdefault("ends_on", on)

    def clean(self) -> dict[str, Any]:
        if "ends_on" in self.cleaned_data:
            self.add_errors(self.reasons_against(ends_on=self.cleaned_data["ends_on"]))
        return self.cleaned_data
