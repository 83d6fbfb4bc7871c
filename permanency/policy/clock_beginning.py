"""From which day the two years count (rule 3).

Source: DCJ pages disagree (entry to care, or the goal), so it is a setting. The default: the day a
two-year goal first took effect in this care episode; paperwork does not start it again, and long
term care in between or a new episode does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.policy.rules import ClockStart, Rules

FIRST_TWO_YEAR_GOAL = "the day a two-year goal first took effect in this care episode"
GOAL_TOOK_EFFECT = "the day the goal took effect"
ENTERED_CARE = "the day the child entered care"
NO_GOAL = "No case plan goal is in force."
NO_EPISODE = "No care episode is recorded, and the time counts from entry to care."


@dataclass(frozen=True)
class GoalPeriod:
    """A goal and the time it was in force; `ended_on` is the first day it no longer was.

    `first_two_year_goal_on` comes from an earlier record, for a goal opened as already in force.
    """

    goal: Goal
    effective_on: date
    ended_on: date | None = None
    first_two_year_goal_on: date | None = None


@dataclass(frozen=True)
class ClockBeginning:
    """The day from which the two years count, or None and why, with what led to that day."""

    on: date | None
    event: str = ""
    notes: tuple[str, ...] = ()
    no_clock_reason: str = ""


def period_in_force(goal_periods: Sequence[GoalPeriod]) -> GoalPeriod | None:
    """Return the period that has not ended, or None."""
    current = [period for period in goal_periods if period.ended_on is None]
    return max(current, key=lambda period: period.effective_on, default=None)


def first_two_year_goal_error(
    first_two_year_goal_on: date, *, effective_on: date, entered_care_on: date | None = None
) -> str:
    """Return why a first two-year goal date from an earlier record does not count, or ""."""
    day = f"The first two-year goal date, {day_in_words(first_two_year_goal_on)},"
    if first_two_year_goal_on > effective_on:
        return f"{day} is after the goal took effect, {day_in_words(effective_on)}."
    if entered_care_on is not None and first_two_year_goal_on < entered_care_on:
        return f"{day} is before this care episode began, {day_in_words(entered_care_on)}."
    return ""


def clock_start(
    goal_periods: Sequence[GoalPeriod],
    *,
    entered_care_on: date | None,
    first_two_year_goal_on: date | None = None,
    rules: Rules,
) -> ClockBeginning:
    """Return the day from which the two years of the goal in force count, by the setting.

    `entered_care_on` is the start of the latest care episode: goals that ended by then belong to an
    earlier one. `first_two_year_goal_on` is used where the first period that counts has none.
    """
    current = period_in_force(goal_periods)
    if current is None:
        return ClockBeginning(None, no_clock_reason=NO_GOAL)
    first_goal = _first_two_year_goal(goal_periods, entered_care_on, first_two_year_goal_on)
    if not current.goal.has_two_year_clock:
        return _without_clock(current, first_goal, rules)
    start_on = clock_start_on(
        current.goal,
        effective_on=current.effective_on,
        entered_care_on=entered_care_on,
        first_in_episode_on=first_goal.on,
        rules=rules,
    )
    if start_on is None:
        return ClockBeginning(None, no_clock_reason=NO_EPISODE)
    if rules.clock_start is ClockStart.CARE_ENTRY:
        return ClockBeginning(start_on, ENTERED_CARE)
    if rules.clock_start is ClockStart.EACH_GOAL:
        notes = _episode_notes([current], entered_care_on)
        return ClockBeginning(start_on, GOAL_TOOK_EFFECT, tuple(notes))
    return first_goal


def clock_start_on(
    goal: Goal,
    *,
    effective_on: date,
    entered_care_on: date | None,
    first_in_episode_on: date | None,
    rules: Rules,
) -> date | None:
    """Return the day from which the two years of a goal count by the setting, or None."""
    if not goal.has_two_year_clock:
        return None
    if rules.clock_start is ClockStart.CARE_ENTRY:
        return entered_care_on
    if rules.clock_start is ClockStart.EACH_GOAL:
        return max(effective_on, entered_care_on or effective_on)
    return first_in_episode_on


def first_in_episode_on(
    goal_periods: Sequence[GoalPeriod],
    *,
    entered_care_on: date | None,
    first_two_year_goal_on: date | None = None,
) -> date | None:
    """Return the first day of a two-year goal in this care episode, or None without a clock."""
    current = period_in_force(goal_periods)
    if current is None or not current.goal.has_two_year_clock:
        return None
    return _first_two_year_goal(goal_periods, entered_care_on, first_two_year_goal_on).on


def _first_two_year_goal(
    goal_periods: Sequence[GoalPeriod], entered_care_on: date | None, known_on: date | None
) -> ClockBeginning:
    in_episode = _periods_in_episode(goal_periods, entered_care_on)
    start_on, notes = _known_start(in_episode[0], known_on, entered_care_on)
    previous = None
    for period in in_episode:
        if period.goal is Goal.LONG_TERM_CARE:
            if start_on is not None:
                since = day_in_words(period.effective_on)
                ended = f"Long term care from {since} ended the earlier clock"
                notes = [f"{ended}, so the time counts afresh."]
            start_on = None
        elif period.goal.has_two_year_clock:
            if start_on is None:
                start_on = period.effective_on
            elif previous is not None:
                notes.append(_continued_note(previous, period))
        previous = period
    notes = [*_episode_notes(goal_periods, entered_care_on), *notes]
    return ClockBeginning(start_on, FIRST_TWO_YEAR_GOAL, tuple(notes))


def _periods_in_episode(
    goal_periods: Sequence[GoalPeriod], entered_care_on: date | None
) -> list[GoalPeriod]:
    # A goal replaced on the very day it took effect was a correction, never in force for a day.
    in_force = [period for period in goal_periods if period.ended_on != period.effective_on]
    in_force.sort(key=lambda period: period.effective_on)
    if entered_care_on is None:
        return in_force
    return [
        replace(period, effective_on=max(period.effective_on, entered_care_on))
        for period in in_force
        if period.ended_on is None or period.ended_on > entered_care_on
    ]


def _known_start(
    first: GoalPeriod, known_on: date | None, entered_care_on: date | None
) -> tuple[date | None, list[str]]:
    known_on = first.first_two_year_goal_on or known_on
    if known_on is None:
        return None, []
    error = first_two_year_goal_error(
        known_on, effective_on=first.effective_on, entered_care_on=entered_care_on
    )
    if error:
        return None, [f"{error} It does not count."]
    return known_on, ["That day was recorded when the goal was opened as already in force."]


def _without_clock(current: GoalPeriod, first_goal: ClockBeginning, rules: Rules) -> ClockBeginning:
    reason = f"{current.goal.label} has no two-year clock."
    resumes = (
        current.goal is Goal.PRESERVATION and rules.clock_start is ClockStart.FIRST_TWO_YEAR_GOAL
    )
    if not resumes or first_goal.on is None:
        return ClockBeginning(None, no_clock_reason=reason)
    stopped = day_in_words(current.effective_on)
    original = day_in_words(add_months(first_goal.on, rules.clock_months))
    note = (
        f"The clock stopped on {stopped}. A later two-year goal in this care episode would resume "
        f"its original date, {original}."
    )
    return ClockBeginning(None, notes=(note,), no_clock_reason=reason)


def _episode_notes(goal_periods: Sequence[GoalPeriod], entered_care_on: date | None) -> list[str]:
    if entered_care_on is None or not any(
        period.goal.has_two_year_clock and period.effective_on < entered_care_on
        for period in goal_periods
    ):
        return []
    began = day_in_words(entered_care_on)
    return [f"This care episode began on {began}; time before it does not count."]


def _continued_note(previous: GoalPeriod, period: GoalPeriod) -> str:
    since = day_in_words(period.effective_on)
    if previous.goal is Goal.PRESERVATION:
        stopped = day_in_words(previous.effective_on)
        label = period.goal.label.lower()
        return (
            f"Family preservation stopped the clock on {stopped}; with {label} on {since} it "
            "resumed with its original date."
        )
    return f"{period.goal.label} took effect on {since}; the time did not start again."
