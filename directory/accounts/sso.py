"""OpenID Connect: authorization code with PKCE, state and nonce; and who is connected by it.

The ID token's signature, algorithm, issuer, audience, time and nonce are checked, and only the
subject is read of it: no e-mail address, no role.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from directory import history
from directory.accounts import separation_of_duties
from directory.accounts.services import (
    FACTORS_CHANGED,
    end_sessions,
    notify_person,
    record_own_change,
)
from directory.errors import StepNotAllowedError, refuse
from directory.models import Subject, User

STATE = "single_sign_on"
TIMEOUT_SECONDS = (3, 5)  # seconds to reach the provider, and to wait for its answer
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY = 30  # seconds by which its clock may differ from ours
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]
METADATA = "/.well-known/openid-configuration"
# Asks the provider to ask the person, however lately it did, and to say when it did.
FRESH_SIGN_IN = {"prompt": "login", "max_age": "0"}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SignOnPurpose(StrEnum):
    SIGN_IN = "sign in"
    CONNECT = "connect"
    PROVE = "prove again"


class ProviderUnavailableError(Exception):
    """The provider could not be asked, or did not answer as one does."""


class AnswerRefusedError(Exception):
    """What came back from the provider proves nothing."""


def issuer() -> str:
    """Return the address of the provider; empty where single sign-on is not set up."""
    return str(settings.OIDC_SERVER_URL)


def provider_sign_in_address(
    request: HttpRequest, purpose: SignOnPurpose, *, at: datetime, back: str = ""
) -> str:
    """Return the address of the provider's sign-in page; ProviderUnavailableError."""
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    challenge = sha256(verifier.encode()).digest()
    begins_at = _metadata()["authorization_endpoint"]
    request.session[STATE] = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "purpose": purpose.value,
        "person": request.user.pk,
        "at": int(at.timestamp()),
        "back": back,
    }
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": _redirect_uri(),
        "state": state,
        "nonce": nonce,
        "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **(FRESH_SIGN_IN if purpose is SignOnPurpose.PROVE else {}),
    }
    return f"{begins_at}{'&' if '?' in begins_at else '?'}{urlencode(asked)}"


