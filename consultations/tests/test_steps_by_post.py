"""Each rule of the workflow holds for what is sent to the site, not for what its pages offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from consultations.goal_changes.presentation import goal_in_force_words
from consultations.models import GoalChange
from consultations.tests.cases import (
    DECISION_STEPS,
    TODAY,
    change_in,
    consult,
    make_child,
    open_goal,
    reload_change,
    shown_with,
)
from consultations.tests.test_step_pages import take, today_boxes
from consultations.tests.test_steps import everything
from consultations.workflow import TRANSITIONS, USER_STEPS, Status
from directory.models import Appointment, District, Mail, Notice, User
from directory.roles import CaseManagement, Role
from directory.tests.people import SINCE, make_district, make_person
from permanency.models import CasePlanGoal, Child

ANSWERS = {"reasons": "Said with care.", **today_boxes("effective_on")}


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def desk(person: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(person)
    return client


def owed() -> tuple[Any, ...]:
    """Return every notice and every mail."""
    return list(Notice.objects.order_by("pk").values()), list(Mail.objects.order_by("pk").values())


@pytest.mark.slow
def test_no_step_is_taken_from_a_wrong_state_whatever_is_sent(
    hunter: District, coordinator: User, second_coordinator: User, cfdu: User
) -> None:
    """The form is complete, and sent by somebody who may take this step where it is due."""
    tried = 0
    for status in Status:
        child = make_child(hunter)
        open_goal(child)
        change = change_in(status, child, coordinator=coordinator, approver=cfdu)
        before = everything(change), owed()
        for step in USER_STEPS:
            if status in TRANSITIONS[step].starts:
                continue
            by = desk(cfdu if step in DECISION_STEPS else second_coordinator)
            answer = take(by, change, step, **ANSWERS)
            assert answer.status_code == 409, (status, step)
            assert (everything(change), owed()) == before, (status, step)
            tried += 1
    assert tried == sum(status not in TRANSITIONS[step].starts for status, step in
                        product(Status, USER_STEPS))  # fmt: skip


# Three people


@pytest.fixture
def both(hunter: District) -> tuple[User, ...]:
    """Return three people who are each Permanency Coordinator and CFDU approver at once."""
    people = tuple(make_person(f"{name} Both", Role.COORDINATOR, hunter) for name in "ABC")
    Appointment.objects.bulk_create(
        Appointment(person=each, role=Role.CFDU, district=hunter, starts_on=SINCE)
        for each in people
    )
    return people


def _asked_by(requester: User, child: Child, recorder: User) -> GoalChange:
    """Return the proposal that its recorder sent in, naming who asked."""
    consultation = consult(child, recorder)
    answer = desk(recorder).post(
        f"{reverse('new-goal-change')}?consultation={consultation.pk}",
        {
            "version": consultation.version,
            "goal": "guardianship",
            "reasons": "The aunt has offered a home.",
            "requested_by": requester.pk,
            "seen": goal_in_force_words(child),
            "save": "propose",
        },
    )
    change = GoalChange.objects.get(consultation=consultation)
    assert (answer.status_code, change.status) == (302, Status.PROPOSED)
    return change


def _decided(change: GoalChange, step: str, by: User) -> bool:
    """Say whether this person's POST was taken; where it was not, nothing changed at all."""
    before = everything(change), owed(), list(CasePlanGoal.objects.values())
    with undone():
        answer = take(desk(by), change, step, **ANSWERS)
        if answer.status_code == 302:
            return True
        assert answer.status_code == 409
        assert (everything(change), owed(), list(CasePlanGoal.objects.values())) == before
    return False


@pytest.mark.slow
def test_only_three_different_people_get_a_change_through_the_site(
    child: Child, both: tuple[User, ...], coordinator: User
) -> None:
    """Every person as requester, endorser and approver, each act sent without its page."""
    taken, refused = set(), 0
    for requester, endorser in product(both, repeat=2):
        with undone():
            change = _asked_by(requester, child, coordinator)
            if take(desk(endorser), change, "endorse", **ANSWERS).status_code == 409:
                assert requester == endorser
                assert not _decided(change, "not_endorse", endorser)
                refused += 1
                continue
            for approver, step in product(both, ("approve", "decline")):
                if _decided(change, step, approver):
                    taken.add((requester, endorser, approver))
                else:
                    refused += 1
    assert taken == {trio for trio in product(both, repeat=3) if len(set(trio)) == 3}
    assert refused == 3 + 6 * 2 * 2


# Whose appointment it is, at the moment of the decision


def _from_tomorrow(delegation: Appointment) -> None:
    Appointment.objects.filter(pk=delegation.pk).update(starts_on=TODAY + timedelta(days=1))


def _until_yesterday(delegation: Appointment) -> None:
    Appointment.objects.filter(pk=delegation.pk).update(ends_on=TODAY - timedelta(days=1))


def _elsewhere(delegation: Appointment) -> None:
    Appointment.objects.filter(pk=delegation.pk).update(district=make_district("Sydney"))


def _taken_back(delegation: Appointment) -> None:
    Appointment.objects.filter(pk=delegation.pk).delete()


def _disabled(delegation: Appointment) -> None:
    User.objects.filter(pk=delegation.person_id).update(is_active=False)


def _until_today(delegation: Appointment) -> None:
    Appointment.objects.filter(pk=delegation.pk).update(ends_on=TODAY)


LOST: dict[Callable[[Appointment], None], str] = {
    _from_tomorrow: "403",
    _until_yesterday: "403",
    _elsewhere: "403",
    _taken_back: "403",
    _disabled: "in",
    _until_today: "done",
}
DELEGATES = {CaseManagement.PSP: Role.CFDU, CaseManagement.DCJ: Role.CASEWORK_MANAGER}


@pytest.mark.slow
@pytest.mark.parametrize("managed_by", list(DELEGATES))
@pytest.mark.parametrize("step", DECISION_STEPS)
def test_a_delegation_lost_while_the_page_was_open_decides_nothing(
    managed_by: str, step: str, hunter: District, coordinator: User, cfdu: User
) -> None:
    """They read the case as Permanency Coordinator all along, so that a refusal is a 403."""
    child = make_child(hunter, case_managed_by=managed_by)
    open_goal(child)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    acting = make_person("Acting Approver", Role.COORDINATOR, hunter)
    delegation = Appointment.objects.create(
        person=acting,
        role=DELEGATES[CaseManagement(managed_by)],
        district=hunter,
        starts_on=SINCE,
    )
    address = reverse("take-step", args=[change.pk, step])
    sent = {"version": change.version, "seen": shown_with(change), **ANSWERS}
    before = everything(change), owed()
    for lose, expected in LOST.items():
        with undone():
            browser = desk(acting)
            assert browser.get(address).status_code == 200
            lose(delegation)
            answer = browser.post(address, sent)
            assert _came(answer) == expected, lose
            if expected != "done":
                assert (everything(change), owed()) == before, lose
    assert reload_change(change).status == Status.ENDORSED


def _came(answer: Any) -> str:
    location = answer.headers.get("Location", "")
    if location.startswith(reverse("sign-in")):
        return "in"
    return "done" if answer.status_code == 302 else str(answer.status_code)
