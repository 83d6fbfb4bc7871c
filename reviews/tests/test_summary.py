"""The numbers that are kept for a district are those that would be counted now, for each reader.

Red without any one of these: the comparison of the entries, the readers' part, restricted children
left out, the entries read before the counting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Count

from consultations.tests.cases import change_in
from consultations.workflow import Status
from directory import clock, fence
from directory.models import Appointment, District, Inbox, Office, Provider, User
from directory.roles import Role
from directory.services import places
from directory.tests.people import SINCE, make_person
from directory.tests.questions import Questions
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.services import care, goals, register, restrictions
from reviews import ledger
from reviews.counted import counted_for
from reviews.models import DistrictSummary
from reviews.services import Account, hold
from reviews.summary import added, cells_of, conditions, refresh
from reviews.tests.cases import TODAY, due_in, open_child

ACCOUNT = Account(progress="on_track", progress_reasons="It goes well.")


def kept(person: User, *, on: date = TODAY, **which: Any) -> dict[str, int]:
    """Return the numbers that a person is given, asked as the web asks."""
    person = User.objects.get(pk=person.pk)
    with fence.asked_by(person.pk, on):
        return added(cells_of(person, on=on, **which), on=on)


def live(person: User, *, on: date = TODAY, **which: Any) -> dict[str, int]:
    """Return the same numbers, counted from the children and the rule of who sees them alone."""
    person = User.objects.get(pk=person.pk)
    children = Child.objects.filter(counted_for(person, on=on, child=""), **which)
    counts = {name: Count("pk", filter=each) for name, each in conditions(on).items()}
    return children.with_goal_now().aggregate(**counts)


@pytest.fixture
def readers(
    hunter: District,
    coordinator: User,
    second_coordinator: User,
    cfdu: User,
    casework_manager: User,
    district_manager: User,
    mpp: User,
    contract_manager: User,
    stranger: User,
) -> list[User]:
    """Return a person for each role, and some with several in several places."""
    sydney = District.objects.get(slug="sydney")
    mixed = make_person("Toni Both", Role.CFDU, sydney)
    totals = make_person("Lee Totals", Role.CONTRACT_MANAGER, sydney)
    for person, role in (
        (mixed, Role.CONTRACT_MANAGER),
        (totals, Role.CASEWORK_MANAGER),
        (totals, Role.CONTRACT_MANAGER),
    ):
        Appointment.objects.create(person=person, role=role, district=hunter, starts_on=SINCE)
    return [
        coordinator, second_coordinator, cfdu, casework_manager, district_manager, mpp,
        contract_manager, stranger, mixed, totals,
    ]  # fmt: skip


def acts(
    hunter: District, pc: User, second: User, approver: User, admin: User
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield acts of every kind that moves a number, in an order in which each can be done."""
    by: dict[str, Any] = {"by": pc, "on": TODAY}
    sydney = District.objects.get(slug="sydney")
    office = Office.objects.create(name="Newcastle", district=hunter)
    provider = Provider.objects.create(name="Example Care")
    inbox = Inbox.objects.create(name="Hunter", address="hunter@example.org")
    late = due_in(hunter, pc, -40, office=office)
    psp = due_in(hunter, pc, 5, provider=provider, case_managed_by="PSP")
    child = psp.child

    def moves(**facts: Any) -> Callable[[], object]:
        now = Child.objects.get(pk=child.pk)
        changes: Any = facts
        return lambda: register.edit_child(now, changes=changes, version=now.version, **by)

    facts: dict[str, Any] = {
        "childstory_id": "N1", "first_name": "Robin", "last_name": "Example",
        "born_on": date(TODAY.year - 9, 1, 1), "aboriginal_status": "neither",
        "case_managed_by": "DCJ", "district": hunter,
    }  # fmt: skip
    yield "registered", lambda: care.register_in_care(entered_care_on=SINCE, **facts, **by)
    new = Child.objects.get(childstory_id="N1")
    yield (
        "a goal",
        lambda: goals.open_with_goal_in_force(
            new, goal=Goal.ADOPTION, effective_on=SINCE, source_note="ChildStory", **by
        ),
    )
    yield (
        "held",
        lambda: hold(late, held_on=TODAY, outcome="continue", account=ACCOUNT, actions=[], **by),
    )
    yield "restricted", lambda: restrictions.restrict(child, reasons="A threat.", **by)
    yield "named", lambda: restrictions.name_person(child, second, reasons="Reviews.", **by)
    yield "named an approver", lambda: restrictions.name_person(child, approver, reasons="A.", **by)
    naming = child.named_people.get(person=second)
    yield "taken off", lambda: restrictions.take_off(naming, reasons="On leave.", **by)
    yield "lifted", lambda: restrictions.lift(child, reasons="Over.", **by)
    yield "no provider", moves(provider=None, case_managed_by="DCJ")
    yield (
        "an inbox",
        lambda: places.edit_district(hunter, inbox=inbox, note="It has one.", by=admin, on=TODAY),
    )
    yield (
        "no inbox",
        lambda: places.edit_district(
            District.objects.get(pk=hunter.pk), inbox=None, note="It is shut.", by=admin, on=TODAY
        ),
    )
    yield "moved away", moves(district=sydney, office=None)
    yield (
        "achieved",
        lambda: goals.record_outcome(new.goals.get(), moved_home_on=None, achieved_on=TODAY, **by),
    )


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
    goal = due_in(hunter, coordinator, -3)
    with Questions() as first:
        numbers = kept(mpp)
    with Questions() as again:
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
    due_in(hunter, coordinator, -3)
    assert refresh(on=TODAY) == District.objects.count()
    assert refresh(on=TODAY) == 0
    with Questions() as looked:
        before = kept(mpp)
    open_child(hunter, coordinator)
    ledger.tick(at=clock.now(), now=clock.now)
    assert refresh(on=TODAY) == 0
    with Questions() as again:
        now = kept(mpp)
    assert len(again) == len(looked)
    assert now == live(mpp) != before


