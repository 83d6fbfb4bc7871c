"""What happened in a child's care_record in care, day by day, in words. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder, Extension, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.goals import EndReason
from permanency.policy.months import day_in_words, turns_18_on
from reviews.held.missed_reviews import ReviewRow, child_review_rows, missed_due_dates


@dataclass(frozen=True)
class CareRecord:
    """The records about a child that lie on a line of time; the oldest goal comes first."""

    child: Child
    goals: Sequence[CasePlanGoal]
    episodes: Sequence[CareEpisode]
    orders: Sequence[CourtOrder]
    extensions: Sequence[Extension]
    reviews: Sequence[ReviewRow]
    on: date

    @property
    def goal(self) -> CasePlanGoal | None:
        return next((each for each in self.goals if each.ended_on is None), None)

    @property
    def two_year(self) -> Derivation | None:
        goal = self.goal
        if goal is None or not goal.two_year_derivation:
            return None
        return Derivation.from_data(goal.two_year_derivation)

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
    goals = list(child.goals.order_by("effective_on", "pk"))
    reviews = child.reviews.select_related("goal", "by")
    return CareRecord(
        child=child,
        goals=goals,
        episodes=list(child.care_episodes.order_by("entered_on", "pk")),
        orders=list(child.court_orders.exclude(kind=CourtOrder.Kind.NONE).order_by("starts_on")),
        extensions=list(Extension.objects.filter(goal__child=child).order_by("decided_on", "pk")),
        reviews=child_review_rows(goals, reviews, book=RuleVersion.objects.book(), on=on),
        on=on,
    )


def care_events_of(care_record: CareRecord, *, today: str) -> list[Event]:
    """Return everything in the order of its days; `today` says how the clock stands now."""
    events = [
        *_care(care_record),
        *_goals(care_record),
        *_orders(care_record),
        *_extensions(care_record),
        *_reviews(care_record),
        *_dates(care_record),
    ]
    before = [each for each in events if each.on <= care_record.on]
    ahead = [each for each in events if each.on > care_record.on]
    now = Event(care_record.on, "Today", today)
    return [*sorted(before, key=_day), now, *sorted(ahead, key=_day)]


def _day(event: Event) -> date:
    return event.on


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


def _reviews(care_record: CareRecord) -> Iterator[Event]:
    for row in care_record.reviews:
        if row.review is None:
            yield Event(row.on, "Review due", f"{row.words}.")
            continue
        url = reverse("review", args=[row.review.pk])
        if row.review.held_on is None:
            yield Event(row.on, "Review not held", row.review.not_held_reasons, url)
            continue
        yield Event(row.on, f"Review {row.words[:1].lower()}{row.words[1:]}", _outcome(row), url)
        for day in missed_due_dates(row.review):
            yield Event(day, "Review due", f"Not held until {day_in_words(row.on)}.")


def _outcome(row: ReviewRow) -> str:
    return f"{row.review.get_outcome_display()}." if row.review else ""


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
