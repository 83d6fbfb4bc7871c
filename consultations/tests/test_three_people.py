"""Requester, endorser and approver are three people; who decides is read at the moment itself."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from consultations.goal_changes import decisions
from consultations.models import GoalChange
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    open_goal,
    reload_change,
)
from consultations.workflow import Status
from directory.errors import StepNotAllowedError
from directory.models import Appointment, District, User
from directory.roles import CaseManagement, Role
from directory.tests.people import SINCE, make_district, make_person
from permanency.models import CasePlanGoal, Child

pytestmark = pytest.mark.dialect

PEOPLE = ("Ada Both", "Bea Both", "Cal Both")


@pytest.fixture
def people(hunter: District) -> dict[str, User]:
    """Return three people who are each Permanency Coordinator and CFDU approver at once."""
    both = {name: make_person(name, Role.COORDINATOR, hunter) for name in PEOPLE}
    for person in both.values():
        Appointment.objects.create(
            person=person, role=Role.CFDU, district=hunter, starts_on=SINCE, instrument="Acting"
        )
    return both


@pytest.mark.parametrize(
    ("requester", "endorser", "approver"),
    [pytest.param(*names, id="-".join(name[0] for name in names))
     for names in product(PEOPLE, repeat=3)],
)  # fmt: skip
def test_only_three_different_people_bring_a_change_into_force(
    requester: str, endorser: str, approver: str, child: Child, people: dict[str, User]
) -> None:
    consultation = consult(child, people[requester])
    change = draft_change(
        consultation, people[requester], requested_by=people[requester], requested_by_name=""
    )
    decisions.propose(change, by=people[requester], on=TODAY)
    if requester == endorser:
        with pytest.raises(StepNotAllowedError, match="You asked for this change"):
            decisions.endorse(change, by=people[endorser], on=TODAY)
        assert reload_change(change).status == Status.PROPOSED
        return
    decisions.endorse(change, by=people[endorser], on=TODAY)
    if approver in {requester, endorser}:
        with pytest.raises(StepNotAllowedError, match="somebody else decides it"):
            decisions.approve(change, effective_on=TODAY, by=people[approver], on=TODAY)
        with pytest.raises(StepNotAllowedError, match="somebody else decides it"):
            decisions.decline(change, by=people[approver], on=TODAY, reasons="No.")
        assert reload_change(change).status == Status.ENDORSED
        return
    decisions.approve(change, effective_on=TODAY, by=people[approver], on=TODAY)
    assert reload_change(change).approved_by == people[approver]


def test_who_records_for_somebody_else_may_endorse(child: Child, coordinator: User) -> None:
    change = draft_change(consult(child, coordinator), coordinator)
    decisions.propose(change, by=coordinator, on=TODAY)
    assert decisions.endorse(change, by=coordinator, on=TODAY).by == coordinator


@pytest.mark.parametrize("name", ["Pat Coordinator", "  pat   COORDINATOR "])
def test_a_requester_written_down_by_name_alone_is_known_again(
    name: str, child: Child, coordinator: User, colleague: User
) -> None:
    change = draft_change(consult(child, coordinator), coordinator, requested_by_name=name)
    decisions.propose(change, by=coordinator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="You asked for this change"):
        decisions.endorse(change, by=coordinator, on=TODAY)
    assert decisions.endorse(change, by=colleague, on=TODAY).by == colleague


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        ("requested_by", "endorsed_by", "nobody_endorses_what_they_asked_for"),
        ("requested_by", "approved_by", "nobody_approves_what_they_asked_for"),
        ("endorsed_by", "approved_by", "nobody_approves_what_they_endorsed"),
    ],
)
def test_the_database_itself_refuses_one_person_in_two_places(
    first: str, second: str, constraint: str, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    rows = GoalChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rows.update(**{first: cfdu, second: cfdu})
    sql = f"UPDATE consultations_goalchange SET {first}_id = %s, {second}_id = %s"  # noqa: S608  # two known columns
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [cfdu.pk, cfdu.pk])
    assert reload_change(change).endorsed_by == coordinator


def test_the_database_keeps_an_endorsed_change_from_losing_its_endorser(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    for status, constraint in (
        (Status.ENDORSED, "an_endorsed_change_names_its_endorser"),
        (Status.APPROVED, "an_approved_change_was_endorsed_and_is_in_force"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            GoalChange.objects.filter(pk=change.pk).update(status=status, endorsed_by=None)


# Who approves


@pytest.mark.parametrize(
    ("managed_by", "role", "may"),
    [
        (managed_by, role, (managed_by, role) in {
            (CaseManagement.PSP, Role.CFDU), (CaseManagement.DCJ, Role.CASEWORK_MANAGER)
        })
        for managed_by, role in product(CaseManagement, Role)
    ],
)  # fmt: skip
def test_only_the_role_for_the_case_approves(
    managed_by: str, role: Role, may: bool, hunter: District, coordinator: User, cfdu: User
) -> None:
    child = make_child(hunter, case_managed_by=managed_by)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    person = make_person("New Person", role, hunter)
    if may:
        decision = decisions.approve(change, effective_on=TODAY, by=person, on=TODAY)
        assert decision.appointment is not None
        assert (decision.appointment.role, decision.appointment.person) == (role, person)
        return
    with pytest.raises(StepNotAllowedError):
        decisions.approve(change, effective_on=TODAY, by=person, on=TODAY)
    assert reload_change(change).status == Status.ENDORSED


def test_an_approver_of_another_district_does_not_approve(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    elsewhere = make_person("Else Where", Role.CFDU, make_district("Sydney"))
    with pytest.raises(StepNotAllowedError, match="only a CFDU approver"):
        decisions.approve(change, effective_on=TODAY, by=elsewhere, on=TODAY)


@pytest.mark.parametrize(
    ("since", "until", "may"),
    [(0, 0, True), (-30, 0, True), (1, None, False), (-30, -1, False)],
    ids=["today only", "until today", "from tomorrow", "until yesterday"],
)
def test_the_appointment_is_read_on_the_day_of_the_decision(
    since: int, until: int | None, may: bool, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    acting = make_person(
        "Acting Approver",
        Role.CFDU,
        child.district,
        since=TODAY + timedelta(days=since),
        until=None if until is None else TODAY + timedelta(days=until),
    )
    if may:
        assert decisions.approve(change, effective_on=TODAY, by=acting, on=TODAY)
    else:
        with pytest.raises(StepNotAllowedError):
            decisions.approve(change, effective_on=TODAY, by=acting, on=TODAY)


@pytest.mark.parametrize("loss", ["appointment", "account"])
def test_a_right_lost_since_the_page_was_opened_is_lost(
    loss: str, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    assert cfdu.holds({Role.CFDU}, on=TODAY)  # read, and remembered by this object
    if loss == "appointment":
        cfdu.appointments.update(ends_on=TODAY - timedelta(days=1))
    else:
        User.objects.filter(pk=cfdu.pk).update(is_active=False)
    with pytest.raises(StepNotAllowedError):
        decisions.approve(change, effective_on=TODAY, by=cfdu, on=TODAY)
    assert CasePlanGoal.objects.in_force().get().goal == "restoration"


def test_a_coordinator_who_also_approves_decides_on_other_peoples_changes(
    child: Child, coordinator: User, colleague: User
) -> None:
    Appointment.objects.create(
        person=colleague, role=Role.CFDU, district=child.district, starts_on=SINCE
    )
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=colleague)
    decision = decisions.approve(change, effective_on=TODAY, by=colleague, on=TODAY)
    assert decision.appointment is not None
    assert decision.appointment.role == Role.CFDU


def test_asking_for_more_is_open_to_the_approver_of_the_case_alone(
    hunter: District, coordinator: User, cfdu: User, casework_manager: User
) -> None:
    child = make_child(hunter)
    open_goal(child)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    with pytest.raises(StepNotAllowedError, match="Permanency Coordinator or the CFDU approver"):
        decisions.ask_for_more(change, by=casework_manager, on=TODAY, reasons="More.")
    decisions.ask_for_more(change, by=cfdu, on=TODAY, reasons="More.")
    change = reload_change(change)
    assert (change.status, change.endorsed_by) == (Status.DRAFT, None)
