"""The two years of a child on one time line: in words, in days and as a picture. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.urls import reverse

from permanency.goals.clocks import goals_by_facts
from permanency.models import (
    CareEpisode,
    CasePlanGoal,
    Child,
    CourtOrder,
    Extension,
    IntensiveMark,
    RuleVersion,
)
from permanency.policy.derivation import Derivation
from permanency.policy.goals import EndReason
from permanency.policy.months import (
    add_months,
    day_in_words,
    days_in_words,
    lower_first,
    turns_18_on,
)
from permanency.policy.review_dates import was_held_late
from permanency.policy.rule_changes import RuleBook
from permanency.policy.two_year_clock import Progress, clock_progress
from reviews.children.overview import time_in_care_sentence, two_year_derivation
from reviews.children.time_line import Bar, Lane, Mark, Picture, picture
from reviews.due_state import review_state, two_year_state
from reviews.held.missed_reviews import ReviewRow, child_review_rows, missed_due_dates
from reviews.models import GoalReview

WIDE, NARROW = 960, 340
# A longer time before the clock began would leave the two years no room.
MAX_MONTHS_BEFORE = 36
DAYS_AFTER_END = 20
TWO_YEARS = "Two years"
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
class CareRecord:
    """The records about a child that lie on a line of time; the oldest goal comes first."""

    child: Child
    goals: Sequence[CasePlanGoal]
    episodes: Sequence[CareEpisode]
    orders: Sequence[CourtOrder]
    extensions: Sequence[Extension]
    marks: Sequence[IntensiveMark]
    reviews: Sequence[ReviewRow]
    on: date

    @property
    def goal(self) -> CasePlanGoal | None:
        return next((each for each in self.goals if each.ended_on is None), None)

    @property
    def two_year(self) -> Derivation | None:
        return two_year_derivation(self.goal)

    @property
    def missed(self) -> list[date]:
        standing = [row.on for row in self.reviews if row.review is None]
        answered = [
            day for row in self.reviews if row.review for day in missed_due_dates(row.review)
        ]
        return sorted({*standing, *answered})


@dataclass(frozen=True)
class Event:
    """One thing on one day. What is ahead has not happened yet."""

    on: date
    title: str
    text: str = ""
    url: str = ""
    is_ahead: bool = False


def care_record_of(child: Child, *, on: date) -> CareRecord:
    """Return what is recorded about a child, read in a fixed number of queries."""
    goals = goals_by_facts(child, child.goals.order_by("effective_on", "pk"), on=on)
    reviews = child.reviews.standing().select_related("goal", "by")
    return CareRecord(
        child=child,
        goals=goals,
        episodes=list(child.care_episodes.order_by("entered_on", "pk")),
        orders=list(child.court_orders.exclude(kind=CourtOrder.Kind.NONE).order_by("starts_on")),
        extensions=list(Extension.objects.filter(goal__child=child).order_by("decided_on", "pk")),
        marks=list(IntensiveMark.objects.filter(goal__child=child)),
        reviews=child_review_rows(goals, reviews, book=RuleVersion.objects.book(), on=on),
        on=on,
    )


def child_clock(child: Child, *, on: date) -> dict[str, Any]:
    """Return how a child's two years stand: days as rows of words, events, and pictures."""
    care_record = care_record_of(child, on=on)
    goal, derivation = care_record.goal, care_record.two_year
    progress = clock_progress(derivation, on=on) if derivation is not None else None
    begins_on, ends_on = _span(care_record)
    lanes = _lanes(care_record)
    return {
        "care_record": care_record,
        "review": review_state(goal, on=on) if goal else None,
        "two_year": two_year_state(goal, on=on) if goal else None,
        "progress": progress,
        "days": list(_days(care_record, derivation, progress)),
        "events": care_events_of(care_record, today=_usage_words(progress)),
        "pictures": _pictures(lanes, begins_on, ends_on, on=on),
        "begins_on": begins_on,
        "is_cut": any(day < begins_on for day in _record_days(care_record)),
        "key": KEY,
    }


