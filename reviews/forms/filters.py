"""The filters of the list of reviews and of the list of goal changes under way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import Status
from directory.crispy import NswForm
from directory.models import District, Office, Provider, User
from directory.models.people import Reach
from directory.roles import READS_CASES
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.goals import Goal
from reviews.windows import TwoYear, Window, in_window, two_year_stands

NONE_NAMED = "none"
ANY = ("", "Any")
WAITING = (Status.PROPOSED, Status.ENDORSED)


def _offices(reach: Reach) -> list[tuple[str, str]]:
    offices = Office.objects.filter(reach.q()).select_related("district")
    several = reach.everywhere or len(reach.district_ids) > 1
    named = [
        (str(each.pk), f"{each.name} ({each.district.name})" if several else each.name)
        for each in offices.order_by("district__name", "name")
    ]
    return [ANY, *named, (NONE_NAMED, "No office named")]


def _providers(reach: Reach, visible: ChildQuerySet) -> list[tuple[str, str]]:
    """Return the providers of the districts in reach, and those of the children within sight."""
    providers = Provider.objects.all()
    if not reach.everywhere:
        children = visible.exclude(provider=None)
        providers = providers.filter(
            Q(districts__in=reach.district_ids) | Q(pk__in=children.values("provider"))
        ).distinct()
    named = [(str(each.pk), each.name) for each in providers]
    return [ANY, *named, (NONE_NAMED, "DCJ, or no provider named")]


class PlaceFilterForm(NswForm, forms.Form):
    """What every list here can be narrowed by. Values are numbers and slugs: no names."""

    method = "get"
    mark_optional = False

    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    provider = forms.ChoiceField(label="Provider", required=False)
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.on = by, on
        reach = by.reach(READS_CASES, on=on)
        self._offer("office", _offices(reach))
        self._offer("provider", _providers(reach, Child.objects.visible_to(by, on=on)))
        if reach.everywhere or len(reach.district_ids) > 1:
            districts = District.objects.filter(reach.q("pk"))
            self._offer("district", [ANY, *((each.slug, each.name) for each in districts)])
        else:
            del self.fields["district"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the filters that make sense; the others are not used."""
        if not self.is_bound:
            return {}
        self.is_valid()
        return self.cleaned_data

    def place(self) -> Q:
        """Return the condition that a row's child is where the filters say."""
        condition = Q()
        if slug := self.chosen.get("district"):
            condition &= Q(child__district__slug=slug)
        for name in ("office", "provider"):
            if key := self.chosen.get(name):
                condition &= Q(**{f"child__{name}": None if key == NONE_NAMED else key})
        if self.chosen.get("mine"):
            condition &= Q(child__in=Child.objects.mine(self.by, on=self.on).values("pk"))
        return condition


class DueFilterForm(PlaceFilterForm):
    """Narrows the list of reviews due."""

    window = forms.ChoiceField(label="When", required=False, choices=Window.choices)
    goal = forms.ChoiceField(label="Goal", required=False, choices=[ANY, *Goal.choices])
    two_year = forms.ChoiceField(
        label="Two-year date", required=False, choices=[ANY, *TwoYear.choices]
    )
    field_order = ["window", "goal", "two_year", "district", "office", "provider", "mine"]

    @property
    def window_chosen(self) -> Window:
        """Return the window asked for, or else what is pressing."""
        return Window(self.chosen.get("window") or Window.PRESSING)

    def narrow(self, goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
        """Return the goals in force that the filters leave."""
        goals = goals.filter(self.place(), in_window(self.window_chosen, on=self.on))
        if goal := self.chosen.get("goal"):
            goals = goals.filter(goal=goal)
        if state := self.chosen.get("two_year"):
            goals = goals.filter(two_year_stands(state, on=self.on))
        return goals


class WaitingFilterForm(PlaceFilterForm):
    """Narrows the list of goal changes that wait for somebody."""

    status = forms.ChoiceField(
        label="Waiting for",
        required=False,
        choices=[
            ("", "Anybody"),
            (Status.PROPOSED, "Endorsement"),
            (Status.ENDORSED, "Approval"),
            (Status.DRAFT, "Being proposed (drafts)"),
        ],
    )
    field_order = ["status", "district", "office", "provider", "mine"]

    def narrow(self, changes: GoalChangeQuerySet) -> GoalChangeQuerySet:
        """Return the changes that the filters leave; drafts only where they are asked for."""
        wanted = [self.chosen["status"]] if self.chosen.get("status") else WAITING
        return changes.filter(self.place(), status__in=wanted)
