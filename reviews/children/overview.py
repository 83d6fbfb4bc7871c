"""A child's overview: who, which goal, which dates, and what comes next. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse

from consultations.models import GoalChange
from directory.models import HistoryEntry, User
from directory.roles import WRITES_CASES
from permanency.access.services import child_approver_warning
from permanency.care.services import may_close
from permanency.goals.clocks import ending_of
from permanency.goals.effects import child_goal_warnings
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder, Extension
from permanency.policy.derivation import Derivation
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import (
    NEAR_DAYS,
    age_on,
    day_in_words,
    days_in_words,
    lower_first,
    span_in_words,
)
from permanency.policy.review_dates import day_words_and_tone
from permanency.policy.two_year_clock import Progress, clock_progress
from reviews.due_state import DateState, review_state, two_year_state
from reviews.history_words import ENTRY_RELATIONS
from reviews.models import GoalReview

Outcome = GoalReview.Outcome

RECENT = 6
ORDER_NEAR_DAYS = 180
ADULT_AGE = 18
YOUNG_PERSON_AGE = 16


@dataclass(frozen=True)
class Alert:
    """The matter on a child's page that cannot wait, in one sentence."""

    text: str
    tone: str


@dataclass(frozen=True)
class OpenAction:
    """An action not yet done, how its date stands, and whether the reader may close it."""

    action: Action
    words: str
    tone: str
    may_close: bool


@dataclass(frozen=True)
class OrderState:
    """A court order in force and how its expiry stands."""

    order: CourtOrder
    words: str
    tone: str


@dataclass(frozen=True)
class Overview:
    """Everything that the page of a child shows, read in a fixed number of queries."""

    child: Child
    age: str
    goals: Sequence[CasePlanGoal]
    goal: CasePlanGoal | None
    goal_for: str
    review: DateState | None
    two_year: DateState | None
    time_in_care_sentence: str
    progress: Progress | None
    extensions: Sequence[Extension]
    orders: Sequence[OrderState]
    episode: CareEpisode | None
    time_in_care: str
    open_change: GoalChange | None
    last_review: GoalReview | None
    actions: Sequence[OpenAction]
    entries: Sequence[HistoryEntry]
    ended: str
    warnings: Sequence[str]
    may_write: bool
    not_named: str

    @property
    def not_held(self) -> GoalReview | None:
        last, goal = self.last_review, self.goal
        if last is None or goal is None or last.held_on is not None:
            return None
        return last if last.due_on == goal.review_due_on else None

    @property
    def to_follow(self) -> GoalReview | None:
        last = self.last_review
        if last is None or last.held_on is None:
            return None
        held_on = last.held_on
        followed = {
            Outcome.ACHIEVED: False,
            Outcome.EXTENSION_SOUGHT: any(each.decided_on >= held_on for each in self.extensions),
            Outcome.CHANGE_NEEDED: self.open_change is not None,
        }
        return last if not followed.get(Outcome(last.outcome), True) else None

    @property
    def latest_goal(self) -> CasePlanGoal | None:
        return self.goal or next(iter(self.goals), None)

    @property
    def progress_words(self) -> str:
        if self.progress is None:
            return ""
        if self.progress.days_over:
            return "All of the time is used."
        return f"{self.progress.percent} per cent of the time is used."

    @property
    def alert(self) -> Alert | None:
        if self.review and self.review.tone == "error":
            due_on = day_in_words(self.review.on) if self.review.on else ""
            return Alert(f"The review was due on {due_on}: {self.review.words}.", "error")
        if self.two_year and self.two_year.tone == "error":
            return Alert(f"The two-year date {lower_first(self.two_year.words)}.", "error")
        late = [each for each in self.orders if each.tone == "error"]
        if late:
            return Alert(f"{late[0].order}: {lower_first(late[0].words)}.", "error")
        if self.goal is None and not self.ended:
            return Alert("No case plan goal is in force, so nothing is being counted.", "warning")
        return None


def child_overview(child: Child, *, by: User, on: date) -> Overview:
    """Return what the page of a child shows to this person on this day."""
    goals = list(child.goals.select_related("intensive_by"))
    goal = next((each for each in goals if each.ended_on is None), None)
    derivation = two_year_derivation(goal)
    orders, in_force = _orders(child, on=on)
    episodes = list(child.care_episodes.all())
    episode = next((each for each in episodes if each.left_on is None), None)
    entries = HistoryEntry.objects.filter(child_number=child.pk)
    return Overview(
        child=child,
        age=_age(child, on=on),
        goals=goals,
        goal=goal,
        goal_for=span_in_words(goal.effective_on, on) if goal else "",
        review=review_state(goal, on=on) if goal else None,
        two_year=two_year_state(goal, on=on) if goal else None,
        time_in_care_sentence=time_in_care_sentence(episodes, orders, on=on),
        progress=clock_progress(derivation, on=on) if derivation else None,
        extensions=list(Extension.objects.filter(goal__child=child)),
        orders=[_order(each, on=on) for each in orders],
        episode=episode,
        time_in_care=span_in_words(episode.entered_on, on) if episode else "",
        open_change=GoalChange.objects.open().filter(child=child).first(),
        last_review=goal.reviews.first() if goal else None,
        actions=_actions(child, by=by, on=on),
        entries=list(entries.select_related(*ENTRY_RELATIONS)[:RECENT]),
        ended=_ending_sentence(child, goals, episode, on=on),
        warnings=child_goal_warnings(goal.goal, child, in_force) if goal else (),
        may_write=by.holds(WRITES_CASES, on=on, district=child.district),
        not_named=child_approver_warning(child, on=on),
    )


