"""The states of a mail: owed -> claimed -> handing over -> sent, or how else it ends.

Each step is a conditional update on the state and attempt that the worker knows, so of two workers
one goes on and the other finds that the mail has moved. Nothing here talks to a mail server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from directory import digest, wording
from directory.models import Mail
from directory.models.outbox import MailQuerySet
from directory.services.places import fallback_inbox

State = Mail.State

# Longer than one mail can take: connection, greeting, sender, recipient and text, 20 seconds each.
LEASE = timedelta(minutes=3)
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
GIVE_UP_AFTER = timedelta(hours=24)
MOST_UNSURE = 3
MOST_ATTEMPTS = 60


class Clock(Protocol):
    """Tells the real time: leases and waits are measured by it, whatever day is worked off."""

    def __call__(self) -> datetime:
        """Return the moment, aware."""


def due(at: datetime) -> MailQuerySet:
    """Return the mails to be tried now: owed, or left behind by a worker whose lease ran out."""
    owed = Q(state=State.OWED) & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=at))
    left_behind = Q(state__in=(State.CLAIMED, State.HANDING_OVER), lease_until__lte=at)
    return Mail.objects.filter(owed | left_behind)


def claim_each(now: Clock) -> Iterator[Mail]:
    """Yield one claimed mail after the other, each at most once in this run."""
    seen: set[int] = set()
    while True:
        whole = due(now()).select_related("inbox", "person", "link__person")
        mail = whole.exclude(pk__in=seen).order_by("pk").first()
        if mail is None:
            return
        seen.add(mail.pk)
        if take(mail, now()):
            yield mail


def take(mail: Mail, at: datetime) -> bool:
    """Claim a mail for a while; say whether it is ours.

    One that was being handed over when its worker fell silent may have arrived: that is counted.
    """
    unsure = mail.unsure + (mail.state == State.HANDING_OVER)
    attempt = mail.attempt + 1
    taken = move(
        mail,
        State.CLAIMED,
        attempt=attempt,
        lease_until=at + LEASE,
        unsure=unsure,
        may_repeat=unsure > 0,
    )
    mail.attempt, mail.unsure, mail.may_repeat = attempt, unsure, unsure > 0
    return taken


def move(mail: Mail, state: State, **fields: Any) -> bool:
    """Move a mail on, if it still is in the state and attempt that we know; say whether it was."""
    known = Mail.objects.filter(pk=mail.pk, state=mail.state, attempt=mail.attempt)
    if known.update(state=state, **fields) == 0:
        return False
    mail.state = state
    return True


def end(mail: Mail, state: State, at: datetime, trouble: str = "", **fields: Any) -> str:
    """End a mail in a state, with the reason where it was not sent; return the state."""
    move(mail, state, ended_at=at, lease_until=None, trouble=trouble[:300], **fields)
    return str(state)


def end_before_leaving(mail: Mail, at: datetime) -> str:
    """End a claimed mail that must not leave, and return the state; "" where it is to go on."""
    if mail.unsure >= MOST_UNSURE:
        return end(mail, State.PARKED, at, "The mail server's answer was lost three times.")
    if mail.attempt > MOST_ATTEMPTS:
        return end(mail, State.PARKED, at, "It was tried too often.")
    if mail.link is not None and not mail.link.is_open(at=at):
        return end(mail, State.CANCELLED, at, "The link in it is no longer good.")
    if not digest.still_owed(mail):
        return end(mail, State.CANCELLED, at, "Everything in it was settled before it left.")
    return ""


def postpone(mail: Mail, at: datetime, trouble: str) -> str:
    """Put a mail that certainly did not leave back among the owed; park it after a day of that."""
    since = mail.failing_since or at
    if at - since >= GIVE_UP_AFTER:
        return end(mail, State.PARKED, at, trouble)
    wait = BACK_OFF[min(mail.attempt, len(BACK_OFF)) - 1]
    move(
        mail,
        State.OWED,
        lease_until=None,
        failing_since=since,
        next_attempt_at=at + wait,
        trouble=trouble[:300],
    )
    return str(State.OWED)


@transaction.atomic
def give_up(mail: Mail, at: datetime, trouble: str) -> str:
    """End a mail as undeliverable, and tell the fallback inbox of it once."""
    state = end(mail, State.UNDELIVERABLE, at, trouble)
    if mail.inbox is not None and mail.inbox.is_fallback:
        return state
    part = f"undeliverable:{mail.pk}"
    word, is_new = digest.new_mail(fallback_inbox(on=mail.on).pk, on=mail.on, part=part)
    if is_new:
        path = reverse("mail", args=[mail.pk])
        whose = mail.inbox.name if mail.inbox else "one person"
        text = wording.undeliverable(whose, path, on=mail.on)
        word.subject, word.body = text.subject, text.body
        word.save(update_fields=["subject", "body"])
    return state
