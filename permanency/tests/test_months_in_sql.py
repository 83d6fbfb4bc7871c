"""Days and months in SQL are as the policy has them: every day of four years, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F, Value

from directory.models import District
from permanency.models import CasePlanGoal
from permanency.models.months import AddMonths, InWords, IsDay, MonthsApart
from permanency.policy.months import add_months, day_in_words, months_apart
from permanency.tests.factories import make_child

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

# Around a leap year, and around the year 2100, which is none.
YEARS = [(date(2027, 1, 1), 3 * 365 + 1), (date(2099, 12, 1), 500)]
DAYS = [first + timedelta(days=number) for first, count in YEARS for number in range(count)]
PERIODS = (1, 2, 3, 6, 9, 12, 18, 24, 36, 216)


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
@pytest.mark.parametrize("months", PERIODS)
def test_a_day_so_many_months_later(months: int) -> None:
    later = AddMonths(F("effective_on"), Value(months))
    rows = CasePlanGoal.objects.annotate(later=later).values_list("effective_on", "later")
    wrong = [(day, found) for day, found in rows if found != add_months(day, months)]
    assert (len(rows), wrong) == (len(DAYS), [])


@pytest.mark.usefixtures("ended_goals")
def test_the_distance_between_two_months() -> None:
    for other in (date(2027, 1, 31), date(2030, 6, 1), date(2101, 2, 28)):
        apart = MonthsApart(F("effective_on"), Value(other))
        rows = CasePlanGoal.objects.annotate(apart=apart).values_list("effective_on", "apart")
        wrong = [(day, found) for day, found in rows if found != months_apart(day, other)]
        assert (len(rows), wrong) == (len(DAYS), [])


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


@pytest.mark.usefixtures("ended_goals")
def test_no_day_leads_nowhere() -> None:
    later = AddMonths(F("review_due_on"), Value(6))
    assert not CasePlanGoal.objects.annotate(later=later).filter(later__isnull=False).exists()
