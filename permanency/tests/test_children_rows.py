"""What a row of the list of children says where no goal is in force."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from directory import clock
from directory.models import District, User
from permanency.children import lists
from permanency.children.lists import NO_GOAL
from permanency.models import Child
from permanency.policy.goals import EndReason
from permanency.tests.factories import make_child, make_episode, make_goal

TODAY = clock.today()
ENDED_ON = date(2026, 1, 2)


def said_of(child: Child) -> str:
    rows = lists.child_rows(lists.worst_first(Child.objects.filter(pk=child.pk)), on=TODAY)
    return rows[0].no_goal


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (EndReason.ACHIEVED, "Permanency achieved on 2 January 2026"),
        (EndReason.TURNED_18, "Turned 18 on 2 January 2026"),
        (EndReason.DIED, "Died on 2 January 2026"),
        (EndReason.LEFT_STATE, "Moved out of New South Wales on 2 January 2026"),
        (EndReason.GOAL_CHANGED, f"{NO_GOAL}. Before: Goal changed on 2 January 2026"),
    ],
)
def test_a_row_says_how_the_last_goal_ended(
    client: Client, coordinator: User, hunter: District, reason: EndReason, words: str
) -> None:
    # Of death and of leaving the facts of the child decide, not the goal.
    fact = {EndReason.DIED: "died_on", EndReason.LEFT_STATE: "left_state_on"}.get(reason)
    child = make_child(hunter, **({fact: ENDED_ON} if fact else {}))
    make_goal(
        child,
        effective_on=date(2024, 1, 1),
        ended_on=date(2025, 1, 1),
        end_reason=EndReason.GOAL_CHANGED,
    )
    make_goal(child, ended_on=ENDED_ON, end_reason=reason)
    client.force_login(coordinator)

    assert said_of(child) == words
    assert words in client.get(reverse("children")).text


def test_no_goal_in_force_stands_beside_exactly_those_whom_the_filter_lists(
    hunter: District,
) -> None:
    achieved = make_child(hunter)
    make_goal(achieved, ended_on=ENDED_ON, end_reason=EndReason.ACHIEVED)
    again = make_child(hunter)
    make_goal(again, ended_on=ENDED_ON, end_reason=EndReason.ACHIEVED)
    make_episode(again, entered_on=ENDED_ON + timedelta(days=30))
    never = make_child(hunter)
    died = make_child(hunter, died_on=ENDED_ON)
    make_goal(make_child(hunter))

    rows = lists.child_rows(lists.worst_first(Child.objects.all()), on=TODAY)
    beside = {row.pk for row in rows if row.no_goal.startswith(NO_GOAL)}
    assert beside == set(Child.objects.without_goal(on=TODAY).values_list("pk", flat=True))
    assert beside == {again.pk, never.pk}
    assert said_of(never) == NO_GOAL
    assert said_of(again) == f"{NO_GOAL}. Before: Permanency achieved on 2 January 2026"
    assert said_of(died) == "Died on 2 January 2026"


def test_children_without_a_goal_cost_no_query_of_their_own(
    hunter: District, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for reason in EndReason:
        make_goal(make_child(hunter), ended_on=ENDED_ON, end_reason=reason)
        make_child(hunter)
    with django_assert_num_queries(1):
        lists.child_rows(lists.worst_first(Child.objects.all()), on=TODAY)
