"""Editing districts, inboxes, offices and providers in the browser."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.audit.services import redact
from directory.models import District, HistoryEntry, Inbox, Office, Provider, User
from directory.tests.people import date_fields, make_district, sign_in


def test_a_district_gets_an_inbox_and_the_gap_closes(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    assert "Hunter has no inbox" in client.get(reverse("directory")).text
    url = reverse("edit-district", args=[rows["district"].pk])
    assert client.post(url, {"inbox": rows["inbox"].pk, "note": "Confirmed"}).status_code == 302
    assert "Hunter has no inbox" not in client.get(reverse("directory")).text
    retire = client.post(
        reverse("retire-inbox", args=[rows["inbox"].pk]), date_fields("retired_on", clock.today())
    )
    assert retire.status_code == 422
    assert "still serves" in retire.text


def test_the_fallback_inbox_has_no_page_to_edit_it(client: Client, administrator: User) -> None:
    fallback = Inbox.objects.create(name="Fallback inbox", is_fallback=True)
    sign_in(client, administrator)
    assert client.get(reverse("edit-inbox", args=[fallback.pk])).status_code == 404
    url = reverse("retire-inbox", args=[fallback.pk])
    assert client.post(url, date_fields("retired_on", clock.today())).status_code == 422


@pytest.mark.parametrize(
    ("name", "typed", "field"),
    [
        ("new-inbox", {"name": "New", "address": ""}, "address"),
        ("new-inbox", {"name": "Hunter inbox", "address": "other@example.org"}, "name"),
        ("new-office", {"name": "mayfield", "district": "hunter"}, "name"),
        ("new-office", {"name": "May-Field", "district": "hunter"}, "name"),
        ("new-office", {"name": "Singleton", "district": ""}, "district"),
        ("new-provider", {"name": "Other Care"}, "districts"),
        ("new-provider", {"name": "Gumnut Care", "districts": "hunter"}, "name"),
        ("new-provider", {"name": "GÜMNUT care", "districts": "hunter"}, "name"),
    ],
)
def test_what_is_wrong_with_a_place_stands_beside_the_field(
    client: Client,
    administrator: User,
    rows: dict[str, Any],
    name: str,
    typed: dict[str, Any],
    field: str,
) -> None:
    known = {
        key: rows["district"].pk if value == "hunter" else value for key, value in typed.items()
    }
    response = sign_in(client, administrator).post(reverse(name), known)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_places_are_added_and_edited(client: Client, administrator: User, hunter: District) -> None:
    sign_in(client, administrator)
    client.post(reverse("new-inbox"), {"name": "Ours", "address": "ours@example.org"})
    client.post(reverse("new-office"), {"name": "Singleton", "district": hunter.pk})
    client.post(reverse("new-provider"), {"name": "Banksia Care", "districts": [hunter.pk]})
    office = Office.objects.get(name="Singleton")
    client.post(reverse("edit-office", args=[office.pk]), {"name": "Singleton North"})
    office.refresh_from_db()
    assert (office.name, office.district) == ("Singleton North", hunter)
    provider = Provider.objects.get()
    sydney = make_district("Sydney")
    client.post(
        reverse("edit-provider", args=[provider.pk]),
        {"name": "Banksia", "districts": [hunter.pk, sydney.pk], "is_aboriginal_controlled": "on"},
    )
    provider.refresh_from_db()
    assert (provider.name, provider.is_aboriginal_controlled) == ("Banksia", True)
    assert provider.districts.count() == 2
    inbox = Inbox.objects.get(name="Ours")
    client.post(
        reverse("edit-inbox", args=[inbox.pk]), {"name": "Ours", "address": "new@example.org"}
    )
    inbox.refresh_from_db()
    assert inbox.address == "new@example.org"


def test_a_place_retires_and_comes_back_on_the_page(
    client: Client, administrator: User, rows: dict[str, Any]
) -> None:
    sign_in(client, administrator)
    for kind in ("inbox", "office", "provider"):
        url = reverse(f"retire-{kind}", args=[rows[kind].pk])
        assert client.post(url, date_fields("retired_on", clock.today())).status_code == 302
        rows[kind].refresh_from_db()
        assert rows[kind].retired_on == clock.today()
        back = reverse(f"bring-back-{kind}", args=[rows[kind].pk])
        assert client.post(back).status_code == 302
        assert client.post(back).status_code == 409


@pytest.mark.parametrize("digits", [18, 19, 40, 5_000])
def test_a_district_number_too_long_for_a_key_is_a_field_error(
    client: Client, administrator: User, rows: dict[str, Any], digits: int
) -> None:
    sign_in(client, administrator)
    edit = reverse("edit-provider", args=[rows["provider"].pk])
    for url in (reverse("new-provider"), edit):
        for districts in (["9" * digits], [str(rows["district"].pk), "9" * digits]):
            page = client.post(url, {"name": "Wattle Care", "districts": districts})
            assert page.status_code == 422
            assert set(page.context["form"].errors) == {"districts"}
            assert "Wattle Care" in page.text


def test_behind_a_redacted_edit_nothing_follows_and_what_is_saved_is_shown(
    client: Client, administrator: User, mpp: User
) -> None:
    inbox = Inbox.objects.create(name="North", address="north@example.org", note="Old note")
    address = reverse("edit-inbox", args=[inbox.pk])
    sign_in(client, administrator)
    opened = {"name": "North", "address": "north@example.org", "note": "Old note", "version": 1}
    client.post(address, {**opened, "address": "moved@example.org", "note": "Secret"})
    redact(
        HistoryEntry.objects.get(subject=f"inbox {inbox.pk}"),
        decided_by=mpp,
        done_by=administrator,
        authority="Order of the court",
        reason="Names somebody.",
        on=clock.today(),
    )
    page = client.post(address, {**opened, "name": "Far North"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "What this edit changed has been redacted." in text
    assert 'Note, as saved now</dt><dd class="app-prose">Secret</dd>' in text
    assert 'as saved now</dt><dd class="app-prose">moved@example.org</dd>' in text
    assert 'value="north@example.org"' in text, "what was typed stays"
