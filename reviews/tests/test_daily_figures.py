"""The figures of each day: stored once by the tick, never rewritten, gone after two years.

Red without any one of these: the days already stored left alone, the order of days, restricted
children left out, the reader's part, the gap where a day is missing.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from consultations.tests.cases import change_in
from consultations.workflow import Status
from directory import clock
from directory.database import row_security
from directory.models import District, User
from directory.tests.people import make_district
from permanency.access import services as restrictions
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child
from reviews import notices_due
from reviews.demo import past_figures
from reviews.figures import daily_figures, district_counts
from reviews.figures.daily_figures import months_back, totals_by_month
from reviews.models import DistrictSummary, GoalReview
from reviews.tests.cases import TODAY, days_ago, goal_due_in, open_child

pytestmark = pytest.mark.dialect


def tick(on: date = TODAY) -> None:
    """Store the figures of a day, as its first tick does."""
    district_counts.refresh(on=on)
    daily_figures.store(on=on)


def stored() -> dict[date, dict[str, dict[str, int]]]:
    """Return the figures of Hunter by day."""
    rows = DistrictSummary.objects.filter(district__slug="hunter").exclude(figures__isnull=True)
    return {day: figures or {} for day, figures in rows.values_list("on", "figures")}


def held(goal_due: int, held_days_ago: int, district: District, by: User) -> GoalReview:
    """Return a bare review that was due and held so many days ago."""
    goal = open_child(district, by)
    return GoalReview.objects.create(
        child=goal.child,
        goal=goal,
        due_on=days_ago(goal_due),
        held_on=days_ago(held_days_ago),
        outcome=GoalReview.Outcome.CONTINUE,
        progress=GoalReview.Progress.ON_TRACK,
        by=by,
        recorded_on=days_ago(held_days_ago),
    )


def test_the_tick_stores_what_is_counted_and_held_and_waits(
    hunter: District, coordinator: User, cfdu: User
) -> None:
    goal_due_in(hunter, coordinator, -3, case_managed_by="DCJ")
    held(5, 5, hunter, coordinator)
    held(6, 5, hunter, coordinator)
    held(60, 60, hunter, coordinator)
    child = open_child(hunter, coordinator, case_managed_by="PSP").child
    change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    notices_due.tick(at=clock.now(), now=clock.now)
    (figures,) = stored().values()
    assert sum(each.get("every", 0) for each in figures.values()) == 5
    assert sum(each.get("overdue", 0) for each in figures.values()) == 1
    assert sum(each.get("held", 0) for each in figures.values()) == 2
    assert sum(each.get("held_in_time", 0) for each in figures.values()) == 1
    assert figures["PSP"]["waiting"] == 1
    assert "waiting" not in figures["DCJ"]


def test_a_second_tick_of_the_day_changes_nothing(hunter: District, coordinator: User) -> None:
    goal_due_in(hunter, coordinator, -3)
    tick()
    before = stored()
    goal_due_in(hunter, coordinator, -3)
    tick()
    assert stored() == before
    assert daily_figures.store(on=TODAY) == 0


def test_a_day_before_the_last_one_stored_is_not_written(
    hunter: District, coordinator: User
) -> None:
    yesterday = TODAY - timedelta(days=1)
    tick(yesterday)
    before = stored()
    tick()
    goal_due_in(hunter, coordinator, -3)
    tick(yesterday)
    assert stored()[yesterday] == before[yesterday]
    tick(TODAY - timedelta(days=7))
    assert set(stored()) == {yesterday, TODAY}


def test_counts_by_place_last_until_tomorrow_and_figures_two_years(
    hunter: District, coordinator: User
) -> None:
    goal_due_in(hunter, coordinator, -3)
    district_counts.place_counts(coordinator, on=TODAY - timedelta(days=5))
    first = add_months(TODAY, -24)
    for day in (first - timedelta(days=1), first, TODAY - timedelta(days=2), TODAY):
        tick(day)
    assert sorted(stored()) == [first, TODAY - timedelta(days=2), TODAY]
    cells = dict(
        DistrictSummary.objects.filter(district=hunter).order_by("on").values_list("on", "cells")
    )
    assert [bool(each) for each in cells.values()] == [False, False, True]
    with row_security.as_person(coordinator.pk, TODAY):
        again = district_counts.place_counts(coordinator, on=TODAY - timedelta(days=2))
    assert district_counts.total_counts(again)["every"] == 1


def test_no_restricted_child_is_in_the_figures_of_a_day(
    hunter: District, coordinator: User, cfdu: User
) -> None:
    goal = goal_due_in(hunter, coordinator, -3)
    review = held(5, 5, hunter, coordinator)
    waiting = open_child(hunter, coordinator).child
    change_in(Status.PROPOSED, waiting, coordinator=coordinator, approver=cfdu)
    for child in (goal.child, review.child, waiting):
        restrictions.restrict(child, reasons="A threat.", by=coordinator, on=TODAY)
    tick()
    assert list(stored().values()) == [{}]


def test_each_reader_is_given_their_part_and_a_missing_day_is_a_gap(
    hunter: District, coordinator: User, cfdu: User, contract_manager: User, stranger: User
) -> None:
    goal_due_in(hunter, coordinator, -3, case_managed_by="DCJ")
    goal_due_in(hunter, coordinator, -3, case_managed_by="PSP")
    for day in (months_back(TODAY)[0], TODAY):
        tick(day)

    def seen(person: User) -> list[int | None]:
        found = daily_figures.read(person, [hunter], on=TODAY)
        return [None if each is None else each["every"] for each in found[hunter.pk]]

    gap = [None] * 11
    assert seen(coordinator) == seen(contract_manager) == [2, *gap, 2]
    assert seen(cfdu) == [1, *gap, 1]
    assert seen(stranger) == [0, *gap, 0]


def test_a_sum_has_a_gap_where_one_of_its_districts_has_one(hunter: District, mpp: User) -> None:
    sydney = make_district("Sydney")
    goal_due_in(hunter, mpp, -3)
    goal_due_in(sydney, mpp, -3)
    for day in months_back(TODAY):
        tick(day)
    DistrictSummary.objects.filter(district=sydney, on=months_back(TODAY)[3]).delete()
    found = daily_figures.read(mpp, [hunter, sydney], on=TODAY)
    totals = [each and each["overdue"] for each in totals_by_month(found.values())]
    assert totals[3] is None
    assert totals[-1] == 2
    assert totals.count(None) == 1


@pytest.fixture
def facts(hunter: District, coordinator: User, cfdu: User) -> None:
    """Make a review held a day late, another overdue, and a change that waits."""
    review = held(100, 99, hunter, coordinator)
    review.goal.effective_on = days_ago(300)
    review.goal.save()
    goal_due_in(hunter, coordinator, -20, effective_on=days_ago(200), goal=Goal.LONG_TERM_CARE)
    goal = open_child(hunter, coordinator, effective_on=days_ago(200))
    change_in(Status.PROPOSED, goal.child, coordinator=coordinator, approver=cfdu)
    make_child(hunter)


def test_the_demonstration_works_past_days_out_from_its_facts(facts: None) -> None:
    assert past_figures.fill(today=TODAY) in {365, 366}
    by_day = {
        day: {
            name: sum(each.get(name, 0) for each in figures.values())
            for name in daily_figures.FIGURES
        }
        for day, figures in stored().items()
    }
    assert TODAY not in by_day
    assert by_day[days_ago(299)]["every"] == 1
    assert by_day[days_ago(1)]["every"] == 3
    assert [by_day[days_ago(each)]["overdue"] for each in (101, 100, 99, 20, 19)] == [0, 0, 0, 0, 1]
    assert [by_day[days_ago(each)]["held"] for each in (100, 99, 80, 60)] == [0, 1, 1, 0]
    assert {each["held_in_time"] for each in by_day.values()} == {0}
