"""What falls due in the weeks ahead: the engine of the review dates, run forward.

Source: the product's own assumption, which the page states: each review is held on the day it falls
due, one that is overdue is held today, and the next falls due one period after that (rule 2). No
review is held on or after the 18th birthday (rule 4).
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import median

from permanency.policy.goals import Goal
from permanency.policy.months import add_months, turns_18_on
from permanency.policy.rules import Rules, period_months

WEEKS = 26
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)
# More than one and a half times the usual, and at least three more: less is no news.
TIMES_USUAL = 1.5
AT_LEAST_MORE = 3


def week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_ahead(on: date, weeks: int = WEEKS) -> tuple[date, ...]:
    return tuple(week_start(on) + number * ONE_WEEK for number in range(weeks))


def last_day(on: date, weeks: int = WEEKS) -> date:
    """Return the Sunday with which so many weeks end, this week being the first."""
    return week_start(on) + weeks * ONE_WEEK - ONE_DAY


def week_number(day: date, *, on: date) -> int:
    """Return how many weeks after this one a day falls: 0 for a day of this week."""
    return (day - week_start(on)).days // 7


def review_days(
    due_on: date,
    *,
    goal: Goal,
    intensive: bool,
    on: date,
    until: date,
    rules: Rules,
    born_on: date | None = None,
) -> Iterator[date]:
    """Yield the days on which the reviews of a goal are held until a day, each on its due date.

    The open one is held today where it is overdue; none is held once the child is 18.
    """
    months = period_months(goal, intensive=intensive, rules=rules)
    if born_on is not None:
        until = min(until, turns_18_on(born_on) - ONE_DAY)
    held_on = max(due_on, on)
    while held_on <= until:
        yield held_on
        held_on = add_months(held_on, months)


def is_peak(number: int, usual: float) -> bool:
    return number > TIMES_USUAL * usual and number >= usual + AT_LEAST_MORE


def peaks(numbers: Sequence[int]) -> tuple[bool, ...]:
    """Return for each week whether it stands out against the middle one of them."""
    usual = median(numbers) if numbers else 0
    return tuple(is_peak(number, usual) for number in numbers)
