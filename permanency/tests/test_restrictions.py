"""Restricted children: seen by named people whose appointments cover them, and by nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from directory.errors import StepNotAllowedError
from directory.models import Appointment, District, Mail, User
from directory.roles import CaseManagement, Role
from directory.tests.people import last_entry, make_person
from permanency.access import services as restrictions
from permanency.models import CasePlanGoal, Child, NamedPerson
from permanency.tests.factories import make_child, make_goal

pytestmark = pytest.mark.dialect

ON = date(2026, 7, 1)
WHY = "A relative works in the district."


def sees(person: User, child: Child, *, on: date = ON) -> bool:
    """Say whether the person sees the child, asked afresh and in both ways."""
    person = User.objects.get(pk=person.pk)
    row = Child.objects.visible_to(person, on=on).filter(pk=child.pk).exists()
    goal = CasePlanGoal.objects.visible_to(person, on=on).filter(child=child).exists()
    assert row == goal
    return row


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child of Hunter whose case a provider manages, with a goal."""
    child = make_child(hunter, case_managed_by=CaseManagement.PSP)
    make_goal(child)
    return child


@pytest.fixture
def restricted(child: Child, coordinator: User) -> Child:
    """Return the child, restricted by the coordinator."""
    return restrictions.restrict(child, reasons=WHY, by=coordinator, on=ON)


def test_a_restricted_child_is_seen_by_who_restricted_it_and_nobody_else(
    child: Child,
    coordinator: User,
    second_coordinator: User,
    cfdu: User,
    district_manager: User,
    mpp: User,
    stranger: User,
) -> None:
    others = (second_coordinator, cfdu, district_manager, mpp)
    assert all(sees(each, child) for each in (coordinator, *others))
    restrictions.restrict(child, reasons=WHY, by=coordinator, on=ON)
    assert sees(coordinator, child)
    assert not any(sees(each, child) for each in (*others, stranger))
    entry = last_entry()
    assert (entry.verb, entry.note, entry.by) == (restrictions.RESTRICTED, WHY, coordinator)
    assert (entry.child_number, entry.appointment) == (child.pk, coordinator.appointments.get())


def test_naming_opens_the_record_to_who_is_named(
    restricted: Child, coordinator: User, cfdu: User, second_coordinator: User
) -> None:
    restrictions.name_person(restricted, cfdu, reasons="Decides.", by=coordinator, on=ON)
    assert sees(cfdu, restricted)
    assert not sees(second_coordinator, restricted)
    assert last_entry().after["named"] == [cfdu.name]


def test_naming_never_widens(
    restricted: Child, coordinator: User, casework_manager: User, stranger: User, nobody: User
) -> None:
    for person in (casework_manager, stranger, nobody):
        with pytest.raises(StepNotAllowedError, match="no appointment that covers"):
            restrictions.name_person(restricted, person, reasons=WHY, by=coordinator, on=ON)
        NamedPerson.objects.create(
            child=restricted, person=person, starts_on=ON, named_by=coordinator
        )
        assert not sees(person, restricted)


def test_only_a_named_writer_names_takes_off_and_lifts(
    restricted: Child,
    coordinator: User,
    second_coordinator: User,
    district_manager: User,
    mpp: User,
) -> None:
    naming = restrictions.name_person(
        restricted, district_manager, reasons=WHY, by=coordinator, on=ON
    )
    for by in (second_coordinator, district_manager, mpp):
        with pytest.raises(PermissionDenied):
            restrictions.name_person(restricted, mpp, reasons=WHY, by=by, on=ON)
        with pytest.raises(PermissionDenied):
            restrictions.remove_named_person(naming, reasons=WHY, by=by, on=ON)
        with pytest.raises(PermissionDenied):
            restrictions.lift_restriction(restricted, reasons=WHY, by=by, on=ON)
    assert restricted.named_people.in_force(on=ON).count() == 2


def test_who_does_not_write_about_the_child_does_not_restrict_it(
    child: Child, stranger: User, cfdu: User, district_manager: User, administrator: User
) -> None:
    for by in (stranger, cfdu, district_manager, administrator):
        with pytest.raises(PermissionDenied):
            restrictions.restrict(child, reasons=WHY, by=by, on=ON)


