"""What somebody leaves behind is found, and goes to others in one step or not at all.

Tried by hand: without the second look in `reassign_work` what is done meanwhile is given away;
without `_check_visibility` an action goes to who may not see the child; with every proof taken for
fresh an old session gives work away. All three are red.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation
from consultations.records import services as consultations
from consultations.tests.cases import TODAY, change_in, consult, make_child, open_goal
from consultations.workflow import Status
from directory import clock
from directory.errors import StepNotAllowedError
from directory.models import (
    Allocation,
    Appointment,
    District,
    HistoryEntry,
    Office,
    Provider,
    ReadEntry,
    User,
)
from directory.people import appointments
from directory.people import services as people
from directory.roles import CaseManagement, Role
from directory.tests.people import PASSWORD, make_district, make_person, sign_in
from directory.web.request import PROVED_AT, StepUpRedirect
from permanency.access import services as restrictions
from permanency.care import services as care
from permanency.models import Action, Child
from permanency.tests.factories import make_action
from reviews.handover import reassign
from reviews.handover.open_work import open_work, people_with_uncovered_work
from reviews.handover.reassign import reassign_work
from reviews.held.services import record_not_held

YESTERDAY = TODAY - timedelta(days=1)


@dataclass
class Leaver:
    """A Coordinator of Hunter with one piece of work of each kind."""

    person: User
    child: Child
    office: Allocation
    provider: Allocation
    action: Action
    draft: Consultation

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of the pieces in Hunter."""
        return frozenset(
            (f"allocation-{self.office.pk}", f"action-{self.action.pk}", f"draft-{self.draft.pk}")
        )


@pytest.fixture
def leaver(coordinator: User, newcastle: Office, hunter: District) -> Leaver:
    """Return Hunter's Coordinator with an office, a provider of nowhere, an action and a draft."""
    child = make_child(hunter, office=newcastle, first_name="Wrenna", last_name="Quisby")
    open_goal(child)
    since: dict[str, Any] = {"starts_on": TODAY - timedelta(days=90)}
    return Leaver(
        coordinator,
        child,
        office=Allocation.objects.create(person=coordinator, office=newcastle, **since),
        provider=Allocation.objects.create(
            person=coordinator, provider=Provider.objects.create(name="Gumnut Care"), **since
        ),
        action=make_action(
            child, owner=coordinator, agreed_on=YESTERDAY, due_on=TODAY, what="Ring the aunt"
        ),
        draft=consultations.save_draft(
            child, typed={"question": "Is it time?"}, answers={}, by=coordinator, on=TODAY
        ),
    )


def address(person: User) -> str:
    return reverse("open-work", args=[person.pk])


def end(person: User, *, by: User) -> None:
    """End every appointment of a person, the last day being yesterday."""
    for each in person.appointments.all():
        appointments.end_appointment(each, ends_on=YESTERDAY, by=by, on=TODAY)


def filled(leaver: Leaver, successor: User, **other: Any) -> dict[str, Any]:
    """Return the form as it is sent for the work in Hunter alone."""
    key = leaver.child.district_id
    return {f"pieces_{key}": sorted(leaver.keys), f"to_{key}": successor.pk, **other}


def test_everything_that_hangs_on_a_person_is_listed_with_who_could_take_it(
    leaver: Leaver, second_coordinator: User, mpp: User, cfdu: User, stranger: User
) -> None:
    work = open_work(leaver.person, on=TODAY)
    here, nowhere = work.shares
    assert (here.where, nowhere.where) == ("Hunter", "no particular district")
    assert {piece.key for piece in here.pieces} == leaver.keys
    assert set(here.successors) == {second_coordinator, mpp}
    assert set(nowhere.successors) == {second_coordinator, mpp, stranger}
    assert not {leaver.person, cfdu} & set(nowhere.successors)


def test_a_provider_of_several_districts_is_work_where_the_person_works(leaver: Leaver) -> None:
    provider = leaver.provider.provider
    assert provider is not None
    provider.districts.add(leaver.child.district, make_district("Sydney"))
    (here,) = open_work(leaver.person, on=TODAY).shares
    assert here.where == "Hunter"
    assert f"allocation-{leaver.provider.pk}" in {piece.key for piece in here.pieces}


def test_what_is_done_recorded_or_over_is_not_listed(leaver: Leaver, administrator: User) -> None:
    care.finish_action(leaver.action, by=leaver.person, on=TODAY)
    consult(leaver.child, leaver.person)
    leaver.draft.recorded_on, leaver.draft.question = TODAY, "Is it time?"
    leaver.draft.recommendation, leaver.draft.asked_by_name = "Yes", "Toni"
    leaver.draft.save()
    for each in (leaver.office, leaver.provider):
        appointments.end_allocation(each, ends_on=YESTERDAY, by=administrator, on=TODAY)
    assert not open_work(leaver.person, on=TODAY)


