"""When the goal of a child is next reviewed, what counts as late, and how a day stands to today.

Source: rule 2 (months are counted from the anchor every time; due on the day itself, overdue from
the next) and rule 4 (nothing is owed at 18); DCJ, "Who are the Permanency Coordinators?" (minimum
review periods by goal); DCJ, Permanency Case Management, permanency progress reviews, 27 March 2023
(three-monthly). That months count from the goal's effective date, then from the date the last
review was held, is a default of the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import TextChoices

from permanency.policy.derivation import STAYS, Derivation
from permanency.policy.goals import Ending, Goal, not_owed_reason
from permanency.policy.months import (
    add_months,
    check_year,
    day_in_words,
    month_end_note,
    months_apart,
    months_in_words,
    time_since,
    time_until,
    times_in_words,
    turns_18_on,
    weekend_note,
)
from permanency.policy.rules import Rules, period_months

GOAL_TOOK_EFFECT = "the day the goal took effect"
REVIEW_HELD = "the day the last review was held"
DUE_SOON_DAYS = 30
BACKDATING_DAYS = 30


@dataclass(frozen=True)
class Anchor:
    """The day from which a review date counts, and what happened then."""

    on: date
    event: str = GOAL_TOOK_EFFECT


@dataclass(frozen=True)
class CountedDate:
    """A due date as counted, owed or not."""

    due_on: date
    anchor: Anchor
    months: int
    arithmetic: str
    notes: tuple[str, ...]
    times: int = 1
    kept_on: date | None = None
    not_before: date | None = None

    def derivation(
        self, goal: Goal, *, rules: Rules, born_on: date | None, ended: Ending | None = None
    ) -> Derivation:
        reason = not_owed_reason(self.due_on, born_on=born_on, ended=ended)
        weekend = () if reason else weekend_note(self.due_on)
        return Derivation(
            on=None if reason else self.due_on,
            rule=f"Review every {months_in_words(self.months)} ({goal.label.lower()})",
            rule_version=rules.version,
            source=rules.source,
            start_event=self.anchor.event,
            start_on=self.anchor.on,
            arithmetic=self.arithmetic,
            adjustments=(*self.notes, *weekend),
            ends_when=ends_when(born_on),
            no_date_reason=reason,
            months=self.months,
            times=self.times,
            kept_on=self.kept_on,
            not_before=self.not_before,
        )


def count_date(
    anchor: Anchor,
    months: int,
    *,
    notes: Sequence[str] = (),
    not_before: date | None = None,
) -> CountedDate:
    """Return the anchor + one period, or the first anchor + n periods on or after a day."""
    number = 1 if not_before is None else first_multiple(anchor.on, months, not_before)
    due_on = add_months(anchor.on, number * months)
    sum_in_words = f"{day_in_words(anchor.on)} + {times_in_words(number, months)}"
    return CountedDate(
        due_on=due_on,
        anchor=anchor,
        months=months,
        arithmetic=f"{sum_in_words} = {day_in_words(due_on)}",
        notes=(*notes, *month_end_note(anchor.on, due_on)),
        times=number,
        not_before=not_before,
    )


def first_multiple(anchor_on: date, months: int, day: date) -> int:
    """Return the least n, at least 1, for which the anchor + n periods is on or after a day."""
    number = max(1, months_apart(anchor_on, day) // months)
    return number if add_months(anchor_on, number * months) >= day else number + 1


def recount_review(
    goal: Goal,
    anchor: Anchor,
    *,
    note: str,
    not_before: date,
    intensive: bool,
    rules: Rules,
    born_on: date | None,
) -> Derivation:
    """Return the first review date on or after a day, by the period of these rules."""
    months = period_months(goal, intensive=intensive, rules=rules)
    again = count_date(anchor, months, notes=(note,), not_before=not_before)
    return again.derivation(goal, rules=rules, born_on=born_on)


def steps_note(months: int) -> str:
    return (
        "so this is the first date on or after that day, counting in steps of "
        f"{months_in_words(months)}."
    )


def ends_when(born_on: date | None) -> str:
    birthday = "" if born_on is None else f" on {day_in_words(turns_18_on(born_on))}"
    return (
        "the review is held, or the goal ends: permanency is achieved, the goal changes, the child "
        f"turns 18{birthday}, dies or moves out of New South Wales"
    )


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
    effective_on: date | None = None,
    ended_on: date | None = None,
) -> str:
    """Return why a review cannot have been held that day, as a sentence, or "" if it can.

    It counts for the goal in force on that day, also before entry to care (rule 4).
    """
    if held_on > on:
        return "The date held must not be in the future."
    limits = (
        (born_on, "The date held must not be before the child was born, {day}."),
        (effective_on, "The date held must not be before the goal took effect, {day}."),
    )
    for earliest_on, sentence in limits:
        if earliest_on is not None and held_on < earliest_on:
            return sentence.format(day=day_in_words(earliest_on))
    if ended_on is not None and held_on > ended_on:
        return f"The goal ended on {day_in_words(ended_on)}, so it was held by then."
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


TONES = {
    DueStanding.OVERDUE: "error",
    DueStanding.DUE_TODAY: "warning",
    DueStanding.DUE_SOON: "warning",
    DueStanding.LATER: "success",
    DueStanding.NONE: "neutral",
}


def review_words(due_on: date | None, *, on: date) -> str:
    """Return how a review stands: "12 days overdue", "Due today", "Due in 23 days", "No date"."""
    stands = due_standing(due_on, on=on)
    if due_on is None or stands is DueStanding.NONE:
        return "No date"
    if stands is DueStanding.OVERDUE:
        return f"{time_since(due_on, on=on)} overdue"
    return f"Due {time_until(due_on, on=on)}"


def review_tone(due_on: date | None, *, on: date) -> str:
    return TONES[due_standing(due_on, on=on)]


def day_words_and_tone(
    day: date | None, *, on: date, near_days: int = DUE_SOON_DAYS, gone: str = "Passed"
) -> tuple[str, str]:
    """Return words and tone for a day that must not pass unseen; no words where there is none."""
    if day is None:
        return "", "neutral"
    if day < on:
        return f"{gone} {time_since(day, on=on)} ago", "error"
    words = time_until(day, on=on)
    return words[0].upper() + words[1:], (
        "warning" if day <= on + timedelta(days=near_days) else "success"
    )
