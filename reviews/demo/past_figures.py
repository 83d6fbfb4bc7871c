"""The daily figures of the last months of the demonstration, worked out from its facts.

Each fact counts from a day until a day: so one pass over goals, reviews and decisions does for
every day. Dates that were moved since count as they stand now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from consultations.models import Decision
from consultations.workflow import WAITING
from permanency.models import CasePlanGoal, Child, unrestricted
from permanency.policy.months import add_months
from reviews.models import DistrictSummary, GoalReview

ONE_DAY = timedelta(days=1)
MONTHS = 12
# A figure of a district's cases under one management, and the days from and before which it counts.
Span = tuple[int, str, str, date, date]


def fill(*, today: date) -> int:
    """Store the figures of each day of the last twelve months but today; return how many days."""
    first_on = add_months(today, -MONTHS)
    changes: dict[int, dict[date, Counter[tuple[str, str]]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for district, managed_by, figure, begins_on, ends_on in _spans(until=today):
        if begins_on < ends_on:
            changes[district][max(begins_on, first_on)][managed_by, figure] += 1
            changes[district][max(ends_on, first_on)][managed_by, figure] -= 1
    days = [first_on + number * ONE_DAY for number in range((today - first_on).days)]
    rows = []
    for district, by_day in changes.items():
        numbers: Counter[tuple[str, str]] = Counter()
        for day in days:
            numbers.update(by_day.get(day, {}))
            figures: dict[str, dict[str, int]] = defaultdict(dict)
            for (managed_by, figure), number in numbers.items():
                figures[managed_by][figure] = number
            rows.append(
                DistrictSummary(
                    district_id=district, on=day, entries=0, recipe="", cells=[], figures=figures
                )
            )
    DistrictSummary.objects.bulk_create(rows, ignore_conflicts=True)
    return len(days)


def _spans(*, until: date) -> Iterator[Span]:
    places = {
        pk: (district, managed_by)
        for pk, district, managed_by in Child.objects.filter(unrestricted()).values_list(
            "pk", "district", "case_managed_by"
        )
    }
    reviews: dict[int, list[GoalReview]] = defaultdict(list)
    for review in GoalReview.objects.held().order_by("held_on"):
        reviews[review.goal_id].append(review)
    for goal in CasePlanGoal.objects.filter(child__in=places):
        for figure, begins_on, ends_on in _spans_of_goal(goal, reviews[goal.pk], until=until):
            yield (*places[goal.child_id], figure, begins_on, ends_on)
    decisions = Decision.objects.filter(goal_change__child__in=places).select_related("goal_change")
    for change, steps in groupby(
        decisions.order_by("goal_change", "pk"), key=attrgetter("goal_change")
    ):
        in_order = list(steps)
        ends = [*(each.on for each in in_order[1:]), until]
        for step, ends_on in zip(in_order, ends, strict=True):
            if step.to_status in WAITING:
                yield (*places[change.child_id], "waiting", step.on, ends_on)


def _spans_of_goal(
    goal: CasePlanGoal, reviews: list[GoalReview], *, until: date
) -> Iterator[tuple[str, date, date]]:
    ended_on = goal.ended_on or until
    yield "every", goal.effective_on, ended_on
    if goal.two_year_on:
        yield "two_year_passed", goal.two_year_on + ONE_DAY, ended_on
    if goal.review_due_on:
        yield "overdue", goal.review_due_on + ONE_DAY, ended_on
    for review in reviews:
        if review.held_on is None or review.due_on is None:
            continue
        yield "overdue", review.due_on + ONE_DAY, review.held_on
        yield "held", review.held_on, add_months(review.held_on, 1)
        if review.held_on <= review.due_on:
            yield "held_in_time", review.held_on, add_months(review.held_on, 1)
