"""Rows made directly for tests. Products of the services are made by the services."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from directory.models import District, User
from directory.roles import CaseManagement
from permanency.goals import clocks, lifecycle
from permanency.goals.store import lock_goal_to_write
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder, RuleVersion
from permanency.policy.goals import Goal

BORN_ON = date(2015, 3, 2)
GOAL_SINCE = date(2025, 6, 10)
_numbers = count(1)


def make_child(district: District, **fields: Any) -> Child:
    """Return a child of this district, managed by DCJ unless the fields say otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "childstory_id": f"T{number:06}",
        "first_name": "Robin",
        "last_name": f"Example{number}",
        "born_on": BORN_ON,
        "case_managed_by": CaseManagement.PSP if fields.get("provider") else CaseManagement.DCJ,
        **fields,
    }
    return Child.objects.create(district=district, **values)


def make_goal(child: Child, goal: Goal = Goal.RESTORATION, **fields: Any) -> CasePlanGoal:
    """Return a goal of the child as a bare row: the dates are only those that the fields give."""
    values: dict[str, Any] = {
        "effective_on": GOAL_SINCE,
        "source": CasePlanGoal.Source.OPENED_IN_FORCE,
        **fields,
    }
    return CasePlanGoal.objects.create(child=child, goal=goal, **values)


def make_episode(child: Child, **fields: Any) -> CareEpisode:
    """Return a care episode of the child, open unless the fields say otherwise."""
    return CareEpisode.objects.create(child=child, **{"entered_on": GOAL_SINCE, **fields})


def make_order(child: Child, **fields: Any) -> CourtOrder:
    """Return a court order about the child, a short term one unless the fields say otherwise."""
    values: dict[str, Any] = {
        "kind": CourtOrder.Kind.SHORT_TERM,
        "starts_on": GOAL_SINCE,
        "expires_on": date(2027, 6, 10),
        **fields,
    }
    return CourtOrder.objects.create(child=child, **values)


def make_action(child: Child, **fields: Any) -> Action:
    """Return an open action about the child."""
    values: dict[str, Any] = {
        "what": "Meet the family",
        "who": "Jo Caseworker",
        "agreed_on": GOAL_SINCE,
        "due_on": date(2026, 7, 1),
        **fields,
    }
    return Action.objects.create(child=child, **values)


@transaction.atomic
def hold_review(goal: CasePlanGoal, *, held_on: date, by: User, on: date) -> CasePlanGoal:
    """Return the goal with its next review counted from this day, as holding a review does."""
    goal = lock_goal_to_write(goal, by=by, on=on)
    book = RuleVersion.objects.book()
    dates = clocks.dates_after_review(goal, held_on=held_on, book=book, on=on)
    lifecycle.save_review_held(goal, dates.counted, held_on=held_on, by=by, on=on)
    return goal
