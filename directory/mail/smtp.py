"""Hands mails to the mail server. The only module that speaks SMTP.

Until a mail is "handing over" it is certain that nothing left. If the server's answer to the text
itself is lost, the mail may have arrived: its lease runs out, and it is sent again with a sentence
that says so. Where mail is not live, a mail is kept on this machine at once and never sent later.
"""

from __future__ import annotations

import logging
import smtplib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction

from directory.mail import leases, texts
from directory.mail.leases import Clock, State
from directory.models import Mail, MailSwitch

logger = logging.getLogger(__name__)

# With one mail begun at its end, well inside the time that a task may take.
LONGEST_RUN = timedelta(minutes=1)
ACCEPTED_NOT_NOTED = "taken by the mail server, not noted yet"
ACCEPTED = frozenset({250, 251})
CLOSING = 421
PERMANENT = 500


def is_mail_held() -> bool:
    return MailSwitch.objects.filter(is_held=True).exists()


def deliver(*, now: Clock) -> Counter[str]:
    """Deliver the mails that are due, or keep them where mail is not live; count by what came."""
    if not leases.due(now()).exists():
        return Counter()
    if not settings.MAIL_LIVE:
        return Counter(_keep_mail(mail, now) for mail in leases.claim_each(now, to_leave=False))
    if is_mail_held() or leases.waiting_for_server().filter(next_attempt_at__gt=now()).exists():
        return Counter()
    connection = SmtpConnection()
    try:
        return _deliver_all(connection, now)
    finally:
        connection.close()


class SmtpConnection:
    """One connection to the mail server, used for a whole run. Its faults are all OSErrors."""

    def __init__(self) -> None:
        self._backend = EmailBackend(timeout=settings.EMAIL_TIMEOUT, fail_silently=False)

    @property
    def smtp(self) -> smtplib.SMTP:
        smtp = self._backend.connection
        if smtp is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return smtp

    @property
    def is_open(self) -> bool:
        return self._backend.connection is not None

    def open(self) -> None:
        self._backend.open()
        self.smtp.ehlo_or_helo_if_needed()

    def offer(self, address: str) -> tuple[int, bytes]:
        """Name sender and recipient; return the server's answer, or raise SMTPSenderRefused."""
        code, reply = self.smtp.mail(settings.DEFAULT_FROM_EMAIL)
        if code not in ACCEPTED:
            raise smtplib.SMTPSenderRefused(code, reply, settings.DEFAULT_FROM_EMAIL)
        return self.smtp.rcpt(address)

    def send_text(self, content: bytes) -> tuple[int, bytes]:
        try:
            return self.smtp.data(content)
        except smtplib.SMTPDataError as refusal:
            reply = refusal.smtp_error
            return refusal.smtp_code, reply if isinstance(reply, bytes) else reply.encode()

    def reset(self) -> None:
        try:
            self.smtp.rset()
        except OSError:
            self.close()

    def close(self) -> None:
        try:
            self._backend.close()
        except OSError:
            self._backend.connection = None


class ServerFailedError(Exception):
    """The mail server failed, rather than refused a mail; `outcome` is what came of the mail."""

    def __init__(self, trouble: str, outcome: str = "") -> None:
        super().__init__(trouble)
        self.outcome = outcome


def _deliver_all(connection: SmtpConnection, now: Clock) -> Counter[str]:
    ended: Counter[str] = Counter()
    until, mails = now() + LONGEST_RUN, leases.claim_each(now)
    ahead: Mail | None = None
    try:
        while ahead is not None or now() <= until:
            _connect(connection)
            mail, ahead = ahead or next(mails, None), None
            if mail is None:
                break
            if mail.state != State.CLAIMED:
                ended[str(mail.state)] += 1
                continue
            outcome = _hand_over(mail, connection, now)
            if outcome == ACCEPTED_NOT_NOTED:
                outcome, ahead = _note_sent(mail, mails, now, until=until)
            ended[outcome] += 1
    except ServerFailedError as failure:
        leases.wait_for_server(now(), str(failure))
        if failure.outcome:
            ended[failure.outcome] += 1
    return ended


