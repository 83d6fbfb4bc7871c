"""When the goal of a child is next reviewed, and what counts as late.

Source: DCJ, "Who are the Permanency Coordinators?" (minimum review periods by goal); DCJ,
Permanency Case Management, permanency progress reviews, 27 March 2023 (three-monthly). That months
count from the goal's effective date, then from the date the last review was held, is a default of
the product.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import TextChoices

from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, not_owed_reason
from permanency.policy.goals import Goal
from permanency.policy.months import (
    add_months,
    check_year,
    day_in_words,
    month_end_note,
    months_apart,
    months_in_words,
    turns_18_on,
    weekend_note,
)
from permanency.policy.rules import Rules, period_months

DUE_SOON_DAYS = 30
BACKDATING_DAYS = 30

GOAL_TOOK_EFFECT = "the day the goal took effect"
REVIEW_HELD = "the day the last review was held"


def next_review(
    *,
    goal: Goal,
    effective_on: date,
    last_held_on: date | None,
    intensive: bool,
    rules: Rules,
    born_on: date | None = None,
    ended: Ending | None = None,
) -> Derivation:
    """Return the next review: one period after the goal took effect or the last review (rule 2).

    A review held before the goal took effect was of another goal and does not count. No date if
    the clocks have ended, or end at 18 before the review would fall due.
    """
    anchor_on, event, notes = _anchor(effective_on, last_held_on)
    months = period_months(goal, intensive=intensive, rules=rules)
    due_on = add_months(anchor_on, months)
    counted = _Counted(
        due_on=due_on,
        anchor_on=anchor_on,
        event=event,
        arithmetic=_sum_in_words(anchor_on, 1, months, due_on),
        notes=(
            *notes,
            *_intensive_note(goal, intensive, months),
            *month_end_note(anchor_on, due_on),
        ),
    )
    return _derivation(counted, goal, months, rules=rules, born_on=born_on, ended=ended)


def due_after_marking(
    *,
    goal: Goal,
    anchor_on: date,
    due_on: date | None,
    marked_on: date,
    intensive: bool,
    rules: Rules,
    anchor_is_review: bool = False,
    born_on: date | None = None,
    ended: Ending | None = None,
) -> Derivation:
    """Return the open review date after the goal is marked intensive, or unmarked (rule 1).

    The first anchor + n periods on or after that day, on marking never later than the old date; a
    date already overdue stays. ValueError for a goal that cannot be intensive.
    """
    if not goal.has_two_year_clock:
        raise ValueError(f"{goal.label} cannot be intensive: only two-year goals can.")
    months = period_months(goal, intensive=intensive, rules=rules)
    event = REVIEW_HELD if anchor_is_review else GOAL_TOOK_EFFECT
    counted = _counted_after_marking(anchor_on, event, months, marked_on, intensive)
    why_kept = _why_kept(due_on, counted.due_on, marked_on=marked_on, intensive=intensive)
    if due_on is not None and why_kept:
        stays = f"{day_in_words(due_on)} stays as it was"
        counted = replace(counted, due_on=due_on, arithmetic=stays, notes=(why_kept,))
    return _derivation(counted, goal, months, rules=rules, born_on=born_on, ended=ended)


def occurrences(*, anchor_on: date, due_on: date, months: int, until: date) -> tuple[date, ...]:
    """Return the stored due date and the multiples after it, up to and including a day (rule 2).

    Every multiple is counted from the anchor, so that 31 May + 3, 6, 9 and 12 months comes back to
    31 May.
    """
    check_year(until)
    if due_on > until:
        return ()
    multiples = (
        add_months(anchor_on, number * months)
        for number in range(1, months_apart(anchor_on, until) // months + 1)
    )
    return (due_on, *(day for day in multiples if due_on < day <= until))


def misses(
    *, anchor_on: date, due_on: date, months: int, on: date, ended_on: date | None = None
) -> tuple[date, ...]:
    """Return the occurrences that are overdue on a day: those before it.

    Where the clocks have ended, those that fell before the end; they stay misses.
    """
    first_not_missed = on if ended_on is None else min(on, ended_on)
    until = first_not_missed - timedelta(days=1)
    return occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=until)


class Standing(TextChoices):
    """How a due date stands on a day, the most pressing first."""

    OVERDUE = "overdue", "Overdue"
    DUE_TODAY = "due_today", "Due today"
    DUE_SOON = "due_soon", f"Due within {DUE_SOON_DAYS} days"
    LATER = "later", "Later"
    NONE = "none", "No date"


def standing(due_on: date | None, *, on: date) -> Standing:
    """Return how a due date stands: due on the day itself, overdue from the next."""
    if due_on is None:
        return Standing.NONE
    days_left = (due_on - on).days
    if days_left < 0:
        return Standing.OVERDUE
    if days_left == 0:
        return Standing.DUE_TODAY
    return Standing.DUE_SOON if days_left <= DUE_SOON_DAYS else Standing.LATER


def days_late(due_on: date | None, *, on: date) -> int:
    """Return the whole days since a due date, none while it is not overdue or there is none."""
    return 0 if due_on is None else max(0, (on - due_on).days)


def was_held_late(due_on: date | None, held_on: date) -> bool:
    """Return whether a review was held after the day on which it fell due."""
    return due_on is not None and held_on > due_on


def held_on_error(
    held_on: date,
    *,
    on: date,
    born_on: date | None = None,
    entered_care_on: date | None = None,
    effective_on: date | None = None,
) -> str:
    """Return why a review cannot have been held that day, as a sentence, or "" if it can."""
    if held_on > on:
        return "The date held must not be in the future."
    limits = (
        (born_on, "The date held must not be before the child was born, {day}."),
        (entered_care_on, "The date held must not be before the child entered care, {day}."),
        (effective_on, "The date held must not be before the goal took effect, {day}."),
    )
    for earliest_on, sentence in limits:
        if earliest_on is not None and held_on < earliest_on:
            return sentence.format(day=day_in_words(earliest_on))
    return ""


def needs_reason_for_backdating(held_on: date, *, on: date) -> bool:
    """Return whether a review was held so long ago, over 30 days, that the record says why."""
    return (on - held_on).days > BACKDATING_DAYS


@dataclass(frozen=True)
class _Counted:
    """A due date as counted, before it is asked whether it is owed at all."""

    due_on: date
    anchor_on: date
    event: str
    arithmetic: str
    notes: tuple[str, ...]


def _derivation(
    counted: _Counted,
    goal: Goal,
    months: int,
    *,
    rules: Rules,
    born_on: date | None,
    ended: Ending | None,
) -> Derivation:
    reason = not_owed_reason(counted.due_on, born_on=born_on, ended=ended)
    weekend = () if reason else weekend_note(counted.due_on)
    return Derivation(
        on=None if reason else counted.due_on,
        rule=f"Review every {months_in_words(months)} ({goal.label.lower()})",
        rule_version=rules.version,
        source=rules.source,
        start_event=counted.event,
        start_on=counted.anchor_on,
        arithmetic=counted.arithmetic,
        adjustments=(*counted.notes, *weekend),
        ends_when=_ends_when(born_on),
        no_date_reason=reason,
    )


def _anchor(effective_on: date, last_held_on: date | None) -> tuple[date, str, tuple[str, ...]]:
    if last_held_on is None:
        return effective_on, GOAL_TOOK_EFFECT, ()
    if last_held_on >= effective_on:
        return last_held_on, REVIEW_HELD, ()
    held = day_in_words(last_held_on)
    note = f"The review held on {held} was before this goal and does not count."
    return effective_on, GOAL_TOOK_EFFECT, (note,)


def _counted_after_marking(
    anchor_on: date, event: str, months: int, marked_on: date, intensive: bool
) -> _Counted:
    number = _first_multiple(anchor_on, months, marked_on)
    due_on = add_months(anchor_on, number * months)
    return _Counted(
        due_on=due_on,
        anchor_on=anchor_on,
        event=event,
        arithmetic=_sum_in_words(anchor_on, number, months, due_on),
        notes=(
            _marking_note(marked_on, intensive, months),
            *month_end_note(anchor_on, due_on),
        ),
    )


def _ends_when(born_on: date | None) -> str:
    birthday = "" if born_on is None else f" on {day_in_words(turns_18_on(born_on))}"
    return (
        "the review is held, or the goal ends: permanency is achieved, the goal changes, the child "
        f"turns 18{birthday}, dies or moves out of New South Wales"
    )


def _first_multiple(anchor_on: date, months: int, day: date) -> int:
    number = max(1, months_apart(anchor_on, day) // months)
    return number if add_months(anchor_on, number * months) >= day else number + 1


def _why_kept(due_on: date | None, counted_on: date, *, marked_on: date, intensive: bool) -> str:
    if due_on is None:
        return ""
    if due_on < marked_on:
        return f"It was already overdue on {day_in_words(marked_on)}, so the date stays."
    if intensive and due_on < counted_on:
        return "Marking a goal intensive never moves the date later, so it stays."
    return ""


def _sum_in_words(anchor_on: date, number: int, months: int, due_on: date) -> str:
    period = months_in_words(months) if number == 1 else f"{number} times {months_in_words(months)}"
    return f"{day_in_words(anchor_on)} + {period} = {day_in_words(due_on)}"


def _intensive_note(goal: Goal, intensive: bool, months: int) -> tuple[str, ...]:
    if not (intensive and goal.has_two_year_clock):
        return ()
    return (f"The goal is marked intensive, so it is reviewed every {months_in_words(months)}.",)


def _marking_note(marked_on: date, intensive: bool, months: int) -> str:
    marked = "marked intensive" if intensive else "no longer intensive"
    return (
        f"The goal was {marked} on {day_in_words(marked_on)}, so this is the first date on or "
        f"after that day, counting in steps of {months_in_words(months)}."
    )
