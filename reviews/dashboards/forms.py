"""The filters of the list of reviews and of the list of goal changes under way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import WAITING, Status
from directory.models import User
from permanency.choices import set_choices
from permanency.models.children import ChildQuerySet
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.forecast import weeks_ahead
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from reviews.due_state import TwoYearState, Window, in_window, two_year_condition
from reviews.figures.missing_dates import Reason, has_no_clock
from reviews.figures.place_filter import ANY, PlaceFilterForm
from reviews.forecast.weeks import due_in_week, two_year_in_week


class DueFilterForm(PlaceFilterForm):
    window = forms.ChoiceField(label="When", required=False, choices=Window.choices)
    goal = forms.ChoiceField(label="Goal", required=False, choices=[ANY, *Goal.choices])
    two_year = forms.ChoiceField(
        label="Two-year date", required=False, choices=[ANY, *TwoYearState.choices]
    )
    # Shown only where the forecast leads here with a week.
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
        for name in ("week", "two_year_week"):
            if self.data.get(name):
                weeks = [(day.isoformat(), day_in_words(day)) for day in weeks_ahead(on)]
                set_choices(self, name, [ANY, *weeks])
            else:
                del self.fields[name]

    def _monday(self, name: str) -> date | None:
        week = self.chosen.get(name)
        return date.fromisoformat(week) if week else None

    @property
    def window_chosen(self) -> Window:
        otherwise = Window.PRESSING
        if self._monday("week"):
            otherwise = Window.DATED
        elif self._monday("two_year_week"):
            otherwise = Window.EVERY
        return Window(self.chosen.get("window") or otherwise)

    @property
    def description(self) -> str:
        words = self.window_chosen.in_full
        if week := self._monday("week"):
            words += f", to be held in the week of {day_in_words(week)}"
        if week := self._monday("two_year_week"):
            words += f", with the two-year date in the week of {day_in_words(week)}"
        return words

    def narrow(self, goals: CasePlanGoalQuerySet) -> CasePlanGoalQuerySet:
        goals = goals.filter(self.place(), in_window(self.window_chosen, on=self.on))
        if week := self._monday("week"):
            goals = goals.filter(due_in_week(week, on=self.on))
        if week := self._monday("two_year_week"):
            goals = goals.filter(two_year_in_week(week, on=self.on))
        if goal := self.chosen.get("goal"):
            goals = goals.filter(goal=goal)
        if state := self.chosen.get("two_year"):
            goals = goals.filter(two_year_condition(state, on=self.on))
        return goals


class NoClockFilterForm(PlaceFilterForm):
    child = ""

    reason = forms.ChoiceField(label="Why", required=False, choices=[ANY, *Reason.choices])
    field_order = ["reason", "district", "office", "provider", "mine"]

    def narrow(self, children: ChildQuerySet) -> ChildQuerySet:
        condition = has_no_clock(on=self.on, reason=self.chosen.get("reason") or "")
        return children.with_goal_now().filter(self.place(), condition)


class WaitingFilterForm(PlaceFilterForm):
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
        wanted = [self.chosen["status"]] if self.chosen.get("status") else WAITING
        return changes.ongoing(on=self.on).filter(self.place(), status__in=wanted)
