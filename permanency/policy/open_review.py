"""The open review date of a goal, worked out from its records alone.

Source: rules 1 and 2 (a mark moves the open date on the day it begins or ends, and one already
overdue stays), rule 4 (in whatever order the records were typed) and rule 10 (later versions).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from permanency.policy.derivation import Derivation
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from permanency.policy.review_dates import (
    REVIEW_HELD,
    due_after_marking,
    next_review,
    review_anchor,
)
from permanency.policy.rule_changes import review_after
from permanency.policy.rules import Rules, Transition


class Mark(NamedTuple):
    """A goal is intensive from a day, and until the day before `until_on`, where it has ended."""

    from_on: date
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


def open_review(
    goal: Goal,
    *,
    effective_on: date,
    last_held_on: date | None,
    marks: Sequence[Mark] = (),
    rules: Rules,
    later: Iterable[Rules] = (),
    born_on: date | None = None,
) -> Derivation:
    """Return when the next review is due: counted from the anchor by `rules`, then moved.

    Each mark that begins or ends after the anchor, and each of the `later` versions, moves the date
    on its day, in the order of the days; marks of a goal without a two-year clock count for
    nothing.
    """
    if not goal.has_two_year_clock:
        marks = ()
    anchor, _ = review_anchor(effective_on, last_held_on)
    is_intensive = any(mark.holds_on(anchor.on) for mark in marks)
    found = next_review(
        goal=goal,
        effective_on=effective_on,
        last_held_on=last_held_on,
        intensive=is_intensive,
        rules=rules,
        born_on=born_on,
    )
    # On one day the rules come first: they take effect before anybody works.
    changes: list[tuple[date, Rules | bool]] = [(each.effective_on, each) for each in later]
    changes += [(day, begins) for day, begins in _marked_days(marks) if day > anchor.on]
    for day, change in sorted(changes, key=lambda each: each[0]):
        if isinstance(change, Rules):
            found = review_after(
                found, goal=goal, intensive=is_intensive, born_on=born_on, rules=change
            )
            rules = rules if change.transition is Transition.KEEP else change
        else:
            is_intensive = change
            found = due_after_marking(
                goal=goal,
                anchor_on=anchor.on,
                due_on=found.on,
                marked_on=day,
                intensive=change,
                rules=rules,
                anchor_is_review=anchor.event == REVIEW_HELD,
                born_on=born_on,
            )
    return found


def _marked_days(marks: Iterable[Mark]) -> Iterable[tuple[date, bool]]:
    """Yield each day on which a mark begins (True) or ends (False), in order."""
    for mark in sorted(marks, key=lambda each: (each.from_on, each.until_on or date.max)):
        yield mark.from_on, True
        if mark.until_on is not None:
            yield mark.until_on, False


def mark_error(
    mark: Mark, *, others: Iterable[Mark], effective_on: date, on: date
) -> tuple[str, str]:
    """Return which field of a mark is wrong and why, as a sentence; both "" where none is."""
    if mark.from_on > on:
        return "from_on", "The mark cannot begin after today."
    if mark.from_on < effective_on:
        return "from_on", f"The goal took effect on {day_in_words(effective_on)}."
    if mark.until_on is not None and mark.until_on > on:
        return "until_on", "The mark cannot end after today."
    if mark.until_on is not None and mark.until_on < mark.from_on:
        return "until_on", "The mark cannot end before it begins."
    for other in others:
        begins_before_end = other.until_on is None or mark.from_on < other.until_on
        ends_after_begin = mark.until_on is None or mark.until_on > other.from_on
        if begins_before_end and ends_after_begin:
            since = day_in_words(other.from_on)
            return "from_on", f"It would overlap with the mark that began on {since}."
    return "", ""
