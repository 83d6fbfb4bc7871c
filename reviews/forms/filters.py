"""The filters of the list of reviews and of the list of goal changes under way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import WAITING, Status
from directory.models import District, Office, Provider, User
from directory.models.people import Reach
from directory.roles import READS_CASES
from permanency.forms.choices import FilterForm, Offered, in_pairs, named, offer, offered
from permanency.models import Child
from permanency.models.children import ChildQuerySet
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.forecast import weeks_ahead
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from reviews.forecast import due_in_week, two_year_in_week
from reviews.no_clock import Reason, has_no_clock
from reviews.windows import TwoYear, Window, in_window, two_year_stands

NONE_NAMED = "none"
ANY = ("", "Any")
NO_OFFICE = (NONE_NAMED, "No office named")
NO_PROVIDER = (NONE_NAMED, "DCJ, or no provider named")


def offices_within(reach: Reach) -> QuerySet[Office]:
    """Return the offices within reach as choices of a filter, for `offered`."""
    return named(Office.objects.filter(reach.q()), group="district__name")


def office_choices(reach: Reach, offices: Iterable[Offered]) -> list[tuple[str, str]]:
    """Return these offices, named with their district where there are several, and the rest."""
    several = reach.everywhere or len(reach.district_ids) > 1
    shown = [
        (value, f"{name} ({district})" if several else name) for value, name, district in offices
    ]
    return [ANY, *shown, NO_OFFICE]


def _providers(reach: Reach, visible: ChildQuerySet) -> QuerySet[Provider]:
    """Return the providers of the districts in reach, and those of the children within sight."""
    if reach.everywhere:
        return Provider.objects.all()
    works_here = Provider.districts.through.objects.filter(
        provider=OuterRef("pk"), district__in=reach.district_ids
    )
    has_children = visible.filter(provider=OuterRef("pk"))
    return Provider.objects.filter(Exists(works_here) | Exists(has_children))


class PlaceFilterForm(FilterForm):
    """What every list here can be narrowed by."""

    # The path from a row of the list to its child.
    child = "child__"

    district = forms.ChoiceField(label="District", required=False)
    office = forms.ChoiceField(label="Office", required=False)
    provider = forms.ChoiceField(label="Provider", required=False)
    mine = forms.BooleanField(label="Only my offices and providers", required=False)

    def _offered(self) -> dict[str, list[Offered]]:
        reach = self._reach
        visible = Child.objects.visible_to(self.by, on=self.on)
        asked = {
            "office": offices_within(reach),
            "provider": named(_providers(reach, visible)),
        }
        if reach.everywhere or len(reach.district_ids) > 1:
            asked["district"] = named(District.objects.filter(reach.q("pk")), value="slug")
        return offered(asked)

    def _offer(self, found: Mapping[str, list[Offered]]) -> None:
        offer(self, "office", office_choices(self._reach, found["office"]))
        offer(self, "provider", [ANY, *in_pairs(found["provider"]), NO_PROVIDER])
        if "district" in found:
            offer(self, "district", [ANY, *in_pairs(found["district"])])
        else:
            del self.fields["district"]

    @property
    def _reach(self) -> Reach:
        return self.by.reach(READS_CASES, on=self.on)

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
            condition &= Q(**{f"{self.child}district__slug": slug})
        for name in ("office", "provider"):
            if key := self.chosen.get(name):
                condition &= Q(**{f"{self.child}{name}": None if key == NONE_NAMED else key})
        if self.chosen.get("mine"):
            mine = Child.objects.mine(self.by, on=self.on).values("pk")
            condition &= Q(**{f"{self.child}pk__in": mine})
        return condition


class DueFilterForm(PlaceFilterForm):
    """Narrows the list of reviews due."""

    window = forms.ChoiceField(label="When", required=False, choices=Window.choices)
    goal = forms.ChoiceField(label="Goal", required=False, choices=[ANY, *Goal.choices])
    two_year = forms.ChoiceField(
        label="Two-year date", required=False, choices=[ANY, *TwoYear.choices]
    )
    # The forecast leads here with a week; otherwise nobody is asked for one.
    week = forms.ChoiceField(label="Held in the week of", required=False)
    two_year_week = forms.ChoiceField(label="Two-year date in the week of", required=False)
    field_order = [
        "window",
        "week",
        "two_year_week",
        "goal",
        "two_year",
        "district",
        "office",
        "provider",
        "mine",
    ]

    def __init__(self, *args: Any, by: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, by=by, on=on, **kwargs)
        for name, beside in (("week", ", and overdue"), ("two_year_week", "")):
            if self.data.get(name):
                weeks = [(day.isoformat(), day_in_words(day)) for day in weeks_ahead(on)]
                weeks[0] = (weeks[0][0], f"{weeks[0][1]}{beside}")
                offer(self, name, [ANY, *weeks])
            else:
                del self.fields[name]

    def _monday(self, name: str) -> date | None:
        """Return the Monday of the week asked for by a filter, if any."""
        week = self.chosen.get(name)
        return date.fromisoformat(week) if week else None

    @property
    def window_chosen(self) -> Window:
        """Return the window asked for, or else what is pressing, or all of the week asked for."""
        otherwise = Window.PRESSING
        if self._monday("week"):
            otherwise = Window.DATED
        elif self._monday("two_year_week"):
            otherwise = Window.EVERY
        return Window(self.chosen.get("window") or otherwise)

    @property
    def asked_in_words(self) -> str:
        """Return the window and the week in words."""
        words = self.window_chosen.in_full
        if week := self._monday("week"):
            words += f", to be held in the week of {day_in_words(week)}"
        if week := self._monday("two_year_week"):
            words += f", with the two-year date in the week of {day_in_words(week)}"
        return words

    def narrow(self, goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
        """Return the goals in force that the filters leave."""
        goals = goals.filter(self.place(), in_window(self.window_chosen, on=self.on))
        if week := self._monday("week"):
            goals = goals.filter(due_in_week(week, on=self.on))
        if week := self._monday("two_year_week"):
            goals = goals.filter(two_year_in_week(week, on=self.on))
        if goal := self.chosen.get("goal"):
            goals = goals.filter(goal=goal)
        if state := self.chosen.get("two_year"):
            goals = goals.filter(two_year_stands(state, on=self.on))
        return goals


class NoClockFilterForm(PlaceFilterForm):
    """Narrows the list of children without a clock."""

    child = ""

    reason = forms.ChoiceField(label="Why", required=False, choices=[ANY, *Reason.choices])
    field_order = ["reason", "district", "office", "provider", "mine"]

    def narrow(self, children: ChildQuerySet) -> ChildQuerySet:
        """Return the children without a clock that the filters leave."""
        reason = self.chosen.get("reason") or ""
        condition = has_no_clock(on=self.on, reason=reason)
        return children.with_goal_now().filter(self.place(), condition)


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
