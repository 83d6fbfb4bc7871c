"""Reviews that were late, or never held: told from the records."""

from __future__ import annotations

from datetime import date

import pytest

from directory.models import District, User
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal, RuleVersion
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child
from reviews.held.missed_reviews import ReviewRow, child_review_rows, lateness, missed_due_dates
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview

ACCOUNT = ReviewContent(progress="on_track")
START = date(2024, 5, 31)


def open_goal(district: District, by: User, goal: Goal = Goal.PRESERVATION) -> CasePlanGoal:
    """Return a goal in force since 31 May 2024, recorded on that day."""
    return lifecycle.open_with_goal_in_force(
        make_child(district), goal=goal, effective_on=START, source_note="", by=by, on=START
    )


def told(goal: CasePlanGoal, *, on: date) -> list[ReviewRow]:
    """Return what stands on the child's list of reviews on a day."""
    child = goal.child
    book = RuleVersion.objects.book()
    return child_review_rows(
        child.goals.all(), child.reviews.select_related("goal"), book=book, on=on
    )


@pytest.mark.parametrize(
    ("on", "missed"),
    [
        (date(2024, 8, 31), []),
        (date(2024, 9, 1), [date(2024, 8, 31)]),
        (date(2024, 11, 30), [date(2024, 8, 31)]),
        (
            date(2025, 6, 1),
            [date(2025, 5, 31), date(2025, 2, 28), date(2024, 11, 30), date(2024, 8, 31)],
        ),
    ],
)
def test_each_multiple_of_the_period_is_one_more_miss(
    hunter: District, coordinator: User, on: date, missed: list[date]
) -> None:
    rows = told(open_goal(hunter, coordinator), on=on)
    assert [row.on for row in rows] == missed
    assert all(row.words.startswith("Not held yet") for row in rows)


def test_a_late_review_says_how_late_and_what_passed_before_it(
    hunter: District, coordinator: User
) -> None:
    goal = open_goal(hunter, coordinator)
    held_on = date(2024, 12, 12)
    review = hold(
        goal, held_on=held_on, outcome="continue", content=ACCOUNT, by=coordinator, on=held_on
    )

    (row,) = told(goal, on=held_on)
    assert row.words == "Held 103 days late"
    assert row.also == "1 more due date passed before it."
    assert missed_due_dates(review) == (date(2024, 8, 31), date(2024, 11, 30))


def test_a_review_in_time_is_no_miss(hunter: District, coordinator: User) -> None:
    goal = open_goal(hunter, coordinator)
    held_on = date(2024, 8, 31)
    hold(goal, held_on=held_on, outcome="continue", content=ACCOUNT, by=coordinator, on=held_on)

    (row,) = told(goal, on=held_on)
    assert (row.words, row.also) == ("Held in time", "")


def test_a_goal_that_ended_overdue_keeps_its_miss(hunter: District, coordinator: User) -> None:
    goal = open_goal(hunter, coordinator, Goal.RESTORATION)
    achieved_on = date(2024, 12, 10)
    lifecycle.record_achievement(goal, achieved_on=achieved_on, by=coordinator, on=achieved_on)

    (row,) = told(goal, on=add_months(achieved_on, 24))
    assert row.on == date(2024, 11, 30)
    assert row.words == "Not held: the goal ended 10 days later"


def test_a_goal_that_ended_in_time_has_no_miss(hunter: District, coordinator: User) -> None:
    goal = open_goal(hunter, coordinator, Goal.RESTORATION)
    achieved_on = date(2024, 11, 30)
    lifecycle.record_achievement(goal, achieved_on=achieved_on, by=coordinator, on=achieved_on)
    assert told(goal, on=add_months(achieved_on, 24)) == []


def test_a_review_that_answered_no_due_date_is_neither_late_nor_in_time() -> None:
    assert missed_due_dates(GoalReview(held_on=START)) == ()
    assert lateness(GoalReview(held_on=START)) == ("Held", "neutral")
