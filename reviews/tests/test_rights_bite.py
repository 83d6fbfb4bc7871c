"""What somebody may no longer do is refused at their next request, also in the middle of a form.

For each way to lose a right: the page, the form that was open, and the way back. Tried by hand:
with `end_sessions` doing nothing, every session that should be over goes on, and that is red here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions
from consultations.models import Consultation, GoalChange
from consultations.tests.cases import TODAY, change_in, make_child, open_goal
from consultations.workflow import Status
from directory.accounts import services as accounts
from directory.errors import StepNotAllowedError
from directory.models import Appointment, District, Office, Provider, Session, User
from directory.people import appointments
from directory.people import services as people
from directory.roles import Role
from directory.tests.people import make_district, make_person, sign_in
from permanency.models import Child
from reviews.held.services import ReviewContent, hold

YESTERDAY = TODAY - timedelta(days=1)
OUT = "/accounts/login/"


@dataclass
class Desk:
    """A Coordinator of Hunter in the middle of a form about a child, and who takes rights away."""

    person: User
    child: Child
    administrator: User
    client: Client

    @property
    def held(self) -> Appointment:
        """Return the one appointment of the person."""
        return self.person.appointments.get()

    @property
    def who(self) -> dict[str, Any]:
        """Return by whom and when rights are taken."""
        return {"by": self.administrator, "on": TODAY}

    def looks(self) -> tuple[int, int]:
        """Return how the child's page and the filled form are answered."""
        page = self.client.get(reverse("child", args=[self.child.pk]))
        form = f"{reverse('new-consultation')}?child={self.child.pk}"
        return page.status_code, self.client.post(form, TYPED).status_code


TYPED = {"question": "Is it time?", "draft": "1", "save": "draft"}


@pytest.fixture
def desk(coordinator: User, administrator: User, hunter: District) -> Desk:
    """Return the desk, everybody signed in, and a look at the page that is answered."""
    child = make_child(hunter)
    open_goal(child)
    found = Desk(coordinator, child, administrator, sign_in(Client(), coordinator))
    assert found.client.get(reverse("child", args=[child.pk])).status_code == 200
    return found


def disabled(desk: Desk) -> None:
    people.disable_person(desk.person, **desk.who)


def new_password(desk: Desk) -> None:
    accounts.set_password(desk.person, "quiet harbour mornings", **desk.who)


def appointment_ended(desk: Desk) -> None:
    appointments.end_appointment(desk.held, ends_on=YESTERDAY, **desk.who)


def ends_today(desk: Desk) -> None:
    appointments.end_appointment(desk.held, ends_on=TODAY, **desk.who)


def ran_out(desk: Desk) -> None:
    """Let the last day have been yesterday, with nobody doing anything today."""
    Appointment.objects.filter(person=desk.person).update(ends_on=YESTERDAY)


def moved(desk: Desk) -> None:
    """Let the appointment be to another district from today."""
    ran_out(desk)
    Appointment.objects.create(
        person=desk.person,
        role=Role.COORDINATOR,
        district=make_district("Sydney"),
        starts_on=TODAY,
    )


def demoted(desk: Desk) -> None:
    """Let the person only read in the district from today."""
    ran_out(desk)
    Appointment.objects.create(
        person=desk.person,
        role=Role.DISTRICT_MANAGER,
        district=desk.child.district,
        starts_on=TODAY,
    )


Loss = Callable[[Desk], None]
# How the next page and the open form are answered, and the page after signing in again.
LOSSES: tuple[tuple[Loss, int, int, int], ...] = (
    (disabled, 302, 302, 302),
    (new_password, 302, 302, 200),
    (appointment_ended, 302, 302, 404),
    (ends_today, 302, 302, 200),
    (ran_out, 404, 404, 404),
    (moved, 404, 404, 404),
    (demoted, 200, 403, 200),
)


@pytest.mark.parametrize(
    ("lose", "seen", "sent", "after"), LOSSES, ids=[loss[0].__name__ for loss in LOSSES]
)
def test_a_right_that_is_taken_is_gone_at_the_next_request(
    desk: Desk, lose: Loss, seen: int, sent: int, after: int
) -> None:
    lose(desk)
    assert desk.looks() == (seen, sent)
    assert not Consultation.objects.exists()
    again = sign_in(Client(), User.objects.get(pk=desk.person.pk))
    assert again.get(reverse("child", args=[desk.child.pk])).status_code == after


