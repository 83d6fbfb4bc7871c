"""Signing in by e-mail address and password: the throttle, bad passwords, and the log.

Guesses are counted before they are evaluated, so of forty at once only the first five are. The rows
are those of django-axes, whose own count comes after the evaluation and lets all forty through.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from axes.backends import AxesBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum
from django.http import HttpRequest

from directory import clock
from directory.accounts.demo_people import is_published
from directory.models import Appointment, User
from directory.models.people import canonical_address
from directory.web.request import client_address

Attempts = QuerySet[AccessAttempt]


def account_key(typed: str) -> str:
    """Return the name under which guesses are counted; what is no address is not written down."""
    account = canonical_address(typed)
    if "@" in account:
        return account[:255]
    return f"no address: {sha256(account.encode()).hexdigest()[:16]}"


def code_account_key(person: User) -> str:
    return f"codes of person {person.pk}"


def reserve_guess(account: str, *, address: str | None, at: datetime) -> AccessAttempt | None:
    """Return one more guess that may be evaluated, or None where there were too many already.

    Too many are GUESSES_PER_ACCOUNT within GUESS_WINDOW, and GUESSES_PER_ADDRESS from one address
    for accounts that never signed in from there.
    """
    with transaction.atomic():
        _lock_account(account)
        AccessAttempt.objects.filter(username=account, attempt_time__lte=_since(at)).delete()
        if _count(username=account, at=at) >= settings.GUESSES_PER_ACCOUNT:
            return None
        if (
            address is not None
            and _count(ip_address=address, at=at) >= settings.GUESSES_PER_ADDRESS
        ):
            known = AccessLog.objects.filter(username=account, ip_address=address)
            if not known.exists():
                return None
        guess, _ = AccessAttempt.objects.get_or_create(
            username=account,
            ip_address=address,
            user_agent="",
            defaults={"failures_since_start": 0},
        )
        _attempt_row(guess).update(
            failures_since_start=F("failures_since_start") + 1, attempt_time=at
        )
    return guess


def release_guess(guess: AccessAttempt) -> None:
    """Take a guess that was right off the count again; wrong ones before it stay."""
    _attempt_row(guess).filter(failures_since_start__gt=0).update(
        failures_since_start=F("failures_since_start") - 1
    )


def locked_until(person: User, *, at: datetime) -> datetime | None:
    """Return until when no guess for this person is evaluated; None where the next one is."""
    accounts = (account_key(person.email), code_account_key(person))
    ends = [
        _recent(at).filter(username=each).aggregate(last=Max("attempt_time"))["last"]
        for each in accounts
        if _count(username=each, at=at) >= settings.GUESSES_PER_ACCOUNT
    ]
    window: timedelta = settings.GUESS_WINDOW
    return max(ends) + window if ends else None


def clear_guesses(person: User) -> None:
    accounts = (account_key(person.email), code_account_key(person))
    AccessAttempt.objects.filter(username__in=accounts).delete()


def _since(at: datetime) -> datetime:
    window: timedelta = settings.GUESS_WINDOW
    return at - window


def _recent(at: datetime) -> Attempts:
    recent: Attempts = AccessAttempt.objects.filter(attempt_time__gt=_since(at))
    return recent


def _attempt_row(guess: AccessAttempt) -> Attempts:
    row: Attempts = AccessAttempt.objects.filter(pk=guess.pk)
    return row


def _count(*, at: datetime, **which: str) -> int:
    return _recent(at).filter(**which).aggregate(sum=Sum("failures_since_start"))["sum"] or 0


def _lock_account(account: str) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite lets one transaction write at a time
    key = int.from_bytes(sha256(f"guess:{account}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _is_shut_out(person: User, password: str | None = None) -> bool:
    """Return whether a sign-in of the demonstration is tried where there is none."""
    return not settings.DEMO and is_published(person.email, password)


class ThrottledLoginBackend(AxesBackend):  # type: ignore[misc]  # django-axes publishes no types
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
        address = None if request is None else client_address(request)
        guess = reserve_guess(account_key(typed), address=address, at=clock.now())
        if guess is None:
            User().set_password(password)  # as long as a wrong password takes
            raise PermissionDenied
        found = ModelBackend.authenticate(self, request, username=typed.strip(), password=password)
        if not isinstance(found, User) or _is_shut_out(found, password):
            return None
        release_guess(guess)
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


class SignInLog(AxesDatabaseHandler):  # type: ignore[misc]  # the same
    """Writes down who signed in and who tried to, and never what was typed as a password."""

    def user_login_failed(
        self,
        sender: object,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        if request is None:
            return
        typed = credentials.get("username") or credentials.get("email") or ""
        account = account_key(typed)
        AccessFailureLog.objects.create(username=account, **_request_details(request))

    def user_logged_in(
        self, sender: object, request: HttpRequest, user: User, **kwargs: Any
    ) -> None:
        AccessLog.objects.create(username=account_key(user.email), **_request_details(request))

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the end of a session is the end of its row."""


def _request_details(request: HttpRequest) -> dict[str, Any]:
    return {
        "ip_address": client_address(request),
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:255].replace("\0", ""),
        "path_info": request.path[:255].replace("\0", ""),
    }


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
