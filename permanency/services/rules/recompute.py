"""Works every open date out again and returns those that differ from what is stored. Reads only.

One statement counts each date from its stored anchors, by the version of the rules that it was
made under. What does not come to the stored date there, such as a date that stayed because it was
overdue, is worked out by the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from permanency.models import CasePlanGoal, RuleVersion
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.models.months import AddMonths, AsDay
from permanency.policy.rules import Rules
from permanency.services import clocks
from permanency.services.rules.in_sql import (
    ANCHOR,
    FAR,
    first_from,
    owed,
    period,
    two_year_by,
    with_clock_start,
)


@dataclass(frozen=True)
class Differs:
    """A goal whose stored dates are not those that its records come to."""

    goal: int
    review_stored: date | None
    review_worked_out: date | None
    two_year_stored: date | None
    two_year_worked_out: date | None

    @property
    def is_unlike(self) -> bool:
        """Say whether either date differs."""
        worked_out = (self.review_worked_out, self.two_year_worked_out)
        return (self.review_stored, self.two_year_stored) != worked_out


def recompute(*, on: date) -> list[Differs]:
    """Return the goals in force of which a stored date differs from the one worked out, on a day.

    None should: every write stores what the policy gives.
    """
    doubtful: set[int] = set()
    for rules in RuleVersion.objects.book().versions:
        found = _unlike(CasePlanGoal.objects.in_force(), rules)
        doubtful.update(found.order_by().values_list("pk", flat=True))
    goals = CasePlanGoal.objects.filter(pk__in=doubtful).select_related("child__district")
    goals = goals.prefetch_related("extensions", "child__goals__extensions", "child__care_episodes")
    compared = (_compared(goal, on=on) for goal in goals)
    return [each for each in compared if each.is_unlike]


def _unlike(goals: CasePlanGoalQuerySet, rules: Rules) -> CasePlanGoalQuerySet:
    """Return the goals with a date made under these rules that does not come to the stored one."""
    again_on = Coalesce(AsDay(KeyTextTransform("not_before", "review_derivation")), ANCHOR)
    dates = with_clock_start(goals, rules).alias(
        review_now=Coalesce("review_due_on", Value(FAR)),
        review_plain=Coalesce(owed(AddMonths(ANCHOR, period(rules))), Value(FAR)),
        review_again=Coalesce(owed(first_from(ANCHOR, period(rules), again_on)), Value(FAR)),
        two_year_now=Coalesce("two_year_on", Value(FAR)),
        two_year_plain=Coalesce(two_year_by(rules), Value(FAR)),
    )
    # Few were counted again from a later day, so that is asked last.
    review = (
        Q(review_rule_version=rules.version)
        & ~Q(review_plain=F("review_now"))
        & ~Q(review_again=F("review_now"))
    )
    two_year = Q(two_year_rule_version=rules.version) & ~Q(two_year_plain=F("two_year_now"))
    return dates.filter(review | two_year)


def _compared(goal: CasePlanGoal, *, on: date) -> Differs:
    dates = clocks.clocks_of(goal, on=on)
    return Differs(
        goal=goal.pk,
        review_stored=goal.review_due_on,
        review_worked_out=dates.review.on,
        two_year_stored=goal.two_year_on,
        two_year_worked_out=dates.two_year.on,
    )
