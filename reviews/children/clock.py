"""The two years of a child on one time line: as a picture, and in days. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from permanency.models import Child, CourtOrder
from permanency.policy.derivation import Derivation
from permanency.policy.months import add_months, day_in_words, days_in_words
from permanency.policy.review_dates import was_held_late
from permanency.policy.two_year_clock import Progress, clock_progress
from reviews.children.care_events import CareRecord, Event, care_events_of, care_record_of
from reviews.children.overview import time_in_care_sentence
from reviews.children.time_line import Bar, Lane, Mark, Picture, picture
from reviews.due_state import DateState, review_state, two_year_state

WIDE, NARROW = 960, 340
# A longer time before the clock began would leave the two years no room.
MAX_MONTHS_BEFORE = 36
DAYS_AFTER_END = 20
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

    care_record: CareRecord
    review: DateState | None
    two_year: DateState | None
    progress: Progress | None
    days: Sequence[tuple[str, str]]
    events: Sequence[Event]
    pictures: Sequence[tuple[str, Picture]]
    begins_on: date
    is_cut: bool
    key: Sequence[tuple[str, str]] = KEY


def child_clock(child: Child, *, on: date) -> ChildClock:
    """Return a child's clock on a day."""
    care_record = care_record_of(child, on=on)
    goal, derivation = care_record.goal, care_record.two_year
    progress = clock_progress(derivation, on=on) if derivation is not None else None
    begins_on, ends_on = _span(care_record)
    lanes = _lanes(care_record)
    return ChildClock(
        care_record=care_record,
        review=review_state(goal, on=on) if goal else None,
        two_year=two_year_state(goal, on=on) if goal else None,
        progress=progress,
        days=list(_days(care_record, derivation, progress)),
        events=care_events_of(care_record, today=_usage_words(progress)),
        pictures=[
            (name, picture(lanes, begins_on=begins_on, ends_on=ends_on, today=on, width=width))
            for name, width in (("wide", WIDE), ("narrow", NARROW))
        ],
        begins_on=begins_on,
        is_cut=any(day < begins_on for day in _record_days(care_record)),
    )


def _usage_words(progress: Progress | None) -> str:
    if progress is None:
        return ""
    if progress.days_over:
        over = days_in_words(progress.days_over)
        return f"All {progress.days_total} days are used, and {over} more."
    left = days_in_words(progress.days_left)
    return f"{days_in_words(progress.days_used)} used of {progress.days_total}, {left} left."


def _days(
    care_record: CareRecord, derivation: Derivation | None, progress: Progress | None
) -> Iterator[tuple[str, str]]:
    if derivation is not None and derivation.on is not None and derivation.start_on is not None:
        yield (
            "The two years began",
            f"{day_in_words(derivation.start_on)}, {derivation.start_event}",
        )
        yield "Two-year date", day_in_words(derivation.original_on or derivation.on)
        if derivation.original_on is not None:
            yield (
                "Extended to",
                f"{day_in_words(derivation.on)}{_decider_words(care_record, derivation.on)}",
            )
    if progress is not None:
        yield "Days used", f"{progress.days_used} of {progress.days_total}"
        yield "Days left", str(progress.days_left)
        if progress.days_over:
            yield "Days over", str(progress.days_over)
    yield (
        "Time in care",
        time_in_care_sentence(care_record.episodes, care_record.orders, on=care_record.on),
    )


def _decider_words(care_record: CareRecord, day: date) -> str:
    deciders = [each.decided_by_name for each in care_record.extensions if each.extended_to == day]
    return f", decided by {deciders[-1]}" if deciders else ""


def _record_days(care_record: CareRecord) -> list[date]:
    days = [each.entered_on for each in care_record.episodes]
    days += [each.effective_on for each in care_record.goals]
    days += [each.starts_on for each in care_record.orders if each.starts_on is not None]
    return [*days, *(each.on for each in care_record.reviews)]


def _span(care_record: CareRecord) -> tuple[date, date]:
    derivation, goal = care_record.two_year, care_record.goal
    start_on = (
        derivation.start_on
        if derivation is not None and derivation.start_on is not None
        else care_record.on
    )
    earliest_shown = add_months(start_on, -MAX_MONTHS_BEFORE)
    begins_on = max(earliest_shown, min([start_on, *_record_days(care_record)]))
    ahead = [
        derivation.on if derivation is not None else None,
        goal.review_due_on if goal else None,
    ]
    ends_on = max(care_record.on, *(day for day in (care_record.on, *ahead) if day is not None))
    return begins_on, ends_on + timedelta(days=DAYS_AFTER_END)


def _lanes(care_record: CareRecord) -> list[Lane]:
    lanes = [
        Lane(
            "In care",
            [Bar(e.entered_on, e.left_on or care_record.on, "care") for e in care_record.episodes],
        ),
        Lane(
            "Case plan goal",
            [_goal_bar(care_record, number) for number in range(len(care_record.goals))],
        ),
        Lane("Court orders", list(_order_bars(care_record))),
        Lane("Two years", list(_two_year_bars(care_record)), list(_two_year_marks(care_record))),
        Lane("Reviews", (), list(_review_marks(care_record))),
    ]
    return [lane for lane in lanes if lane.bars or lane.marks]


def _goal_bar(care_record: CareRecord, number: int) -> Bar:
    goal = care_record.goals[number]
    ends_on = goal.ended_on or care_record.on
    return Bar(goal.effective_on, ends_on, f"goal-{number % 2}", str(goal))


def _order_bars(care_record: CareRecord) -> Iterator[Bar]:
    for each in care_record.orders:
        until = min(filter(None, (each.ended_on, each.expires_on)), default=care_record.on)
        since = each.starts_on or min(until, care_record.on)
        yield Bar(since, until, "order", ORDER_WORDS[CourtOrder.Kind(each.kind)])


def _two_year_bars(care_record: CareRecord) -> Iterator[Bar]:
    derivation, on = care_record.two_year, care_record.on
    if derivation is None or derivation.on is None or derivation.start_on is None:
        return
    original_on = derivation.original_on or derivation.on
    yield Bar(derivation.start_on, original_on, "left")
    if derivation.original_on is not None:
        yield Bar(original_on, derivation.on, "extended")
    yield Bar(derivation.start_on, min(on, derivation.on), "used")
    if on > derivation.on:
        yield Bar(derivation.on, on, "over")


def _two_year_marks(care_record: CareRecord) -> Iterator[Mark]:
    derivation = care_record.two_year
    if derivation is None or derivation.on is None:
        return
    if derivation.original_on is not None:
        yield Mark(derivation.original_on, "flag", day_in_words(derivation.original_on))
    extended = "Extended: " if derivation.original_on is not None else ""
    yield Mark(derivation.on, "flag", f"{extended}{day_in_words(derivation.on)}")


def _review_marks(care_record: CareRecord) -> Iterator[Mark]:
    yield from (Mark(day, "missed") for day in care_record.missed)
    for row in care_record.reviews:
        if row.review is not None and row.review.held_on is not None:
            is_late = was_held_late(row.review.due_on, row.review.held_on)
            yield Mark(row.review.held_on, "late" if is_late else "held")
    goal = care_record.goal
    if goal is not None and goal.review_due_on is not None and goal.review_due_on >= care_record.on:
        yield Mark(goal.review_due_on, "next", f"Next: {day_in_words(goal.review_due_on)}")
