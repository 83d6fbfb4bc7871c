"""Signing in by e-mail address and password: the throttle, bad passwords, and the log.

A guess is counted before it is evaluated, so of forty at once only the first five are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.signals import user_logged_in
from django.core.checks import CheckMessage, Warning
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction
from django.dispatch import receiver
from django.http import HttpRequest

from directory import clock
from directory.accounts.demo_people import DEMO_ADDRESSES, is_published
from directory.database.named_locks import lock_names
from directory.models import Appointment, SignInTry, User
from directory.models.people import canonical_address
from directory.web.request import client_address

Outcome = SignInTry.Outcome


def account_key(typed: str) -> str:
    """Return the name under which guesses are counted; what is no address is not written down."""
    account = canonical_address(typed)
    if "@" in account:
        return account[:255]
    return f"no address: {sha256(account.encode()).hexdigest()[:16]}"


CODES_OF = "codes of person "


def code_account_key(person: User) -> str:
    return f"{CODES_OF}{person.pk}"


def person_of(account: str) -> User | None:
    """Return who can be locked out under this name, or None where that is nobody."""
    # What was typed as an address may begin like the name of an account of codes.
    is_of_codes = account.startswith(CODES_OF) and account.removeprefix(CODES_OF).isdecimal()
    key = {"pk": account.removeprefix(CODES_OF)} if is_of_codes else {"email": account}
    person: User | None = User.objects.filter(is_active=True, **key).first()
    return person if person and (is_of_codes or person.has_usable_password()) else None


def reserve_guess(
    account: str, *, at: datetime, request: HttpRequest | None = None
) -> SignInTry | None:
    """Return one more guess that may be evaluated, or None where there were too many already.

    Too many are GUESSES_PER_ACCOUNT within GUESS_WINDOW, and GUESSES_PER_ADDRESS from one address
    for accounts that never signed in from there.
    """
    where = _request_details(request)
    address = where.get("network_address")
    # Never part of a transaction around it: what that one undoes would not have been counted.
    with transaction.atomic(durable=True):
        lock_counts(account, address)
        newest = _newest_wrong(account)
        is_refused = _is_locked(newest, at=at) or _is_used_up(address, account, at=at)
        guess = SignInTry.objects.create(
            account=account,
            at=at,
            outcome=Outcome.REFUSED if is_refused else Outcome.WRONG,
            begins_lock=not is_refused and lock_end([at, *newest]) is not None,
            **where,
        )
    return None if is_refused else guess


def release_guess(guess: SignInTry) -> None:
    """Take a guess that was right off the count again; wrong ones before it stay."""
    SignInTry.objects.filter(pk=guess.pk).update(outcome=Outcome.RIGHT, begins_lock=False)


def lock_end(newest: Sequence[datetime]) -> datetime | None:
    """Return until when an account is locked by its newest guesses, or None where they do not.

    The last of GUESSES_PER_ACCOUNT within GUESS_WINDOW begins a lock as long as that window.
    """
    window: timedelta = settings.GUESS_WINDOW
    guesses = newest[: settings.GUESSES_PER_ACCOUNT]
    is_full = len(guesses) == settings.GUESSES_PER_ACCOUNT
    return guesses[0] + window if is_full and guesses[0] - guesses[-1] < window else None


def locked_until(person: User, *, at: datetime) -> datetime | None:
    """Return until when no guess for this person is evaluated; None where the next one is."""
    ends = [lock_end(_newest_wrong(each)) for each in _accounts_of(person)]
    return max((end for end in ends if end is not None and end > at), default=None)


def clear_guesses(person: User) -> None:
    counted = SignInTry.objects.filter(account__in=_accounts_of(person), outcome=Outcome.WRONG)
    counted.update(outcome=Outcome.FORGIVEN)


def lock_counts(account: str, address: str | None) -> None:
    """Let nobody else count for this account or address until the transaction ends."""
    lock_names(*(f"guess:{counted}" for counted in (account, address) if counted))


def _accounts_of(person: User) -> tuple[str, str]:
    return account_key(person.email), code_account_key(person)


def _newest_wrong(account: str) -> list[datetime]:
    wrong = SignInTry.objects.filter(account=account, outcome=Outcome.WRONG).order_by("-at")
    return list(wrong.values_list("at", flat=True)[: settings.GUESSES_PER_ACCOUNT])


def _is_locked(newest: Sequence[datetime], *, at: datetime) -> bool:
    end = lock_end(newest)
    return end is not None and end > at


def _is_used_up(address: str | None, account: str, *, at: datetime) -> bool:
    """Return whether an address guessed too often, and this account never signed in from there."""
    if address is None:
        return False
    here = SignInTry.objects.filter(network_address=address)
    wrong = here.filter(outcome=Outcome.WRONG, at__gt=at - settings.GUESS_WINDOW)
    if wrong.count() < settings.GUESSES_PER_ADDRESS:
        return False
    return not here.filter(account=account, outcome=Outcome.SIGNED_IN).exists()


DEMO_PEOPLE_SHUT_OUT = (
    "{count} of the people of the demonstration are in this database, and DEMO is not 1: none of "
    "them can sign in."
)
DEMO_PEOPLE_HINT = "Set DEMO=1 for the demonstration; real cases belong in a database of their own."


def _is_shut_out(person: User, password: str | None = None) -> bool:
    """Return whether a sign-in of the demonstration is tried where there is none."""
    return not settings.DEMO and is_published(person.email, password)


def demo_people_warnings(
    databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """Return that people of the demonstration are where there is none, as `migrate` says it."""
    found: list[CheckMessage] = []
    for alias in () if settings.DEMO else databases or ():
        if User._meta.db_table in connections[alias].introspection.table_names():
            invented = User.objects.using(alias).filter(email__in=DEMO_ADDRESSES, is_active=True)
            if count := invented.count():
                said = DEMO_PEOPLE_SHUT_OUT.format(count=count)
                found.append(Warning(said, hint=DEMO_PEOPLE_HINT, id="directory.W002"))
    return found


class ThrottledLoginBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        typed = username or credentials.get("email")
        if not typed or password is None:
            return None
        guess = reserve_guess(account_key(typed), at=clock.now(), request=request)
        if guess is None:
            User().set_password(password)  # as long as a wrong password takes
            raise PermissionDenied
        found = ModelBackend.authenticate(self, request, username=typed.strip(), password=password)
        if not isinstance(found, User) or _is_shut_out(found, password):
            return None
        release_guess(guess)
        asking = getattr(request, "user", None)
        if request is not None and asking == found and asking.password != found.password:
            # An older hash was made anew, and the session of who proves themselves stands on it.
            update_session_auth_hash(request, found)
        return found

    def get_user(self, user_id: int) -> User | None:
        rows = Appointment.objects.filter(person=user_id).select_related("person", "district")
        appointments = list(rows)
        if not appointments:
            return ModelBackend.get_user(self, user_id)
        person = appointments[0].person
        person.set_appointments(appointments)
        may = self.user_can_authenticate(person) and not _is_shut_out(person)
        return person if may else None


@receiver(user_logged_in)
def record_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    where = _request_details(request)
    account, outcome = account_key(user.email), Outcome.SIGNED_IN
    SignInTry.objects.create(account=account, at=clock.now(), outcome=outcome, **where)


def _request_details(request: HttpRequest | None) -> dict[str, Any]:
    if request is None:
        return {}
    return {
        "network_address": client_address(request),
        "browser": request.META.get("HTTP_USER_AGENT", "")[:255].replace("\0", ""),
        "path": request.path[:255].replace("\0", ""),
    }


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id as OWASP asks for at least; Django has no setting for the memory of a check."""

    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1