def small_pictures(
    child: Child,
    goals: Sequence[CasePlanGoal],
    episodes: Sequence[CareEpisode],
    reviews: Sequence[GoalReview],
    *,
    on: date,
) -> list[tuple[str, Picture]]:
    """Return the time in care, the goals and the reviews of a child, wide and narrow.

    The newest goal and review come first. Of the reviews that were missed the open one alone is
    drawn. Without a goal and a time in care there is no picture.
    """
    rows = child_review_rows((), reviews, book=RuleBook.of(()), on=on)
    goal = next((each for each in goals if each.ended_on is None), None)
    if goal is not None and goal.review_due_on is not None and goal.review_due_on < on:
        rows.append(ReviewRow(goal.review_due_on, goal, "", "error"))
    record = CareRecord(child, goals[::-1], episodes, (), (), (), rows, on)
    if not goals and not episodes:
        return []
    begins_on, ends_on = min(_record_days(record)), on
    if goal is not None and goal.review_due_on is not None:
        ends_on = max(on, goal.review_due_on)
    lanes = [lane for lane in _lanes(record) if lane.title != TWO_YEARS]
    return _pictures(lanes, begins_on, ends_on + timedelta(days=DAYS_AFTER_END), on=on)


def _pictures(
    lanes: Sequence[Lane], begins_on: date, ends_on: date, *, on: date
) -> list[tuple[str, Picture]]:
    return [
        (name, picture(lanes, begins_on=begins_on, ends_on=ends_on, today=on, width=width))
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    ]


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
            day, extensions = derivation.on, care_record.extensions
            deciders = [each.decided_by_name for each in extensions if each.extended_to == day]
            decided = f", decided by {deciders[-1]}" if deciders else ""
            yield "Extended to", f"{day_in_words(day)}{decided}"
    if progress is not None:
        yield "Days used", f"{progress.days_used} of {progress.days_total}"
        yield "Days left", str(progress.days_left)
        if progress.days_over:
            yield "Days over", str(progress.days_over)
    yield (
        "Time in care",
        time_in_care_sentence(care_record.episodes, care_record.orders, on=care_record.on),
    )


def _record_days(care_record: CareRecord) -> list[date]:
    days = [each.entered_on for each in care_record.episodes]
    days += [each.effective_on for each in care_record.goals]
    days += [each.starts_on for each in care_record.orders if each.starts_on is not None]
    return [*days, *(each.on for each in care_record.reviews)]


def _span(care_record: CareRecord) -> tuple[date, date]:
    derivation, goal = care_record.two_year, care_record.goal
    start_on = (derivation.start_on if derivation else None) or care_record.on
    earliest_shown = add_months(start_on, -MAX_MONTHS_BEFORE)
    begins_on = max(earliest_shown, min([start_on, *_record_days(care_record)]))
    ahead = (derivation.on if derivation else None, goal.review_due_on if goal else None)
    ends_on = max(filter(None, (care_record.on, *ahead)))
    return begins_on, ends_on + timedelta(days=DAYS_AFTER_END)


def _lanes(care_record: CareRecord) -> list[Lane]:
    on = care_record.on
    goals = [
        Bar(goal.effective_on, goal.ended_on or on, f"goal-{number % 2}", str(goal))
        for number, goal in enumerate(care_record.goals)
    ]
    lanes = [
        Lane(
            "In care",
            [Bar(e.entered_on, e.left_on or on, "care") for e in care_record.episodes],
        ),
        Lane("Case plan goal", goals),
        Lane("Court orders", list(_order_bars(care_record))),
        _two_year_lane(care_record),
        Lane("Reviews", (), list(_review_marks(care_record))),
    ]
    return [lane for lane in lanes if lane.bars or lane.marks]


def _order_bars(care_record: CareRecord) -> Iterator[Bar]:
    for each in care_record.orders:
        until = min(filter(None, (each.ended_on, each.expires_on)), default=care_record.on)
        since = each.starts_on or min(until, care_record.on)
        yield Bar(since, until, "order", ORDER_WORDS[CourtOrder.Kind(each.kind)])


def _two_year_lane(care_record: CareRecord) -> Lane:
    title, derivation, on = TWO_YEARS, care_record.two_year, care_record.on
    if derivation is None or derivation.on is None or derivation.start_on is None:
        return Lane(title)
    start_on, ends_on, original_on = derivation.start_on, derivation.on, derivation.original_on
    used = [Bar(start_on, min(on, ends_on), "used")]
    if on > ends_on:
        used.append(Bar(ends_on, on, "over"))
    if original_on is None:
        mark = Mark(ends_on, "flag", day_in_words(ends_on))
        return Lane(title, [Bar(start_on, ends_on, "left"), *used], [mark])
    bars = [Bar(start_on, original_on, "left"), Bar(original_on, ends_on, "extended"), *used]
    marks = [
        Mark(original_on, "flag", day_in_words(original_on)),
        Mark(ends_on, "flag", f"Extended: {day_in_words(ends_on)}"),
    ]
    return Lane(title, bars, marks)


