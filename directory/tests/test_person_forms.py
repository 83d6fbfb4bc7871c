"""Adding, appointing, allocating and disabling people in the browser."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.models import (
    Appointment,
    District,
    User,
)
from directory.roles import Role
from directory.tests.people import PASSWORD, date_fields, last_entry, sign_in


def test_a_person_is_added_and_then_appointed(
    client: Client, administrator: User, hunter: District
) -> None:
    sign_in(client, administrator)
    typed = {"name": "New Person", "email": "new@example.org"}
    response = client.post(reverse("new-person"), typed)
    person = User.objects.get(email="new@example.org")
    assert response["Location"] == reverse("person", args=[person.pk])
    assert not person.has_usable_password()
    appointment = {"role": Role.COORDINATOR, "district": hunter.pk, "instrument": "Letter 7"}
    client.post(
        reverse("new-appointment", args=[person.pk]),
        {**appointment, **date_fields("starts_on", clock.today())},
    )
    assert person.holds({Role.COORDINATOR}, on=clock.today(), district=hunter)
    assert last_entry().by == administrator


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "not an address"}, "email"),
        ({"email": "PAT.COORDINATOR@example.org"}, "email"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_stays_typed(
    client: Client, administrator: User, coordinator: User, change: dict[str, str], field: str
) -> None:
    right = {
        "name": "New Person",
        "email": "new.person@example.org",
    }
    sign_in(client, administrator)
    response = client.post(reverse("new-person"), {**right, **change})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert change.get("email", right["email"]) in response.text
    assert not User.objects.filter(name="New Person").exists()


def test_an_empty_appointment_names_every_field_it_needs(
    client: Client, administrator: User, nobody: User
) -> None:
    response = sign_in(client, administrator).post(reverse("new-appointment", args=[nobody.pk]))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"role", "district", "starts_on"}


def test_the_whole_state_is_chosen_and_never_left_empty(
    client: Client, administrator: User, nobody: User
) -> None:
    sign_in(client, administrator)
    url, today = reverse("new-appointment", args=[nobody.pk]), clock.today()
    role = {"role": Role.PRACTICE_MANAGER, **date_fields("starts_on", today)}
    assert client.post(url, {**role, "district": ""}).status_code == 422
    assert client.post(url, {**role, "district": "state"}).status_code == 302
    assert nobody.reach({Role.PRACTICE_MANAGER}, on=today).everywhere


@pytest.mark.parametrize(
    ("ends_on", "district", "field"),
    [(date(2020, 1, 1), "hunter", "ends_on"), (None, "hunter", "starts_on")],
    ids=["ends before it starts", "held already"],
)
def test_what_an_appointment_breaks_stands_beside_the_field(
    client: Client,
    administrator: User,
    coordinator: User,
    hunter: District,
    ends_on: date | None,
    district: str,
    field: str,
) -> None:
    sign_in(client, administrator)
    typed = {
        "role": Role.COORDINATOR,
        "district": hunter.pk,
        **date_fields("starts_on", clock.today()),
    }
    response = client.post(
        reverse("new-appointment", args=[coordinator.pk]),
        {**typed, **date_fields("ends_on", ends_on)},
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert coordinator.appointments.count() == 1


def test_ones_own_appointments_are_refused_on_the_page(
    client: Client, administrator: User, hunter: District
) -> None:
    sign_in(client, administrator)
    own = administrator.appointments.get()
    typed = {"role": Role.CFDU, "district": hunter.pk, **date_fields("starts_on", clock.today())}
    appointed = client.post(reverse("new-appointment", args=[administrator.pk]), typed)
    ended = client.post(
        reverse("end-appointment", args=[own.pk]), date_fields("ends_on", clock.today())
    )
    disabled = client.post(reverse("disable-person", args=[administrator.pk]))
    assert (appointed.status_code, ended.status_code, disabled.status_code) == (422, 422, 409)
    assert "your own" in appointed.text
    assert administrator.appointments.count() == 1
    page = client.get(reverse("person", args=[administrator.pk])).text
    assert reverse("end-appointment", args=[own.pk]) not in page


def test_an_appointment_and_an_allocation_end_on_the_page(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    today = clock.today()
    for name, row in (("end-appointment", "appointment"), ("end-allocation", "allocation")):
        url = reverse(name, args=[rows[row].pk])
        assert client.post(url, date_fields("ends_on", date(2019, 1, 1))).status_code == 422
        assert client.post(url, date_fields("ends_on", today)).status_code == 302
        rows[row].refresh_from_db()
        assert rows[row].ends_on == today


def test_an_office_or_a_provider_is_allocated_on_the_page(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    url = reverse("new-allocation", args=[rows["person"].pk])
    provider, start = (
        {"place": f"provider-{rows['provider'].pk}"},
        date_fields("starts_on", clock.today()),
    )
    assert client.post(url, {**provider, **start}).status_code == 302
    again = client.post(url, {**provider, **start})
    assert again.status_code == 422
    assert set(again.context["form"].errors) == {"place"}
    assert client.post(url, {"place": "office-987654", **start}).status_code == 422
    assert [str(each) for each in rows["person"].allocations.all()] == ["Mayfield", "Gumnut Care"]


def test_a_coming_appointment_is_cancelled_and_a_current_one_is_not(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    assert client.post(reverse("cancel-appointment", args=[rows["coming"].pk])).status_code == 302
    assert not Appointment.objects.filter(pk=rows["coming"].pk).exists()
    current = reverse("cancel-appointment", args=[rows["appointment"].pk])
    assert client.post(current).status_code == 409


def test_a_new_password_signs_the_person_out(
    client: Client, administrator: User, coordinator: User
) -> None:
    theirs = sign_in(Client(), coordinator)
    sign_in(client, administrator)
    url = reverse("new-password", args=[coordinator.pk])
    weak = client.post(url, {"password": "too short", "again": "too short"})
    assert weak.status_code == 422
    assert theirs.get("/contacts/").status_code == 200
    client.post(url, {"password": "quiet harbour mornings", "again": "quiet harbour mornings"})
    assert theirs.get("/contacts/").status_code == 302
    assert not Client().login(username=coordinator.email, password=PASSWORD)
    assert Client().login(username=coordinator.email, password="quiet harbour mornings")


def test_a_disabled_person_is_out_at_once_and_can_come_back(
    client: Client, administrator: User, coordinator: User
) -> None:
    theirs = sign_in(Client(), coordinator)
    sign_in(client, administrator)
    client.post(reverse("disable-person", args=[coordinator.pk]))
    assert theirs.get("/contacts/").status_code == 302
    assert not Client().login(username=coordinator.email, password=PASSWORD)
    client.post(reverse("enable-person", args=[coordinator.pk]))
    assert Client().login(username=coordinator.email, password=PASSWORD)
