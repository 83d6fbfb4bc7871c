"""The numbers that are kept for a district are those that would be counted now, for each reader.

Red without any one of these: the comparison of the entries, the readers' part, restricted children
left out, the entries read before the counting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Count

from consultations.tests.cases import change_in
from consultations.workflow import Status
from directory import clock
from directory.database import row_security
from directory.models import District, User
from directory.tests.questions import PageQueries
from permanency.access import services as restrictions
from permanency.models import Child
from reviews import notices_due
from reviews.figures.district_counts import conditions, place_counts, refresh, total_counts
from reviews.figures.scope import figures_condition
from reviews.models import DistrictSummary
from reviews.tests.cases import TODAY, goal_due_in, open_child
from reviews.tests.writes import acts

pytestmark = pytest.mark.dialect


def kept(person: User, *, on: date = TODAY, **which: Any) -> dict[str, int]:
    """Return the numbers that a person is given, asked as the web asks."""
    person = User.objects.get(pk=person.pk)
    with row_security.as_person(person.pk, on):
        return total_counts(place_counts(person, on=on, **which))


def live(person: User, *, on: date = TODAY, **which: Any) -> dict[str, int]:
    """Return the same numbers, counted from the children and the rule of who sees them alone."""
    person = User.objects.get(pk=person.pk)
    children = Child.objects.filter(figures_condition(person, on=on, child=""), **which)
    counts = {name: Count("pk", filter=each) for name, each in conditions(on).items()}
    return children.with_goal_now().aggregate(**counts)


@pytest.mark.parametrize("place", ["everywhere", "one district"])
def test_after_every_act_each_reader_is_given_what_is_counted_now(
    readers: list[User],
    hunter: District,
    coordinator: User,
    second_coordinator: User,
    cfdu: User,
    administrator: User,
    place: str,
) -> None:
    which: dict[str, Any] = {"district": hunter} if place == "one district" else {}
    seen: Counter[str] = Counter()
    before: dict[int, dict[str, int]] = {}
    for words, act in acts(hunter, coordinator, second_coordinator, cfdu, administrator):
        for reader in readers:
            before[reader.pk] = kept(reader, **which)
        act()
        for reader in readers:
            now = kept(reader, **which)
            assert now == live(reader, **which), f"{words}: {reader}"
            seen[words] += now != before[reader.pk]
    assert all(seen.values()), f"moved no number of anybody: {seen}"


def test_the_numbers_are_read_and_not_counted_while_nothing_changes(
    readers: list[User], hunter: District, coordinator: User, mpp: User
) -> None:
    goal = goal_due_in(hunter, coordinator, -3)
    with PageQueries() as first:
        numbers = kept(mpp)
    with PageQueries() as again:
        assert kept(mpp) == numbers
    assert len(again) == len(first) - 1
    # What no history tells is found when that of the district moves on, and no other.
    goal.review_due_on = TODAY
    goal.save(update_fields=["review_due_on"])
    assert kept(mpp) == numbers
    open_child(District.objects.get(slug="sydney"), mpp)
    assert kept(mpp)["overdue"] == numbers["overdue"]
    assert kept(mpp)["every"] == numbers["every"] + 1
    open_child(hunter, mpp)
    assert kept(mpp) == live(mpp)
    assert kept(mpp)["overdue"] == numbers["overdue"] - 1


def test_the_tick_counts_what_has_changed_before_anybody_looks(
    hunter: District, coordinator: User, mpp: User
) -> None:
    goal_due_in(hunter, coordinator, -3)
    assert refresh(on=TODAY) == District.objects.count()
    assert refresh(on=TODAY) == 0
    with PageQueries() as looked:
        before = kept(mpp)
    open_child(hunter, coordinator)
    notices_due.tick(at=clock.now(), now=clock.now)
    assert refresh(on=TODAY) == 0
    with PageQueries() as again:
        now = kept(mpp)
    assert len(again) == len(looked)
    assert now == live(mpp) != before


def test_one_readers_numbers_are_no_other_readers(
    readers: list[User], hunter: District, coordinator: User, cfdu: User, stranger: User
) -> None:
    goal_due_in(hunter, coordinator, -3, case_managed_by="DCJ")
    goal_due_in(hunter, coordinator, -3, case_managed_by="PSP")
    for _ in range(2):
        assert kept(coordinator)["overdue"] == 2
        assert kept(cfdu)["overdue"] == 1
        assert kept(stranger)["overdue"] == kept(stranger, district=hunter)["overdue"] == 0


def test_no_restricted_child_is_in_what_is_kept(
    hunter: District, coordinator: User, district_manager: User
) -> None:
    child = goal_due_in(hunter, coordinator, -3).child
    restrictions.restrict(child, reasons="A threat.", by=coordinator, on=TODAY)
    assert kept(coordinator)["overdue"] == 1
    assert kept(district_manager)["overdue"] == 0
    assert [row.cells for row in DistrictSummary.objects.all()] == [[]]


def test_another_day_and_another_release_count_anew(hunter: District, coordinator: User) -> None:
    goal_due_in(hunter, coordinator, 0)
    tomorrow = TODAY + timedelta(days=1)
    assert (kept(coordinator)["overdue"], kept(coordinator, on=tomorrow)["overdue"]) == (0, 1)
    DistrictSummary.objects.update(recipe="of an earlier release", cells=[[1]])
    assert (kept(coordinator)["overdue"], kept(coordinator, on=tomorrow)["overdue"]) == (0, 1)
    assert DistrictSummary.objects.count() == 2


def test_what_is_committed_while_it_is_counted_is_counted_at_the_next_look(
    hunter: District, coordinator: User
) -> None:
    goal_due_in(hunter, coordinator, -3)
    done: list[object] = []

    def meanwhile(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        answer = execute(sql, params, many, context)
        if "number_of_overdue" in sql and not done:
            done.append(sql)
            open_child(hunter, coordinator)
        return answer

    with connection.execute_wrapper(meanwhile):
        kept(coordinator)
    assert done
    assert kept(coordinator) == live(coordinator)
    assert kept(coordinator)["every"] == 2


def test_what_cannot_be_kept_is_given_all_the_same(hunter: District, coordinator: User) -> None:
    goal_due_in(hunter, coordinator, -3)

    def full(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("The disk is full.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        assert kept(coordinator) == live(coordinator)
    assert not DistrictSummary.objects.exists()
    assert kept(coordinator)["overdue"] == 1


def test_a_change_that_waits_moves_no_number_and_an_approved_one_does(
    hunter: District, coordinator: User, cfdu: User
) -> None:
    child = open_child(hunter, coordinator, case_managed_by="PSP").child
    before = kept(coordinator)
    change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    assert kept(coordinator) == before
    change_in(
        Status.APPROVED,
        open_child(hunter, coordinator, case_managed_by="PSP").child,
        coordinator=coordinator,
        approver=cfdu,
    )
    assert kept(coordinator) == live(coordinator) != before
