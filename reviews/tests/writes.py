"""Acts of every kind that moves a number, and people of every role who look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from directory.models import Appointment, District, Inbox, Office, Provider, User
from directory.places import services as places
from directory.roles import Role
from directory.tests.people import SINCE, make_person
from permanency.access import services as restrictions
from permanency.children import services as register
from permanency.goals import lifecycle
from permanency.models import Child
from permanency.policy.goals import Goal
from reviews.held.services import ReviewContent, hold
from reviews.tests.cases import TODAY, goal_due_in

REVIEW_CONTENT = ReviewContent(progress="on_track", progress_reasons="It goes well.")


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
    late = goal_due_in(hunter, pc, -40, office=office)
    psp = goal_due_in(hunter, pc, 5, provider=provider, case_managed_by="PSP")
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
    yield "registered", lambda: register.register_in_care(entered_care_on=SINCE, **facts, **by)
    new = Child.objects.get(childstory_id="N1")
    yield (
        "a goal",
        lambda: lifecycle.open_with_goal_in_force(
            new, goal=Goal.ADOPTION, effective_on=SINCE, source_note="ChildStory", **by
        ),
    )
    yield (
        "held",
        lambda: hold(
            late, held_on=TODAY, outcome="continue", content=REVIEW_CONTENT, actions=[], **by
        ),
    )
    yield "restricted", lambda: restrictions.restrict(child, reasons="A threat.", **by)
    yield "named", lambda: restrictions.name_person(child, second, reasons="Reviews.", **by)
    yield "named an approver", lambda: restrictions.name_person(child, approver, reasons="A.", **by)
    naming = child.named_people.get(person=second)
    yield "taken off", lambda: restrictions.remove_named_person(naming, reasons="On leave.", **by)
    yield "lifted", lambda: restrictions.lift_restriction(child, reasons="Over.", **by)
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
        lambda: lifecycle.record_outcome(
            new.goals.get(), moved_home_on=None, achieved_on=TODAY, **by
        ),
    )
