"""The two dates of many goals at once, in SQL: the same arithmetic as the policy's.

A test compares the two on random lives. What is read here are the anchors as they are stored.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    DateField,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual

from permanency.models import CareEpisode, Extension
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.models.months import AddMonths, MonthsApart
from permanency.policy.goals import TWO_YEAR_GOALS
from permanency.policy.months import ADULT_AT_YEARS
from permanency.policy.rules import ClockStart, Rules, Transition

# Stands for "no date": later than any.
FAR = date(9999, 12, 31)
HAS_THE_CLOCK = Q(goal__in=[goal.value for goal in TWO_YEAR_GOALS])
ANCHOR = Greatest("effective_on", Coalesce("last_review_held_on", "effective_on"))


def period(rules: Rules) -> Case:
    """Return the months between two reviews of a goal by these rules."""
    intensive = When(HAS_THE_CLOCK, intensive_since__isnull=False, then=rules.intensive_months)
    ordinary = (When(goal=goal, then=months) for goal, months in rules.review_months.items())
    return Case(intensive, *ordinary, output_field=IntegerField())


def owed(day: Combinable) -> Case:
    """Return the day, or null where the child is 18 by then (rule 4)."""
    adult_on = AddMonths(F("child__born_on"), Value(ADULT_AT_YEARS * 12))
    return Case(When(GreaterThan(adult_on, day), then=day), output_field=DateField())


def first_from(anchor: Combinable, months: Combinable, day: Combinable) -> AddMonths:
    """Return the first anchor + n periods on or after a day.

    Whole periods lead into the month of the day, or before it: then one more is needed, unless
    they lead into that month and there to the day or past it.
    """
    apart = MonthsApart(anchor, day)
    leads_far_enough = GreaterThanOrEqual(AddMonths(anchor, apart), day)
    is_whole = Exact(_whole(apart, "%%", months), Value(0))
    one_more = Case(When(Q(is_whole) & Q(leads_far_enough), then=0), default=1)
    number = Greatest(Value(1), _whole(_whole(apart, "/", months), "+", one_more))
    return AddMonths(anchor, _whole(number, "*", months))


def _whole(left: Combinable, sign: str, right: Combinable) -> CombinedExpression:
    return CombinedExpression(left, sign, right, output_field=IntegerField())


def with_clock_start(goals: CasePlanGoalQuerySet, rules: Rules) -> CasePlanGoalQuerySet:
    """Return the goals with the day from which the two years count by these rules (rule 3)."""
    episodes = CareEpisode.objects.filter(child=OuterRef("child")).order_by().values("child")
    entered = Subquery(episodes.values_list(Max("entered_on")))
    starts: dict[ClockStart, Combinable] = {
        ClockStart.FIRST_TWO_YEAR_GOAL: F("first_in_episode_on"),
        ClockStart.EACH_GOAL: Greatest("effective_on", Coalesce(entered, "effective_on")),
        ClockStart.CARE_ENTRY: entered,
    }
    return goals.alias(clock_start=Case(When(HAS_THE_CLOCK, then=starts[rules.clock_start])))


def two_year_by(rules: Rules) -> Case:
    """Return the two-year date of goals that `with_clock_start` has read."""
    original = AddMonths(F("clock_start"), Value(rules.clock_months))
    decided_since = Extension.objects.filter(
        goal__child=OuterRef("child"), decided_on__gte=OuterRef("clock_start")
    )
    latest = Subquery(decided_since.order_by("-extended_to").values("extended_to")[:1])
    # Few children have an extension: only theirs are looked up one by one.
    have_one = Extension.objects.order_by().values("goal__child")
    extended = owed(Greatest(original, Coalesce(latest, original)))
    return Case(When(child__in=have_one, then=extended), default=owed(original))


def dated(
    goals: CasePlanGoalQuerySet, rules: Rules, *, before: tuple[int, ...]
) -> QuerySet[Any, Any]:
    """Return the goals with both dates now and then, as they are once rules have taken effect.

    As `permanency.policy.rule_changes` has it; "no date" is `FAR`. `before` are the versions that
    the rules follow.
    """
    if rules.transition is Transition.KEEP:
        before = ()
    day = Value(rules.effective_on)
    counted = owed(first_from(F("review_anchor_on"), period(rules), day))
    follows = Q(review_rule_version__in=before, review_anchor_on__isnull=False) & (
        Q(review_due_on=None) | Q(review_due_on__gte=rules.effective_on)
    )
    follows_two_year = Q(two_year_rule_version__in=before)
    read: QuerySet[Any, Any] = with_clock_start(goals, rules).annotate(
        review_now=Coalesce("review_due_on", Value(FAR)),
        two_year_now=Coalesce("two_year_on", Value(FAR)),
        review_then=_then(rules, follows, counted, "review_due_on"),
        two_year_then=_then(rules, follows_two_year, two_year_by(rules), "two_year_on"),
    )
    return read


def moving(
    goals: CasePlanGoalQuerySet, rules: Rules, *, before: tuple[int, ...]
) -> QuerySet[Any, Any]:
    """Return those of the goals, as `dated` has them, of which a date moves."""
    moves = ~Q(review_then=F("review_now")) | ~Q(two_year_then=F("two_year_now"))
    found: QuerySet[Any, Any] = dated(goals, rules, before=before).filter(moves)
    return found


def _then(rules: Rules, follows: Q, counted: Combinable, field: str) -> Case:
    now, new = Coalesce(field, Value(FAR)), Coalesce(counted, Value(FAR))
    if rules.transition is Transition.SOONER:
        # Neither is null, so this is the earlier one on either database.
        return Case(When(follows, then=Least(now, new)), default=now, output_field=DateField())
    return Case(When(follows, then=new), default=now, output_field=DateField())