def test_one_readers_numbers_are_no_other_readers(
    readers: list[User], hunter: District, coordinator: User, cfdu: User, stranger: User
) -> None:
    due_in(hunter, coordinator, -3, case_managed_by="DCJ")
    due_in(hunter, coordinator, -3, case_managed_by="PSP")
    for _ in range(2):
        assert kept(coordinator)["overdue"] == 2
        assert kept(cfdu)["overdue"] == 1
        assert kept(stranger)["overdue"] == kept(stranger, district=hunter)["overdue"] == 0


def test_no_restricted_child_is_in_what_is_kept(
    hunter: District, coordinator: User, district_manager: User
) -> None:
    child = due_in(hunter, coordinator, -3).child
    restrictions.restrict(child, reasons="A threat.", by=coordinator, on=TODAY)
    assert kept(coordinator)["overdue"] == 1
    assert kept(district_manager)["overdue"] == 0
    assert [row.cells for row in DistrictSummary.objects.all()] == [[]]


def test_another_day_and_another_release_count_anew(hunter: District, coordinator: User) -> None:
    due_in(hunter, coordinator, 0)
    tomorrow = TODAY + timedelta(days=1)
    assert (kept(coordinator)["overdue"], kept(coordinator, on=tomorrow)["overdue"]) == (0, 1)
    DistrictSummary.objects.update(recipe="of an earlier release", cells=[[1]])
    assert (kept(coordinator)["overdue"], kept(coordinator, on=tomorrow)["overdue"]) == (0, 1)
    assert DistrictSummary.objects.count() == 2
    kept(coordinator, on=TODAY + timedelta(days=2))
    assert [row.on for row in DistrictSummary.objects.all()] == [
        tomorrow,
        TODAY + timedelta(days=2),
    ]


def test_what_is_committed_while_it_is_counted_is_counted_at_the_next_look(
    hunter: District, coordinator: User
) -> None:
    due_in(hunter, coordinator, -3)
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
    due_in(hunter, coordinator, -3)

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