def _note_sent(
    mail: Mail, mails: Iterator[Mail], now: Clock, *, until: datetime
) -> tuple[str, Mail | None]:
    """Note that a mail is sent and claim the next one, if there is time, in one transaction."""
    try:
        with transaction.atomic():
            outcome = leases.end(mail, State.SENT, now())
            return outcome, next(mails, None) if now() <= until else None
    except BaseException:
        # As the database has it again.
        mail.state = State.HANDING_OVER
        leases.end(mail, State.SENT, now())
        raise


def _connect(connection: SmtpConnection) -> None:
    if connection.is_open:
        return
    try:
        connection.open()
    except OSError as fault:
        logger.warning("The mail server cannot be reached: %s", type(fault).__name__)
        raise ServerFailedError(f"It cannot be reached ({type(fault).__name__}).") from fault


def _keep_mail(mail: Mail, now: Clock) -> str:
    if mail.state != State.CLAIMED:
        return str(mail.state)
    at = now()
    return leases.end(mail, State.KEPT, at, address=leases.address_of(mail, at=at))


def _hand_over(mail: Mail, connection: SmtpConnection, now: Clock) -> str:
    address = leases.address_of(mail, at=now())
    if not address:
        return leases.give_up(mail, now(), "There is no address for this inbox.")
    try:
        content = _content(mail, address)
        code, reply = connection.offer(address)
    except (BadHeaderError, ValueError) as fault:
        connection.reset()
        trouble = f"It cannot be written to this address ({type(fault).__name__})."
        return leases.park(mail, now(), trouble)
    except OSError as fault:
        trouble = _fault_in_words(fault)
        raise ServerFailedError(trouble, leases.postpone(mail, now(), trouble)) from fault
    if code not in ACCEPTED:
        return _handle_refusal(mail, code, reply, connection, now)
    if stopped := leases.hand_over(mail, address, now()):
        connection.reset()
        return stopped
    return _send_text(mail, content, connection, now)


def _content(mail: Mail, address: str) -> bytes:
    # What the rows keep says only where a link goes in.
    body = mail.body.replace(texts.LINK_GOES_HERE, mail.link.address) if mail.link else mail.body
    message = EmailMessage(
        mail.subject,
        f"{texts.MAY_REPEAT if mail.may_repeat else ''}{body}",
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    return message.message().as_bytes().replace(b"\n", b"\r\n")


def _send_text(mail: Mail, content: bytes, connection: SmtpConnection, now: Clock) -> str:
    try:
        code, reply = connection.send_text(content)
    except OSError as fault:
        # It may have arrived. The lease runs out, and then it is sent again and says so.
        logger.warning("Mail %s: no answer in hand-over: %s", mail.pk, type(fault).__name__)
        trouble = f"It did not answer to a text ({type(fault).__name__})."
        raise ServerFailedError(trouble, State.HANDING_OVER) from fault
    if code not in ACCEPTED:
        return _handle_refusal(mail, code, reply, connection, now)
    return ACCEPTED_NOT_NOTED


def _handle_refusal(
    mail: Mail, code: int, reply: bytes, connection: SmtpConnection, now: Clock
) -> str:
    trouble = f"The mail server answered {code}: {reply.decode(errors='replace')}"
    if code == CLOSING:
        raise ServerFailedError(trouble, leases.postpone(mail, now(), trouble))
    connection.reset()
    if code >= PERMANENT:
        return leases.give_up(mail, now(), trouble)
    return leases.postpone(mail, now(), trouble)


def _fault_in_words(fault: OSError) -> str:
    if isinstance(fault, smtplib.SMTPSenderRefused):
        reply = fault.smtp_error
        said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        return f"The mail server takes no mail from us: {fault.smtp_code} {said}"
    return f"The connection broke before the mail left ({type(fault).__name__})."
