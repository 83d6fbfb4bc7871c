"""Making and using passkeys: what the browser is asked, and whether its answer is right.

allauth keeps the challenge in the session and has the answer checked by python-fido2. Passkeys are
discoverable and verify the person, so that one kind is second factor, fresh proof and sign-in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from fido2.utils import websafe_decode, websafe_encode

from directory.accounts import allauth_internals
from directory.models import User

# Raised by answers that no browser sends.
MALFORMED_ANSWER_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)
PASSKEY_NOT_ACCEPTED = "The passkey was not accepted. Try again, or use another way."


class PasskeyRefusedError(Exception):
    """The browser's answer is not one of a passkey that may be used here."""


def _check(step: Callable[[], Any]) -> Any:
    try:
        return step()
    except (*MALFORMED_ANSWER_ERRORS, ValidationError) as refused:
        raise PasskeyRefusedError from refused


def registration_options(person: User) -> dict[str, Any]:
    """Return what the browser is asked in order to make a passkey for this person."""
    options: dict[str, Any] = allauth_internals.begin_registration(person, True)
    return options


def new_passkey_data(credential: Any) -> dict[str, Any]:
    """Return what to keep of a new passkey; PasskeyRefusedError where the answer is not right."""
    answer = _check(lambda: allauth_internals.parse_registration_response(credential))
    data = _check(lambda: allauth_internals.complete_registration(credential))
    if not data.is_user_verified():
        raise PasskeyRefusedError
    # Only what is read again later, written anew: the rest of the answer is whatever was sent.
    return {
        "id": websafe_encode(answer.raw_id),
        "rawId": websafe_encode(answer.raw_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(answer.response.client_data),
            "attestationObject": websafe_encode(answer.response.attestation_object),
        },
        "clientExtensionResults": {},
    }


def authentication_options(person: User | None = None) -> dict[str, Any]:
    """Return what the browser is asked in order to use a passkey: this person's, or anybody's."""
    options: dict[str, Any] = allauth_internals.begin_authentication(person)
    return options


def passkey_from_answer(credential: Any, person: User | None = None) -> Authenticator:
    """Return the passkey that answered: this person's, or that of whoever can sign in with it.

    Raises PasskeyRefusedError where the answer is not right, or is somebody else's.
    """
    _check(lambda: allauth_internals.parse_authentication_response(credential))
    whose = person or _check(lambda: _passkey_owner(credential))
    found: Authenticator = _check(
        lambda: allauth_internals.complete_authentication(whose, credential)
    )
    return found


def _passkey_owner(credential: dict[str, Any]) -> User:
    handle = websafe_decode(credential["response"]["userHandle"]).decode()
    person: User | None = User.objects.filter(pk=url_str_to_user_pk(handle)).first()
    if person is None or not person.is_active:
        raise PasskeyRefusedError
    return person
