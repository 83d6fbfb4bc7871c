"""What a person may do next for a child, the most useful first: words and address of each step."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from reviews.overview import Overview

PRESSING = frozenset({"error", "warning"})

Step = tuple[str, str]


def next_steps(found: Overview) -> Sequence[Step]:
    """Return the steps open to the reader of a child's page; none to one who may only read."""
    if not found.may_write:
        return ()
    edit = ("Edit the details", reverse("edit-child", args=[found.child.pk]))
    if found.ended:
        return (edit,)
    if found.goal is None:
        return (*_without_goal(found), edit)
    hold = ("Hold a review", f"{reverse('new-review')}?child={found.child.pk}")
    consult = _consult(found.child)
    is_pressing = found.review is not None and found.review.tone in PRESSING
    first = (hold, consult) if is_pressing else (consult, hold)
    return (*first, *_two_year_steps(found.child, found.goal), edit)


def _consult(child: Child) -> Step:
    return ("Log a consultation", f"{reverse('new-consultation')}?child={child.pk}")


def _without_goal(found: Overview) -> tuple[Step, ...]:
    consult = _consult(found.child)
    if found.goals:
        return (consult,)
    return (("Open with the goal in force", reverse("open-goal", args=[found.child.pk])), consult)


def _two_year_steps(child: Child, goal: CasePlanGoal) -> tuple[Step, ...]:
    if not Goal(goal.goal).has_two_year_clock:
        return ()
    intensive = "End intensive reviews" if goal.is_intensive else "Mark intensive"
    steps = [(intensive, reverse("mark-intensive", args=[child.pk]))]
    if goal.two_year_on is not None:
        steps.append(("Record an extension", reverse("new-extension", args=[child.pk])))
    steps.append(("Record achievement", reverse("record-achievement", args=[child.pk])))
    return tuple(steps)
