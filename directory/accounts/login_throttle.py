"""Throttle: guesses of passwords and codes are counted before they are evaluated.

So of forty at once only the first five are evaluated. The rows are those of django-axes, whose own
count comes after the evaluation and lets all forty through.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum

from directory.models import User

Attempts = QuerySet[AccessAttempt]


def account_key(typed: str) -> str:
    """Return the name under which guesses are counted; what is no address is not written down."""
    account = typed.strip().lower()
    if "@" in account:
        return account[:255]
    return f"no address: {sha256(account.encode()).hexdigest()[:16]}"


def code_account_key(person: User) -> str:
    """Return the name under which guesses of a person's one-time codes are counted."""
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
        if address is not None and _has_too_many_guesses(address, account, at=at):
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
    """Forget the wrong guesses for a person, so that the next one is evaluated."""
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


def _has_too_many_guesses(address: str, account: str, *, at: datetime) -> bool:
    if _count(ip_address=address, at=at) < settings.GUESSES_PER_ADDRESS:
        return False
    return not AccessLog.objects.filter(username=account, ip_address=address).exists()


def _lock_account(account: str) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite lets one transaction write at a time
    key = int.from_bytes(sha256(f"guess:{account}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
