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
        """Return the rules that the data describe; ValueError in words if they are not sound."""
        check_year(effective_on)
        _whole_number(version, "The version", most=None)
        if not source.strip():
            raise ValueError("The rules must name their source.")
        _same_names(data, RULE_NAMES, "The rules")
        review_months = _review_months(data["review_months"])
        intensive_months = _whole_number(data["intensive_months"], "The intensive period")
        _intensive_is_no_longer(intensive_months, review_months)
        return cls(
            version=version,
            effective_on=effective_on,
            source=source,
            review_months=MappingProxyType(review_months),
            intensive_months=intensive_months,
            clock_months=_whole_number(data["clock_months"], "The time to permanency"),
            clock_start=_clock_start(data["clock_start"]),
            targets_working_days=MappingProxyType(_targets(data["targets_working_days"])),
            transition=Transition(transition),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the periods and settings as plain values that `from_data` reads back."""
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
    """Return the longest time allowed between two reviews, in months (rule 1).

    The mark "intensive" shortens it for a two-year goal and changes nothing for another.
    """
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


def _review_months(given: Any) -> dict[Goal, int]:
    _same_names(given, tuple(Goal.values), "The review periods")
    return {goal: _whole_number(given[goal.value], f"{goal.label}") for goal in Goal}


def _targets(given: Any) -> dict[str, int]:
    _same_names(given, SOFT_TARGETS, "The soft targets")
    return {
        name: _whole_number(given[name], f"The target for {name}", most=LONGEST_WORKING_DAYS)
        for name in SOFT_TARGETS
    }


def _clock_start(given: object) -> ClockStart:
    if given not in ClockStart.values:
        raise ValueError(f"The clock must start from one of: {', '.join(ClockStart.values)}.")
    return ClockStart(given)


def _intensive_is_no_longer(intensive_months: int, review_months: Mapping[Goal, int]) -> None:
    if any(intensive_months > review_months[goal] for goal in TWO_YEAR_GOALS):
        raise ValueError("The intensive period must not be longer than the ordinary one.")


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
