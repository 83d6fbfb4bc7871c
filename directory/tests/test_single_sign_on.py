"""Single sign-on: who gets in by it, who does not, and what is refused of a provider's answer.

Negative controls, each tried by switching the guard off and seeing the test named here turn red:
the signature (`test_a_token_signed_with_another_key_signs_nobody_in`), the issuer, the audience,
the end and the nonce (`test_an_answer_that_proves_nothing_signs_nobody_in`, the case of that
name), the state (`test_an_answer_without_its_state_or_code_signs_nobody_in`),
the content policy (the second case of its test in the browser).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.accounts import sso
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, Subject, User
from directory.tests.oidc import CLIENT, FaultyProvider
from directory.tests.people import PASSWORD, last_entry
from directory.tests.soft_passkey import SoftPasskey
from directory.tests.test_second_factors import STEP, code, enrol, give_app

BEGIN = "/accounts/agency/"
ANSWER = "/accounts/agency/answer/"


def sign_in_there(location: str, subject: str) -> str:
    """Return the path to which the real provider leads whoever signs in there."""
    answer = requests.post(location, data={"sub": subject}, timeout=10, allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def sign_on(client: Client, subject: str, *, wanted: str = "") -> Any:
    """Return the answer to somebody who signs in at the real provider."""
    begun = client.post(f"{BEGIN}?next={wanted}" if wanted else BEGIN)
    return client.get(sign_in_there(begun["Location"], subject))


def connect(person: User, issuer: str, subject: str = "subject-1") -> None:
    """Connect a person with a subject."""
    sso.connect(issuer, subject, by=person, on=clock.today(), session="none")


def is_signed_in(client: Client) -> bool:
    """Say whether this browser holds a session of somebody."""
    return "_auth_user_id" in client.session


# With a real provider


def test_whoever_is_connected_signs_in(client: Client, coordinator: User, provider: str) -> None:
    connect(coordinator, provider)
    answer = sign_on(client, "subject-1", wanted="/contacts/")
    assert answer["Location"] == "/contacts/"
    assert client.session["_auth_user_id"] == str(coordinator.pk)


def test_the_session_gets_a_new_key(client: Client, coordinator: User, provider: str) -> None:
    connect(coordinator, provider)
    begun = client.post(BEGIN)
    before = client.session.session_key
    client.get(sign_in_there(begun["Location"], "subject-1"))
    assert client.session.session_key != before


def test_the_e_mail_address_lets_nobody_in(
    client: Client, coordinator: User, provider: str
) -> None:
    people = User.objects.count()
    answer = sign_on(client, coordinator.email)  # whom the provider gives this very address
    assert answer.status_code == 403
    assert "You have no account here" in answer.text
    assert not is_signed_in(client)
    assert User.objects.count() == people


def test_a_disabled_person_is_as_unknown_as_anybody(
    client: Client, coordinator: User, provider: str
) -> None:
    connect(coordinator, provider)
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert sign_on(client, "subject-1").status_code == 403
    assert not is_signed_in(client)


def test_a_person_connects_themselves(client: Client, coordinator: User, provider: str) -> None:
    client.force_login(coordinator)
    before = Client()
    before.force_login(coordinator)
    begun = client.post(reverse("connect-single-sign-on"))
    answer = client.get(sign_in_there(begun["Location"], "subject-7"))
    assert answer["Location"] == reverse("your-account")
    assert client.get("/contacts/").status_code == 200, "the session that connected goes on"
    assert before.get("/contacts/").status_code == 302, "other sessions ended"
    found = Subject.objects.get()
    assert (found.person, found.subject, found.issuer) == (coordinator, "subject-7", provider)
    assert (last_entry().verb, last_entry().by) == ("connected single sign-on", coordinator)
    elsewhere = Client()
    sign_on(elsewhere, "subject-7")
    assert is_signed_in(elsewhere)
    client.post(reverse("disconnect-single-sign-on"))
    assert HistoryEntry.objects.filter(verb="disconnected single sign-on").exists()
    assert elsewhere.get("/contacts/").status_code == 302, "other sessions ended"
    again = Client()
    assert sign_on(again, "subject-7").status_code == 403


def test_nobody_connects_by_an_answer_that_somebody_else_set_out_for(
    client: Client, coordinator: User, cfdu: User, provider: str
) -> None:
    client.force_login(coordinator)
    begun = client.post(reverse("connect-single-sign-on"))
    back = sign_in_there(begun["Location"], "subject-8")
    other = Client()
    other.force_login(cfdu)
    assert other.get(back)["Location"] == reverse("sign-in")
    assert not Subject.objects.exists()


def test_one_subject_is_one_person(coordinator: User, cfdu: User) -> None:
    connect(coordinator, "https://login.example.org")
    with pytest.raises(StepNotAllowedError):
        connect(cfdu, "https://login.example.org")
    with pytest.raises(StepNotAllowedError):
        connect(coordinator, "https://login.example.org", "another")
    connect(cfdu, "https://login.example.org", "SUBJECT-1")
    assert sso.person_of_subject("https://login.example.org", "subject-1") == coordinator
    assert sso.person_of_subject("https://another.example.org", "subject-1") is None


def test_a_second_factor_is_still_asked_for(
    client: Client, coordinator: User, provider: str, settings: LazySettings
) -> None:
    connect(coordinator, provider)
    give_app(coordinator)
    assert sign_on(client, "subject-1")["Location"] == STEP
    assert not is_signed_in(client)
    assert client.post(STEP, {"code": code()}).status_code == 302
    assert is_signed_in(client)
    settings.OIDC_CARRIES_SECOND_FACTOR = True
    carried = Client()
    sign_on(carried, "subject-1")
    assert is_signed_in(carried)


@pytest.mark.parametrize(("carries", "status"), [(False, 302), (True, 200)])
def test_the_provider_stands_for_a_second_factor_only_where_that_is_set(
    client: Client,
    coordinator: User,
    provider: str,
    settings: LazySettings,
    carries: bool,
    status: int,
) -> None:
    settings.SECOND_FACTOR_REQUIRED, settings.OIDC_CARRIES_SECOND_FACTOR = True, carries
    connect(coordinator, provider)
    sign_on(client, "subject-1")
    assert client.get("/contacts/").status_code == status


def test_an_approver_uses_a_passkey_whatever_the_provider_carries(
    client: Client, cfdu: User, provider: str, settings: LazySettings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = settings.OIDC_CARRIES_SECOND_FACTOR = True
    connect(cfdu, provider)
    sign_on(client, "subject-1")
    assert client.get("/approvals/")["Location"].startswith("/account/")
    enrol(client, SoftPasskey())
    assert client.get("/approvals/", secure=True).status_code == 200


def test_whoever_still_lacks_a_second_factor_connects_nothing(
    client: Client, coordinator: User, provider: str, settings: LazySettings
) -> None:
    client.force_login(coordinator)
    begun = client.post(reverse("connect-single-sign-on"))
    settings.SECOND_FACTOR_REQUIRED = True
    assert client.get(sign_in_there(begun["Location"], "subject-9")).status_code == 400
    assert not Subject.objects.exists()


def test_what_is_asked_of_the_provider(client: Client, db: None, provider: str) -> None:
    begun = client.post(f"{BEGIN}?scope=admin&auth_params=nonce%3Dx&prompt=none")
    asked = parse_qs(urlsplit(begun["Location"]).query)
    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) > 40 for name in ("state", "nonce", "code_challenge"))
    assert "prompt" not in asked


# With a provider that lies


def answered(client: Client, faulty_provider: FaultyProvider) -> Any:
    """Return the answer to somebody who signed in at the provider that lies."""
    faulty_provider.note_request(client.post(BEGIN)["Location"])
    return client.get(faulty_provider.callback_path())


def test_the_truth_is_taken(
    client: Client, coordinator: User, faulty_provider: FaultyProvider
) -> None:
    connect(coordinator, faulty_provider.address)
    assert answered(client, faulty_provider).status_code == 302
    assert is_signed_in(client)
    assert faulty_provider.has_matching_verifier()


def test_a_new_key_of_the_provider_is_fetched(
    client: Client, coordinator: User, faulty_provider: FaultyProvider
) -> None:
    connect(coordinator, faulty_provider.address)
    answered(client, faulty_provider)
    faulty_provider.key = faulty_provider.signs_with = faulty_provider.other
    faulty_provider.kid = "second"
    later = Client()
    answered(later, faulty_provider)
    assert is_signed_in(later)


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "another audience": {"claims": {"aud": "another-client"}},
    "made for several, none named": {"claims": {"aud": [CLIENT, "another-client"]}},
    "another authorised party": {"claims": {"azp": "another-client"}},
    "over": {"claims": {"exp": time.time() - 3_600}},
    "not yet": {"claims": {"iat": time.time() + 3_600}},
    "another nonce": {"claims": {"nonce": "another"}},
    "an odd nonce": {"claims": {"nonce": ["a", "b"]}},
    "an empty subject": {"claims": {"sub": ""}},
    "an odd subject": {"claims": {"sub": 7}},
    "a subject with a nought": {"claims": {"sub": "a\0b"}},
    "no algorithm": {"algorithm": "none"},
    "a shared secret": {"algorithm": "HS256"},
    "another key named": {"named": "another"},
    "no token": {"token": ""},
    "no token at all": {"token": "a.b.c"},
    **{f"no {name}": {"without": {name}} for name in ("iss", "sub", "aud", "exp", "iat", "nonce")},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_proves_nothing_signs_nobody_in(
    client: Client, coordinator: User, faulty_provider: FaultyProvider, lie: str
) -> None:
    connect(coordinator, faulty_provider.address)
    for name, value in LIES[lie].items():
        setattr(faulty_provider, name, value)
    answer = answered(client, faulty_provider)
    assert answer.status_code == 400
    assert "could not be used" in answer.text
    assert not is_signed_in(client)


def test_a_token_signed_with_another_key_signs_nobody_in(
    client: Client, coordinator: User, faulty_provider: FaultyProvider
) -> None:
    connect(coordinator, faulty_provider.address)
    faulty_provider.signs_with = faulty_provider.other
    assert answered(client, faulty_provider).status_code == 400
    assert not is_signed_in(client)


@pytest.mark.parametrize("query", ["code=one&state=another", "code=one", "error=access_denied", ""])
def test_an_answer_without_its_state_or_code_signs_nobody_in(
    client: Client, coordinator: User, faulty_provider: FaultyProvider, query: str
) -> None:
    connect(coordinator, faulty_provider.address)
    faulty_provider.note_request(client.post(BEGIN)["Location"])
    assert client.get(f"{ANSWER}?{query}").status_code == 400
    assert client.get(faulty_provider.callback_path())["Location"] == reverse("sign-in"), (
        "the state is used up"
    )
    assert not is_signed_in(client)


def test_an_answer_counts_in_the_browser_that_set_out_and_once(
    client: Client, coordinator: User, faulty_provider: FaultyProvider
) -> None:
    connect(coordinator, faulty_provider.address)
    faulty_provider.note_request(client.post(BEGIN)["Location"])
    other = Client()
    assert other.get(faulty_provider.callback_path())["Location"] == reverse("sign-in")
    assert not is_signed_in(other)
    client.get(faulty_provider.callback_path())
    client.post("/accounts/logout/")
    assert client.get(faulty_provider.callback_path())["Location"] == reverse("sign-in")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "fault",
    [
        {"metadata": {"issuer": "https://elsewhere.example"}},
        {"metadata": {"token_endpoint": "http://elsewhere.example/token"}},
        {"metadata": {"jwks_uri": None}},
        {"status": 500},
        {"status": 302},
    ],
)
def test_a_provider_out_of_order_is_said_and_the_password_still_works(
    client: Client, coordinator: User, faulty_provider: FaultyProvider, fault: dict[str, Any]
) -> None:
    faulty_provider.note_request(client.post(BEGIN)["Location"])
    for name, value in fault.items():
        setattr(faulty_provider, name, value)
    answer = client.get(faulty_provider.callback_path())
    assert answer.status_code == 503
    assert "Agency does not answer at the moment" in answer.text
    typed = {"login": coordinator.email, "password": PASSWORD}
    assert client.post("/accounts/login/", typed).status_code == 302
    assert is_signed_in(client)


def test_a_provider_that_is_away_is_said(
    client: Client, coordinator: User, set_up: Callable[[str], None]
) -> None:
    set_up("http://127.0.0.1:9")
    answer = client.post(BEGIN)
    assert answer.status_code == 503
    assert "sign in with your password or a passkey" in answer.text
    client.force_login(coordinator)
    assert client.post(reverse("connect-single-sign-on")).status_code == 503


def test_without_a_provider_there_is_no_such_page(client: Client, coordinator: User) -> None:
    assert client.post(BEGIN).status_code == 404
    assert client.get(ANSWER).status_code == 404
    assert "Sign in with" not in client.get("/accounts/login/").text.replace(
        "Sign in with a passkey", ""
    )
    client.force_login(coordinator)
    assert client.post(reverse("connect-single-sign-on")).status_code == 404
    assert client.get(reverse("disconnect-single-sign-on")).status_code == 404
