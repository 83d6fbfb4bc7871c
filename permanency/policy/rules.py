"""The periods and settings of the policy, as a version with an effective date and a source.

Source of version 1: DCJ, "Who are the Permanency Coordinators?" (3, 6 and 12 monthly reviews; goals
within two years); DCJ, Permanency Case Management, permanency progress reviews, 27 March 2023
(three-monthly where permanency is unlikely in time). The soft targets are local, not policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db.models import TextChoices

from permanency.policy.goals import TWO_YEAR_GOALS, Goal
from permanency.policy.months import check_year

LONGEST_MONTHS = 120
LONGEST_WORKING_DAYS = 250
SOFT_TARGETS = ("consultation", "endorsement", "approval")


class ClockStart(TextChoices):
    """From which day the two years count."""

    FIRST_TWO_YEAR_GOAL = "first_two_year_goal", "First two-year goal in the care episode"
    EACH_GOAL = "each_goal", "Each goal"
    CARE_ENTRY = "care_entry", "Entry to care"


class Transition(TextChoices):
    """What becomes of open dates on the day on which a version takes effect."""

    KEEP = "keep", "Open dates stay; the new periods count from the next review and the next goal"
    RECOUNT = "recount", "Open dates are counted again by the new rules"
    SOONER = "sooner", "Open dates are counted again, but none moves later"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One version of the policy: months between reviews, months to permanency, soft targets."""

    version: int
    effective_on: date
    source: str
    review_months: Mapping[Goal, int]
    intensive_months: int = 3
    clock_months: int = 24
    clock_start: ClockStart
    targets_working_days: Mapping[str, int]
    transition: Transition = Transition.KEEP

    @classmethod
    def from_data(
        cls,
        version: int,
        effective_on: date,
        source: str,
        data: Mapping[str, Any],
        transition: str = Transition.KEEP,
    ) -> "Rules":
        check_year(effective_on)
        _whole_number(version, "The version", most=None)
        if not source.strip():
            raise ValueError("The rules must name their source.")
        _same_names(data, RULE_NAMES, "The rules")
        _same_names(data["review_months"], tuple(Goal.values), "The review periods")
        review_months = {
            goal: _whole_number(data["review_months"][goal.value], goal.label) for goal in Goal
        }
        intensive_months = _whole_number(data["intensive_months"], "The intensive period")
        if any(intensive_months > review_months[goal] for goal in TWO_YEAR_GOALS):
            raise ValueError("The intensive period must not be longer than the ordinary one.")
        clock_months = _whole_number(data["clock_months"], "The time to permanency")
        if data["clock_start"] not in ClockStart.values:
            raise ValueError(f"The clock must start from one of: {', '.join(ClockStart.values)}.")
        targets = data["targets_working_days"]
        _same_names(targets, SOFT_TARGETS, "The soft targets")
        for name in SOFT_TARGETS:
            _whole_number(targets[name], f"The target for {name}", most=LONGEST_WORKING_DAYS)
        return cls(
            version=version,
            effective_on=effective_on,
            source=source,
            review_months=MappingProxyType(review_months),
            intensive_months=intensive_months,
            clock_months=clock_months,
            clock_start=ClockStart(data["clock_start"]),
            targets_working_days=MappingProxyType({name: targets[name] for name in SOFT_TARGETS}),
            transition=Transition(transition),
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "review_months": {goal.value: months for goal, months in self.review_months.items()},
            "intensive_months": self.intensive_months,
            "clock_months": self.clock_months,
            "clock_start": self.clock_start.value,
            "targets_working_days": dict(self.targets_working_days),
        }


RULE_NAMES = (
    "review_months",
    "intensive_months",
    "clock_months",
    "clock_start",
    "targets_working_days",
)


def period_months(goal: Goal, *, intensive: bool, rules: Rules) -> int:
    """Return the longest time between two reviews in months; the mark counts for two-year goals."""
    if intensive and goal.has_two_year_clock:
        return rules.intensive_months
    return rules.review_months[goal]


def _same_names(given: object, expected: tuple[str, ...], subject: str) -> None:
    if not isinstance(given, Mapping):
        raise ValueError(f"{subject} must be a table of names and values.")
    missing = [name for name in expected if name not in given]
    if missing:
        raise ValueError(f"{subject} do not say: {', '.join(missing)}.")
    strange = sorted(str(name) for name in given if name not in expected)
    if strange:
        raise ValueError(f"{subject} do not know: {', '.join(strange)}.")


def _whole_number(value: object, subject: str, *, most: int | None = LONGEST_MONTHS) -> int:
    # True and False are whole numbers to Python, and not to anybody else.
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{subject} must be a whole number of at least 1.")
    if most is not None and value > most:
        raise ValueError(f"{subject} must be at most {most}.")
    return value


VERSION_1 = Rules.from_data(
    version=1,
    # The Permanency Support Program began on this day.
    effective_on=date(2017, 10, 1),
    source=(
        "DCJ, Who are the Permanency Coordinators? (review periods, two years); DCJ, Permanency "
        "Case Management: permanency progress reviews, 27 March 2023 (three-monthly reviews)"
    ),
    data={
        "review_months": {
            "preservation": 3,
            "restoration": 6,
            "guardianship": 6,
            "adoption": 6,
            "long_term_care": 12,
        },
        "intensive_months": 3,
        "clock_months": 24,
        "clock_start": "first_two_year_goal",
        "targets_working_days": {"consultation": 10, "endorsement": 10, "approval": 10},
    },
)