def test_a_change_and_a_planned_review_follow_the_office_and_stay_on_the_record(
    leaver: Leaver, cfdu: User, second_coordinator: User, administrator: User
) -> None:
    goal = leaver.child.goals.get()
    record_not_held(goal, reasons="Ill.", planned_on=TODAY, by=leaver.person, on=TODAY)
    change = change_in(Status.PROPOSED, leaver.child, coordinator=leaver.person, approver=cfdu)
    followed = open_work(leaver.person, on=TODAY).remaining
    assert {each.kind for each in followed} == {"Goal change", "Review"}
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    reassign_work(leaver.person, handover, by=administrator, on=TODAY)
    change.refresh_from_db()
    assert change.recorded_by == leaver.person
    assert list(Child.objects.mine(second_coordinator, on=TODAY)) == [leaver.child]
    assert not Child.objects.mine(leaver.person, on=TODAY).exists()


def test_one_step_moves_all_and_the_history_says_each(
    leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    end(leaver.person, by=administrator)
    last = HistoryEntry.objects.latest("pk").pk
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    assert reassign_work(leaver.person, handover, by=administrator, on=TODAY) == 3
    leaver.office.refresh_from_db()
    leaver.action.refresh_from_db()
    leaver.draft.refresh_from_db()
    assert leaver.office.ends_on == YESTERDAY
    began = second_coordinator.allocations.get()
    assert (began.office, began.starts_on, began.ends_on) == (leaver.office.office, TODAY, None)
    assert (leaver.action.owner, leaver.action.who) == (second_coordinator, "Jo Caseworker")
    assert (leaver.draft.by, leaver.draft.version) == (second_coordinator, 2)
    assert leaver.draft.typed == {"question": "Is it time?"}
    told = {each.subject: each for each in HistoryEntry.objects.filter(pk__gt=last)}
    held = administrator.appointments.get()
    for subject in (f"action {leaver.action.pk}", f"consultation {leaver.draft.pk}"):
        entry = told[subject]
        assert (entry.child_number, entry.district) == (leaver.child.pk, leaver.child.district)
        assert (entry.by, entry.appointment, entry.on) == (administrator, held, TODAY)
        assert list(entry.before.values()) == ["Pat Coordinator"]
        assert list(entry.after.values()) == ["Robin Coordinator"]
    assert all(entry.appointment == held for entry in told.values())
    (left,) = open_work(leaver.person, on=TODAY).shares
    assert [piece.pk for piece in left.pieces] == [leaver.provider.pk]


def test_the_new_author_goes_on_with_the_draft_and_the_old_one_no_longer(
    leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    reassign_work(leaver.person, handover, by=administrator, on=TODAY)
    page = reverse("edit-consultation", args=[leaver.draft.pk])
    assert sign_in(Client(), second_coordinator).get(page).status_code == 200
    assert sign_in(Client(), leaver.person).get(page).status_code == 404


def test_what_begins_today_ends_today_and_a_second_allocation_is_not_made(
    leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    leaver.office.starts_on = TODAY
    leaver.office.save()
    who: dict[str, Any] = {"by": administrator, "on": TODAY}
    place = leaver.office.office
    assert place is not None
    appointments.allocate(second_coordinator, place, starts_on=YESTERDAY, **who)
    chosen = frozenset({f"allocation-{leaver.office.pk}"})
    handover = {str(leaver.child.district_id): (second_coordinator, chosen)}
    reassign_work(leaver.person, handover, **who)
    leaver.office.refresh_from_db()
    assert leaver.office.ends_on == TODAY
    assert second_coordinator.allocations.count() == 1
    pieces = {piece.key for piece in open_work(leaver.person, on=TODAY).pieces}
    assert not pieces & chosen


@pytest.mark.parametrize("who", ["cfdu", "stranger", "nobody", "gone"])
def test_nobody_without_a_fitting_appointment_takes_it_over(
    who: str, leaver: Leaver, administrator: User, request: pytest.FixtureRequest, hunter: District
) -> None:
    if who == "gone":
        successor = make_person("Gil Gone", Role.COORDINATOR, hunter, until=YESTERDAY)
    else:
        successor = request.getfixturevalue(who)
    handover = {str(hunter.pk): (successor, leaver.keys)}
    with pytest.raises(StepNotAllowedError, match="no longer holds"):
        reassign_work(leaver.person, handover, by=administrator, on=TODAY)
    answer = sign_in(Client(), administrator).post(
        address(leaver.person), filled(leaver, successor)
    )
    assert answer.status_code == 422
    assert {piece.pk for piece in open_work(leaver.person, on=TODAY).pieces} >= {leaver.action.pk}


def test_an_approvers_action_goes_to_who_sees_the_case_and_to_no_other(
    administrator: User, cfdu: User, hunter: District
) -> None:
    other = make_person("Ola Approver", Role.CFDU, hunter)
    child = make_child(hunter, case_managed_by=CaseManagement.DCJ)
    action = make_action(child, owner=cfdu)
    (share,) = open_work(cfdu, on=TODAY).shares
    assert list(share.successors) == [other]
    handover = {share.key: (other, frozenset({f"action-{action.pk}"}))}
    with pytest.raises(StepNotAllowedError, match="does not see every case"):
        reassign_work(cfdu, handover, by=administrator, on=TODAY)
    Child.objects.update(case_managed_by=CaseManagement.PSP)
    assert reassign_work(cfdu, handover, by=administrator, on=TODAY) == 1


@pytest.mark.parametrize("who", ["coordinator", "cfdu", "mpp", "district_manager", "stranger"])
def test_only_an_administrator_gives_work_away(
    who: str, leaver: Leaver, second_coordinator: User, request: pytest.FixtureRequest
) -> None:
    other: User = request.getfixturevalue(who)
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    with pytest.raises(PermissionDenied):
        reassign_work(leaver.person, handover, by=other, on=TODAY)
    client = sign_in(Client(), other)
    assert client.get(address(leaver.person)).status_code == 403
    sent = client.post(address(leaver.person), filled(leaver, second_coordinator))
    assert sent.status_code == 403
    leaver.action.refresh_from_db()
    assert leaver.action.owner == leaver.person


def test_if_one_piece_has_moved_nothing_moves(
    client: Client, leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    sign_in(client, administrator)
    form = filled(leaver, second_coordinator)
    care.finish_action(leaver.action, by=leaver.person, on=TODAY)
    last = HistoryEntry.objects.latest("pk").pk
    assert client.post(address(leaver.person), form).status_code == 409
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    with pytest.raises(StepNotAllowedError, match="since you opened"):
        reassign_work(leaver.person, handover, by=administrator, on=TODAY)
    assert HistoryEntry.objects.latest("pk").pk == last
    assert not second_coordinator.allocations.exists()
    # Sent again after all of it has gone: no share is left to look at.
    Action.objects.all().delete()
    Consultation.objects.all().delete()
    Allocation.objects.all().delete()
    assert client.post(address(leaver.person), form).status_code == 409


def test_what_is_done_between_looking_and_locking_moves_nothing(
    leaver: Leaver,
    second_coordinator: User,
    administrator: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A colleague is quicker by a moment: what was looked at is looked at again under the locks."""
    lock = reassign._lock_cases

    def too_late(pieces: Any) -> None:
        care.finish_action(leaver.action, by=leaver.person, on=TODAY)
        lock(pieces)

    monkeypatch.setattr(reassign, "_lock_cases", too_late)
    handover = {str(leaver.child.district_id): (second_coordinator, leaver.keys)}
    with pytest.raises(StepNotAllowedError, match="since you opened"):
        reassign_work(leaver.person, handover, by=administrator, on=TODAY)
    leaver.draft.refresh_from_db()
    assert leaver.draft.by == leaver.person
    assert not second_coordinator.allocations.exists()


def test_the_page_ticks_all_chooses_nobody_and_tells_of_no_case(
    client: Client, leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    page = sign_in(client, administrator).get(address(leaver.person))
    text = page.text
    assert text.count("checked") == 4
    assert leaver.child.reference in text
    for secret in (
        leaver.child.first_name,
        leaver.child.last_name,
        leaver.child.childstory_id,
        "Ring the aunt",
        "Is it time?",
        "Jo Caseworker",
    ):
        assert secret not in text
    nobody_chosen = filled(leaver, second_coordinator)
    nobody_chosen[f"to_{leaver.child.district_id}"] = ""
    put_right = client.post(address(leaver.person), nobody_chosen)
    assert put_right.status_code == 422
    assert "Choose who takes over." in put_right.text
    nothing = client.post(address(leaver.person), {})
    assert nothing.status_code == 422
    assert "Tick the work" in nothing.text
    done = client.post(address(leaver.person), filled(leaver, second_coordinator), follow=True)
    assert "3 pieces of work of Pat Coordinator have a new home." in done.text
    assert "Gumnut Care" in done.text
    read = ReadEntry.objects.filter(by=administrator).order_by("pk").first()
    assert read is not None
    assert read.route == "open-work"
    assert read.shown == [leaver.child.pk]


def test_it_asks_for_a_fresh_proof_and_the_filled_form_survives(
    client: Client, leaver: Leaver, second_coordinator: User, administrator: User
) -> None:
    """Negative control: with every proof taken for fresh, the old session gives work away."""
    sign_in(client, administrator)
    page = client.get(address(leaver.person))
    token = page.text.partition('name="submission_token" value="')[2].partition('"')[0]
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=16)).isoformat()
    session.save()
    assert client.get(address(leaver.person)).status_code == 200
    form = filled(leaver, second_coordinator, submission_token=token)
    form[f"pieces_{leaver.child.district_id}"] = [f"draft-{leaver.draft.pk}"]
    asked = client.post(address(leaver.person), form)
    assert isinstance(asked, StepUpRedirect)
    leaver.draft.refresh_from_db()
    assert leaver.draft.by == leaver.person
    back = client.post(asked["Location"], {"password": PASSWORD})
    assert back["Location"] == address(leaver.person)
    again = client.get(back["Location"])
    assert "This is what you had typed" in again.text
    assert again.context["form"][f"pieces_{leaver.child.district_id}"].value() == [
        f"draft-{leaver.draft.pk}"
    ]
    assert again.context["form"][f"to_{leaver.child.district_id}"].value() == str(
        second_coordinator.pk
    )


def test_restricted_children_are_not_told_of_and_who_leads_is_named(
    client: Client, leaver: Leaver, administrator: User
) -> None:
    restrictions.restrict(leaver.child, reasons="Known to staff.", by=leaver.person, on=TODAY)
    work = open_work(leaver.person, on=TODAY)
    assert work.has_restricted
    assert not work.children
    page = sign_in(client, administrator).get(address(leaver.person)).text
    assert leaver.child.reference not in page
    assert "Restricted children" in page
    key = leaver.child.district_id
    sent = client.post(
        address(leaver.person), {f"pieces_{key}": [f"action-{leaver.action.pk}"], f"to_{key}": "1"}
    )
    assert sent.status_code == 409


def test_ending_an_appointment_or_disabling_leads_to_the_open_work(
    client: Client, leaver: Leaver, administrator: User, second_coordinator: User
) -> None:
    sign_in(client, administrator)
    for person, leads_to in ((leaver.person, "open-work"), (second_coordinator, "person")):
        held = person.appointments.get()
        ending = reverse("end-appointment", args=[held.pk])
        day = {"ends_on_day": TODAY.day, "ends_on_month": TODAY.month, "ends_on_year": TODAY.year}
        assert client.post(ending, day)["Location"] == reverse(leads_to, args=[person.pk])
        disabled = client.post(reverse("disable-person", args=[person.pk]))
        assert disabled["Location"] == reverse(leads_to, args=[person.pk])


def left(on: Any = TODAY) -> dict[User, int]:
    return {each.person: each.pieces for each in people_with_uncovered_work(on=on)}


def test_work_needs_a_new_home_when_the_appointment_ran_out_or_the_person_is_gone(
    client: Client, leaver: Leaver, administrator: User
) -> None:
    assert left() == {}
    Appointment.objects.filter(person=leaver.person).update(ends_on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert (left(TODAY), left(tomorrow)) == ({}, {leaver.person: 4})
    page = sign_in(client, administrator).get("/directory/").text
    assert "Everybody with open work holds an appointment" in page
    people.disable_person(leaver.person, by=administrator, on=TODAY)
    assert left() == {leaver.person: 4}
    page = client.get("/directory/").text
    assert "1 person with open work" in page
    assert address(leaver.person) in page


def test_work_needs_a_new_home_when_the_person_moved_to_another_district(
    leaver: Leaver, administrator: User
) -> None:
    end(leaver.person, by=administrator)
    Appointment.objects.create(
        person=leaver.person,
        role=Role.COORDINATOR,
        district=make_district("Sydney"),
        starts_on=TODAY,
    )
    # The provider works nowhere in particular: any appointment fits it.
    assert left() == {leaver.person: 3}


def test_each_kind_asks_for_its_own_appointment(
    leaver: Leaver, cfdu: User, casework_manager: User, hunter: District
) -> None:
    held = leaver.person.appointments.get()
    for role, number in (
        (Role.DISTRICT_MANAGER, 1),  # reads, and writes no draft
        (Role.CFDU, 1),  # a provider manages the case
        (Role.CASEWORK_MANAGER, 2),
        (Role.CONTRACT_MANAGER, 2),
        (Role.ADMINISTRATOR, 4),
    ):
        held.role = role
        held.district = None if role is Role.ADMINISTRATOR else hunter
        held.save()
        assert left() == {leaver.person: number}, role


def test_a_restricted_child_is_in_no_number_of_the_directory(
    leaver: Leaver, administrator: User
) -> None:
    restrictions.restrict(leaver.child, reasons="Known to staff.", by=leaver.person, on=TODAY)
    people.disable_person(leaver.person, by=administrator, on=TODAY)
    assert left() == {leaver.person: 2}
