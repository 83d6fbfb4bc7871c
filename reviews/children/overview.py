"""A child's overview: who, which goal, which dates, and what comes next. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from consultations.models import Consultation, GoalChange
from directory.models import User
from directory.roles import WRITES_CASES
from permanency.access.services import child_approver_warning
from permanency.care.services import may_close
from permanency.goals.clocks import ending_of, goals_by_facts
from permanency.goals.effects import child_goal_warnings
from permanency.models import (
    Action,
    CareEpisode,
    CasePlanGoal,
    Child,
    CourtOrder,
    Extension,
    IntensiveMark,
)
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
from reviews.due_state import review_state, two_year_state
from reviews.models import GoalReview

Outcome = GoalReview.Outcome

ORDER_NEAR_DAYS = 180
ADULT_AGE = 18
YOUNG_PERSON_AGE = 16


def child_overview(
    child: Child, consultations: Sequence[Consultation], *, by: User, on: date
) -> dict[str, Any]:
    """Return what the page of a child shows to this person, read in a fixed number of queries.

    `consultations` are the last one on the record and the person's own drafts.
    """
    goals = goals_by_facts(child, child.goals.annotate(**_mark_now()), on=on)
    goal = next((each for each in goals if each.ended_on is None), None)
    derivation = two_year_derivation(goal)
    orders, in_force = _orders(child, on=on)
    episodes = list(child.care_episodes.all())
    episode = next((each for each in episodes if each.left_on is None), None)
    progress = clock_progress(derivation, on=on) if derivation else None
    extensions = list(Extension.objects.filter(goal__child=child))
    open_change = GoalChange.objects.open().filter(child=child).first()
    reviews = list(child.reviews.standing().select_related("goal", "by"))
    last_review = next((each for each in reviews if goal and each.goal_id == goal.pk), None)
    found: dict[str, Any] = {
        "age": _age(child, on=on),
        "goals": goals,
        "goal": goal,
        "goal_for": span_in_words(goal.effective_on, on) if goal else "",
        "review": review_state(goal, on=on) if goal else None,
        "two_year": two_year_state(goal, on=on) if goal else None,
        "time_in_care_sentence": time_in_care_sentence(episodes, orders, on=on),
        "progress": progress,
        "progress_words": _progress_words(progress),
        "extensions": extensions,
        "episodes": episodes,
        "reviews": reviews,
        "last_held": next((each for each in reviews if each.held_on is not None), None),
        "consultation": next((each for each in consultations if each.recorded_on), None),
        "drafts": [each for each in consultations if each.recorded_on is None],
        "orders": [_order(each, on=on) for each in orders],
        "episode": episode,
        "time_in_care": span_in_words(episode.entered_on, on) if episode else "",
        "open_change": open_change,
        "not_held": _not_held(last_review, goal),
        "to_follow": _to_follow(last_review, extensions, open_change),
        "actions": _actions(child, by=by, on=on),
        "ended": _ending_sentence(child, goals, episode, on=on),
        "warnings": child_goal_warnings(goal.goal, child, in_force) if goal else (),
        "may_write": by.holds(WRITES_CASES, on=on, district=child.district),
        "not_named": child_approver_warning(child, on=on),
    }
    return {**found, "alert": _alert(found), "steps": _next_steps(child, found)}


def _mark_now() -> dict[str, Subquery]:
    mark = IntensiveMark.objects.filter(goal=OuterRef("pk"), until_on=None)
    columns = {"mark": "pk", "marked_by": "by__name", "mark_reasons": "reasons"}
    return {name: Subquery(mark.values(column)[:1]) for name, column in columns.items()}


def _progress_words(progress: Progress | None) -> str:
    if progress is None:
        return ""
    if progress.days_over:
        return "All of the time is used."
    return f"{progress.percent} per cent of the time is used."


def _not_held(last: GoalReview | None, goal: CasePlanGoal | None) -> GoalReview | None:
    if last is None or goal is None or last.held_on is not None:
        return None
    return last if last.due_on == goal.review_due_on else None


def _to_follow(
    last: GoalReview | None, extensions: Sequence[Extension], open_change: GoalChange | None
) -> GoalReview | None:
    if last is None or last.held_on is None:
        return None
    held_on = last.held_on
    followed = {
        Outcome.ACHIEVED: False,
        Outcome.EXTENSION_SOUGHT: any(each.decided_on >= held_on for each in extensions),
        Outcome.CHANGE_NEEDED: open_change is not None,
    }
    return last if not followed.get(Outcome(last.outcome), True) else None


def _alert(found: dict[str, Any]) -> tuple[str, str]:
    """Return the matter that cannot wait, in one sentence, and its tone; "" where there is none."""
    review, two_year = found["review"], found["two_year"]
    if review and review.tone == "error":
        return f"The review was due on {review.day}: {review.words}.", "error"
    if two_year and two_year.tone == "error":
        return f"The two-year date {lower_first(two_year.words)}.", "error"
    for order, words, tone in found["orders"]:
        if tone == "error":
            return f"{order}: {lower_first(words)}.", "error"
    if found["goal"] is None and not found["ended"]:
        return "No case plan goal is in force, so nothing is being counted.", "warning"
    return "", ""


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


def _order(order: CourtOrder, *, on: date) -> tuple[CourtOrder, str, str]:
    """Return an order, how its expiry stands, and the tone of that."""
    words, tone = day_words_and_tone(
        order.expires_on, on=on, near_days=ORDER_NEAR_DAYS, gone="Expired"
    )
    if tone in {"warning", "success"}:
        words = f"Expires {lower_first(words)}"
    return order, words, tone


def _actions(child: Child, *, by: User, on: date) -> list[tuple[Action, str, str, bool]]:
    """Return each open action, how its date stands, with a tone, and whether `by` may close it."""
    rows = []
    has_ended = ending_of(child, on=on) is not None
    for action in child.actions.open().select_related("owner"):
        action.child = child
        late = (on - action.due_on).days
        words = f"{days_in_words(late)} overdue" if late > 0 else ""
        if 0 <= -late <= NEAR_DAYS:
            words = "Due today" if late == 0 else f"Due in {days_in_words(-late)}"
        tone = "error" if late > 0 else "neutral"
        if has_ended:
            words, tone = "Nothing is due any more", "neutral"
        rows.append((action, words, tone, may_close(action, by, on=on)))
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


NextStep = tuple[str, str]


def _next_steps(child: Child, found: dict[str, Any]) -> Sequence[NextStep]:
    if not found["may_write"]:
        return ()
    edit = ("Edit the details", reverse("edit-child", args=[child.pk]))
    if found["ended"]:
        last = found["goals"][0] if found["goals"] else None
        if last is None or last.end_reason != EndReason.ACHIEVED:
            return (edit,)
        return (edit, ("Correct the achievement", reverse("correct-achievement", args=[child.pk])))
    consult = ("Log a consultation", f"{reverse('new-consultation')}?child={child.pk}")
    if found["goal"] is None:
        opening = ("Open with the goal in force", reverse("open-goal", args=[child.pk]))
        return (consult, edit) if found["goals"] else (opening, consult, edit)
    review = ("Record a review", f"{reverse('new-review')}?child={child.pk}")
    return (review, consult, *_two_year_steps(child, found["goal"]), edit)


def _two_year_steps(child: Child, goal: CasePlanGoal) -> tuple[NextStep, ...]:
    if not Goal(goal.goal).has_two_year_clock:
        return ()
    intensive = "End intensive reviews" if goal.is_intensive else "Mark intensive"
    steps = [(intensive, reverse("mark-intensive", args=[child.pk]))]
    if goal.two_year_on is not None:
        steps.append(("Record an extension", reverse("new-extension", args=[child.pk])))
    steps.append(("Record achievement", reverse("record-achievement", args=[child.pk])))
    return tuple(steps)