def _review_marks(care_record: CareRecord) -> Iterator[Mark]:
    yield from (Mark(day, "missed") for day in care_record.missed)
    for row in care_record.reviews:
        if row.review is not None and row.review.held_on is not None:
            is_late = was_held_late(row.review.due_on, row.review.held_on)
            yield Mark(row.review.held_on, "late" if is_late else "held")
    goal = care_record.goal
    if goal is not None and goal.review_due_on is not None and goal.review_due_on >= care_record.on:
        yield Mark(goal.review_due_on, "next", f"Next: {day_in_words(goal.review_due_on)}")


def care_events_of(care_record: CareRecord, *, today: str) -> list[Event]:
    """Return everything in the order of its days; `today` says how the clock stands now."""
    events = [
        *_care(care_record),
        *_goals(care_record),
        *_orders(care_record),
        *_extensions(care_record),
        *_marks(care_record),
        *_reviews(care_record),
        *_dates(care_record),
        # Last, and so behind what happens on this day.
        Event(care_record.on, "Today", today),
    ]
    return sorted(events, key=attrgetter("on"))


def _care(care_record: CareRecord) -> Iterator[Event]:
    for each in care_record.episodes:
        yield Event(each.entered_on, "Entered care")
        if each.left_on is not None:
            yield Event(each.left_on, "Left care", each.exit_reason)


def _goals(care_record: CareRecord) -> Iterator[Event]:
    before: CasePlanGoal | None = None
    for each in care_record.goals:
        follows = before is not None and before.ended_on == each.effective_on
        text = f"It replaced {str(before).lower()}." if follows else ""
        yield Event(each.effective_on, f"Goal: {str(each).lower()}", text)
        if each.ended_on is not None and each.end_reason != EndReason.GOAL_CHANGED:
            yield Event(each.ended_on, f"Goal ended: {each.get_end_reason_display().lower()}")
        before = each


def _orders(care_record: CareRecord) -> Iterator[Event]:
    for each in care_record.orders:
        if each.starts_on is not None:
            yield Event(each.starts_on, f"{each} made")
        if each.ended_on is not None:
            yield Event(each.ended_on, f"{each} ended")
        elif each.expires_on is not None:
            verb = "expired" if each.expires_on < care_record.on else "expires"
            yield Event(
                each.expires_on, f"{each} {verb}", is_ahead=each.expires_on > care_record.on
            )


def _extensions(care_record: CareRecord) -> Iterator[Event]:
    for each in care_record.extensions:
        yield Event(
            each.decided_on,
            f"Two-year date extended to {day_in_words(each.extended_to)}",
            f"Decided by {each.decided_by_name}: {each.reasons}",
        )


def _marks(care_record: CareRecord) -> Iterator[Event]:
    for each in care_record.marks:
        yield Event(each.from_on, "Marked intensive", each.reasons)
        if each.until_on is not None:
            yield Event(each.until_on, "Intensive no more")


def _reviews(care_record: CareRecord) -> Iterator[Event]:
    for row in care_record.reviews:
        if row.review is None:
            yield Event(row.on, "Review due", f"{row.words}.")
            continue
        url = reverse("review", args=[row.review.pk])
        if row.review.held_on is None:
            yield Event(row.on, "Review not held", row.review.not_held_reasons, url)
            continue
        outcome = f"{row.review.get_outcome_display()}."
        yield Event(row.on, f"Review {lower_first(row.words)}", outcome, url)
        for day in missed_due_dates(row.review):
            yield Event(day, "Review due", f"Not held until {day_in_words(row.on)}.")


def _dates(care_record: CareRecord) -> Iterator[Event]:
    goal, derivation = care_record.goal, care_record.two_year
    if goal is not None and goal.review_due_on is not None and goal.review_due_on >= care_record.on:
        yield Event(
            goal.review_due_on, "Next review due", is_ahead=goal.review_due_on > care_record.on
        )
    if derivation is not None and derivation.on is not None and derivation.start_on is not None:
        yield Event(
            derivation.start_on, "The two years begin", f"Counted from {derivation.start_event}."
        )
        if derivation.original_on is not None:
            yield _two_year(derivation.original_on, "Original two-year date", care_record.on)
        extended = "Extended two-year date" if derivation.original_on else "Two-year date"
        yield _two_year(derivation.on, extended, care_record.on)
    birthday = turns_18_on(care_record.child.born_on)
    if goal is not None and birthday > care_record.on:
        yield Event(birthday, "Turns 18", "Every date ends then.", is_ahead=True)


def _two_year(day: date, title: str, on: date) -> Event:
    return Event(day, title if day >= on else f"{title} passed", is_ahead=day > on)
