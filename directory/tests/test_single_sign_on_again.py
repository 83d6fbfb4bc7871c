"""Proving oneself again at the agency's sign-in, and an administrator who takes it away.

Switched off in a test here: the check that the person signed in there anew.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse, reverse_lazy

from directory import clock
from directory.accounts import sso
from directory.errors import StepNotAllowedError
from directory.models import Mail, Subject, User
from directory.tests.oidc import FaultyProvider
from directory.tests.people import last_entry
from directory.tests.test_second_factors import give_app
from directory.tests.test_single_sign_on import BEGIN, connect, sign_in_there, sign_on

PROVE = reverse_lazy("prove-by-single-sign-on")
PROOF = reverse_lazy("account_reauthenticate")


def without_proof(client: Client, person: User) -> None:
    """Sign somebody in whose proof is no longer fresh, and who has no password here."""
    User.objects.filter(pk=person.pk).update(password="!")  # as of one who has none
    client.force_login(User.objects.get(pk=person.pk))
    session = client.session
    session["proved_at"] = (clock.now() - timedelta(minutes=16)).isoformat()
    session.save()


def is_proven(client: Client) -> bool:
    """Say whether a page that asks for fresh proof is shown."""
    return client.get(reverse("add-app")).status_code == 200


def test_whoever_has_no_password_here_proves_again_at_the_provider(
    client: Client, coordinator: User, provider: str
) -> None:
    connect(coordinator, provider)
    without_proof(client, coordinator)
    asks = client.get(reverse("add-app"))["Location"]
    assert asks.startswith(str(PROOF))
    page = client.get(asks).text
    assert "Sign in with Agency" in page
    assert 'name="password"' not in page
    before = client.session.session_key
    begun = client.post(f"{PROVE}?next={reverse('add-app')}")
    asked = parse_qs(urlsplit(begun["Location"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    answer = client.get(sign_in_there(begun["Location"], "subject-1"))
    assert answer["Location"] == reverse("add-app")
    assert is_proven(client)
    assert client.session.session_key != before


def test_a_proof_of_somebody_else_is_none(
    client: Client, coordinator: User, cfdu: User, provider: str
) -> None:
    connect(coordinator, provider)
    connect(cfdu, provider, "subject-2")
    without_proof(client, coordinator)
    for other in ("subject-2", "Subject-1", "nobody here"):
        begun = client.post(PROVE)
        answer = client.get(sign_in_there(begun["Location"], other))
        assert answer.status_code == 403
        assert "This is not your account" in answer.text
        assert not is_proven(client)
    assert client.session["_auth_user_id"] == str(coordinator.pk)


NOT_ANEW: dict[str, dict[str, Any]] = {
    "signed in there before": {"claims": {"auth_time": int(time.time()) - 300}},
    "does not say when": {"without": {"auth_time"}},
    "says no moment": {"claims": {"auth_time": "now"}},
    "says true": {"claims": {"auth_time": True}},
    "after the token": {"claims": {"auth_time": int(time.time()) + 3_600}},
}


@pytest.mark.parametrize("lie", NOT_ANEW)
def test_an_answer_of_a_sign_in_from_before_is_no_fresh_proof(
    client: Client, coordinator: User, faulty_provider: FaultyProvider, lie: str
) -> None:
    connect(coordinator, faulty_provider.address)
    without_proof(client, coordinator)
    for name, value in NOT_ANEW[lie].items():
        setattr(faulty_provider, name, value)
    faulty_provider.note_request(client.post(PROVE)["Location"])
    assert client.get(faulty_provider.callback_path()).status_code == 400
    assert not is_proven(client)


def test_without_the_check_a_sign_in_from_before_would_be_a_proof(
    client: Client,
    coordinator: User,
    faulty_provider: FaultyProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(sso, "_check_fresh_sign_in", lambda claims, since: None)
    connect(coordinator, faulty_provider.address)
    without_proof(client, coordinator)
    faulty_provider.claims = NOT_ANEW["signed in there before"]["claims"]
    faulty_provider.note_request(client.post(PROVE)["Location"])
    client.get(faulty_provider.callback_path())
    assert is_proven(client)


def test_an_answer_to_signing_in_or_connecting_is_no_proof(
    client: Client, coordinator: User, faulty_provider: FaultyProvider
) -> None:
    connect(coordinator, faulty_provider.address)
    faulty_provider.claims = {"auth_time": int(time.time()) - 300}
    faulty_provider.note_request(client.post(BEGIN)["Location"])
    without_proof(client, coordinator)
    client.get(faulty_provider.callback_path())
    assert not is_proven(client)


def test_a_second_factor_is_not_replaced_by_the_provider_unless_it_carries_one(
    client: Client, coordinator: User, cfdu: User, provider: str, settings: LazySettings
) -> None:
    for person in (coordinator, cfdu):
        connect(person, provider, person.name)
        give_app(person)
    client.force_login(coordinator)
    assert "Sign in with Agency" not in client.get(str(PROOF)).text
    assert client.post(PROVE)["Location"] == str(PROOF)
    settings.OIDC_CARRIES_SECOND_FACTOR = settings.SECOND_FACTOR_REQUIRED = True
    assert client.post(PROVE)["Location"].startswith(provider)
    client.force_login(cfdu)
    assert client.post(PROVE)["Location"] == str(PROOF), "whoever decides shows a passkey"


# An administrator takes it away


def test_an_administrator_takes_the_connection_of_a_person_away(
    client: Client, administrator: User, coordinator: User, provider: str
) -> None:
    connect(coordinator, provider)
    theirs = Client()
    sign_on(theirs, "subject-1")
    client.force_login(administrator)
    page = reverse("person", args=[coordinator.pk])
    address = reverse("remove-single-sign-on", args=[coordinator.pk])
    assert address in client.get(page).text
    told = Mail.objects.filter(person=coordinator).count()
    assert client.post(address)["Location"] == page
    assert not Subject.objects.exists()
    assert theirs.get("/contacts/").status_code == 302, "their sessions ended"
    assert sign_on(Client(), "subject-1").status_code == 403
    entry = last_entry()
    assert (entry.verb, entry.by) == ("took single sign-on away", administrator)
    assert entry.before == {"provider": provider}
    assert Mail.objects.filter(person=coordinator).count() == told + 1
    assert address not in client.get(page).text
    assert client.post(address).status_code == 409


def test_nobody_but_an_administrator_with_a_fresh_proof_takes_it_away(
    client: Client, administrator: User, coordinator: User, mpp: User
) -> None:
    connect(coordinator, "https://login.example.org")
    connect(administrator, "https://login.example.org", "subject-2")
    address = reverse("remove-single-sign-on", args=[coordinator.pk])
    client.force_login(mpp)
    assert client.post(address).status_code == 403
    with pytest.raises(PermissionDenied):
        sso.remove_single_sign_on(coordinator, by=mpp, on=clock.today())
    without_proof(client, administrator)
    assert client.post(address)["Location"].startswith(str(PROOF))
    with pytest.raises(StepNotAllowedError, match="your own account"):
        sso.remove_single_sign_on(administrator, by=administrator, on=clock.today())
    assert Subject.objects.count() == 2
