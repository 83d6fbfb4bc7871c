"""The goals of a child told as a story, and the two-year date that follows from it."""

from dataclasses import replace

from permanency.policy.derivation import Derivation
from permanency.policy.goals import Ending, Goal
from permanency.policy.rules import VERSION_1, ClockStart, Rules
from permanency.policy.two_year_clock import GoalPeriod, two_year_date
from permanency.tests.policy.days import day, day_or_none

PRESERVATION, RESTORATION = Goal.PRESERVATION, Goal.RESTORATION
GUARDIANSHIP, ADOPTION, LONG_TERM_CARE = Goal.GUARDIANSHIP, Goal.ADOPTION, Goal.LONG_TERM_CARE

EACH_GOAL = replace(VERSION_1, clock_start=ClockStart.EACH_GOAL)
CARE_ENTRY = replace(VERSION_1, clock_start=ClockStart.CARE_ENTRY)

Story = list[tuple[Goal, str]]


def goal_periods(story: Story) -> list[GoalPeriod]:
    """Return the periods of a story in which each goal gives way to the next; the last is open."""
    ends = [day(words) for _, words in story[1:]]
    return [
        GoalPeriod(goal, day(words), ended_on)
        for (goal, words), ended_on in zip(story, [*ends, None], strict=True)
    ]


def story_clock(
    story: Story,
    *,
    entered: str = "1 Jan 2026",
    known: str = "",
    rules: Rules = VERSION_1,
    born: str = "",
    extended: str = "",
    decided: str = "",
    ended: Ending | None = None,
) -> Derivation:
    return two_year_date(
        goal_periods=goal_periods(story),
        entered_care_on=day_or_none(entered),
        first_two_year_goal_on=day_or_none(known),
        extended_to=day_or_none(extended),
        extension_decided_on=day_or_none(decided),
        ended=ended,
        born_on=day_or_none(born),
        rules=rules,
    )
