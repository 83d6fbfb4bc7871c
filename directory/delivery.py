"""Hands mails to the mail server. The only module that speaks SMTP.

Until a mail is "handing over" it is certain that nothing left. If the server's answer to the text
itself is lost, the mail may have arrived: its lease runs out, and it is sent again with a sentence
that says so. Where mail is not live, a mail is kept on this machine at once and never sent later.
"""

from __future__ import annotations

import logging
import smtplib
from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from directory import claims, wording
from directory.claims import Clock, State
from directory.clock import SYDNEY, zone
from directory.models import Inbox, Mail, MailSwitch
from directory.services import links

logger = logging.getLogger(__name__)

LONGEST_RUN = timedelta(minutes=2)
ACCEPTED = frozenset({250, 251})
PERMANENT = 500
TRY_LATER = 450


def is_held() -> bool:
    """Say whether the database's own switch keeps every mail back."""
    return MailSwitch.objects.filter(is_held=True).exists()


def deliver(*, now: Clock) -> Counter[str]:
    """Deliver the mails that are due, or keep them where mail is not live; count by what came.

    While the switch is held, a live mail stays owed.
    """
    if not settings.MAIL_LIVE:
        return Counter(_keep(mail, now()) for mail in claims.claim_each(now))
    if is_held() or not claims.due(now()).exists():
        return Counter()
    line = Line()
    try:
        line.open()
    except OSError as fault:
        logger.warning("The mail server cannot be reached: %s", type(fault).__name__)
        trouble = f"The mail server cannot be reached ({type(fault).__name__})."
        return Counter(claims.postpone(mail, now(), trouble) for mail in claims.claim_each(now))
    try:
        return _deliver_over(line, now)
    finally:
        line.close()


def address_of(mail: Mail, *, at: datetime) -> str:
    """Return where this mail goes now, or "" where nobody would get it."""
    if mail.inbox is not None:
        return address_of_inbox(mail.inbox, at=at)
    return mail.address or (mail.person.email if mail.person else "")


def address_of_inbox(inbox: Inbox, *, at: datetime) -> str:
    """Return where mail to this inbox goes now, or "" where nobody would get it."""
    retired_on = inbox.retired_on
    today = at.astimezone(zone(SYDNEY)).date()
    if inbox.is_fallback or (retired_on is not None and retired_on <= today):
        return str(settings.FALLBACK_INBOX)
    return inbox.address


class Line:
    """One connection to the mail server, used for a whole run. Its faults are all OSErrors."""

    def __init__(self) -> None:
        self._backend = EmailBackend(timeout=settings.EMAIL_TIMEOUT, fail_silently=False)

    @property
    def smtp(self) -> smtplib.SMTP:
        """Return the connection; SMTPServerDisconnected where there is none."""
        smtp = self._backend.connection
        if smtp is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return smtp

    @property
    def is_open(self) -> bool:
        """Say whether there is a connection to go on with."""
        return self._backend.connection is not None

    def open(self) -> None:
        """Connect, sign in where the settings say so, and greet."""
        self._backend.open()
        self.smtp.ehlo_or_helo_if_needed()

    def offer(self, address: str) -> tuple[int, bytes]:
        """Name sender and recipient and return the server's answer; nothing is sent yet."""
        code, reply = self.smtp.mail(settings.DEFAULT_FROM_EMAIL)
        if code not in ACCEPTED:
            # Our own fault or the server's, not the recipient's: worth another try.
            return min(code, TRY_LATER), reply
        return self.smtp.rcpt(address)

    def give(self, content: bytes) -> tuple[int, bytes]:
        """Hand over the text and return the server's answer."""
        try:
            return self.smtp.data(content)
        except smtplib.SMTPDataError as refusal:
            reply = refusal.smtp_error
            return refusal.smtp_code, reply if isinstance(reply, bytes) else reply.encode()

    def reset(self) -> None:
        """Forget the mail that was refused; a connection that cannot do so is closed."""
        try:
            self.smtp.rset()
        except OSError:
            self.close()

    def close(self) -> None:
        """End the connection, also one that is broken."""
        try:
            self._backend.close()
        except OSError:
            self._backend.connection = None


def _deliver_over(line: Line, now: Clock) -> Counter[str]:
    ended: Counter[str] = Counter()
    until = now() + LONGEST_RUN
    for mail in claims.claim_each(now):
        ended[claims.end_before_leaving(mail, now()) or _hand_over(mail, line, now)] += 1
        if not line.is_open or now() > until:
            break
    return ended


def _keep(mail: Mail, at: datetime) -> str:
    address = address_of(mail, at=at)
    return claims.end_before_leaving(mail, at) or claims.end(mail, State.KEPT, at, address=address)


def _hand_over(mail: Mail, line: Line, now: Clock) -> str:
    address = address_of(mail, at=now())
    if not address:
        return claims.give_up(mail, now(), "There is no address for this inbox.")
    try:
        content = _content(mail, address)
        code, reply = line.offer(address)
    except (BadHeaderError, ValueError) as fault:
        trouble = f"It cannot be written to this address ({type(fault).__name__})."
        return claims.end(mail, State.PARKED, now(), trouble)
    except OSError as fault:
        line.close()
        trouble = f"The connection broke before the mail left ({type(fault).__name__})."
        return claims.postpone(mail, now(), trouble)
    if code not in ACCEPTED:
        return _refused(mail, code, reply, line, now())
    if not claims.move(mail, State.HANDING_OVER, address=address):
        line.reset()
        return "left to another worker"
    return _give_text(mail, content, line, now)


def _content(mail: Mail, address: str) -> bytes:
    message = EmailMessage(
        mail.subject,
        f"{wording.MAY_REPEAT if mail.may_repeat else ''}{links.filled(mail)}",
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    return message.message().as_bytes().replace(b"\n", b"\r\n")


def _give_text(mail: Mail, content: bytes, line: Line, now: Clock) -> str:
    try:
        code, reply = line.give(content)
    except OSError as fault:
        # It may have arrived. The lease runs out, and then it is sent again and says so.
        logger.warning("Mail %s: no answer in hand-over: %s", mail.pk, type(fault).__name__)
        line.close()
        return str(State.HANDING_OVER)
    if code in ACCEPTED:
        return claims.end(mail, State.SENT, now())
    return _refused(mail, code, reply, line, now())


def _refused(mail: Mail, code: int, reply: bytes, line: Line, at: datetime) -> str:
    line.reset()
    trouble = f"The mail server answered {code}: {reply.decode(errors='replace')}"
    if code >= PERMANENT:
        return claims.give_up(mail, at, trouble)
    return claims.postpone(mail, at, trouble)
