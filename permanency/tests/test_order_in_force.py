"""Which court order is in force on a day, and what depends on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from permanency.models import Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.tests.answers import form_data
from permanency.tests.factories import make_child, make_order
from permanency.tests.two_steps import SINCE, TODAY

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)
YESTERDAY, TOMORROW = TODAY - A_DAY, TODAY + A_DAY


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


@pytest.mark.parametrize(
    ("facts", "is_in_force"),
    [
        ({}, True),
        ({"starts_on": TODAY}, True),
        ({"starts_on": TOMORROW}, False),
        ({"expires_on": TODAY}, True),
        ({"expires_on": YESTERDAY}, False),
        ({"ended_on": TODAY}, False),
        ({"ended_on": TOMORROW}, True),
    ],
)
def test_an_order_is_in_force_between_its_start_and_its_expiry_or_end(
    child: Child, facts: dict[str, date], is_in_force: bool
) -> None:
    days: dict[str, Any] = {"starts_on": None, "expires_on": None, "ended_on": None}
    make_order(child, **{**days, **facts})
    assert CourtOrder.objects.in_force(on=TODAY).exists() == is_in_force


def test_of_two_orders_in_force_the_one_made_last_comes_first(child: Child) -> None:
    made = [
        make_order(child, starts_on=day, expires_on=None)
        for day in (YESTERDAY, None, TODAY, TODAY - 2 * A_DAY)
    ]
    found = list(child.court_orders.in_force(on=TODAY))
    assert found == [made[2], made[0], made[3], made[1]]


@pytest.mark.parametrize(("expires_on", "is_said"), [(TODAY, True), (YESTERDAY, False)])
def test_a_long_term_order_that_has_expired_calls_for_no_caution_about_restoration(
    client: Client, coordinator: User, child: Child, expires_on: date, is_said: bool
) -> None:
    make_order(child, kind=CourtOrder.Kind.LONG_TERM, starts_on=SINCE, expires_on=expires_on)
    client.force_login(coordinator)
    answers = form_data(goal=Goal.RESTORATION, effective_on=SINCE, source_note="ChildStory")
    response = client.post(reverse("open-goal", args=[child.pk]), {**answers, "check": "1"})
    assert response.status_code == 200
    assert ("section 90" in response.content.decode()) == is_said
