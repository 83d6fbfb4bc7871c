"""Leaves a mail server alone that fails: one row that every worker reads before it tries.

After three failures of the server in a row, whichever mails they met, nobody tries for a while.
Then one worker tries one mail: where the server answers, all go on, and where it fails, the wait is
longer. Mails that were not tried stay owed as they are. A refusal of one recipient is an answer.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.db import connection, transaction

from directory.models import MailBreaker

logger = logging.getLogger(__name__)

THE_ONE = 1
MOST_FAILURES = 3


class Way(Enum):
    """Whether a worker may try the mail server now."""

    FREE = auto()
    # So far, but it failed last time.
    SHAKY = auto()
    # The wait is over, and of all workers this one tries one mail.
    PROBE = auto()
    SHUT = auto()


def way(at: datetime) -> Way:
    """Return whether to try now; the turn to probe is given to one worker, for as long as a lease.

    A worker that dies in its turn leaves it to the next one.
    """
    breaker = MailBreaker.objects.first()
    if breaker is None or breaker.failures == 0:
        return Way.FREE
    if breaker.opened_at is None:
        return Way.SHAKY
    waited = MailBreaker.objects.filter(open_until=breaker.open_until, open_until__lte=at)
    turn = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    return Way.PROBE if waited.update(open_until=at + turn) else Way.SHUT


def is_free() -> bool:
    """Say whether no failure is known; unlike `way` it gives no turn. Asked for every mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM directory_mailbreaker WHERE failures > 0")
        return cursor.fetchone() is None


def opened() -> MailBreaker | None:
    """Return the breaker while it is open, or None."""
    return MailBreaker.objects.exclude(opened_at=None).first()


@transaction.atomic
def failed(taken: Way, at: datetime, trouble: str) -> None:
    """Count a failure of the server; the third in a row, and each of a probe, opens for a wait."""
    MailBreaker.objects.get_or_create(pk=THE_ONE)
    breaker = MailBreaker.objects.select_for_update().get(pk=THE_ONE)
    if breaker.opened_at is not None and taken is not Way.PROBE:
        return  # Another worker opened it while this one was waiting for the same server.
    breaker.failures += 1
    breaker.trouble = trouble[:200]
    if breaker.failures >= MOST_FAILURES:
        breaker.opened_at = breaker.opened_at or at
        breaker.open_until = at + _wait(breaker.failures - MOST_FAILURES)
        logger.error("The mail server failed %s times in a row: it is left alone", breaker.failures)
    breaker.save(update_fields=["failures", "opened_at", "open_until", "trouble"])


def answered(taken: Way) -> None:
    """Note that the server answered, whatever it said: nothing stands in the way of the others.

    Where no failure was known as the way was taken, there is nothing to note.
    """
    if taken is Way.FREE:
        return
    MailBreaker.objects.exclude(failures=0).update(
        failures=0, opened_at=None, open_until=None, trouble=""
    )


def _wait(opened_before: int) -> timedelta:
    waits = settings.MAIL_BREAKER_SECONDS
    return timedelta(seconds=waits[min(opened_before, len(waits) - 1)])
