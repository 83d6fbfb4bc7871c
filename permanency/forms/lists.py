"""The filters of the list of children, and the box that finds one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from directory.crispy import NswForm
from directory.models import District, Office, Provider, User
from directory.models.people import Reach
from directory.roles import READS_CASES, WRITES_CASES
from permanency.forms.choices import OfficeField, offer, offer_rows
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.policy.goals import Goal
from permanency.services import lists


def cases_reach(user: User, *, on: date) -> Reach:
    """Return the districts in which a person sees children at all."""
    return user.reach(READS_CASES, on=on)


class ChildFilterForm(NswForm, forms.Form):
    """Narrows the list of children. Every value is a number or a slug: they stand in addresses.

    `state`, `goal`, `office`, `provider`, `pc`, `district` and `mine` are a contract with the
    figures on other pages, which link here.
    """

    method = "get"
    mark_optional = False

    state = forms.ChoiceField(label="Due", required=False, choices=[("", "Any")])
    goal = forms.ChoiceField(label="Goal", required=False, choices=[("", "Any")])
    district = forms.ModelChoiceField(
        District.objects.none(), to_field_name="slug", required=False, empty_label="All"
    )
    office = OfficeField(Office.objects.none(), required=False, empty_label="All")
    provider = forms.ModelChoiceField(Provider.objects.none(), required=False, empty_label="All")
    pc = forms.ModelChoiceField(
        User.objects.none(),
        label="Permanency Coordinator",
        required=False,
        empty_label="Anybody",
    )
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.on = by, on
        offer(self, "state", [("", "Any"), *lists.DueState.choices])
        offer(self, "goal", [("", "Any"), *Goal.choices])
        self._offer(cases_reach(by, on=on))

    def _offer(self, reach: Reach) -> None:
        # An approver sees some of the children in reach: the others' providers are not named.
        visible = Child.objects.visible_to(self.by, on=self.on)
        offices = Office.objects.filter(reach.q()).select_related("district")
        offer_rows(self, "office", offices.order_by("district__name", "name"))
        with_children = visible.exclude(provider=None).values("provider")
        providers = Provider.objects.filter(pk__in=with_children)
        offer_rows(self, "provider", providers)
        offer_rows(self, "pc", _coordinators(reach, on=self.on))
        if reach.everywhere or len(reach.district_ids) > 1:
            offer_rows(self, "district", District.objects.filter(reach.q("pk")))
        else:
            del self.fields["district"]
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
        for name in ("district", "office", "provider"):
            if place := chosen.get(name):
                children = children.filter(**{name: place})
        if coordinator := chosen.get("pc"):
            children = children.mine(coordinator, on=self.on)
        if chosen.get("mine"):
            children = children.mine(self.by, on=self.on)
        return children


def _coordinators(reach: Reach, *, on: date) -> Any:
    """Return the people with allocations who write about children within reach."""
    people = User.objects.holding(WRITES_CASES, on=on).filter(allocations__isnull=False)
    if not reach.everywhere:
        people = people.filter(appointments__district__in=reach.district_ids)
    return people.distinct()


class FindChildForm(NswForm, forms.Form):
    """Finds a child by ChildStory ID, case reference or name. Sent by POST: names are private."""

    warn_unsaved = keeps_typed = False

    who = forms.CharField(
        label="ChildStory ID, case reference or name",
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter a ChildStory ID, a case reference or a name."},
    )
