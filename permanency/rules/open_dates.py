"""Both dates of many open goals by a version of the rules, each distinct case worked out once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from django.db import transaction
from django.db.models import DateField, Exists, JSONField, Max, OuterRef, Subquery, Value

from permanency.models import CareEpisode, Extension, IntensiveMark
from permanency.models.goals import CasePlanGoalQuerySet
from permanency.policy.goals import Goal
from permanency.policy.months import DateOutOfRangeError, adults_born_by
from permanency.policy.review_dates import Anchor, count_date, review_anchor
from permanency.policy.rule_changes import is_overdue_then, replaces
from permanency.policy.rules import ClockStart, Rules, period_months
from permanency.policy.two_year_clock import clock_start_on, latest_extension, two_year_on

AT_A_TIME = 5_000
Dates = tuple[date | None, date | None]
# Of each child with an extension: on which day each was decided, and to which day it extends.
Extensions = Mapping[int, Sequence[tuple[date, date]]]


class OpenGoal(NamedTuple):
    """A goal in force: what both dates are counted from, where the child is, and the dates."""

    pk: int
    child: int
    district: int
    office: int | None
    provider: int | None
    born_on: date
    goal: str
    effective_on: date
    last_review_held_on: date | None
    intensive_since: date | None
    review_anchor_on: date | None
    review_due_on: date | None
    review_rule_version: int
    first_in_episode_on: date | None
    two_year_on: date | None
    two_year_rule_version: int
    entered_care_on: date | None
    not_before: str | None
    is_marked: bool

    @property
    def dates(self) -> Dates:
        return self.review_due_on, self.two_year_on


ON_CHILD = ("district", "office", "provider", "born_on")
COLUMNS = [f"child__{name}" if name in ON_CHILD else name for name in OpenGoal._fields[:-3]]


def open_goals(
    goals: CasePlanGoalQuerySet, rules: Collection[Rules], *, with_not_before: bool = False
) -> Iterator[OpenGoal]:
    """Yield the goals in force, with the entry to care where these rules count from it."""
    marks = IntensiveMark.objects.filter(goal=OuterRef("pk"))
    episodes = CareEpisode.objects.filter(child=OuterRef("child")).order_by().values("child")
    entered = Subquery(episodes.values_list(Max("entered_on")))
    reads_entry = any(each.clock_start is not ClockStart.FIRST_TWO_YEAR_GOAL for each in rules)
    rows = (
        goals.in_force()
        .order_by()
        .values_list(
            *COLUMNS,
            entered if reads_entry else Value(None, DateField()),
            "review_derivation__not_before" if with_not_before else Value(None, JSONField()),
            Exists(marks) if with_not_before else Value(value=False),
        )
    )
    return (OpenGoal(*row) for row in rows.iterator(chunk_size=AT_A_TIME))


def recorded_extensions() -> Extensions:
    extensions: dict[int, list[tuple[date, date]]] = {}
    rows = Extension.objects.order_by().values_list("goal__child", "decided_on", "extended_to")
    for child, decided_on, extended_to in rows:
        extensions.setdefault(child, []).append((decided_on, extended_to))
    return extensions


class DatesByRules:
    """Both dates by one version, once a case, with the latest birthday of who is 18 then."""

    def __init__(self, rules: Rules, extensions: Extensions) -> None:
        self.rules, self.extensions = rules, extensions
        self._review, self._two_year = cache(self._count_review), cache(self._count_two_years)

    def _count_review(
        self, goal: str, intensive: bool, anchor_on: date, not_before: date | None
    ) -> tuple[date, date]:
        months = period_months(Goal(goal), intensive=intensive, rules=self.rules)
        due_on = count_date(Anchor(anchor_on), months, not_before=not_before).due_on
        return due_on, adults_born_by(due_on)

    def _count_two_years(self, start_on: date, extended_to: date | None) -> tuple[date, date]:
        on = two_year_on(start_on, extended_to=extended_to, rules=self.rules)
        return on, adults_born_by(on)

    def review(self, goal: OpenGoal, anchor_on: date, not_before: date | None) -> date | None:
        is_intensive = goal.intensive_since is not None
        due_on, adults_by = self._review(goal.goal, is_intensive, anchor_on, not_before)
        return due_on if goal.born_on > adults_by else None

    def two_year(self, goal: OpenGoal) -> date | None:
        start_on = clock_start_on(
            Goal(goal.goal),
            effective_on=goal.effective_on,
            entered_care_on=goal.entered_care_on,
            first_in_episode_on=goal.first_in_episode_on,
            rules=self.rules,
        )
        if start_on is None:
            return None
        extensions = self.extensions.get(goal.child, ())
        extended_to = latest_extension(extensions, clock_start_on=start_on)
        on, adults_by = self._two_year(start_on, extended_to)
        return on if goal.born_on > adults_by else None

    def after(self, goal: OpenGoal, *, before: Collection[int]) -> Dates:
        """Return both dates as `review_after` and `two_year_after` of the policy give them."""
        rules, (review_on, two_year_on) = self.rules, goal.dates
        anchor_on = goal.review_anchor_on
        if (
            goal.review_rule_version in before
            and anchor_on is not None
            and not is_overdue_then(review_on, rules)
        ):
            fresh_on = self.review(goal, anchor_on, rules.effective_on)
            review_on = fresh_on if replaces(fresh_on, review_on, rules) else review_on
        if goal.two_year_rule_version in before:
            fresh_on = self.two_year(goal)
            two_year_on = fresh_on if replaces(fresh_on, two_year_on, rules) else two_year_on
        return review_on, two_year_on

    def review_differs(self, goal: OpenGoal) -> bool:
        if goal.is_marked:
            return True
        anchor, _ = review_anchor(goal.effective_on, goal.last_review_held_on)
        if goal.review_due_on == self.review(goal, anchor.on, None):
            return False
        not_before = date.fromisoformat(goal.not_before) if goal.not_before else anchor.on
        return goal.review_due_on != self.review(goal, anchor.on, not_before)

    def two_year_differs(self, goal: OpenGoal) -> bool:
        return goal.two_year_on != self.two_year(goal)


@transaction.atomic
def children_that_move(
    goals: CasePlanGoalQuerySet, rules: Rules, *, before: Collection[int]
) -> list[int]:
    """Return the children of whose goal in force a date may move once rules have taken effect."""
    extensions = recorded_extensions()
    dates = DatesByRules(rules, extensions)
    children = []
    for goal in open_goals(goals, [rules]):
        try:
            # Of a date that stays, extended to its day, the original may move.
            moves = goal.child in extensions or dates.after(goal, before=before) != goal.dates
        except DateOutOfRangeError:
            # Whoever works out the dates of this child meets the error again, and notes it.
            moves = True
        if moves:
            children.append(goal.child)
    return sorted(children)
