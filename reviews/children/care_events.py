"""What happened in a child's life in care, day by day, in words. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder, Extension, RuleVersion
from permanency.policy.derivation import Derivation
from permanency.policy.endings import EndReason
from permanency.policy.months import day_in_words, turns_18_on
from reviews.held.missed_reviews import ReviewRow, further_misses, reviews_told


@dataclass(frozen=True)
class Life:
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
        """Return the goal in force."""
        return next((each for each in self.goals if each.ended_on is None), None)

    @property
    def two_year(self) -> Derivation | None:
        """Return the two-year date of the goal in force with its reason; None without a goal."""
        goal = self.goal
        if goal is None or not goal.two_year_derivation:
            return None
        return Derivation.from_data(goal.two_year_derivation)

    @property
    def missed(self) -> list[date]:
        """Return the due dates that passed without a review, held later or not."""
        standing = [row.on for row in self.reviews if row.review is None]
        answered = [day for row in self.reviews if row.review for day in further_misses(row.review)]
        return sorted({*standing, *answered})


@dataclass(frozen=True)
class Event:
    """One thing on one day. What is ahead has not happened yet."""

    on: date
    title: str
    text: str = ""
    url: str = ""
    is_ahead: bool = False


def life_of(child: Child, *, on: date) -> Life:
    """Return what is recorded about a child, read in a fixed number of queries."""
    goals = list(child.goals.order_by("effective_on", "pk"))
    reviews = child.reviews.select_related("goal", "by")
    return Life(
        child=child,
        goals=goals,
        episodes=list(child.care_episodes.order_by("entered_on", "pk")),
        orders=list(child.court_orders.exclude(kind=CourtOrder.Kind.NONE).order_by("starts_on")),
        extensions=list(Extension.objects.filter(goal__child=child).order_by("decided_on", "pk")),
        reviews=reviews_told(goals, reviews, book=RuleVersion.objects.book(), on=on),
        on=on,
    )


def events_of(life: Life, *, today: str) -> list[Event]:
    """Return everything in the order of its days; `today` says how the clock stands now."""
    events = [
        *_care(life),
        *_goals(life),
        *_orders(life),
        *_extensions(life),
        *_reviews(life),
        *_dates(life),
    ]
    before = [each for each in events if each.on <= life.on]
    ahead = [each for each in events if each.on > life.on]
    now = Event(life.on, "Today", today)
    return [*sorted(before, key=_day), now, *sorted(ahead, key=_day)]


def _day(event: Event) -> date:
    return event.on


def _care(life: Life) -> Iterator[Event]:
    for each in life.episodes:
        yield Event(each.entered_on, "Entered care")
        if each.left_on is not None:
            yield Event(each.left_on, "Left care", each.exit_reason)


def _goals(life: Life) -> Iterator[Event]:
    before: CasePlanGoal | None = None
    for each in life.goals:
        follows = before is not None and before.ended_on == each.effective_on
        text = f"It replaced {str(before).lower()}." if follows else ""
        yield Event(each.effective_on, f"Goal: {str(each).lower()}", text)
        if each.ended_on is not None and each.end_reason != EndReason.GOAL_CHANGED:
            yield Event(each.ended_on, f"Goal ended: {each.get_end_reason_display().lower()}")
        before = each


def _orders(life: Life) -> Iterator[Event]:
    for each in life.orders:
        if each.starts_on is not None:
            yield Event(each.starts_on, f"{each} made")
        if each.ended_on is not None:
            yield Event(each.ended_on, f"{each} ended")
        elif each.expires_on is not None:
            verb = "expired" if each.expires_on < life.on else "expires"
            yield Event(each.expires_on, f"{each} {verb}", is_ahead=each.expires_on > life.on)


def _extensions(life: Life) -> Iterator[Event]:
    for each in life.extensions:
        yield Event(
            each.decided_on,
            f"Two-year date extended to {day_in_words(each.extended_to)}",
            f"Decided by {each.decided_by_name}: {each.reasons}",
        )


def _reviews(life: Life) -> Iterator[Event]:
    for row in life.reviews:
        if row.review is None:
            yield Event(row.on, "Review due", f"{row.words}.")
            continue
        url = reverse("review", args=[row.review.pk])
        if row.review.held_on is None:
            yield Event(row.on, "Review not held", row.review.not_held_reasons, url)
            continue
        yield Event(row.on, f"Review {row.words[:1].lower()}{row.words[1:]}", _outcome(row), url)
        for day in further_misses(row.review):
            yield Event(day, "Review due", f"Not held until {day_in_words(row.on)}.")


def _outcome(row: ReviewRow) -> str:
    return f"{row.review.get_outcome_display()}." if row.review else ""


def _dates(life: Life) -> Iterator[Event]:
    goal, told = life.goal, life.two_year
    if goal is not None and goal.review_due_on is not None and goal.review_due_on >= life.on:
        yield Event(goal.review_due_on, "Next review due", is_ahead=goal.review_due_on > life.on)
    if told is not None and told.on is not None and told.start_on is not None:
        yield Event(told.start_on, "The two years begin", f"Counted from {told.start_event}.")
        if told.original_on is not None:
            yield _two_year(told.original_on, "Original two-year date", life.on)
        extended = "Extended two-year date" if told.original_on else "Two-year date"
        yield _two_year(told.on, extended, life.on)
    birthday = turns_18_on(life.child.born_on)
    if goal is not None and birthday > life.on:
        yield Event(birthday, "Turns 18", "Every date ends then.", is_ahead=True)


def _two_year(day: date, title: str, on: date) -> Event:
    return Event(day, title if day >= on else f"{title} passed", is_ahead=day > on)
