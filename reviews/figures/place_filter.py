"""The filters by district, office and provider that the lists have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from directory.models import District, Office, Provider
from directory.models.people import Reach
from directory.roles import READS_CASES
from permanency.choices import (
    ChoiceRow,
    FilterForm,
    choice_rows,
    choices_by_field,
    in_pairs,
    set_choices,
)
from permanency.models import Child

NO_PLACE = "none"
ANY = ("", "Any")
NO_OFFICE = (NO_PLACE, "No office named")
NO_PROVIDER = (NO_PLACE, "DCJ, or no provider named")


def offices_within(reach: Reach) -> QuerySet[Office]:
    """Return the offices within reach as choices of a filter, for `choices_by_field`."""
    return choice_rows(Office.objects.filter(reach.q()), group="district__name")


def office_choices(reach: Reach, offices: Iterable[ChoiceRow]) -> list[tuple[str, str]]:
    """Return these offices, named with their district where there are several, and the rest."""
    several = reach.everywhere or len(reach.district_ids) > 1
    shown = [
        (value, f"{name} ({district})" if several else name) for value, name, district in offices
    ]
    return [ANY, *shown, NO_OFFICE]


class PlaceFilterForm(FilterForm):
    # The path from a row of the list to its child.
    child = "child__"

    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    provider = forms.ChoiceField(label="Provider", required=False)
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def _choice_rows(self) -> dict[str, list[ChoiceRow]]:
        reach = self._reach
        providers = Provider.objects.all()
        if not reach.everywhere:
            works_here = Provider.districts.through.objects.filter(
                provider=OuterRef("pk"), district__in=reach.district_ids
            )
            visible = Child.objects.visible_to(self.by, on=self.on)
            has_children = visible.filter(provider=OuterRef("pk"))
            providers = providers.filter(Exists(works_here) | Exists(has_children))
        asked = {"office": offices_within(reach), "provider": choice_rows(providers)}
        if reach.everywhere or len(reach.district_ids) > 1:
            asked["district"] = choice_rows(District.objects.filter(reach.q("pk")), value="slug")
        return choices_by_field(asked)

    def _set_choices(self, found: Mapping[str, list[ChoiceRow]]) -> None:
        set_choices(self, "office", office_choices(self._reach, found["office"]))
        set_choices(self, "provider", [ANY, *in_pairs(found["provider"]), NO_PROVIDER])
        if "district" in found:
            set_choices(self, "district", [ANY, *in_pairs(found["district"])])
        else:
            del self.fields["district"]

    @property
    def _reach(self) -> Reach:
        return self.by.reach(READS_CASES, on=self.on)

    @property
    def chosen(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.is_valid()
        return self.cleaned_data

    def place(self) -> Q:
        condition = Q()
        if slug := self.chosen.get("district"):
            condition &= Q(**{f"{self.child}district__slug": slug})
        for name in ("office", "provider"):
            if key := self.chosen.get(name):
                condition &= Q(**{f"{self.child}{name}": None if key == NO_PLACE else key})
        if self.chosen.get("mine"):
            mine = Child.objects.mine(self.by, on=self.on).values("pk")
            condition &= Q(**{f"{self.child}pk__in": mine})
        return condition