def _age(child: Child, *, on: date) -> str:
    if on < child.born_on:
        return "Not yet born"
    years = age_on(child.born_on, on)
    if not years:
        return span_in_words(child.born_on, on)
    words = "1 year" if years == 1 else f"{years} years"
    return f"{words}, young person" if YOUNG_PERSON_AGE <= years < ADULT_AGE else words


def two_year_derivation(goal: CasePlanGoal | None) -> Derivation | None:
    """Return the reason for the two-year date of a goal; None where there is no goal or no date."""
    if goal is None or not goal.two_year_derivation:
        return None
    return Derivation.from_data(goal.two_year_derivation)


def time_in_care_sentence(
    episodes: Sequence[CareEpisode], orders: Iterable[CourtOrder], *, on: date
) -> str:
    """Return what always stands beside the two-year date: time since entry, and a short order."""
    entered = "No entry to care is recorded."
    if episodes:
        latest = max(episodes, key=lambda each: each.entered_on)
        left = f"; left care on {day_in_words(latest.left_on)}" if latest.left_on else ""
        since = f"{span_in_words(latest.entered_on, on)} since entry to care on "
        entered = f"{since}{day_in_words(latest.entered_on)}{left}."
    order_sentences = [
        f"The short term order {'expired' if each.expires_on < on else 'expires'} on "
        f"{day_in_words(each.expires_on)}."
        for each in orders
        if each.kind == CourtOrder.Kind.SHORT_TERM
        and each.expires_on is not None
        and each.ended_on is None
    ]
    return " ".join((entered, *order_sentences))


def _orders(child: Child, *, on: date) -> tuple[list[CourtOrder], CourtOrder | None]:
    in_force = Q(pk__in=child.court_orders.in_force(on=on).values("pk")[:1])
    rows = list(
        child.court_orders.annotate(is_in_force=in_force).filter(Q(ended_on=None) | in_force)
    )
    shown = [each for each in rows if each.ended_on is None and each.kind != CourtOrder.Kind.NONE]
    return shown, next((each for each in rows if getattr(each, "is_in_force", False)), None)


def _order(order: CourtOrder, *, on: date) -> OrderState:
    words, tone = day_words_and_tone(
        order.expires_on, on=on, near_days=ORDER_NEAR_DAYS, gone="Expired"
    )
    if tone in {"warning", "success"}:
        words = f"Expires {lower_first(words)}"
    return OrderState(order, words, tone)


def _actions(child: Child, *, by: User, on: date) -> list[OpenAction]:
    rows = []
    for action in child.actions.open().select_related("owner"):
        action.child = child
        late = (on - action.due_on).days
        words = f"{days_in_words(late)} overdue" if late > 0 else ""
        if 0 <= -late <= NEAR_DAYS:
            words = "Due today" if late == 0 else f"Due in {days_in_words(-late)}"
        tone = "error" if late > 0 else "neutral"
        rows.append(OpenAction(action, words, tone, may_close(action, by, on=on)))
    return rows


def _ending_sentence(
    child: Child, goals: Sequence[CasePlanGoal], episode: CareEpisode | None, *, on: date
) -> str:
    last = next(iter(goals), None)
    if last is not None and last.ended_on is None:
        return ""
    happened = ending_of(child, on=on)
    if happened is not None:
        return happened.sentence()
    if last is None or last.ended_on is None or last.end_reason != EndReason.ACHIEVED:
        return ""
    if episode is not None and episode.entered_on >= last.ended_on:
        return ""
    return f"Permanency was achieved on {day_in_words(last.ended_on)}."


PRESSING_TONES = frozenset({"error", "warning"})

NextStep = tuple[str, str]


def next_steps(found: Overview) -> Sequence[NextStep]:
    """Return the steps open to the reader of a child's page; none to one who may only read."""
    if not found.may_write:
        return ()
    edit = ("Edit the details", reverse("edit-child", args=[found.child.pk]))
    if found.ended:
        return (edit,)
    consult = ("Log a consultation", f"{reverse('new-consultation')}?child={found.child.pk}")
    if found.goal is None:
        opening = ("Open with the goal in force", reverse("open-goal", args=[found.child.pk]))
        return (consult, edit) if found.goals else (opening, consult, edit)
    hold = ("Hold a review", f"{reverse('new-review')}?child={found.child.pk}")
    is_pressing = found.review is not None and found.review.tone in PRESSING_TONES
    first = (hold, consult) if is_pressing else (consult, hold)
    return (*first, *_two_year_steps(found.child, found.goal), edit)


def _two_year_steps(child: Child, goal: CasePlanGoal) -> tuple[NextStep, ...]:
    if not Goal(goal.goal).has_two_year_clock:
        return ()
    intensive = "End intensive reviews" if goal.is_intensive else "Mark intensive"
    steps = [(intensive, reverse("mark-intensive", args=[child.pk]))]
    if goal.two_year_on is not None:
        steps.append(("Record an extension", reverse("new-extension", args=[child.pk])))
    steps.append(("Record achievement", reverse("record-achievement", args=[child.pk])))
    return tuple(steps)
