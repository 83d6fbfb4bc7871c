"""Whether dates are worked out and mail leaves, judged by completed work, never by a process.

`/health/` and the banner for managers and administrators both use it, so that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Q, QuerySet, Subquery, Value
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from directory.mail import leases
from directory.mail.compose import IMMEDIATE_KINDS, last_morning
from directory.models import Heartbeat, Mail, MailSwitch, Notice, TickRun, User
from directory.models.mail import STUCK
from directory.roles import WATCHES_REMINDERS

WORKER_SILENT_AFTER = timedelta(seconds=100)
# What was done later than now says nothing: a clock was set back, or two machines disagree.
CLOCKS_AGREE_TO = timedelta(minutes=2)
TICK_LATE_AFTER = timedelta(minutes=15)
TICK_MISSED_AFTER = timedelta(hours=26)
MAIL_LATE_AFTER = timedelta(minutes=60)
IN_THE_FUTURE = "at a time that is still to come: a clock was set back. Start beat anew."
SERVER_FAILS = "The mail server failed several times in a row: mails stay owed and are tried later."
NOT_TAKEN_UP = "A notice that a mail should have taken up by now is in none."


@dataclass(frozen=True, kw_only=True)
class DeliveryFacts:
    heard_at: datetime | None = None
    ticked_at: datetime | None = None
    mail_since: datetime | None = None
    # The oldest notice that a mail should have taken up by now.
    notice_since: datetime | None = None
    is_held: bool = False
    # The mail server failed more than once, and mails wait for it.
    is_server_failing: bool = False


@dataclass(frozen=True, kw_only=True)
class ReminderStatus:
    ticked_at: datetime | None
    is_missed: bool
    # The mails of the reader's inboxes since this working morning.
    morning: date
    sent: int
    kept: int
    failed: int
    troubles: tuple[str, ...]


def delivery_facts(*, at: datetime) -> DeliveryFacts:
    """Return the facts at this moment; nothing is known where no work was ever done."""
    asked = _fact_expressions(at)
    for rows in (_complete_runs(), Heartbeat.objects.order_by("pk")):
        row = rows.annotate(**asked).values(*asked).first()
        if row is not None:
            return DeliveryFacts(**row)
    return DeliveryFacts()


def troubles(known: DeliveryFacts, *, at: datetime) -> dict[str, str]:
    """Return what is not well at this moment, by its part, each in a sentence."""
    found = {
        "worker": _worker_trouble(known, at),
        "tick": _tick_trouble(known, at),
        "mail": _mail_trouble(known, at),
        "mail_server": SERVER_FAILS if settings.MAIL_LIVE and known.is_server_failing else "",
    }
    return {part: sentence for part, sentence in found.items() if sentence}


def reminder_status(user: User, *, on: date, at: datetime) -> ReminderStatus:
    """Return the state of the last run and of the mails of this person's inboxes."""
    morning = last_morning(at).date()
    mails = Mail.objects.visible_to(user, on=on).filter(on__gte=morning)
    counts = {
        "sent": count_expression(mails.filter(state=Mail.State.SENT)),
        "kept": count_expression(mails.filter(state=Mail.State.KEPT)),
        "failed": count_expression(mails.filter(state__in=STUCK)),
    }
    asked = {**_fact_expressions(at), **counts}
    row = User.objects.filter(pk=user.pk).annotate(**asked).values(*asked).get()
    told = {name: row.pop(name) for name in counts}
    known = DeliveryFacts(**row)
    return ReminderStatus(
        ticked_at=known.ticked_at,
        is_missed=known.ticked_at is None or at - known.ticked_at > TICK_MISSED_AFTER,
        morning=morning,
        troubles=tuple(troubles(known, at=at).values()),
        **told,
    )


def reminders(request: HttpRequest) -> dict[str, Any]:
    """Context processor: whether reminders ran, for those who watch over them, read when shown."""
    user, today = getattr(request, "user", None), getattr(request, "today", None)
    if not isinstance(user, User) or today is None or not user.holds(WATCHES_REMINDERS, on=today):
        return {}
    now = request.now  # type: ignore[attr-defined]  # stands beside the day
    return {"reminders": SimpleLazyObject(lambda: reminder_status(user, on=today, at=now))}


def _fact_expressions(at: datetime) -> dict[str, BaseExpression]:
    late = at - MAIL_LATE_AFTER
    overdue = Q(written_at__lt=last_morning(late)) | Q(
        kind__in=IMMEDIATE_KINDS, written_at__lt=late
    )
    composed = Mail.objects.unfinished().order_by("composed_at").values("composed_at")
    written = Notice.objects.unsent().filter(overdue).order_by("written_at").values("written_at")
    return {
        "heard_at": Subquery(Heartbeat.objects.filter(name=Heartbeat.WORKER).values("at")[:1]),
        "ticked_at": Subquery(_complete_runs().values("ended_at")[:1]),
        "mail_since": Subquery(composed[:1]),
        "notice_since": Subquery(written[:1]),
        "is_held": Exists(MailSwitch.objects.filter(is_held=True)),
        "is_server_failing": Exists(leases.waiting_after_failures()),
    }


def _complete_runs() -> Any:
    return TickRun.objects.exclude(ended_at=None).order_by("-ended_at")


def count_expression(rows: QuerySet[Any]) -> Coalesce:
    alike = rows.order_by().annotate(alike=Value(1)).values("alike")
    return Coalesce(Subquery(alike.annotate(number=Count("pk")).values("number")), 0)


def _worker_trouble(known: DeliveryFacts, at: datetime) -> str:
    if known.heard_at is None:
        return "No worker has ever been at work."
    if known.heard_at - at > CLOCKS_AGREE_TO:
        return f"The worker was last at work {IN_THE_FUTURE}"
    if at - known.heard_at > WORKER_SILENT_AFTER:
        return "The worker has done nothing for more than 100 seconds."
    return ""


def _tick_trouble(known: DeliveryFacts, at: datetime) -> str:
    if known.ticked_at is None:
        return "Dates have never been worked out here."
    if known.ticked_at - at > CLOCKS_AGREE_TO:
        return f"Dates were last worked out {IN_THE_FUTURE}"
    if at - known.ticked_at > TICK_MISSED_AFTER:
        return "Dates have not been worked out for more than 26 hours."
    if at - known.ticked_at > TICK_LATE_AFTER:
        return "Dates have not been worked out for more than 15 minutes."
    return ""


def _mail_trouble(known: DeliveryFacts, at: datetime) -> str:
    if not settings.MAIL_LIVE or known.is_held:
        return ""
    if known.mail_since is not None and at - known.mail_since > MAIL_LATE_AFTER:
        return "A mail has been waiting to leave for more than 60 minutes."
    if known.notice_since is not None:
        return NOT_TAKEN_UP
    return ""
