"""The filters of the forecast: where, and whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from directory.forms.layout import NswForm
from directory.models import District, User
from directory.roles import READS_DASHBOARD
from permanency.choices import choices_by_field, set_choices
from permanency.models import Coordinator
from reviews.figures.place_filter import ANY, NO_PLACE, office_choices, offices_within
from reviews.forecast.weeks import (
    LEADER_ROLES,
    REVIEWER_ROLES,
    Grouping,
    group_by_coordinator,
    group_by_place,
    person_as_coordinator,
    team_coordinators,
    without_coordinator,
)

OFFICE, PC = "office", "pc"


class ForecastFilterForm(NswForm, forms.Form):
    """Narrows the forecast to a district, an office or a Permanency Coordinator; groups it by them.

    Managers choose among the Coordinators they lead; a Coordinator sees their own share alone.
    """

    method = "get"
    mark_optional = False

    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    pc = forms.ChoiceField(label="Permanency Coordinator", required=False)
    rows = forms.ChoiceField(label="A row for each", required=False)

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reach = by.reach(READS_DASHBOARD, on=on)
        self.leads = by.reach(LEADER_ROLES, on=on)
        self.led: Sequence[Coordinator] = team_coordinators(by, on=on) if self.leads else ()
        self.own = person_as_coordinator(by, on=on) if by.holds(REVIEWER_ROLES, on=on) else None
        self.districts: Sequence[District] = ()
        offices = choices_by_field({"office": offices_within(self.reach)})["office"]
        set_choices(self, "office", office_choices(self.reach, offices))
        if self.reach.everywhere or len(self.reach.district_ids) > 1:
            self.districts = list(District.objects.filter(self.reach.q("pk")))
            set_choices(
                self, "district", [ANY, *((each.slug, each.name) for each in self.districts)]
            )
        else:
            del self.fields["district"]
        self._offer_people()
        self._offer_rows()

    def _offer_people(self) -> None:
        own = [(str(self.own.pk), "My offices and providers")] if self.own else []
        led = [
            (str(each.pk), each.name)
            for each in self.led
            if not (self.own and each.pk == self.own.pk)
        ]
        if self.leads:
            everybody = [("", "Anybody"), *own, *led, (NO_PLACE, "Nobody in particular")]
            set_choices(self, "pc", everybody)
        elif own:
            set_choices(self, "pc", [("", "Anybody"), *own])
        else:
            del self.fields["pc"]

    def _offer_rows(self) -> None:
        places = [("", "District"), (OFFICE, "Office")] if self.districts else [("", "Office")]
        if "pc" in self.fields:
            places.append((PC, "Permanency Coordinator"))
        if len(places) > 1:
            set_choices(self, "rows", places)
        else:
            del self.fields["rows"]

    def offers(self, name: str, choice: str) -> bool:
        field = self.fields[name]
        return isinstance(field, forms.ChoiceField) and field.valid_value(choice)

    @property
    def chosen(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.is_valid()
        return self.cleaned_data

    @property
    def district_chosen(self) -> District | None:
        slug = self.chosen.get("district")
        return next((each for each in self.districts if each.slug == slug), None)

    @property
    def grouping(self) -> Grouping:
        rows = self.chosen.get("rows")
        if rows == PC and not self.leads and self.own:
            # Who leads nobody reads no names.
            own = [self.own]
            return group_by_coordinator(own, self.own.reach, "Not of my offices and providers")
        if rows == PC:
            return group_by_coordinator(self.led, self.leads, "Nobody in particular")
        if rows == OFFICE or not self.districts or self.district_chosen:
            return group_by_place("office", "No office named")
        return group_by_place("district", "No district")

    @property
    def is_shared(self) -> bool:
        return self.chosen.get("rows") == PC and len(self.led) > 1

    @property
    def is_mine(self) -> bool:
        return self.own is not None and self.chosen.get("pc") == str(self.own.pk)

    @property
    def is_other_person(self) -> bool:
        return bool(self.chosen.get("pc")) and not self.is_mine

    def place(self) -> Q:
        condition = Q()
        if key := self.chosen.get("office"):
            condition &= Q(child__office=None if key == NO_PLACE else key)
        if self.is_mine and self.own:
            return condition & self.own.children
        if chosen := self.chosen.get("pc"):
            led = {str(each.pk): each.children for each in self.led}
            share = without_coordinator(self.led) if chosen == NO_PLACE else led[chosen]
            condition &= share & self.leads.q("child__district")
        return condition
