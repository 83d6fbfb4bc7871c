"""When the goal of a child is next reviewed, and what counts as late.

Source: DCJ, "Who are the Permanency Coordinators?" (minimum review periods by goal); DCJ,
Permanency Case Management, permanency progress reviews, 27 March 2023 (three-monthly). That months
count from the goal's effective date, then from the date the last review was held, is a default of
the product.
"""

from dataclasses import replace
from datetime import date, timedelta

from django.db.models import TextChoices

from permanency.policy.derivation import STAYS, Derivation
from permanency.policy.endings import Ending
from permanency.policy.goals import Goal
from permanency.policy.months import (
    add_months,
    check_year,
    day_in_words,
    months_apart,
    months_in_words,
)
from permanency.policy.review_count import (
    GOAL_TOOK_EFFECT,
    REVIEW_HELD,
    Anchor,
    count_date,
    steps_note,
)
from permanency.policy.rules import Rules, period_months

DUE_SOON_DAYS = 30
BACKDATING_DAYS = 30


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

    No date if the clocks have ended, or end at 18 before the review would fall due.
    """
    anchor, notes = review_anchor(effective_on, last_held_on)
    months = period_months(goal, intensive=intensive, rules=rules)
    if intensive and goal.has_two_year_clock:
        every = months_in_words(months)
        notes = (*notes, f"The goal is marked intensive, so it is reviewed every {every}.")
    return count_date(anchor, months, notes=notes).derivation(
        goal, rules=rules, born_on=born_on, ended=ended
    )


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
    anchor = Anchor(anchor_on, REVIEW_HELD if anchor_is_review else GOAL_TOOK_EFFECT)
    marked = "marked intensive" if intensive else "no longer intensive"
    note = f"The goal was {marked} on {day_in_words(marked_on)}, {steps_note(months)}"
    again = count_date(anchor, months, notes=(note,), not_before=marked_on)
    why_kept = _why_kept(due_on, again.due_on, marked_on=marked_on, intensive=intensive)
    if due_on is not None and why_kept:
        stays = f"{day_in_words(due_on)} {STAYS}"
        again = replace(again, due_on=due_on, kept_on=due_on, arithmetic=stays, notes=(why_kept,))
    return again.derivation(goal, rules=rules, born_on=born_on, ended=ended)


def occurrences(*, anchor_on: date, due_on: date, months: int, until: date) -> tuple[date, ...]:
    """Return the stored due date and the multiples after it, up to and including a day (rule 2).

    Counted from the anchor every time: 31 May + 3, 6, 9 and 12 months comes back to 31 May.
    """
    check_year(until)
    if due_on > until:
        return ()
    multiples = (
        add_months(anchor_on, number * months)
        for number in range(1, months_apart(anchor_on, until) // months + 1)
    )
    return (due_on, *(day for day in multiples if due_on < day <= until))


def missed_dates(
    *, anchor_on: date, due_on: date, months: int, on: date, ended_on: date | None = None
) -> tuple[date, ...]:
    """Return the occurrences that are overdue on a day, or that were when the clocks ended."""
    first_not_missed = on if ended_on is None else min(on, ended_on)
    until = first_not_missed - timedelta(days=1)
    return occurrences(anchor_on=anchor_on, due_on=due_on, months=months, until=until)


class DueStanding(TextChoices):
    OVERDUE = "overdue", "Overdue"
    DUE_TODAY = "due_today", "Due today"
    DUE_SOON = "due_soon", f"Due within {DUE_SOON_DAYS} days"
    LATER = "later", "Later"
    NONE = "none", "No date"


def due_standing(due_on: date | None, *, on: date) -> DueStanding:
    """Return how a due date stands: due on the day itself, overdue from the next."""
    if due_on is None:
        return DueStanding.NONE
    days_left = (due_on - on).days
    if days_left < 0:
        return DueStanding.OVERDUE
    if days_left == 0:
        return DueStanding.DUE_TODAY
    return DueStanding.DUE_SOON if days_left <= DUE_SOON_DAYS else DueStanding.LATER


def days_late(due_on: date | None, *, on: date) -> int:
    return 0 if due_on is None else max(0, (on - due_on).days)


def was_held_late(due_on: date | None, held_on: date) -> bool:
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
    return (on - held_on).days > BACKDATING_DAYS


def review_anchor(effective_on: date, last_held_on: date | None) -> tuple[Anchor, tuple[str, ...]]:
    """Return the day from which the next review counts, and what did not count in its place."""
    if last_held_on is None:
        return Anchor(effective_on), ()
    if last_held_on >= effective_on:
        return Anchor(last_held_on, REVIEW_HELD), ()
    held = day_in_words(last_held_on)
    note = f"The review held on {held} was before this goal and does not count."
    return Anchor(effective_on), (note,)


def _why_kept(due_on: date | None, counted_on: date, *, marked_on: date, intensive: bool) -> str:
    if due_on is None:
        return ""
    if due_on < marked_on:
        return f"It was already overdue on {day_in_words(marked_on)}, so the date stays."
    if intensive and due_on < counted_on:
        return "Marking a goal intensive never moves the date later, so it stays."
    return ""
