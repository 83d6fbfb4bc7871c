"""A button without a form around it, pressed twice, is one act and one line of the history."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, HistoryEntry, Office, User
from directory.tests.people import make_person
from permanency.tests.factories import make_action, make_child
from reviews.tests.cases import TODAY, days_ago


def press(client: Client, name: str, pk: int) -> list[int]:
    """Press the button twice; return both answers."""
    address = reverse(name, args=[pk])
    return [client.post(address).status_code for _ in range(2)]


def told(verb: str) -> int:
    return HistoryEntry.objects.filter(verb=verb).count()


def test_an_office_is_brought_back_once(
    client: Client, administrator: User, hunter: District
) -> None:
    office = Office.objects.create(name="Closed", district=hunter, retired_on=days_ago(3))
    client.force_login(administrator)
    assert press(client, "bring-back-office", office.pk) == [302, 409]
    assert told("brought back") == 1


def test_a_person_is_enabled_once(client: Client, administrator: User) -> None:
    person = make_person("Des Gone")
    User.objects.filter(pk=person.pk).update(is_active=False)
    client.force_login(administrator)
    assert press(client, "enable-person", person.pk) == [302, 409]
    assert told("enabled a person") == 1


@pytest.mark.parametrize(
    ("sent", "verb"), [("", "finished an action"), ("again", "opened an action")]
)
def test_an_action_is_done_once_and_opened_again_once(
    client: Client, coordinator: User, hunter: District, sent: str, verb: str
) -> None:
    action = make_action(make_child(hunter), agreed_on=days_ago(9), due_on=TODAY)
    client.force_login(coordinator)
    address = reverse("action-done", args=[action.pk])
    if sent:
        client.post(address)
    for _ in range(2):
        assert client.post(address, {sent: "1"} if sent else {}).status_code == 302
    action.refresh_from_db()
    assert action.done_on == (None if sent else TODAY)
    assert HistoryEntry.objects.filter(verb__startswith=verb).count() == 1