def read_answer(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Return the subject who signed in, and what the session remembered, used up by this.

    Raises AnswerRefusedError or ProviderUnavailableError.
    """
    remembered = request.session.pop(STATE, None)
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    if not remembered or not constant_time_compare(state, remembered["state"]):
        raise AnswerRefusedError("state")
    if not code or "error" in request.GET:
        raise AnswerRefusedError("no code")
    metadata = _metadata()
    token = _token(metadata["token_endpoint"], code, remembered["verifier"])
    claims = _claims(token, _provider_response("GET", metadata["jwks_uri"]))
    if not constant_time_compare(str(claims["nonce"]), remembered["nonce"]):
        raise AnswerRefusedError("nonce")
    if remembered["purpose"] == SignOnPurpose.PROVE:
        _check_fresh_sign_in(claims, since=remembered["at"])
    return claims["sub"], remembered


def _check_fresh_sign_in(claims: dict[str, Any], *, since: int) -> None:
    signed_in_at = claims.get("auth_time")
    if not isinstance(signed_in_at, int) or isinstance(signed_in_at, bool):
        raise AnswerRefusedError("no moment of the sign-in")
    if not since - LEEWAY <= signed_in_at <= claims["iat"] + LEEWAY:
        raise AnswerRefusedError("no new sign-in")


def _redirect_uri() -> str:
    return f"{settings.BASE_URL}{reverse('single-sign-on-answer')}"


def _provider_response(method: str, url: str, **what: Any) -> dict[str, Any]:
    is_safe = url.startswith("https://") or urlsplit(url).hostname in LOOPBACK
    if not is_safe:
        raise ProviderUnavailableError("an address without https")
    try:
        said = requests.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **what)
        content = said.json() if said.status_code == HTTPStatus.OK else None
    except (requests.RequestException, ValueError) as failed:
        raise ProviderUnavailableError(type(failed).__name__) from failed
    if not isinstance(content, dict):
        raise ProviderUnavailableError("no object")
    return content


def _metadata() -> dict[str, Any]:
    said = _provider_response("GET", f"{issuer()}{METADATA}")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if said.get("issuer") != issuer() or not all(
        isinstance(said.get(each), str) for each in needed
    ):
        raise ProviderUnavailableError("not the provider that was set up")
    return said


def _token(url: str, code: str, verifier: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _redirect_uri(),
        "code_verifier": verifier,
    }
    client = (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    token = _provider_response("POST", url, data=form, auth=client).get("id_token")
    if not isinstance(token, str):
        raise AnswerRefusedError("no ID token")
    return token


def _claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(token, keys),
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=issuer(),
            leeway=LEEWAY,
            options={"require": REQUIRED_CLAIMS},
        )
    except (jwt.PyJWTError, TypeError, ValueError, LookupError) as refused:
        raise AnswerRefusedError(type(refused).__name__) from refused
    is_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (
        claims.get("azp", None if is_several else settings.OIDC_CLIENT_ID)
        != settings.OIDC_CLIENT_ID
    ):
        raise AnswerRefusedError("made for another client")
    if not claims["sub"] or len(claims["sub"]) > 255 or "\0" in claims["sub"]:
        raise AnswerRefusedError("no subject")
    return claims


def _key(token: str, keys: dict[str, Any]) -> Any:
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise AnswerRefusedError("algorithm")
    named = header.get("kid")
    fitting = [
        key.key
        for key in jwt.PyJWKSet.from_dict(keys).keys
        if key.key_type in {"RSA", "EC"} and named in {None, key.key_id}
    ]
    if len(fitting) != 1:
        raise AnswerRefusedError("no such key")
    return fitting[0]


ALREADY_CONNECTED = "Somebody is connected with this sign-in already. Ask an administrator."


def subject_of(person: User, issuer: str) -> Subject | None:
    return Subject.objects.filter(person=person, issuer=issuer).first()


def is_connected(person: User, issuer: str, subject: str) -> bool:
    """Say whether this provider calls this person so. The case of letters counts."""
    found = subject_of(person, issuer)
    return found is not None and found.subject == subject


def person_of_subject(issuer: str, subject: str) -> User | None:
    """Return the person who can sign in as this subject, or None. The case of letters counts."""
    rows = Subject.objects.filter(issuer=issuer, subject=subject).select_related("person")
    found = next((row for row in rows if row.subject == subject), None)
    return found.person if found is not None and found.person.is_active else None


@transaction.atomic
def connect(issuer: str, subject: str, *, by: User, on: date, session: str) -> None:
    User.objects.select_for_update().get(pk=by.pk)
    of_person = Subject.objects.filter(issuer=issuer, person=by)
    if of_person.exists() or Subject.objects.filter(issuer=issuer, subject=subject).exists():
        raise StepNotAllowedError(ALREADY_CONNECTED)
    Subject.objects.create(person=by, issuer=issuer, subject=subject)
    after = {"provider": issuer}
    record_own_change("connected single sign-on", by, on=on, session=session, after=after)


@transaction.atomic
def disconnect(issuer: str, *, by: User, on: date, session: str) -> None:
    removed, _ = Subject.objects.filter(person=by, issuer=issuer).delete()
    refuse("" if removed else "Single sign-on is not connected.")
    before = {"provider": issuer}
    record_own_change("disconnected single sign-on", by, on=on, session=session, before=before)


@transaction.atomic
def remove_single_sign_on(person: User, *, by: User, on: date) -> None:
    """Take away whatever another person is connected with, end their sessions and mail them."""
    history.editor_appointment(by, on=on)
    refuse("Disconnect it on the page of your own account." if person == by else "")
    issuers = sorted(Subject.objects.filter(person=person).values_list("issuer", flat=True))
    refuse("" if issuers else f"{person.name} is connected with no single sign-on.")
    Subject.objects.filter(person=person).delete()
    end_sessions(person)
    notify_person(person, FACTORS_CHANGED, on=on)
    before = {"provider": ", ".join(issuers)}
    verb = separation_of_duties.REMOVED_SINGLE_SIGN_ON
    history.record_change(verb, person, before, after={}, by=by, on=on, note=person.name)
