"""An oracle of the dates: the policy once more, by other means, to be compared with the engine.

It looks at calendar days one after the other, counts months by trying days, and never asks the code
of the policy. It is slow and knows no sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from permanency.tests.policy.days import add_months_by_hand as counted

A_DAY = timedelta(days=1)
TWO_YEAR_GOALS = {"restoration", "guardianship", "adoption"}
PERIODS = {
    "preservation": 3,
    "restoration": 6,
    "guardianship": 6,
    "adoption": 6,
    "long_term_care": 12,
}


@dataclass(frozen=True)
class Policy:
    """What the oracle is told of a version of the rules, in plain words and numbers."""

    periods: Mapping[str, int] = field(default_factory=lambda: PERIODS)
    intensive: int = 3
    clock: int = 24
    begins: str = "first_two_year_goal"

    def period(self, goal: str, *, intensive: bool) -> int:
        """Return the months between two reviews."""
        return self.intensive if intensive and goal in TWO_YEAR_GOALS else self.periods[goal]


def birthday_of_18(born_on: date) -> date:
    """Return the first day on which the child is 18."""
    return counted(born_on, 18 * 12)


def day_before_18(day: date | None, born_on: date) -> date | None:
    """Return the day, or None where the child is 18 by then."""
    return None if day is None or day >= birthday_of_18(born_on) else day


def multiples(anchor_on: date, months: int) -> Iterator[date]:
    """Yield the days that are one, two, three periods after the anchor, without an end."""
    number = 1
    while True:
        yield counted(anchor_on, number * months)
        number += 1


def day_after_new_period(
    due_on: date, *, anchor_on: date, months: int, from_on: date, only_sooner: bool
) -> date:
    """Return where an open date comes to stand when its period changes on a day."""
    if due_on < from_on:
        return due_on
    counted_on = next(day for day in multiples(anchor_on, months) if day >= from_on)
    return min(due_on, counted_on) if only_sooner else counted_on


def open_review(
    goal: str,
    since_on: date,
    *,
    held: list[date],
    marks: list[tuple[date, date | None]],
    on: date,
    policy: Policy | None = None,
) -> date:
    """Return the open review date on a day, going through the days since the last review.

    The period changes on each day on which the goal comes to be intensive, or is so no longer.
    """
    policy = policy or Policy()
    anchor_on = max([since_on, *held])
    now = _is_intensive(marks, anchor_on)
    due_on = next(multiples(anchor_on, policy.period(goal, intensive=now)))
    for number in range((on - anchor_on).days):
        day = anchor_on + A_DAY * (number + 1)
        before, now = now, _is_intensive(marks, day)
        if now != before:
            months = policy.period(goal, intensive=now)
            due_on = day_after_new_period(
                due_on, anchor_on=anchor_on, months=months, from_on=day, only_sooner=now
            )
    return due_on


def _is_intensive(marks: list[tuple[date, date | None]], day: date) -> bool:
    return any(since <= day and (until is None or day < until) for since, until in marks)


def start_of_two_years(
    goals: list[tuple[str, date]], *, entered_on: date | None, known_on: date | None, on: date
) -> date | None:
    """Return the first day of the two years of the goal in force on a day, walking back from it.

    Each goal gives way to the next. The walk ends at long term care and at the day the child
    entered care; on its way the earliest day with a two-year goal is the start. Where it comes back
    to the first day on record, a start that was known from before stands there.
    """
    in_force = _goal_by_day(goals, on)
    first = max(min(in_force), entered_on.toordinal() if entered_on else 0)
    start, day = 0, on.toordinal()
    if in_force[day] not in TWO_YEAR_GOALS:
        return None
    while day >= first and in_force[day] != "long_term_care":
        if in_force[day] in TWO_YEAR_GOALS:
            start = day
        day -= 1
    if known_on is not None and day < first:
        known = known_on.toordinal()
        if (entered_on is None or known_on >= entered_on) and known <= first:
            start = known
    return date.fromordinal(start)


def _goal_by_day(goals: list[tuple[str, date]], on: date) -> dict[int, str]:
    in_force = {}
    for (goal, since_on), (_, until_on) in pairwise([*goals, ("", on + A_DAY)]):
        in_force.update(dict.fromkeys(range(since_on.toordinal(), until_on.toordinal()), goal))
    return in_force
