"""The due states that lists filter by and dashboards count."""

from datetime import date, timedelta

import pytest

from directory.models import District
from permanency.models import Child, due
from permanency.policy.goals import EndReason, Goal
from permanency.policy.review_dates import DueStanding, due_standing
from permanency.tests.factories import make_child, make_episode, make_goal

TODAY = date(2026, 5, 14)


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 29, 30, 31, 180, 181])
def test_due_states_agree_with_the_policy_and_with_each_other(hunter: District, days: int) -> None:
    day = TODAY + timedelta(days=days)
    make_goal(make_child(hunter), review_due_on=day, two_year_on=day)
    children = Child.objects.all()

    stands = due_standing(day, on=TODAY)
    assert children.review_within(due.PAST, on=TODAY).count() == (stands is DueStanding.OVERDUE)
    assert children.review_within(due.Days(0, 0), on=TODAY).count() == (
        stands is DueStanding.DUE_TODAY
    )
    soon = stands in {DueStanding.DUE_TODAY, DueStanding.DUE_SOON}
    assert children.review_within(due.Days(0, 30), on=TODAY).count() == soon
    assert children.two_year_within(due.PAST, on=TODAY).count() == (days < 0)
    assert children.two_year_within(due.Days(0, 180), on=TODAY).count() == (0 <= days <= 180)


def test_a_goal_that_ended_gives_no_due_state(hunter: District) -> None:
    child = make_child(hunter)
    long_ago = date(2020, 1, 1)
    make_goal(
        child,
        review_due_on=long_ago,
        two_year_on=long_ago,
        effective_on=long_ago,
        ended_on=TODAY,
        end_reason=EndReason.GOAL_CHANGED,
    )
    make_goal(child, Goal.ADOPTION, effective_on=TODAY, review_due_on=date(2026, 11, 14))
    children = Child.objects.all()

    assert not children.review_within(due.PAST, on=TODAY).exists()
    assert not children.two_year_within(due.PAST, on=TODAY).exists()
    assert not children.with_goal(Goal.RESTORATION, on=TODAY).exists()
    assert children.with_goal(Goal.ADOPTION, on=TODAY).get() == child


def test_no_date_and_no_goal_are_two_states(hunter: District) -> None:
    without_goal = make_child(hunter)
    without_date = make_goal(make_child(hunter)).child
    make_goal(make_child(hunter), review_due_on=TODAY)

    assert Child.objects.without_goal(on=TODAY).get() == without_goal
    assert Child.objects.without_dates(on=TODAY).get() == without_date


@pytest.mark.parametrize(
    ("reason", "needs_goal"),
    [
        (EndReason.ACHIEVED, False),
        (EndReason.TURNED_18, False),
        # Of death and of leaving the facts of the child decide.
        (EndReason.DIED, True),
        (EndReason.LEFT_STATE, True),
        (EndReason.GOAL_CHANGED, True),
    ],
)
def test_a_case_that_ended_needs_no_goal(
    hunter: District, reason: EndReason, needs_goal: bool
) -> None:
    child = make_child(hunter)
    make_goal(child, ended_on=date(2026, 1, 1), end_reason=reason)

    assert Child.objects.without_goal(on=TODAY).exists() == needs_goal


def test_a_child_who_comes_into_care_again_needs_a_goal(hunter: District) -> None:
    child = make_child(hunter)
    make_goal(child, ended_on=date(2026, 1, 1), end_reason=EndReason.ACHIEVED)
    make_episode(child, entered_on=date(2025, 6, 1), left_on=date(2026, 1, 1))
    assert not Child.objects.without_goal(on=TODAY).exists()

    make_episode(child, entered_on=date(2026, 3, 1))
    assert Child.objects.without_goal(on=TODAY).get() == child


def test_children_who_died_or_left_the_state_need_no_goal(hunter: District) -> None:
    make_child(hunter, died_on=TODAY)
    make_child(hunter, left_state_on=TODAY)

    assert not Child.objects.without_goal(on=TODAY).exists()