LEAST_OF_ITS_OWN = 8
FEWEST_DIFFERENT = 5

# What somebody would try here first: the product, the department, the work and the place.
LOCAL_WORDS = (
    "permanency", "tracker", "support", "program", "consultation", "coordinator", "casework",
    "manager", "approver", "district", "department", "communities", "justice", "childstory",
    "child", "children", "family", "families", "restoration", "guardianship", "adoption",
    "preservation", "facs", "dcj", "psp", "cfdu", "newsouthwales", "nsw", "sydney", "hunter",
    "australia", "government",
)  # fmt: skip
# And what is tried everywhere.
COMMON_WORDS = (
    "password", "passwort", "passphrase", "passw0rd", "welcome", "letmein", "changeme", "secret",
    "login", "signin", "admin", "administrator", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh",
    "zxcvbnm", "iloveyou", "abcdefghijklmnopqrstuvwxyz", "abcdefgh", "abcdef", "abc",
    "spring", "summer", "autumn", "winter", "monday", "january", "december",
)  # fmt: skip


class MaximumLengthValidator:
    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(f"Use at most {self.max_length} characters.", code="too_long")

    def get_help_text(self) -> str:
        return f"Any characters, spaces too, up to {self.max_length}. Nothing else is asked of it."


class ObviousWordsValidator:
    """Refuses a password that is made of the words of this work or of the person's own name."""

    def validate(self, password: str, user: Any = None) -> None:
        letters = re.sub(r"[\W_]+", "", password.casefold())
        if len(set(letters or password)) < FEWEST_DIFFERENT:
            raise ValidationError("This repeats a few characters.", code="repeats")
        left, person = letters, f"{getattr(user, 'name', '')} {getattr(user, 'email', '')}"
        own_words = {word for word in re.split(r"[\W_]+", person.casefold()) if len(word) > 2}
        for word in sorted({*LOCAL_WORDS, *COMMON_WORDS, *own_words}, key=len, reverse=True):
            left = left.replace(word, "")
        is_all_taken = len(left) != len(letters) and len(re.sub(r"\d", "", left)) < LEAST_OF_ITS_OWN
        if is_all_taken:
            raise ValidationError(
                "This is made of words that somebody would try here first.", code="our_words"
            )

    def get_help_text(self) -> str:
        return "Not made of this work's words or your name. A few unrelated words are best."
