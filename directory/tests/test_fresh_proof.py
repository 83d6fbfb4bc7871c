"""What decides or changes rights asks who one is, unless that was proved a short while ago.

Negative control: with the guard taken for fresh (`has_fresh_proof` answering yes), an old session
changes rights, which `test_the_guard_is_what_stops_an_old_session` holds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.models import HistoryEntry, User
from directory.tests.people import PASSWORD, sign_in
from directory.web import request as web_request
from directory.web.request import PROVED_AT, StepUpRedirect

RIGHTS = [
    ("edit-person", "person"),
    ("edit-district", "district"),
    ("edit-inbox", "inbox"),
    ("new-password", "person"),
    ("disable-person", "person"),
    ("new-appointment", "person"),
    ("end-appointment", "appointment"),
    ("cancel-appointment", "coming"),
    ("new-allocation", "person"),
    ("end-allocation", "allocation"),
]
WITHOUT_A_PAGE = [("enable-person", "person"), ("unlock-person", "person")]


def grow_old(client: Client, minutes: int = 15) -> None:
    """Let the last proof of this browser be some minutes old."""
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=minutes)).isoformat()
    session.save()


@pytest.mark.parametrize(("route", "kind"), RIGHTS)
def test_a_change_of_rights_asks_for_proof_and_leads_back(
    client: Client, administrator: User, rows: dict[str, Any], route: str, kind: str
) -> None:
    sign_in(client, administrator)
    address = reverse(route, args=[rows[kind].pk])
    assert client.get(address).status_code == 200
    grow_old(client)
    for answer in (client.get(address), client.post(address)):
        assert isinstance(answer, StepUpRedirect)
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not HistoryEntry.objects.exists()
    back = client.post(answer["Location"], {"password": PASSWORD})
    assert back["Location"] == address
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(("route", "kind"), WITHOUT_A_PAGE)
def test_what_has_no_page_leads_back_to_the_person(
    client: Client, administrator: User, rows: dict[str, Any], route: str, kind: str
) -> None:
    sign_in(client, administrator)
    grow_old(client)
    answer = client.post(reverse(route, args=[rows[kind].pk]))
    back = client.post(answer["Location"], {"password": PASSWORD})
    assert back["Location"] == reverse("person", args=[rows["person"].pk])
    assert not HistoryEntry.objects.exists()


def test_fourteen_minutes_are_fresh_and_fifteen_are_not(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    address = reverse("disable-person", args=[rows["person"].pk])
    grow_old(client, 14)
    assert client.get(address).status_code == 200
    grow_old(client, 15)
    assert client.get(address).status_code == 302


def test_who_may_not_act_is_told_so_and_not_asked_for_a_password(
    client: Client, coordinator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, coordinator)
    grow_old(client)
    address = reverse("disable-person", args=[rows["person"].pk])
    assert client.get(address).status_code == client.post(address).status_code == 403


def test_a_wrong_password_proves_nothing_and_a_right_one_gives_a_new_key(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    grow_old(client)
    address = reverse("disable-person", args=[rows["person"].pk])
    way = client.get(address)["Location"]
    assert client.post(way, {"password": "not my password at all"}).status_code == 422
    assert client.post(address).status_code == 302
    rows["person"].refresh_from_db()
    assert rows["person"].is_active
    key = client.session.session_key
    client.post(way, {"password": PASSWORD})
    assert client.session.session_key != key


def test_the_guard_is_what_stops_an_old_session(
    client: Client,
    administrator: User,
    rows: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(client, administrator)
    grow_old(client, 60)
    address = reverse("disable-person", args=[rows["person"].pk])
    client.post(address)
    rows["person"].refresh_from_db()
    assert rows["person"].is_active
    monkeypatch.setattr(web_request, "has_fresh_proof", lambda request: True)
    client.post(address)
    rows["person"].refresh_from_db()
    assert not rows["person"].is_active
