"""Which providers the form of a child offers first."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, Provider, User
from directory.tests.people import make_district
from permanency.models import Child
from permanency.tests.answers import child_form_data
from permanency.tests.factories import make_child


@pytest.fixture(autouse=True)
def providers(hunter: District) -> None:
    for name, districts in (
        ("Acacia Care", [make_district("Sydney")]),
        ("Banksia Families", [hunter]),
        ("Wattle Support", [hunter, District.objects.get(name="Sydney")]),
        ("Yarran Homes", []),
    ):
        Provider.objects.create(name=name).districts.set(districts)


def offered(client: Client, person: User, url: str) -> list[Any]:
    """Return the providers as the page offers them: names, or groups with their names."""
    client.force_login(person)
    choices = list(client.get(url).context["form"].fields["provider"].choices)[1:]
    return [
        (label, [name for _, name in rows]) if isinstance(rows, list) else rows
        for label, rows in choices
    ]


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter, provider=Provider.objects.get(name="Acacia Care"))


def test_those_of_the_district_come_first(
    client: Client, coordinator: User, mpp: User, child: Child
) -> None:
    first = ("Working in Hunter", ["Banksia Families", "Wattle Support"])
    others = ("Other providers", ["Acacia Care", "Yarran Homes"])
    edit = reverse("edit-child", args=[child.pk])

    assert offered(client, coordinator, reverse("new-child")) == [first, others]
    assert offered(client, coordinator, edit) == [first, others]
    assert offered(client, mpp, edit) == [first, others]


def test_who_registers_anywhere_is_offered_all_in_one_list(client: Client, mpp: User) -> None:
    names = ["Acacia Care", "Banksia Families", "Wattle Support", "Yarran Homes"]
    assert offered(client, mpp, reverse("new-child")) == names


def test_the_present_provider_stays_chosen_though_it_works_elsewhere(
    client: Client, coordinator: User, child: Child
) -> None:
    client.force_login(coordinator)
    url = reverse("edit-child", args=[child.pk])
    assert f'<option value="{child.provider_id}" selected>Acacia Care' in client.get(url).text
    assert client.post(url, child_form_data(child, caseworker="Jo")).status_code == 302
    child.refresh_from_db()
    assert (str(child.provider), child.caseworker) == ("Acacia Care", "Jo")
