"""Holding a review: what moves, what stays, and who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from directory.errors import OtherEffectError, StepNotAllowedError
from directory.mail import notices
from directory.models import District, HistoryEntry, Notice, User
from permanency import matters
from permanency.goals.intensive import mark_intensive
from permanency.goals.lifecycle import put_in_force
from permanency.goals.store import end_goal
from permanency.models import Action, CasePlanGoal, IntensiveMark, RuleVersion
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_episode
from reviews.held.corrections import correct
from reviews.held.missed_reviews import lateness, missed_reviews_of
from reviews.held.services import (
    ReviewContent,
    hold,
    record_not_held,
    review_effect,
)
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, open_child

Outcome = GoalReview.Outcome
ON_TRACK = ReviewContent(progress="on_track", progress_reasons="Visits go well.")


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    """Return a restoration goal whose review fell due a month ago."""
    return open_child(hunter, coordinator, effective_on=add_months(TODAY, -7))


def test_the_next_review_counts_from_the_day_it_was_held(
    goal: CasePlanGoal, coordinator: User
) -> None:
    due_on, two_year_on = goal.review_due_on, goal.two_year_on

    review = hold(
        goal,
        held_on=days_ago(2),
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        by=coordinator,
        on=TODAY,
    )

    goal.refresh_from_db()
    assert goal.review_due_on == add_months(days_ago(2), 6)
    assert goal.two_year_on == two_year_on
    assert (review.due_on, review.anchor_on, review.period_months) == (
        due_on,
        goal.effective_on,
        6,
    )


def test_a_review_keeps_its_actions_and_writes_history(
    goal: CasePlanGoal, coordinator: User
) -> None:
    actions = [
        AgreedAction("Book the assessment", "Jo Caseworker", days_ago(-30)),
        AgreedAction("Ring the school", "Pat", days_ago(-7), is_mine=True),
    ]
    review = hold(
        goal,
        held_on=TODAY,
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        actions=actions,
        by=coordinator,
        on=TODAY,
    )

    assert set(review.actions.values_list("what", "owner")) == {
        ("Book the assessment", None),
        ("Ring the school", coordinator.pk),
    }
    entry = HistoryEntry.objects.get(verb="held a review")
    assert entry.child_number == goal.child_id
    assert entry.by == coordinator
    assert entry.after["held_on"] == TODAY.isoformat()
    assert len(entry.after["actions"]) == 2


def test_a_review_settles_what_the_inbox_was_told(
    goal: CasePlanGoal, coordinator: User, hunter: District
) -> None:
    assert goal.review_due_on is not None
    notices.post(
        Notice.Kind.REVIEW_OVERDUE,
        matters.review(goal.pk, goal.review_due_on),
        district=hunter,
        path=f"/children/{goal.child_id}/",
        owed_on=TODAY,
        child_number=goal.child_id,
    )

    hold(
        goal,
        held_on=TODAY,
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        by=coordinator,
        on=TODAY,
    )

    assert Notice.objects.get().settled_at is not None


def test_a_goal_is_reviewed_once_a_day(goal: CasePlanGoal, coordinator: User) -> None:
    said: dict[str, Any] = {"held_on": TODAY, "outcome": Outcome.CONTINUE, "content": ON_TRACK}
    hold(goal, **said, by=coordinator, on=TODAY)

    with pytest.raises(StepNotAllowedError, match="is recorded already"):
        hold(goal, **said, by=coordinator, on=TODAY)
    assert GoalReview.objects.count() == 1


def test_an_older_review_typed_in_later_answers_no_due_date_and_moves_nothing(
    goal: CasePlanGoal, coordinator: User
) -> None:
    said: dict[str, Any] = {
        "outcome": Outcome.CONTINUE,
        "content": ON_TRACK,
        "by": coordinator,
        "on": TODAY,
    }
    hold(goal, held_on=days_ago(1), **said)
    older = hold(goal, held_on=days_ago(5), **said)

    goal.refresh_from_db()
    assert older.due_on is None
    assert goal.review_due_on == add_months(days_ago(1), 6)


@pytest.mark.parametrize(
    ("held_on", "words"),
    [
        (TODAY + timedelta(days=1), "in the future"),
        (add_months(TODAY, -8), "before the goal took effect"),
        (days_ago(31), "say why"),
    ],
)
def test_days_on_which_no_review_was_held(
    goal: CasePlanGoal, coordinator: User, held_on: date, words: str
) -> None:
    with pytest.raises(StepNotAllowedError, match=words):
        hold(
            goal,
            held_on=held_on,
            outcome=Outcome.CONTINUE,
            content=ON_TRACK,
            by=coordinator,
            on=TODAY,
        )


def _typed_in_late(goal: CasePlanGoal, by: User, held_on: date, **said: Any) -> GoalReview:
    late = {"content": ON_TRACK, "backdated_reasons": "It lay in a drawer.", "by": by, "on": TODAY}
    return hold(goal, held_on=held_on, **{"outcome": Outcome.CONTINUE, **late, **said})


def _changed(goal: CasePlanGoal, by: User) -> CasePlanGoal:
    return put_in_force(goal.child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=by, on=TODAY)


def test_a_review_held_in_time_is_typed_in_after_its_goal_ended(
    goal: CasePlanGoal, coordinator: User
) -> None:
    due_on, book = goal.review_due_on, RuleVersion.objects.book()
    assert due_on is not None
    new = _changed(goal, coordinator)
    goal.refresh_from_db()
    assert [row.on for row in missed_reviews_of(goal, book=book, on=TODAY)] == [due_on]

    review = _typed_in_late(goal, coordinator, due_on - timedelta(days=2))
    goal.refresh_from_db()
    assert (review.goal, lateness(review)[0]) == (goal, "Held in time")
    assert missed_reviews_of(goal, book=book, on=TODAY) == []
    assert goal.ended_on == TODAY
    stood = new.review_due_on
    new.refresh_from_db()
    assert (new.review_due_on, new.last_review_held_on) == (stood, None)


def test_what_cannot_be_said_of_a_goal_that_has_ended(
    goal: CasePlanGoal, coordinator: User
) -> None:
    end_goal(goal, EndReason.ACHIEVED, ended_on=days_ago(9), by=coordinator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="The goal ended on"):
        _typed_in_late(goal, coordinator, days_ago(8))
    with pytest.raises(StepNotAllowedError, match="marked intensive no more"):
        _typed_in_late(goal, coordinator, days_ago(9), outcome=Outcome.INTENSIVE)
    with pytest.raises(StepNotAllowedError, match="no longer in force"):
        record_not_held(goal, reasons="Ill.", planned_on=TODAY, by=coordinator, on=TODAY)


def test_a_review_before_entry_to_care_counts_for_the_goal_in_force_then(
    goal: CasePlanGoal, coordinator: User
) -> None:
    make_episode(goal.child, entered_on=add_months(TODAY, -4))
    held_on = add_months(TODAY, -5)
    _typed_in_late(goal, coordinator, held_on)
    goal.refresh_from_db()
    assert goal.review_due_on == add_months(held_on, 6)


def test_a_review_of_long_ago_says_why_it_comes_late(goal: CasePlanGoal, coordinator: User) -> None:
    review = hold(
        goal,
        held_on=days_ago(31),
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        backdated_reasons="The minutes came late.",
        by=coordinator,
        on=TODAY,
    )
    assert review.backdated_reasons == "The minutes came late."


def test_the_intensive_outcome_marks_the_goal_with_its_reasons(
    goal: CasePlanGoal, coordinator: User
) -> None:
    content = ReviewContent(progress="off_track", progress_reasons="The parents have moved.")
    hold(
        goal,
        held_on=days_ago(3),
        outcome=Outcome.INTENSIVE,
        content=content,
        by=coordinator,
        on=TODAY,
    )

    goal.refresh_from_db()
    assert goal.intensive_since == days_ago(3)
    assert goal.marks.get().reasons == "The parents have moved."
    assert goal.review_due_on == add_months(days_ago(3), 3)


def test_a_mark_that_is_typed_in_late_begins_on_the_day_the_review_was_held(
    goal: CasePlanGoal, coordinator: User
) -> None:
    """What had been missed stays missed, and the next one may be overdue at once."""
    was_due_on, held_on = goal.review_due_on, days_ago(130)
    content = ReviewContent(progress="off_track", progress_reasons="The parents have moved.")
    review = _typed_in_late(goal, coordinator, held_on, outcome=Outcome.INTENSIVE, content=content)
    goal.refresh_from_db()
    assert goal.marks.get().from_on == goal.intensive_since == held_on
    assert goal.review_due_on == add_months(held_on, 3)
    assert review.due_on == was_due_on


def test_a_mark_of_a_late_review_overlaps_with_none_that_has_ended(
    goal: CasePlanGoal, coordinator: User
) -> None:
    IntensiveMark.objects.create(
        goal=goal, from_on=days_ago(60), until_on=days_ago(20), reasons="Slow.", by=coordinator
    )
    content = ReviewContent(progress="off_track", progress_reasons="The parents have moved.")
    marking: dict[str, Any] = {"outcome": Outcome.INTENSIVE, "content": content}
    for held_on in (days_ago(70), days_ago(21)):
        with pytest.raises(StepNotAllowedError, match="It would overlap with the mark"):
            _typed_in_late(goal, coordinator, held_on, **marking)
    _typed_in_late(goal, coordinator, days_ago(20), **marking)
    assert goal.marks.count() == 2


@pytest.mark.parametrize("outcome", [Outcome.INTENSIVE, Outcome.EXTENSION_SOUGHT, Outcome.ACHIEVED])
def test_outcomes_that_only_a_two_year_goal_has(
    hunter: District, coordinator: User, outcome: str
) -> None:
    goal = open_child(hunter, coordinator, Goal.LONG_TERM_CARE)
    with pytest.raises(StepNotAllowedError, match="Only restoration"):
        hold(
            goal,
            held_on=TODAY,
            outcome=outcome,
            content=ON_TRACK,
            by=coordinator,
            on=TODAY,
        )


@pytest.mark.parametrize("outcome", [Outcome.CONTINUE, Outcome.INTENSIVE])
@pytest.mark.parametrize("days", [0, 3, 29])
def test_the_dates_shown_before_saving_are_the_dates_saved(
    goal: CasePlanGoal, coordinator: User, outcome: str, days: int
) -> None:
    held_on, book = days_ago(days), RuleVersion.objects.book()
    shown = review_effect(goal, held_on=held_on, outcome=outcome, book=book, on=TODAY)
    hold(
        goal,
        held_on=held_on,
        outcome=outcome,
        content=ON_TRACK,
        by=coordinator,
        on=TODAY,
    )

    goal.refresh_from_db()
    shown_after = review_effect(
        goal, held_on=held_on, outcome=Outcome.CONTINUE, book=book, on=TODAY
    )
    assert [each.after for each in shown.dates] == [each.before for each in shown_after.dates]


def test_a_review_that_does_something_else_than_was_shown_is_not_saved(
    goal: CasePlanGoal, coordinator: User
) -> None:
    said: dict[str, Any] = {"held_on": TODAY, "outcome": Outcome.CONTINUE, "on": TODAY}
    effect = review_effect(goal, **said, book=RuleVersion.objects.book())
    mark_intensive(goal, reasons="Unlikely in time.", by=coordinator, on=TODAY)
    entries = HistoryEntry.objects.count()

    with pytest.raises(OtherEffectError) as moved:
        hold(goal, **said, content=ON_TRACK, by=coordinator, seen=effect.in_words)
    assert not GoalReview.objects.exists()
    assert HistoryEntry.objects.count() == entries

    now = moved.value.effect
    assert now.in_words != effect.in_words
    hold(goal, **said, content=ON_TRACK, by=coordinator, seen=now.in_words)
    goal.refresh_from_db()
    assert goal.review_due_on == add_months(TODAY, 3)


def test_a_review_that_was_not_held_never_moves_the_due_date(
    goal: CasePlanGoal, coordinator: User
) -> None:
    due_on = goal.review_due_on
    record_not_held(
        goal, reasons="The provider was away.", planned_on=days_ago(-10), by=coordinator, on=TODAY
    )

    goal.refresh_from_db()
    assert goal.review_due_on == due_on
    assert goal.reviews.get().due_on == due_on
    assert HistoryEntry.objects.get(verb="recorded that a review was not held").note


def test_the_same_record_of_a_review_not_held_is_kept_once(
    goal: CasePlanGoal, coordinator: User
) -> None:
    said: dict[str, Any] = {
        "reasons": "Away.",
        "planned_on": days_ago(-10),
        "by": coordinator,
        "on": TODAY,
    }
    record_not_held(goal, **said)
    with pytest.raises(StepNotAllowedError, match="recorded already"):
        record_not_held(goal, **said)
    with pytest.raises(StepNotAllowedError, match="today or later"):
        record_not_held(goal, **{**said, "planned_on": days_ago(1)})


def test_readers_hold_no_review(
    goal: CasePlanGoal, district_manager: User, casework_manager: User, stranger: User
) -> None:
    for person in (district_manager, casework_manager, stranger):
        with pytest.raises(PermissionDenied):
            hold(
                goal,
                held_on=TODAY,
                outcome=Outcome.CONTINUE,
                content=ON_TRACK,
                by=person,
                on=TODAY,
            )
        with pytest.raises(PermissionDenied):
            record_not_held(goal, reasons="Away.", planned_on=TODAY, by=person, on=TODAY)
    assert not GoalReview.objects.exists()
    assert not Action.objects.exists()


def test_a_correction_keeps_what_the_review_said_before(
    goal: CasePlanGoal, coordinator: User, district_manager: User
) -> None:
    review = hold(
        goal,
        held_on=TODAY,
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        by=coordinator,
        on=TODAY,
    )
    better = replace(ON_TRACK, barriers="No housing yet.")

    corrected = correct(review, better, version=1, by=coordinator, on=TODAY)

    assert (corrected.barriers, corrected.version) == ("No housing yet.", 2)
    entry = HistoryEntry.objects.get(verb="corrected a review")
    assert (entry.before, entry.after) == ({"barriers": ""}, {"barriers": "No housing yet."})
    with pytest.raises(StepNotAllowedError, match="since you opened it"):
        correct(review, ON_TRACK, version=1, by=coordinator, on=TODAY)
    with pytest.raises(PermissionDenied):
        correct(review, ON_TRACK, version=2, by=district_manager, on=TODAY)


def test_a_correction_without_a_change_writes_nothing(
    goal: CasePlanGoal, coordinator: User
) -> None:
    review = hold(
        goal,
        held_on=TODAY,
        outcome=Outcome.CONTINUE,
        content=ON_TRACK,
        by=coordinator,
        on=TODAY,
    )
    assert correct(review, ON_TRACK, version=1, by=coordinator, on=TODAY).version == 1
    assert not HistoryEntry.objects.filter(verb="corrected a review").exists()