def test_every_act_says_why(restricted: Child, child: Child, coordinator: User, cfdu: User) -> None:
    naming = restrictions.name_person(restricted, cfdu, reasons=WHY, by=coordinator, on=ON)
    with pytest.raises(StepNotAllowedError, match="Say why"):
        restrictions.remove_named_person(naming, reasons=" ", by=coordinator, on=ON)
    with pytest.raises(StepNotAllowedError, match="Say why"):
        restrictions.lift_restriction(restricted, reasons="", by=coordinator, on=ON)
    restrictions.lift_restriction(restricted, reasons=WHY, by=coordinator, on=ON)
    with pytest.raises(StepNotAllowedError, match="Say why"):
        restrictions.restrict(child, reasons="", by=coordinator, on=ON)


def test_taking_off_bites_at_once_and_naming_again_works(
    restricted: Child, coordinator: User, cfdu: User
) -> None:
    naming = restrictions.name_person(restricted, cfdu, reasons=WHY, by=coordinator, on=ON)
    restrictions.remove_named_person(naming, reasons="Has moved on.", by=coordinator, on=ON)
    assert not sees(cfdu, restricted)
    with pytest.raises(StepNotAllowedError, match="no longer named"):
        restrictions.remove_named_person(naming, reasons="Again.", by=coordinator, on=ON)
    restrictions.name_person(restricted, cfdu, reasons=WHY, by=coordinator, on=ON)
    assert sees(cfdu, restricted)


def test_the_last_named_writer_cannot_be_taken_off(
    restricted: Child, coordinator: User, second_coordinator: User, district_manager: User
) -> None:
    own = restricted.named_people.get()
    restrictions.name_person(restricted, district_manager, reasons=WHY, by=coordinator, on=ON)
    with pytest.raises(StepNotAllowedError, match="Name somebody first"):
        restrictions.remove_named_person(own, reasons="I am leaving.", by=coordinator, on=ON)
    restrictions.name_person(restricted, second_coordinator, reasons=WHY, by=coordinator, on=ON)
    restrictions.remove_named_person(own, reasons="I am leaving.", by=coordinator, on=ON)
    assert not sees(coordinator, restricted)
    assert sees(second_coordinator, restricted)


def test_lifting_opens_the_record_again_and_ends_every_naming(
    restricted: Child, coordinator: User, second_coordinator: User, cfdu: User
) -> None:
    restrictions.name_person(restricted, cfdu, reasons=WHY, by=coordinator, on=ON)
    restrictions.lift_restriction(
        restricted, reasons="The relative has left.", by=coordinator, on=ON
    )
    assert sees(second_coordinator, restricted)
    assert not restricted.named_people.in_force(on=ON).exists()
    assert last_entry().before["named"] == sorted([coordinator.name, cfdu.name])
    with pytest.raises(StepNotAllowedError, match="not restricted"):
        restrictions.lift_restriction(restricted, reasons="Again.", by=coordinator, on=ON)


@pytest.mark.parametrize(
    ("day", "is_seen"),
    [
        (ON - timedelta(days=1), False),
        (ON, True),
        (ON + timedelta(days=5), True),
        (ON + timedelta(days=6), False),
    ],
)
def test_a_naming_counts_from_its_first_to_its_last_day(
    day: date, is_seen: bool, restricted: Child, coordinator: User, cfdu: User
) -> None:
    restrictions.name_person(
        restricted, cfdu, reasons=WHY, ends_on=ON + timedelta(days=5), by=coordinator, on=ON
    )
    assert sees(cfdu, restricted, on=day) == is_seen


@pytest.mark.parametrize(
    ("day", "is_seen"),
    [
        (ON - timedelta(days=1), False),
        (ON, True),
        (ON + timedelta(days=9), True),
        (ON + timedelta(days=10), False),
    ],
)
def test_an_appointment_counts_from_its_first_to_its_last_day(
    day: date, is_seen: bool, hunter: District, child: Child
) -> None:
    acting = make_person(
        "Acting Coordinator", Role.COORDINATOR, hunter, since=ON, until=ON + timedelta(days=9)
    )
    assert sees(acting, child, on=day) == is_seen


