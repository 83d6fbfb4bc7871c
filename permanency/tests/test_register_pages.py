"""Registering a child, in the pages."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.children import services as register
from permanency.children.views import ID_REGISTERED
from permanency.models import CareEpisode, Child
from permanency.tests.answers import child_form_data, form_data
from permanency.tests.factories import make_child

BORN_ON = date(2015, 3, 2)
EDIT = "permanency/edit_child.html"


@pytest.fixture
def office(hunter: District) -> Office:
    return Office.objects.create(name="Mayfield", district=hunter)


@pytest.fixture
def provider(hunter: District) -> Provider:
    return Provider.objects.create(name="Banksia Families")


def answers(district: District, /, **changed: Any) -> dict[str, str]:
    facts = {
        "childstory_id": "abc123",
        "first_name": "Robin",
        "last_name": "Example",
        "born_on": BORN_ON,
        "aboriginal_status": "neither",
        "cald": "no",
        "district": district,
        "case_managed_by": "DCJ",
    }
    return form_data(**{**facts, **changed})


def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def test_a_coordinator_registers_a_child_of_their_district(
    client: Client, coordinator: User, hunter: District, office: Office
) -> None:
    sent = answers(hunter, office=office, entered_care_on=date(2025, 1, 7))
    response = signed_in(client, coordinator).post(reverse("new-child"), sent)

    child = Child.objects.get(childstory_id="ABC123")
    assert response.status_code == 302
    assert response["Location"] == reverse("child", args=[child.pk])
    assert (child.district, child.office, child.born_on) == (hunter, office, BORN_ON)
    assert child.care_episodes.get().entered_on == date(2025, 1, 7)
    entry = HistoryEntry.objects.filter(child_number=child.pk).last()
    assert entry is not None
    assert (entry.by, entry.verb, entry.after["district"]) == (
        coordinator,
        register.REGISTERED,
        "Hunter",
    )


def test_a_coordinator_registers_nobody_into_another_district(
    client: Client, coordinator: User
) -> None:
    sydney = make_district("Sydney")
    response = signed_in(client, coordinator).post(reverse("new-child"), answers(sydney))

    assert response.status_code == 422
    assert not Child.objects.exists()


def test_the_practice_manager_registers_into_any_district(client: Client, mpp: User) -> None:
    sydney = make_district("Sydney")
    signed_in(client, mpp).post(reverse("new-child"), answers(sydney))

    assert Child.objects.get().district == sydney


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"childstory_id": "AB 12"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "A\u0130"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "A\u00df"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "\u212a1"}, "Use 1 to 8 letters or digits."),
        ({"childstory_id": "A\x00B"}, "Null characters are not allowed."),
        ({"first_name": "", "last_name": " "}, "first name, last name, or both."),
        ({"born_on": date(2090, 1, 1)}, "must not be in the future"),
        ({"born_on": date(1899, 12, 31)}, "Enter a year between 1900 and 2200"),
        ({"case_managed_by": ""}, "Choose one."),
        ({"district": "999999999999999999999999"}, "Select a valid choice."),
        ({"entered_care_on": date(2015, 3, 1)}, "must not be before the child was born"),
        ({"entered_care_on": date(2090, 3, 1)}, "must not be in the future"),
    ],
)
def test_a_wrong_answer_is_told_and_every_typed_word_stays(
    client: Client, coordinator: User, hunter: District, wrong: dict[str, Any], sentence: str
) -> None:
    sent = answers(hunter, caseworker="Jo Bloggs of Newcastle", **wrong)
    response = signed_in(client, coordinator).post(reverse("new-child"), sent)
    page = response.content.decode()

    assert response.status_code == 422
    assert sentence in page
    assert "Jo Bloggs of Newcastle" in page
    assert not Child.objects.exists()


@pytest.mark.parametrize("part", ["day", "month", "year"])
@pytest.mark.parametrize("number", ["99999999999", "9" * 5_000], ids=["long", "endless"])
def test_an_endless_number_is_no_date_and_stays_in_its_box(
    client: Client, coordinator: User, hunter: District, part: str, number: str
) -> None:
    sent = {**answers(hunter), f"born_on_{part}": number}
    response = signed_in(client, coordinator).post(reverse("new-child"), sent)

    assert response.status_code == 422
    assert response.context["form"].errors == {"born_on": ["Enter a real date, such as 14 5 2026."]}
    assert f'value="{number}"' in response.content.decode()


def test_an_office_of_another_district_is_refused(client: Client, mpp: User) -> None:
    hunter, sydney = make_district("Hunter"), make_district("Sydney")
    burwood = Office.objects.create(name="Burwood", district=sydney)
    response = signed_in(client, mpp).post(reverse("new-child"), answers(hunter, office=burwood))

    assert response.status_code == 422
    assert "Burwood is not an office of Hunter." in response.content.decode()


def test_a_provider_only_where_a_provider_manages_the_case(
    client: Client, coordinator: User, hunter: District, provider: Provider
) -> None:
    client = signed_in(client, coordinator)
    refused = client.post(reverse("new-child"), answers(hunter, provider=provider))
    assert refused.status_code == 422
    assert "only where a PSP provider manages the case" in refused.content.decode()

    client.post(reverse("new-child"), answers(hunter, provider=provider, case_managed_by="PSP"))
    assert Child.objects.get().provider == provider


def test_the_id_of_a_child_one_sees_leads_to_the_child(
    client: Client, coordinator: User, hunter: District
) -> None:
    held = make_child(hunter, childstory_id="HERE1", last_name="Known")
    client = signed_in(client, coordinator)
    other = make_child(hunter, childstory_id="OTHER1")
    edit = reverse("edit-child", args=[other.pk])
    for page in (
        client.post(reverse("new-child"), answers(hunter, childstory_id="here1")),
        client.post(edit, child_form_data(other, childstory_id="here1")),
    ):
        assert page.status_code == 422
        assert page.context["form"].errors == {"childstory_id": [ID_REGISTERED]}
        assert f'<a href="{reverse("child", args=[held.pk])}">Robin Known</a>' in page.text
        assert register.ID_NOT_USABLE not in page.text


def test_the_id_of_a_child_elsewhere_tells_nothing(
    client: Client, coordinator: User, mpp: User, hunter: District
) -> None:
    held = make_child(make_district("Sydney"), childstory_id="THERE1", last_name="Secretname")
    sent = answers(hunter, childstory_id="there1")
    page = signed_in(client, coordinator).post(reverse("new-child"), sent)

    assert page.status_code == 422
    assert page.context["form"].errors == {"childstory_id": [register.ID_NOT_USABLE]}
    for secret in ("Secretname", "Sydney", held.reference, reverse("child", args=[held.pk])):
        assert secret not in page.text
    assert "Secretname" in signed_in(client, mpp).post(reverse("new-child"), sent).text


def test_registering_into_care_is_all_or_nothing(
    client: Client, coordinator: User, hunter: District
) -> None:
    sent = answers(hunter, entered_care_on=date(2014, 1, 1))
    signed_in(client, coordinator).post(reverse("new-child"), sent)

    assert not Child.objects.exists()
    assert not CareEpisode.objects.exists()
    assert not HistoryEntry.objects.exists()
