"""The states of a mail: owed -> claimed -> handing over -> sent, or how else it ends.

Each step is a conditional update on the state and attempt that the worker knows, so of two workers
one goes on and the other finds that the mail has moved. Nothing here talks to a mail server.

Statements for every mail are SQL: to build them by the ORM takes twice as long as SMTP.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Min, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from directory.clock import SYDNEY, zone
from directory.mail import compose, texts
from directory.models import Mail, MailSwitch
from directory.models.mail import MailQuerySet
from directory.places.services import fallback_inbox

logger = logging.getLogger(__name__)

State = Mail.State

MOST_UNSURE = 3
MOST_LEFT_BEHIND = 5
MOST_TRIES = 60
LEASE_LOST = "left to another worker"
ADDRESS_CHANGED = "given a new address"
# What changes after that is seen at the claim.
READ_BATCH = 50

# Gives no row where another worker has the mail, or where it is to leave and the switch is held.
CLAIM_QUERY = """
SELECT EXISTS (
    SELECT 1 FROM directory_notice
    WHERE mail_id = directory_mail.id AND settled_at IS NOT NULL
), {as_addressed}
FROM directory_mail
WHERE id = %s AND state = %s AND attempt = %s
    AND NOT EXISTS (SELECT 1 FROM directory_mailswitch WHERE is_held AND %s)
{locked}
"""
# Whoever else wants it passes it over meanwhile; on SQLite they wait.
LOCK_CLAUSES = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}
INBOX_CONDITION = """EXISTS (
    SELECT 1 FROM directory_inbox
    WHERE id = directory_mail.inbox_id AND address = %s AND is_fallback = %s
        AND (retired_on = %s OR (retired_on IS NULL AND %s))
)"""
PERSON_CONDITION = """EXISTS (
    SELECT 1 FROM directory_user WHERE id = directory_mail.person_id AND email = %s
)"""
ADDRESS_CONDITION = "directory_mail.address = %s"

MAIL_FIELDS = {field.name: field for field in Mail._meta.concrete_fields}

Condition = tuple[str, list[Any]]
# The real time, by which leases and waits are measured whatever day is worked off.
Clock = Callable[[], datetime]


def lease_end(at: datetime) -> datetime:
    """Return until when a mail claimed at this moment is one worker's alone.

    It is longer than two answers of the mail server (`permanency/settings_rules.py`).
    """
    return at + timedelta(seconds=settings.MAIL_LEASE_SECONDS)


def due(at: datetime) -> MailQuerySet:
    """Return the mails to be tried now: owed, or left behind by a worker whose lease ran out."""
    owed = Q(state=State.OWED) & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=at))
    left_behind = Q(state__in=(State.CLAIMED, State.HANDING_OVER), lease_until__lte=at)
    return Mail.objects.filter(owed | left_behind)


def claim_each(now: Clock, *, to_leave: bool = True) -> Iterator[Mail]:
    """Claim the due mails one by one as they are needed, each at most once in a run.

    A mail that must not leave has ended by then: its state says which. Those that failed before
    come last. None is claimed `to_leave` while the database's switch holds the mail.
    """
    failed = Q(failing_since__isnull=False, tries__gt=0)
    for part in (~failed, failed):
        last = 0
        while mails := list(_claim_candidates(now(), part, after=last, to_leave=to_leave)):
            for mail in mails:
                last = mail.pk
                if claim(mail, now(), to_leave=to_leave):
                    yield mail


def _claim_candidates(at: datetime, part: Q, *, after: int, to_leave: bool) -> MailQuerySet:
    mails = due(at).filter(part, pk__gt=after)
    if to_leave:
        mails = mails.filter(~Exists(MailSwitch.objects.filter(is_held=True)))
    return mails.select_related("inbox", "person", "link__person").order_by("pk")[:READ_BATCH]


def waiting_for_server() -> MailQuerySet:
    """Return the mails that wait because the mail server failed before they were tried."""
    return Mail.objects.filter(state=State.OWED, tries=0, failing_since__isnull=False)


def waiting_after_failures() -> MailQuerySet:
    """Return those of them for which the mail server has failed more than once."""
    first_wait = timedelta(seconds=settings.MAIL_BACKOFF_SECONDS[0])
    return waiting_for_server().filter(next_attempt_at__gt=F("failing_since") + first_wait)


def wait_for_server(at: datetime, trouble: str) -> None:
    """Let all mails that were not tried wait after a failure of the server, longer each time."""
    since = waiting_for_server().aggregate(since=Min("failing_since"))["since"] or at
    *waits, wait = settings.MAIL_BACKOFF_SECONDS
    elapsed = (at - since).total_seconds()
    for each in waits:
        if elapsed < each:
            wait = each
            break
        elapsed -= each
    Mail.objects.filter(state=State.OWED, tries=0).update(
        failing_since=Coalesce("failing_since", Value(at)),
        next_attempt_at=at + timedelta(seconds=wait),
        trouble=trouble[:300],
    )


@transaction.atomic(savepoint=False)
def claim(mail: Mail, at: datetime, *, to_leave: bool = True) -> bool:
    """Claim a mail that was read as due, or end it if it must not leave; say whether it is ours."""
    as_addressed, known = _address_condition(mail)
    asked = CLAIM_QUERY.format(as_addressed=as_addressed, locked=LOCK_CLAUSES[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(asked, [*known, mail.pk, mail.state, mail.attempt, to_leave])
        row = cursor.fetchone()
    if row is None or not _start_lease(mail, at):
        return False
    has_settled, is_as_addressed = row
    if not is_as_addressed:
        mail.refresh_from_db(fields=["inbox", "person", "address"])
    _end_before_leaving(mail, at, has_settled=has_settled)
    return True


def _start_lease(mail: Mail, at: datetime) -> bool:
    """Claim a mail for a while; say whether it is ours.

    Whoever had it before fell silent, where it was not owed: that is counted. If it was being
    handed over by then it may have arrived, and from now on it says so.
    """
    new: dict[str, Any] = {
        "attempt": mail.attempt + 1,
        "tries": mail.tries + 1,
        "left_behind": mail.left_behind + (mail.state != State.OWED),
        "unsure": mail.unsure + (mail.state == State.HANDING_OVER),
        # Before its first try it was the server alone that failed.
        "failing_since": mail.failing_since if mail.tries else None,
        "may_repeat": mail.may_repeat or mail.state == State.HANDING_OVER,
        "lease_until": lease_end(at),
    }
    taken = move(mail, State.CLAIMED, **new)
    for name, value in new.items():
        setattr(mail, name, value)
    return taken


def _end_before_leaving(mail: Mail, at: datetime, *, has_settled: bool) -> None:
    if mail.unsure >= MOST_UNSURE:
        park(mail, at, "The mail server's answer was lost three times.")
    elif mail.left_behind >= MOST_LEFT_BEHIND:
        park(mail, at, "The worker that had it fell silent five times.")
    elif mail.tries > MOST_TRIES:
        park(mail, at, "It was tried too often.")
    elif mail.link is not None and not mail.link.is_open(at=at):
        end(mail, State.CANCELLED, at, "The link in it is no longer good.")
    elif has_settled and not compose.recompose(mail):
        end(mail, State.CANCELLED, at, "Everything in it was settled before it left.")


def address_of(mail: Mail, *, at: datetime) -> str:
    """Return where this mail goes now, or "" where nobody would get it."""
    if (inbox := mail.inbox) is not None:
        today = at.astimezone(zone(SYDNEY)).date()
        is_retired = inbox.retired_on is not None and inbox.retired_on <= today
        return str(settings.FALLBACK_INBOX) if inbox.is_fallback or is_retired else inbox.address
    return mail.address or (mail.person.email if mail.person else "")


def hand_over(mail: Mail, address: str, at: datetime) -> str:
    """Note that the text leaves for this address; return "", or why it must not leave now.

    A worker that slept past its lease stops here, also where nobody has taken the mail up. Where
    the address has changed since it was offered, the mail is owed again at once.
    """
    condition, known = _address_condition(mail)
    only = f"lease_until > %s AND {condition}", [_database_value("lease_until", at), *known]
    lease = lease_end(at)
    if address_of(mail, at=at) == address and move(
        mail, State.HANDING_OVER, only, address=address, lease_until=lease
    ):
        return ""
    fresh = Mail.objects.select_related("inbox", "person").get(pk=mail.pk)
    if address_of(fresh, at=at) == address:
        return LEASE_LOST
    is_ours = move(mail, State.OWED, lease_until=None, next_attempt_at=None)
    return ADDRESS_CHANGED if is_ours else LEASE_LOST


def _address_condition(mail: Mail) -> Condition:
    inbox, person = mail.inbox, mail.person
    if inbox is not None:
        on = connection.ops.adapt_datefield_value(inbox.retired_on)
        return INBOX_CONDITION, [inbox.address, inbox.is_fallback, on, on is None]
    if person is not None and not mail.address:
        return PERSON_CONDITION, [person.email]
    return ADDRESS_CONDITION, [mail.address]


def move(mail: Mail, state: State, only: Condition = ("true", []), **fields: Any) -> bool:
    """Move a mail on, if it still is in the state and attempt that we know; say whether it was."""
    condition, known = only
    values = [_database_value(name, value) for name, value in fields.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_move_sql(*fields)} AND {condition}",
            [*values, state, mail.pk, mail.state, mail.attempt, *known],
        )
        if cursor.rowcount == 0:
            return False
    mail.state = state
    return True


@cache
def _move_sql(*names: str) -> str:
    new = "".join(f"{name} = %s, " for name in names)
    known = "id = %s AND state = %s AND attempt = %s"
    return f"UPDATE directory_mail SET {new}state = %s WHERE {known}"  # noqa: S608  # names of our model


def _database_value(name: str, value: Any) -> Any:
    return MAIL_FIELDS[name].get_db_prep_value(value, connection)


def end(mail: Mail, state: State, at: datetime, trouble: str = "", **fields: Any) -> str:
    """End a mail in a state, with the reason where it was not sent; return what came of it."""
    fields |= {"ended_at": at, "lease_until": None, "trouble": trouble[:300]}
    return str(state) if move(mail, state, **fields) else LEASE_LOST


def postpone(mail: Mail, at: datetime, trouble: str) -> str:
    """Put a mail that certainly did not leave back among the owed; park it after a day of that."""
    since = mail.failing_since or at
    if at - since >= timedelta(seconds=settings.MAIL_GIVE_UP_SECONDS):
        return park(mail, at, trouble)
    waits = settings.MAIL_BACKOFF_SECONDS
    wait = timedelta(seconds=waits[min(mail.tries, len(waits)) - 1])
    is_ours = move(
        mail,
        State.OWED,
        lease_until=None,
        failing_since=since,
        next_attempt_at=at + wait,
        trouble=trouble[:300],
    )
    return str(State.OWED) if is_ours else LEASE_LOST


def park(mail: Mail, at: datetime, trouble: str) -> str:
    """Leave a mail to a person, and tell the fallback inbox of it once."""
    return _end_with_report(mail, State.PARKED, at, trouble)


def give_up(mail: Mail, at: datetime, trouble: str) -> str:
    return _end_with_report(mail, State.UNDELIVERABLE, at, trouble)


@transaction.atomic
def _end_with_report(mail: Mail, state: State, at: datetime, trouble: str) -> str:
    outcome = end(mail, state, at, trouble)
    if outcome == LEASE_LOST:
        return LEASE_LOST
    logger.error("Mail %s is %s: it stands in the outbox", mail.pk, state)
    if mail.inbox is not None and mail.inbox.is_fallback:
        return outcome
    whose, path = mail.inbox.name if mail.inbox else "one person", reverse("mail", args=[mail.pk])
    text = texts.undeliverable_text(whose, path, on=mail.on)
    part, inbox = f"undeliverable:{mail.pk}", fallback_inbox(on=mail.on)
    compose.new_mail(inbox.pk, on=mail.on, part=part, text=text)
    return outcome
