"""A person's second factors: passkeys, an authenticator app, recovery codes.

Codes are checked under a lock on the person, so that each is good for once. Of passkeys allauth
keeps the challenge in the session and has the answer checked by python-fido2.
"""

from __future__ import annotations

import logging
import secrets
import struct
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap
from typing import Any

from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare
from fido2.utils import websafe_decode, websafe_encode

from directory import history
from directory.accounts import allauth_internals, backends, separation_of_duties
from directory.accounts import services as accounts
from directory.accounts.allauth_internals import format_hotp_value, hotp_value
from directory.errors import StepNotAllowedError, refuse
from directory.models import User
from directory.roles import PROVES_BY_PASSKEY

logger = logging.getLogger(__name__)
FactorKind = Authenticator.Type
CODES = 10
# Without vowels and look-alikes, so that a code spells nothing and is read in one way.
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
PERIOD = 30  # seconds that a code of an authenticator app lasts
LAST_FACTOR = "This is the only one you have. Add another first, then remove this one."


def _keys() -> MultiFernet:
    keys = []
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        stretched = HKDF(SHA256(), length=32, salt=None, info=b"secrets of second factors")
        keys.append(Fernet(urlsafe_b64encode(stretched.derive(secret.encode()))))
    return MultiFernet(keys)


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Return the text that was encrypted; InvalidToken where none of our keys opens it."""
    return _keys().decrypt(encrypted.encode()).decode()


class TooManyWrongCodesError(Exception):
    """Too many wrong codes were typed for this person within the last minutes."""


@dataclass(frozen=True)
class Factors:
    passkeys: tuple[Any, ...] = ()
    app: Any = None
    codes: Any = None

    @property
    def codes_left(self) -> int:
        return len(self.codes.data["codes"]) if self.codes else 0

    @property
    def has_any(self) -> bool:
        return bool(self.passkeys) or self.app is not None


def factors_of(person: User) -> Factors:
    """Return the factors of this person, passkeys in the order in which they were added."""
    rows = list(Authenticator.objects.filter(user=person).order_by("pk"))
    alone = {row.type: row for row in rows}
    passkeys = tuple(row for row in rows if row.type == FactorKind.WEBAUTHN)
    return Factors(passkeys, alone.get(FactorKind.TOTP), alone.get(FactorKind.RECOVERY_CODES))


def must_use_passkey(person: User, *, on: date) -> bool:
    """Say whether nothing less than a passkey will do: for those who decide or give rights."""
    return bool(settings.SECOND_FACTOR_REQUIRED and person.holds(PROVES_BY_PASSKEY, on=on))


@transaction.atomic
def add_passkey(*, name: str, credential: dict[str, Any], by: User, on: date, session: str) -> Any:
    held = {"name": name, "credential": credential}
    added = Authenticator.objects.create(user=by, type=FactorKind.WEBAUTHN, data=held)
    accounts.record_own_change(
        "added a passkey", by, on=on, session=session, after={"passkey": name}
    )
    return added


@transaction.atomic
def add_app(*, secret: str, counter: int, by: User, on: date, session: str) -> Any:
    """Return the new authenticator app; `counter` is that of the code that proved it works."""
    User.objects.select_for_update().get(pk=by.pk)
    if factors_of(by).app is not None:
        raise StepNotAllowedError("You already have an authenticator app. Remove it first.")
    held = {"secret": encrypt(secret), "last_counter": counter}
    added = Authenticator.objects.create(user=by, type=FactorKind.TOTP, data=held)
    accounts.record_own_change("added an authenticator app", by, on=on, session=session)
    return added


@transaction.atomic
def remove_factor(pk: int, *, by: User, on: date, session: str) -> None:
    """Remove one of the person's own factors, and their recovery codes with the last one."""
    User.objects.select_for_update().get(pk=by.pk)
    removed = (
        Authenticator.objects.filter(user=by, pk=pk).exclude(type=FactorKind.RECOVERY_CODES).first()
    )
    if removed is None:
        raise StepNotAllowedError("It was removed already.")
    name = removed.data.get("name", "")
    removed.delete()
    left = factors_of(by)
    enough = bool(left.passkeys) if must_use_passkey(by, on=on) else left.has_any
    if settings.SECOND_FACTOR_REQUIRED and not enough:
        raise StepNotAllowedError(LAST_FACTOR)
    if not left.has_any:
        Authenticator.objects.filter(user=by).delete()
    what = "a passkey" if removed.type == FactorKind.WEBAUTHN else "an authenticator app"
    before = {"passkey": name} if name else {}
    accounts.record_own_change(f"removed {what}", by, on=on, session=session, before=before)


