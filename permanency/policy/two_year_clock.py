"""The two-year date: when restoration, guardianship or adoption should be achieved (rule 3).

Source: DCJ, "Who are the Permanency Coordinators?" (goals within two years); DCJ, Permanency Case
Management, definitions (restoration, guardianship and adoption within two years, or long term
care). That the time never pauses, and only a recorded extension moves the date, are defaults of the
product. DCJ pages disagree from which day the time counts (entry to care, or the goal), so that is
a setting. The default: the day a two-year goal first took effect in this care episode; paperwork
does not start it again, and long term care in between or a new episode does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from permanency.policy.derivation import Derivation
from permanency.policy.goals import Ending, Goal, achievement_event, not_owed_reason
from permanency.policy.months import (
    add_months,
    day_in_words,
    month_end_note,
    months_in_words,
    turns_18_on,
    weekend_note,
    years_and_months_in_words,
)
from permanency.policy.review_dates import GOAL_TOOK_EFFECT
from permanency.policy.rules import ClockStart, Rules

TWO_YEAR_SOON_DAYS = 180
FIRST_TWO_YEAR_GOAL = "the day a two-year goal first took effect in this care episode"
ENTERED_CARE = "the day the child entered care"
NO_GOAL = "No case plan goal is in force."
NO_EPISODE = "No care episode is recorded, and the time counts from entry to care."


@dataclass(frozen=True)
class GoalPeriod:
    """A goal in force before `ended_on`; its first two-year day may come from an earlier record."""

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


def two_year_date(
    *,
    goal_periods: Sequence[GoalPeriod],
    entered_care_on: date | None,
    first_two_year_goal_on: date | None = None,
    extended_to: date | None = None,
    extension_decided_on: date | None = None,
    ended: Ending | None = None,
    born_on: date | None = None,
    rules: Rules,
) -> Derivation:
    """Return the two-year date of the goal in force, or none and why (rule 3).

    An extension gives a later date beside the original, unless it was decided before the clock
    began.
    """
    beginning = clock_start(
        goal_periods,
        entered_care_on=entered_care_on,
        first_two_year_goal_on=first_two_year_goal_on,
        rules=rules,
    )
    current = period_in_force(goal_periods)
    if current is None or beginning.on is None:
        return Derivation(
            on=None,
            rule=_title(rules),
            rule_version=rules.version,
            source=rules.source,
            start_event="",
            start_on=None,
            arithmetic="",
            adjustments=() if ended else beginning.notes,
            ends_when="",
            no_date_reason=ended.sentence() if ended else beginning.no_clock_reason,
        )
    if extension_decided_on is not None and extension_decided_on < beginning.on:
        extended_to = None
    return _two_year_derivation(
        beginning,
        beginning.on,
        goal=current.goal,
        extended_to=extended_to,
        ended=ended,
        born_on=born_on,
        rules=rules,
    )


def two_year_on(start_on: date, *, extended_to: date | None, rules: Rules) -> date:
    """Return the end of the two years that count from a day, with an extension where one counts."""
    original_on = add_months(start_on, rules.clock_months)
    return max(original_on, extended_to or original_on)


def latest_extension(
    extensions: Iterable[tuple[date, date]], *, clock_start_on: date | None
) -> date | None:
    """Return the latest day to which the present clock is extended, or None.

    Each extension is the day it was decided on and the day it extends to.
    """
    return max(
        (
            extended_to
            for decided_on, extended_to in extensions
            if clock_start_on is None or decided_on >= clock_start_on
        ),
        default=None,
    )


def extension_error(extended_to: date, *, current_on: date, born_on: date | None = None) -> str:
    """Return why the two-year date cannot be extended to a day, as a sentence, or "" if it can."""
    if extended_to <= current_on:
        return f"The new date must be later than the two-year date now, {day_in_words(current_on)}."
    if born_on is not None and extended_to >= turns_18_on(born_on):
        birthday = day_in_words(turns_18_on(born_on))
        return f"The new date must be before the child turns 18, {birthday}."
    return ""


@dataclass(frozen=True)
class Progress:
    """How much of the time to permanency is used, in days."""

    days_total: int
    days_used: int
    days_left: int
    days_over: int

    @property
    def percent(self) -> int:
        return self.days_used * 100 // self.days_total


def clock_progress(derivation: Derivation, *, on: date) -> Progress | None:
    """Return how much of a two-year clock is used on a day, or None where there is no date."""
    if derivation.on is None or derivation.start_on is None:
        return None
    days_total = (derivation.on - derivation.start_on).days
    days_used = min(max(0, (on - derivation.start_on).days), days_total)
    return Progress(
        days_total=days_total,
        days_used=days_used,
        days_left=max(0, (derivation.on - on).days),
        days_over=max(0, (on - derivation.on).days),
    )


def _two_year_derivation(
    beginning: ClockBeginning,
    start_on: date,
    *,
    goal: Goal,
    extended_to: date | None,
    ended: Ending | None,
    born_on: date | None,
    rules: Rules,
) -> Derivation:
    original_on = add_months(start_on, rules.clock_months)
    on = two_year_on(start_on, extended_to=extended_to, rules=rules)
    reason = not_owed_reason(on, born_on=born_on, ended=ended)
    months = months_in_words(rules.clock_months)
    birthday = "" if born_on is None else f" on {day_in_words(turns_18_on(born_on))}"
    notes = (*month_end_note(start_on, original_on), *_extension_note(original_on, extended_to))
    return Derivation(
        on=None if reason else on,
        rule=_title(rules),
        rule_version=rules.version,
        source=rules.source,
        start_event=beginning.event,
        start_on=start_on,
        arithmetic=f"{day_in_words(start_on)} + {months} = {day_in_words(original_on)}",
        adjustments=(*beginning.notes, *notes, *(() if reason else weekend_note(on))),
        ends_when=(
            f"{achievement_event(goal)}, the goal becomes family preservation or long term care, "
            f"or the child turns 18{birthday}, dies or moves out of New South Wales"
        ),
        no_date_reason=reason,
        original_on=original_on if on > original_on else None,
        months=rules.clock_months,
        times=1,
        extended_to=extended_to if on > original_on else None,
    )


def _title(rules: Rules) -> str:
    return f"Permanency within {years_and_months_in_words(rules.clock_months)}"


def _extension_note(original_on: date, extended_to: date | None) -> tuple[str, ...]:
    if extended_to is None:
        return ()
    day = day_in_words(extended_to)
    if extended_to <= original_on:
        return (f"An extension to {day} is on record, and the date is already no earlier.",)
    return (f"An extension moved it from {day_in_words(original_on)} to {day}.",)
