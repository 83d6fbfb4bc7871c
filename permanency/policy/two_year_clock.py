"""The two-year date: when restoration, guardianship or adoption should be achieved (rule 3).

Source: DCJ, "Who are the Permanency Coordinators?" (goals within two years); DCJ, Permanency Case
Management, definitions (restoration, guardianship and adoption within two years, or long term
care). From when the two years count, and what restarts them, are defaults of the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, achievement_event, not_owed_reason
from permanency.policy.goals import Goal
from permanency.policy.months import (
    add_months,
    day_in_words,
    months_in_words,
    turns_18_on,
    weekend_name,
    years_and_months_in_words,
)
from permanency.policy.rules import ClockStart, Rules

FIRST_TWO_YEAR_GOAL = "the day a two-year goal first took effect in this care episode"
GOAL_TOOK_EFFECT = "the day the goal took effect"
ENTERED_CARE = "the day the child entered care"
NO_GOAL = "No case plan goal is in force."


@dataclass(frozen=True)
class Spell:
    """A goal and the time it was in force; `ended_on` is the first day it no longer was."""

    goal: Goal
    effective_on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class ClockBeginning:
    """The day from which the two years count, or None and why, with what led to that day."""

    on: date | None
    event: str = ""
    notes: tuple[str, ...] = ()
    no_clock_reason: str = ""


@dataclass(frozen=True)
class Progress:
    """How much of the time to permanency is used; `share` runs from 0 to 1."""

    days_total: int
    days_used: int
    days_left: int
    days_over: int
    share: float

    @property
    def percent(self) -> int:
        """The share as a whole number of hundredths, rounded down."""
        return int(self.share * 100)


def goal_in_force(spells: Sequence[Spell]) -> Spell | None:
    """Return the spell that has not ended, or None if every goal has."""
    current = [spell for spell in spells if spell.ended_on is None]
    return max(current, key=lambda spell: spell.effective_on, default=None)


def first_two_year_goal_error(
    first_two_year_goal_on: date, *, effective_on: date, entered_care_on: date | None = None
) -> str:
    """Return why a first two-year goal date from an earlier record cannot count, or ""."""
    day = day_in_words(first_two_year_goal_on)
    if first_two_year_goal_on > effective_on:
        return f"The first two-year goal date on record, {day}, is after the goal took effect."
    if entered_care_on is not None and first_two_year_goal_on < entered_care_on:
        return f"The first two-year goal date on record, {day}, is before this care episode."
    return ""


def clock_start(
    spells: Sequence[Spell],
    *,
    entered_care_on: date | None,
    first_two_year_goal_on: date | None = None,
    rules: Rules,
) -> ClockBeginning:
    """Return the day from which the two years of the goal in force count, by the setting.

    `entered_care_on` is the start of the latest care episode; goals that ended by then belong to an
    earlier one and do not count. A goal in force across that day counts from it.
    """
    current = goal_in_force(spells)
    if current is None:
        return ClockBeginning(None, no_clock_reason=NO_GOAL)
    chain = _walk(_in_this_episode(spells, entered_care_on), first_two_year_goal_on, entered_care_on)
    if not current.goal.has_two_year_clock:
        return _stopped(current.goal, chain, rules)
    if rules.clock_start is ClockStart.CARE_ENTRY:
        return _from_care_entry(entered_care_on)
    if rules.clock_start is ClockStart.EACH_GOAL:
        return _from_this_goal(current, entered_care_on)
    notes = (*_earlier_goals_note(spells, entered_care_on), *chain.notes)
    return ClockBeginning(chain.start_on, FIRST_TWO_YEAR_GOAL, notes)


def two_year_date(
    *,
    spells: Sequence[Spell],
    entered_care_on: date | None,
    first_two_year_goal_on: date | None = None,
    extended_to: date | None = None,
    extension_decided_on: date | None = None,
    ended: Ending | None = None,
    born_on: date | None = None,
    rules: Rules,
) -> Derivation:
    """Return the two-year date of the goal in force, or none and why (rule 3).

    It never pauses. An extension gives a later date beside the original; one decided before the
    clock began (where that day is given) was for an earlier clock and does not count.
    """
    beginning = clock_start(
        spells,
        entered_care_on=entered_care_on,
        first_two_year_goal_on=first_two_year_goal_on,
        rules=rules,
    )
    current = goal_in_force(spells)
    if current is None or beginning.on is None:
        reason = ended.sentence() if ended else beginning.no_clock_reason
        return _no_date(beginning, reason, rules)
    original_on = add_months(beginning.on, rules.clock_months)
    if extension_decided_on is not None and extension_decided_on < beginning.on:
        extended_to = None
    return _dated(
        beginning,
        goal=current.goal,
        start_on=beginning.on,
        original_on=original_on,
        extended_to=extended_to,
        ended=ended,
        born_on=born_on,
        rules=rules,
    )