@transaction.atomic
def renew_codes(*, by: User, on: date) -> list[str]:
    """Return ten new recovery codes, kept as hashes only; those from before no longer count."""
    User.objects.select_for_update().get(pk=by.pk)
    if not factors_of(by).has_any:
        raise StepNotAllowedError("Add a passkey or an authenticator app first.")
    codes = {
        letter: "".join(secrets.choice(LETTERS) for _ in range(11)) for letter in LETTERS[:CODES]
    }
    hashed = {letter: make_password(letter + rest) for letter, rest in codes.items()}
    Authenticator.objects.update_or_create(
        user=by, type=FactorKind.RECOVERY_CODES, defaults={"data": {"codes": hashed}}
    )
    accounts.record_own_change("made recovery codes", by, on=on, after={"codes": CODES})
    whole = (letter + rest for letter, rest in codes.items())
    return ["-".join(wrap(code, 4)) for code in whole]


@transaction.atomic
def remove_all_factors(person: User, *, by: User, on: date) -> None:
    history.editor_appointment(by, on=on)
    if person == by:
        raise StepNotAllowedError("Ask another administrator to remove your factors.")
    User.objects.select_for_update().get(pk=person.pk)
    _, why_factors_stay = separation_of_duties.refusal_reasons(person, by=by, on=on)
    refuse(why_factors_stay)
    removed, _ = Authenticator.objects.filter(user=person).delete()
    if not removed:
        raise StepNotAllowedError(f"{person.name} has no second factor.")
    backends.clear_guesses(person)
    accounts.end_sessions(person)
    accounts.end_links(person)
    accounts.notify_person(person, accounts.FACTORS_CHANGED, on=on)
    history.record_change(
        separation_of_duties.REMOVED_FACTORS, person, by=by, on=on, note=person.name
    )


def accept_code(person: User, typed: str, *, at: datetime, on: date) -> Any:
    """Return the factor whose code this is, used up now, or None; TooManyWrongCodesError."""
    guess = backends.reserve_guess(backends.code_account_key(person), at=at)
    if guess is None:
        raise TooManyWrongCodesError
    code = "".join(typed.split()).replace("-", "").upper()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        held = factors_of(person)
        found = _app_with_code(held.app, code, at=at) or _recovery_with_code(held.codes, code)
        if found is not None and found == held.codes:
            accounts.record_own_change(
                "used a recovery code", person, on=on, after={"left": len(found.data["codes"])}
            )
    if found is None:
        logger.warning("A wrong code was typed as the second factor of person %s.", person.pk)
    else:
        backends.release_guess(guess)
    return found


def code_counter(secret: str, code: str, *, at: datetime, later_than: int = 0) -> int | None:
    """Return which period's code this is: now, the one before or after; None if it is none."""
    now = int(at.timestamp()) // PERIOD
    for counter in (now, now - 1, now + 1):
        expected = format_hotp_value(hotp_value(secret, counter))
        if counter > later_than and constant_time_compare(code, expected):
            return counter
    return None


def _app_with_code(app: Any, code: str, *, at: datetime) -> Any:
    if app is None:
        return None
    data = app.data
    counter = code_counter(decrypt(data["secret"]), code, at=at, later_than=data["last_counter"])
    if counter is None:
        return None
    app.data = {**data, "last_counter": counter}
    app.save(update_fields=["data"])
    return app


def _recovery_with_code(codes: Any, code: str) -> Any:
    hashed = codes.data["codes"].get(code[:1]) if codes else None
    if hashed is None or not check_password(code, hashed):
        return None
    left = {letter: each for letter, each in codes.data["codes"].items() if letter != code[:1]}
    codes.data = {"codes": left}
    codes.save(update_fields=["data"])
    return codes


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


def passkey_from_answer(credential: Any, person: User | None = None) -> Authenticator:
    """Return the passkey that answered, of this person or of anybody; else PasskeyRefusedError."""
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
