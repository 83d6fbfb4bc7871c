"""What the two-year clock of a child is worked out from. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from permanency.models import CasePlanGoal, Child
from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.rules import Rules
from permanency.policy.two_year_clock import (
    Spell,
    clock_start,
    first_in_episode_on,
    two_year_date,
)


def entered_care_on(child: Child) -> date | None:
    """Return the day on which the child's latest care episode began."""
    return max((each.entered_on for each in child.care_episodes.all()), default=None)


@dataclass(frozen=True)
class Story:
    """What the two-year clock is worked out from: a child's goals, care and extensions."""

    child: Child
    goals: Sequence[CasePlanGoal]
    extension: date | None = None

    @classmethod
    def of(cls, goal: CasePlanGoal, *, extension: date | None = None) -> Story:
        """Return the story of a child with this goal in force."""
        others = [each for each in goal.child.goals.all() if each.pk != goal.pk]
        return cls(goal.child, [*others, goal], extension)

    @cached_property
    def _counted_with(self) -> dict[str, Any]:
        known = [each.first_two_year_goal_on for each in self.goals if each.first_two_year_goal_on]
        return {
            "spells": [
                Spell(
                    Goal(each.goal), each.effective_on, each.ended_on, each.first_two_year_goal_on
                )
                for each in self.goals
            ],
            "entered_care_on": entered_care_on(self.child),
            "first_two_year_goal_on": min(known, default=None),
        }

    def first_in_episode_on(self) -> date | None:
        """Return the day a two-year goal first took effect in this care episode."""
        return first_in_episode_on(**self._counted_with)

    def two_year(self, rules: Rules) -> Derivation:
        """Return the two-year date of the goal in force by these rules."""
        beginning = clock_start(**self._counted_with, rules=rules)
        return two_year_date(
            **self._counted_with,
            extended_to=self.extension or self._extended_to(beginning.on),
            born_on=self.child.born_on,
            rules=rules,
        )

    def _extended_to(self, beginning_on: date | None) -> date | None:
        """Return the latest extension decided since the present clock began, if any."""
        # A goal that is not stored yet has no extension to look for.
        goals = [goal for goal in self.goals if goal.pk]
        prefetch_related_objects(goals, "extensions")
        return max(
            (
                each.extended_to
                for goal in goals
                for each in goal.extensions.all()
                if beginning_on is None or each.decided_on >= beginning_on
            ),
            default=None,
        )
