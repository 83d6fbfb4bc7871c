"""The filters of the list of children, and the box that finds one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from directory.crispy import NswForm
from directory.models import Allocation, Appointment, District, Office, Provider, User
from directory.models.people import Reach
from directory.roles import READS_CASES, WRITES_CASES
from permanency.forms.choices import (
    FilterForm,
    Offered,
    in_groups,
    in_pairs,
    named,
    offer,
    offered,
)
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import Goal
from permanency.services import lists

# Which column of a child a filter is about.
PATHS = {"district": "district__slug", "office": "office", "provider": "provider"}


def cases_reach(user: User, *, on: date) -> Reach:
    """Return the districts in which a person sees children at all."""
    return user.reach(READS_CASES, on=on)


class ChildFilterForm(FilterForm):
    """Narrows the list of children.

    `state`, `goal`, `office`, `provider`, `pc`, `district` and `mine` are a contract with the
    figures on other pages, which link here.
    """

    state = forms.ChoiceField(label="Due", required=False)
    goal = forms.ChoiceField(label="Goal", required=False)
    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    provider = forms.ChoiceField(label="Provider", required=False)
    pc = forms.ChoiceField(label="Permanency Coordinator", required=False)
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, by=by, on=on, **kwargs)
        offer(self, "state", [("", "Any"), *lists.DueState.choices])
        offer(self, "goal", [("", "Any"), *Goal.choices])

    def _offered(self) -> dict[str, list[Offered]]:
        reach = cases_reach(self.by, on=self.on)
        asked = {
            "office": named(Office.objects.filter(reach.q()), group="district__name"),
            "provider": named(_providers_of(Child.objects.visible_to(self.by, on=self.on))),
            "pc": named(_coordinators(reach, on=self.on)),
        }
        if reach.everywhere or len(reach.district_ids) > 1:
            asked["district"] = named(District.objects.filter(reach.q("pk")), value="slug")
        return offered(asked)

    def _offer(self, found: Mapping[str, list[Offered]]) -> None:
        if "district" not in found:
            del self.fields["district"]
        for name, choices in found.items():
            shown = in_groups(choices) if name == "office" else in_pairs(choices)
            offer(self, name, [("", "Anybody" if name == "pc" else "All"), *shown])
        if not self.by.holds(WRITES_CASES, on=self.on):
            del self.fields["mine"]

    def narrow(self, children: ChildQuerySet) -> ChildQuerySet:
        """Return the children that the filters leave; a filter that makes no sense is not used."""
        self.full_clean()
        chosen = self.cleaned_data
        if state := chosen.get("state"):
            children = lists.in_state(children, state, on=self.on)
        if goal := chosen.get("goal"):
            children = children.with_goal(goal)
        for name, path in PATHS.items():
            if place := chosen.get(name):
                children = children.filter(**{path: place})
        if coordinator := chosen.get("pc"):
            children = children.mine(User.objects.get(pk=coordinator), on=self.on)
        if chosen.get("mine"):
            children = children.mine(self.by, on=self.on)
        return children


def _providers_of(visible: ChildQuerySet) -> QuerySet[Provider]:
    """Return the providers of children within sight.

    An approver sees some of the children in reach: the others' providers are not named.
    """
    return Provider.objects.filter(Exists(visible.filter(provider=OuterRef("pk"))))


def _coordinators(reach: Reach, *, on: date) -> QuerySet[Any]:
    """Return the people with allocations who write about children within reach."""
    people: QuerySet[Any] = User.objects.holding(WRITES_CASES, on=on)
    people = people.filter(Exists(Allocation.objects.filter(person=OuterRef("pk"))))
    if not reach.everywhere:
        within = Appointment.objects.filter(person=OuterRef("pk"), district__in=reach.district_ids)
        people = people.filter(Exists(within))
    return people


class FindChildForm(NswForm, forms.Form):
    """Finds a child by ChildStory ID, case reference or name. Sent by POST: names are private."""

    warn_unsaved = keeps_typed = False

    who = forms.CharField(
        label="ChildStory ID, case reference or name",
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a ChildStory ID, a case reference or a name."},
    )
