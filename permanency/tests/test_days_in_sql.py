"""Days in SQL are as the policy has them: every day of four years, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from directory.models import District
from permanency.models import CasePlanGoal
from permanency.models.due import InWords, IsDay
from permanency.policy.months import day_in_words
from permanency.tests.factories import make_child

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

# Around a leap year, and around the year 2100, which is none.
YEARS = [(date(2027, 1, 1), 3 * 365 + 1), (date(2099, 12, 1), 500)]
DAYS = [first + timedelta(days=number) for first, count in YEARS for number in range(count)]


@pytest.fixture
def ended_goals(hunter: District) -> None:
    """Store a goal for each day: ended ones, because a child has one in force."""
    child = make_child(hunter)
    CasePlanGoal.objects.bulk_create(
        CasePlanGoal(
            child=child,
            goal="restoration",
            effective_on=day,
            ended_on=day,
            end_reason="achieved",
            source="approved",
        )
        for day in DAYS
    )


@pytest.mark.usefixtures("ended_goals")
def test_a_day_in_words() -> None:
    rows = CasePlanGoal.objects.annotate(said=InWords("effective_on"))
    wrong = [
        (day, said)
        for day, said in rows.values_list("effective_on", "said")
        if said != day_in_words(day)
    ]
    assert (rows.count(), wrong) == (len(DAYS), [])


@pytest.mark.usefixtures("ended_goals")
def test_every_day_is_one_and_so_is_none() -> None:
    for column in ("effective_on", "review_due_on"):
        assert CasePlanGoal.objects.filter(IsDay(column)).count() == len(DAYS)


@pytest.mark.usefixtures("ended_goals")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such a date")
@pytest.mark.parametrize("text", ["2026-02-31", "soon", "20260514", "2026-05-14 00:00:00", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE permanency_caseplangoal SET review_due_on = %s", [text])
    assert not CasePlanGoal.objects.filter(IsDay("review_due_on")).exists()
