"""Counts a review date from its anchor, and asks whether it is owed at all.

Source: rule 2 (months are counted from the anchor every time) and rule 4 (nothing is owed at 18).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, not_owed_reason
from permanency.policy.goals import Goal
from permanency.policy.months import (
    add_months,
    day_in_words,
    month_end_note,
    months_apart,
    months_in_words,
    times_in_words,
    turns_18_on,
    weekend_note,
)
from permanency.policy.rules import Rules, period_months

GOAL_TOOK_EFFECT = "the day the goal took effect"
REVIEW_HELD = "the day the last review was held"


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


def with_birth_date(derivation: Derivation, *, born_on: date | None) -> Derivation:
    """Return the same count for a child born on another day."""
    on = derivation.counted_on()
    if on is None:
        return derivation
    reason = not_owed_reason(on, born_on=born_on, ended=None)
    notes = [each for each in derivation.adjustments if each not in weekend_note(on)]
    return replace(
        derivation,
        on=None if reason else on,
        no_date_reason=reason,
        adjustments=(*notes, *(() if reason else weekend_note(on))),
        ends_when=ends_when(born_on),
    )


def ends_when(born_on: date | None) -> str:
    birthday = "" if born_on is None else f" on {day_in_words(turns_18_on(born_on))}"
    return (
        "the review is held, or the goal ends: permanency is achieved, the goal changes, the child "
        f"turns 18{birthday}, dies or moves out of New South Wales"
    )
