"""The two years of a child on one time line: as a picture, and in days. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from permanency.models import Child, CourtOrder
from permanency.policy.derivation import Derivation
from permanency.policy.due_state import days_in_words
from permanency.policy.months import add_months, day_in_words
from permanency.policy.review_dates import was_held_late
from permanency.policy.two_year_clock import Progress, clock_progress
from reviews.children.care_events import Event, Life, events_of, life_of
from reviews.children.overview import beside_two_year
from reviews.children.time_line import Bar, Lane, Mark, Picture, picture
from reviews.due_state import DateStanding, review_standing, two_year_standing

WIDE, NARROW = 960, 340
# A longer time before the clock began would leave the two years no room.
SHOWN_BEFORE_MONTHS = 36
SHOWN_AFTER_DAYS = 20
KEY = (
    ("held", "Review held in time"),
    ("late", "Review held late"),
    ("missed", "Due date that passed without a review"),
    ("next", "Next review"),
    ("flag", "Two-year date"),
)
ORDER_WORDS = {
    CourtOrder.Kind.INTERIM: "Interim",
    CourtOrder.Kind.SHORT_TERM: "Short term",
    CourtOrder.Kind.LONG_TERM: "Long term",
    CourtOrder.Kind.GUARDIANSHIP: "Guardianship",
    CourtOrder.Kind.SUPERVISION: "Supervision",
}


@dataclass(frozen=True)
class ChildClock:
    """How a child's two years stand: the days as rows of words, the events, and the pictures."""

    life: Life
    review: DateStanding | None
    two_year: DateStanding | None
    progress: Progress | None
    days: Sequence[tuple[str, str]]
    events: Sequence[Event]
    pictures: Sequence[tuple[str, Picture]]
    begins_on: date
    is_cut: bool
    key: Sequence[tuple[str, str]] = KEY


def child_clock(child: Child, *, on: date) -> ChildClock:
    """Return a child's clock on a day."""
    life = life_of(child, on=on)
    goal, told = life.goal, life.two_year
    progress = clock_progress(told, on=on) if told is not None else None
    begins_on, ends_on = _span(life)
    lanes = _lanes(life)
    return ChildClock(
        life=life,
        review=review_standing(goal, on=on) if goal else None,
        two_year=two_year_standing(goal, on=on) if goal else None,
        progress=progress,
        days=list(_days(life, told, progress)),
        events=events_of(life, today=_used(progress)),
        pictures=[
            (name, picture(lanes, begins_on=begins_on, ends_on=ends_on, today=on, width=width))
            for name, width in (("wide", WIDE), ("narrow", NARROW))
        ],
        begins_on=begins_on,
        is_cut=any(day < begins_on for day in _days_before(life)),
    )


def _used(progress: Progress | None) -> str:
    if progress is None:
        return ""
    if progress.days_over:
        over = days_in_words(progress.days_over)
        return f"All {progress.days_total} days are used, and {over} more."
    left = days_in_words(progress.days_left)
    return f"{days_in_words(progress.days_used)} used of {progress.days_total}, {left} left."


def _days(
    life: Life, told: Derivation | None, progress: Progress | None
) -> Iterator[tuple[str, str]]:
    if told is not None and told.on is not None and told.start_on is not None:
        yield "The two years began", f"{day_in_words(told.start_on)}, {told.start_event}"
        yield "Two-year date", day_in_words(told.original_on or told.on)
        if told.original_on is not None:
            yield "Extended to", f"{day_in_words(told.on)}{_authority(life, told.on)}"
    if progress is not None:
        yield "Days used", f"{progress.days_used} of {progress.days_total}"
        yield "Days left", str(progress.days_left)
        if progress.days_over:
            yield "Days over", str(progress.days_over)
    yield "Time in care", beside_two_year(life.episodes, life.orders, on=life.on)


def _authority(life: Life, day: date) -> str:
    deciders = [each.decided_by_name for each in life.extensions if each.extended_to == day]
    return f", decided by {deciders[-1]}" if deciders else ""


def _days_before(life: Life) -> list[date]:
    days = [each.entered_on for each in life.episodes]
    days += [each.effective_on for each in life.goals]
    days += [each.starts_on for each in life.orders if each.starts_on is not None]
    return [*days, *(each.on for each in life.reviews)]


def _span(life: Life) -> tuple[date, date]:
    """Return the first and the last day of the picture."""
    told, goal = life.two_year, life.goal
    start_on = told.start_on if told is not None and told.start_on is not None else life.on
    earliest_shown = add_months(start_on, -SHOWN_BEFORE_MONTHS)
    begins_on = max(earliest_shown, min([start_on, *_days_before(life)]))
    ahead = [told.on if told is not None else None, goal.review_due_on if goal else None]
    ends_on = max(life.on, *(day for day in (life.on, *ahead) if day is not None))
    return begins_on, ends_on + timedelta(days=SHOWN_AFTER_DAYS)


def _lanes(life: Life) -> list[Lane]:
    lanes = [
        Lane("In care", [Bar(e.entered_on, e.left_on or life.on, "care") for e in life.episodes]),
        Lane("Case plan goal", [_goal_bar(life, number) for number in range(len(life.goals))]),
        Lane("Court orders", list(_order_bars(life))),
        Lane("Two years", list(_two_year_bars(life)), list(_two_year_marks(life))),
        Lane("Reviews", (), list(_review_marks(life))),
    ]
    return [lane for lane in lanes if lane.bars or lane.marks]


def _goal_bar(life: Life, number: int) -> Bar:
    goal = life.goals[number]
    ends_on = goal.ended_on or life.on
    return Bar(goal.effective_on, ends_on, f"goal-{number % 2}", str(goal))


def _order_bars(life: Life) -> Iterator[Bar]:
    for each in life.orders:
        until = min(filter(None, (each.ended_on, each.expires_on)), default=life.on)
        since = each.starts_on or min(until, life.on)
        yield Bar(since, until, "order", ORDER_WORDS[CourtOrder.Kind(each.kind)])


def _two_year_bars(life: Life) -> Iterator[Bar]:
    told, on = life.two_year, life.on
    if told is None or told.on is None or told.start_on is None:
        return
    original_on = told.original_on or told.on
    yield Bar(told.start_on, original_on, "left")
    if told.original_on is not None:
        yield Bar(original_on, told.on, "extended")
    yield Bar(told.start_on, min(on, told.on), "used")
    if on > told.on:
        yield Bar(told.on, on, "over")


def _two_year_marks(life: Life) -> Iterator[Mark]:
    told = life.two_year
    if told is None or told.on is None:
        return
    if told.original_on is not None:
        yield Mark(told.original_on, "flag", day_in_words(told.original_on))
    extended = "Extended: " if told.original_on is not None else ""
    yield Mark(told.on, "flag", f"{extended}{day_in_words(told.on)}")


def _review_marks(life: Life) -> Iterator[Mark]:
    yield from (Mark(day, "missed") for day in life.missed)
    for row in life.reviews:
        if row.review is not None and row.review.held_on is not None:
            is_late = was_held_late(row.review.due_on, row.review.held_on)
            yield Mark(row.review.held_on, "late" if is_late else "held")
    goal = life.goal
    if goal is not None and goal.review_due_on is not None and goal.review_due_on >= life.on:
        yield Mark(goal.review_due_on, "next", f"Next: {day_in_words(goal.review_due_on)}")
