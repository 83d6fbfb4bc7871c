"""The pages that restrict a record, name people, and show who leads where nobody can act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.models import Appointment, District, User
from directory.roles import CaseManagement
from directory.web.request import PROVED_AT
from permanency.access import services as restrictions
from permanency.models import Child
from permanency.tests.factories import make_child
from permanency.tests.two_steps import save_as_shown

TODAY = clock.today()
WHY = "A relative works in the district."


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child of Hunter whose case a provider manages."""
    return make_child(hunter, case_managed_by=CaseManagement.PSP, last_name="Zebedee")


@pytest.fixture
def restricted(child: Child, coordinator: User) -> Child:
    """Return the child, restricted by the coordinator."""
    return restrictions.restrict(child, reasons=WHY, by=coordinator, on=TODAY)


def page(name: str, *arguments: int) -> str:
    return reverse(name, args=arguments)


def test_a_coordinator_restricts_names_takes_off_and_lifts(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    client.force_login(coordinator)
    access = page("child-access", child.pk)
    assert "This record is not restricted" in client.get(access).content.decode()
    answer = client.post(page("restrict-child", child.pk), {"reasons": WHY}, follow=True)
    text = answer.content.decode()
    assert "Restricted: only named people see this record" in text
    assert WHY in text
    assert restrictions.NO_APPROVER in text
    typed = {"person": cfdu.pk, "reasons": "Decides."}
    answer = client.post(page("name-person", child.pk), typed, follow=True)
    assert "Reads and decides" in answer.content.decode()
    assert restrictions.NO_APPROVER not in answer.content.decode()
    naming = child.named_people.get(person=cfdu)
    typed = {"reasons": "Has moved on."}
    client.post(page("take-off-person", child.pk, naming.pk), typed)
    assert child.named_people.in_force(on=TODAY).get().person == coordinator
    client.post(page("lift-restriction", child.pk), {"reasons": "No longer needed."})
    child.refresh_from_db()
    assert not child.is_restricted


def test_only_people_whose_appointment_covers_the_child_are_offered(
    client: Client,
    restricted: Child,
    coordinator: User,
    cfdu: User,
    casework_manager: User,
    stranger: User,
) -> None:
    client.force_login(coordinator)
    text = client.get(page("name-person", restricted.pk)).content.decode()
    assert f"{cfdu.name} (CFDU approver)" in text
    assert casework_manager.name not in text
    assert stranger.name not in text
    typed = {"person": stranger.pk, "reasons": WHY}
    assert client.post(page("name-person", restricted.pk), typed).status_code == 422


def test_the_last_writer_taken_off_is_refused_with_the_reason(
    client: Client, restricted: Child, coordinator: User
) -> None:
    client.force_login(coordinator)
    own = restricted.named_people.get()
    address = page("take-off-person", restricted.pk, own.pk)
    answer = client.post(address, {"reasons": "I am leaving."})
    assert answer.status_code == 409
    assert "Name somebody first" in answer.content.decode()


@pytest.mark.parametrize("name", ["name-person", "lift-restriction"])
def test_a_record_that_is_not_restricted_has_nobody_to_name(
    name: str, client: Client, child: Child, coordinator: User
) -> None:
    client.force_login(coordinator)
    assert client.get(page(name, child.pk)).status_code == 409


def test_a_named_reader_sees_who_is_named_and_changes_nothing(
    client: Client, restricted: Child, coordinator: User, district_manager: User
) -> None:
    restrictions.name_person(restricted, district_manager, reasons=WHY, by=coordinator, on=TODAY)
    client.force_login(district_manager)
    text = client.get(page("child-access", restricted.pk)).content.decode()
    assert coordinator.name in text
    assert "Take off" not in text
    assert client.post(page("lift-restriction", restricted.pk), {"reasons": WHY}).status_code == 403


def test_a_change_of_who_may_see_asks_for_a_fresh_proof(
    client: Client, child: Child, coordinator: User
) -> None:
    client.force_login(coordinator)
    session = client.session
    del session[PROVED_AT]
    session.save()
    answer = client.post(page("restrict-child", child.pk), {"reasons": WHY})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    child.refresh_from_db()
    assert not child.is_restricted


def test_the_list_of_who_leads_is_red_where_nobody_can_act_and_names_no_child(
    client: Client, restricted: Child, coordinator: User, mpp: User
) -> None:
    Appointment.objects.filter(person=coordinator).update(ends_on=TODAY - timedelta(days=1))
    client.force_login(mpp)
    text = client.get(page("restricted-children")).content.decode()
    assert restricted.reference in text
    assert "Nobody can act" in text
    assert restricted.last_name not in text
    assert client.get(page("child", restricted.pk)).status_code == 404
    address = page("name-from-list", restricted.pk)
    assert restricted.last_name not in client.get(address).content.decode()
    client.post(address, {"person": mpp.pk, "reasons": "Nobody is left."})
    assert client.get(page("child", restricted.pk)).status_code == 200
    assert "Nobody can act" not in client.get(page("restricted-children")).content.decode()


def test_a_child_who_is_not_restricted_is_not_on_the_list(
    client: Client, child: Child, mpp: User
) -> None:
    client.force_login(mpp)
    assert "No child is restricted" in client.get(page("restricted-children")).content.decode()
    assert client.get(page("name-from-list", child.pk)).status_code == 404


def test_who_hands_over_a_restricted_child_is_told_that_nobody_there_is_named(
    client: Client, restricted: Child, coordinator: User, stranger: User
) -> None:
    sydney = District.objects.get(slug="sydney")
    client.force_login(coordinator)
    form = client.get(page("edit-child", restricted.pk)).context["form"]
    typed = {
        **{name: value for name, value in form.initial.items() if value is not None},
        "born_on_day": restricted.born_on.day,
        "born_on_month": restricted.born_on.month,
        "born_on_year": restricted.born_on.year,
        "district": sydney.pk,
    }
    shown = client.post(page("edit-child", restricted.pk), typed)
    assert "Nobody of the other district is named" in shown.content.decode()
    answer = save_as_shown(client, page("edit-child", restricted.pk), shown)
    assert answer.status_code == 302
    assert not Child.objects.visible_to(stranger, on=TODAY).exists()
