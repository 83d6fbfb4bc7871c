"""Holding a review: what moves, what stays, and who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from directory.errors import StepNotAllowedError
from directory.mail import notices
from directory.models import District, HistoryEntry, Notice, User
from permanency import matters
from permanency.goals.lifecycle import mark_intensive
from permanency.models import Action, CasePlanGoal, RuleVersion
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_episode
from reviews.held.corrections import correct
from reviews.held.services import (
    OtherEffectError,
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
        (add_months(TODAY, -6) + timedelta(days=3), "before the child entered care"),
        (days_ago(31), "say why"),
    ],
)
def test_days_on_which_no_review_was_held(
    goal: CasePlanGoal, coordinator: User, held_on: date, words: str
) -> None:
    if "care" in words:
        make_episode(goal.child, entered_on=add_months(TODAY, -4))
    with pytest.raises(StepNotAllowedError, match=words):
        hold(
            goal,
            held_on=held_on,
            outcome=Outcome.CONTINUE,
            content=ON_TRACK,
            by=coordinator,
            on=TODAY,
        )


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
    assert goal.intensive_since == TODAY
    assert goal.intensive_reasons == "The parents have moved."
    assert goal.review_due_on == add_months(days_ago(3), 3)


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