def test_the_list_of_who_leads_shows_whom_nobody_can_act_for(
    restricted: Child, hunter: District, coordinator: User, mpp: User
) -> None:
    other = make_child(hunter)
    restrictions.restrict(other, reasons=WHY, by=mpp, on=ON)
    (row,) = [each for each in restrictions.restricted_children(on=ON) if each.pk == restricted.pk]
    assert (row.can_act, row.can_decide, row.district) == (1, 0, "Hunter")
    Appointment.objects.filter(person=coordinator).update(ends_on=ON - timedelta(days=1))
    first, second = restrictions.restricted_children(on=ON)
    assert (first.pk, first.can_act) == (restricted.pk, 0)
    assert (second.pk, second.can_act) == (other.pk, 1)


def test_a_disabled_person_cannot_act(restricted: Child, coordinator: User) -> None:
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    (row,) = restrictions.restricted_children(on=ON)
    assert row.can_act == 0


def test_who_leads_names_somebody_from_the_list_and_nobody_else_does(
    restricted: Child, coordinator: User, second_coordinator: User, mpp: User
) -> None:
    with pytest.raises(PermissionDenied):
        restrictions.name_from_list(
            restricted, second_coordinator, reasons=WHY, by=second_coordinator, on=ON
        )
    restrictions.name_from_list(restricted, mpp, reasons="Nobody is left.", by=mpp, on=ON)
    assert sees(mpp, restricted)
    entry = last_entry()
    assert (entry.verb, entry.note) == (restrictions.NAMED_FROM_THE_LIST, "Nobody is left.")
    assert entry.appointment == mpp.appointments.get()


def test_who_leads_naming_somebody_or_themselves_is_told_to_who_is_named_and_reads(
    restricted: Child, coordinator: User, second_coordinator: User, cfdu: User, mpp: User
) -> None:
    """Not to whoever has no appointment there any more; and a named writer's naming is not told."""
    for each in (second_coordinator, cfdu):
        restrictions.name_person(restricted, each, reasons=WHY, by=coordinator, on=ON)
    assert not Mail.objects.exists()
    second_coordinator.appointments.update(ends_on=ON - timedelta(days=1))
    restrictions.name_from_list(restricted, mpp, reasons="Nobody is left.", by=mpp, on=ON)
    told = list(Mail.objects.order_by("pk"))
    assert {each.person for each in told} == {coordinator, cfdu}
    path = reverse("child-access", args=[restricted.pk])
    for mail in told:
        assert restricted.reference in mail.subject
        assert path in mail.body
        for name in (restricted.first_name, restricted.last_name, mpp.name, "Nobody is left."):
            assert name not in mail.subject + mail.body

    acting = make_person("Wes Wide", Role.PRACTICE_MANAGER)
    restrictions.name_from_list(restricted, acting, reasons="Acts.", by=mpp, on=ON)
    later = Mail.objects.exclude(pk__in=[each.pk for each in told])
    assert {each.person for each in later} == {coordinator, cfdu}, "whoever names knows of it"


def test_an_approver_who_is_not_named_is_missed(
    restricted: Child, child: Child, coordinator: User, cfdu: User
) -> None:
    assert restrictions.child_approver_warning(restricted, on=ON) == restrictions.NO_APPROVER
    restrictions.name_person(restricted, cfdu, reasons=WHY, by=coordinator, on=ON)
    assert restrictions.child_approver_warning(restricted, on=ON) == ""
    Child.objects.filter(pk=child.pk).update(case_managed_by=CaseManagement.DCJ)
    assert (
        restrictions.child_approver_warning(Child.objects.get(pk=child.pk), on=ON)
        == restrictions.NO_APPROVER
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"restricted_on": ON},
        {"restricted_because": WHY},
        {"restricted_on": ON, "restricted_because": WHY},
    ],
)
def test_the_database_keeps_half_a_restriction_out(child: Child, facts: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="a_restriction_says"), transaction.atomic():
        Child.objects.filter(pk=child.pk).update(**facts)


def test_the_database_keeps_half_a_naming_out(restricted: Child, coordinator: User) -> None:
    own = restricted.named_people.filter(person=coordinator)
    for wrong in ({"taken_off_on": ON}, {"ends_on": ON - timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            own.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        NamedPerson.objects.create(
            child=restricted, person=coordinator, starts_on=ON, named_by=coordinator
        )
