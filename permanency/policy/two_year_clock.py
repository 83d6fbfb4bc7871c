"""The two-year date: when restoration, guardianship or adoption should be achieved (rule 3).

Source: DCJ, "Who are the Permanency Coordinators?" (goals within two years); DCJ, Permanency Case
Management, definitions (restoration, guardianship and adoption within two years, or long term
care). That the time never pauses, and only a recorded extension moves the date, are defaults of the
product.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from permanency.policy.clock_beginning import (
    ClockBeginning,
    GoalPeriod,
    clock_start,
    period_in_force,
)
from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, achievement_event, not_owed_reason
from permanency.policy.goals import Goal
from permanency.policy.months import (
    add_months,
    day_in_words,
    month_end_note,
    months_in_words,
    turns_18_on,
    weekend_note,
    years_and_months_in_words,
)
from permanency.policy.rules import Rules

TWO_YEAR_SOON_DAYS = 180


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
        return _no_clock(beginning, ended, rules)
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
    """How much of the time to permanency is used, in days; `share` runs from 0 to 1."""

    days_total: int
    days_used: int
    days_left: int
    days_over: int
    share: float

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
        share=days_used / days_total,
    )


def _no_clock(beginning: ClockBeginning, ended: Ending | None, rules: Rules) -> Derivation:
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
        ends_when=_ends_when(goal, born_on),
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


def _ends_when(goal: Goal, born_on: date | None) -> str:
    birthday = "" if born_on is None else f" on {day_in_words(turns_18_on(born_on))}"
    return (
        f"{achievement_event(goal)}, the goal becomes family preservation or long term care, or "
        f"the child turns 18{birthday}, dies or moves out of New South Wales"
    )