@pytest.mark.parametrize("lose", [disabled, new_password, appointment_ended, ends_today])
def test_the_old_session_never_comes_back(desk: Desk, lose: Loss) -> None:
    key = desk.client.session.session_key
    lose(desk)
    assert not Session.objects.filter(pk=key).exists()
    desk.person.refresh_from_db()
    if not desk.person.is_active:
        people.enable_person(desk.person, **desk.who)
    if lose is appointment_ended:
        appointments.appoint(
            desk.person, Role.COORDINATOR, desk.child.district, starts_on=TODAY, **desk.who
        )
    answer = desk.client.get(reverse("child", args=[desk.child.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(OUT)


def test_an_appointment_that_will_end_ends_no_session_and_then_ends_by_itself(desk: Desk) -> None:
    last_day = TODAY + timedelta(days=30)
    appointments.end_appointment(desk.held, ends_on=last_day, **desk.who)
    assert desk.client.get(reverse("child", args=[desk.child.pk])).status_code == 200
    person = User.objects.get(pk=desk.person.pk)
    after = last_day + timedelta(days=1)
    assert Child.objects.visible_to(person, on=last_day).count() == 1
    assert Child.objects.visible_to(person, on=after).count() == 0
    assert not person.holds(Role, on=after)


def test_nobody_else_is_signed_out(desk: Desk, second_coordinator: User) -> None:
    other = sign_in(Client(), second_coordinator)
    appointment_ended(desk)
    assert other.get(reverse("child", args=[desk.child.pk])).status_code == 200


def test_an_allocation_that_ended_takes_its_children_off_the_next_list(
    desk: Desk, hunter: District
) -> None:
    office = Office.objects.create(name="Newcastle", district=hunter)
    Child.objects.update(office=office)
    given = appointments.allocate(desk.person, office, starts_on=YESTERDAY, **desk.who)
    mine = f"{reverse('children')}?mine=on"
    assert desk.child.last_name in desk.client.get(mine).text
    appointments.end_allocation(given, ends_on=YESTERDAY, **desk.who)
    assert desk.child.last_name not in desk.client.get(mine).text


def test_a_contract_managers_providers_end_with_the_allocation(
    contract_manager: User, administrator: User, hunter: District
) -> None:
    provider = Provider.objects.create(name="Example Care")
    provider.districts.add(hunter)
    open_goal(make_child(hunter, provider=provider))
    who: dict[str, Any] = {"by": administrator, "on": TODAY}
    given = appointments.allocate(contract_manager, provider, starts_on=YESTERDAY, **who)
    client = sign_in(Client(), contract_manager)
    board = reverse("dashboard", args=["hunter"])
    assert "Example Care" in client.get(board).text
    appointments.end_allocation(given, ends_on=YESTERDAY, **who)
    assert "Example Care" not in client.get(board).text


@pytest.mark.parametrize("lose", [disabled, appointment_ended, ran_out])
def test_a_decision_under_an_appointment_that_just_ended_is_refused(
    desk: Desk, cfdu: User, lose: Loss
) -> None:
    """The approver was read before the right was taken: what counts is what stands now."""
    change = change_in(Status.ENDORSED, desk.child, coordinator=desk.person, approver=cfdu)
    desk.person = cfdu
    assert cfdu.holds({Role.CFDU}, on=TODAY, district=desk.child.district)
    client = sign_in(Client(), cfdu)
    lose(desk)
    with pytest.raises(StepNotAllowedError, match="only a CFDU approver"):
        decisions.approve(change, effective_on=TODAY, by=cfdu, on=TODAY)
    step = reverse("take-step", args=[change.pk, "approve"])
    assert client.post(step, {"save": "1"}).status_code in {302, 404}
    assert GoalChange.objects.get(pk=change.pk).status == Status.ENDORSED


def test_a_stand_ins_decision_stands_under_the_appointment_that_ran_out(
    desk: Desk, hunter: District
) -> None:
    """Who acted for a month may decide until the last day, and the record says under what."""
    stand_in = make_person("Ada Acting", Role.CFDU, hunter, until=TODAY)
    change = change_in(Status.APPROVED, desk.child, coordinator=desk.person, approver=stand_in)
    decision = change.decisions.latest("pk")
    assert decision.appointment == stand_in.appointments.get()
    tomorrow = TODAY + timedelta(days=1)
    assert not User.objects.get(pk=stand_in.pk).appointments_in_force(on=tomorrow)


def test_names_stay_on_everything_that_a_person_did(
    desk: Desk, cfdu: User, second_coordinator: User
) -> None:
    change = change_in(Status.APPROVED, desk.child, coordinator=desk.person, approver=cfdu)
    told = ReviewContent(progress="on_track", progress_reasons="Visits go well.")
    goal = desk.child.goals.get(ended_on=None)
    by_them: dict[str, Any] = {"by": desk.person, "on": TODAY}
    review = hold(goal, held_on=TODAY, outcome="continue", content=told, **by_them)
    for person in (desk.person, cfdu):
        for held in person.appointments.all():
            appointments.end_appointment(held, ends_on=YESTERDAY, **desk.who)
        people.disable_person(person, **desk.who)
    reader = sign_in(Client(), second_coordinator)
    pages = {
        "the change": reverse("goal-change", args=[change.pk]),
        "the history": reverse("child-history", args=[desk.child.pk]),
        "the review": reverse("review", args=[review.pk]),
        "the consultation": reverse("consultation", args=[change.consultation_id]),
    }
    shown = {name: reader.get(address).text for name, address in pages.items()}
    assert [name for name, text in shown.items() if desk.person.name not in text] == []
    assert cfdu.name in shown["the change"]
    assert cfdu.name in shown["the history"]
    admin = sign_in(Client(), desk.administrator)
    assert desk.person.name in admin.get(reverse("person", args=[desk.person.pk])).text
