"""What it costs to hand mails over safely, beside plain smtplib on one connection (goal G10)."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.test import override_settings

from bench.goals import Figures, Found, Goal
from bench.timing import in_turn
from directory import clock
from directory.mail import smtp
from directory.models import District, Inbox, Mail, MailSwitch

MAILS = 50
ROUNDS = 3
# How long each answer of the server takes: nothing on the loopback, and as over a network.
AWAY = {"": 0.0, " whose answers take 5 ms": 0.005}
BODY = "A line of a digest, about as long as they are, with a reference, a kind and a day.\n" * 30


def measure(size: int) -> Figures:
    """Return the times of delivering some mails, ours and plain, and how many connections we made.

    What is kept here by the demonstration's switch is let go meanwhile, to our own servers alone.
    """
    held = list(MailSwitch.objects.filter(is_held=True).values_list("pk", flat=True))
    MailSwitch.objects.update(is_held=False)
    try:
        figures: Figures = {}
        for name, seconds in AWAY.items():
            figures |= _beside_a_server(name, seconds)
    finally:
        MailSwitch.objects.filter(pk__in=held).update(is_held=True)
    return figures


def _beside_a_server(name: str, seconds: float) -> Figures:
    command = [sys.executable, "-m", "bench.mail_server", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        if server.stdout is None:
            raise RuntimeError("The mail server does not say its port.")
        port = int(server.stdout.readline())
        try:
            with override_settings(MAIL_LIVE=True, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
                figures = _times(name, port)
        finally:
            server.terminate()
        carried = [int(line) for line in server.stdout]
    figures["connections of a delivery"] = len(carried) / (ROUNDS + 1) - 1
    return figures


def _times(name: str, port: int) -> Figures:
    inbox = Inbox.objects.filter(pk__in=District.objects.values("inbox"))[0]

    def ours() -> None:
        sent = smtp.deliver(now=clock.now)
        if sent[Mail.State.SENT] != MAILS:
            raise RuntimeError(f"Not all mails were sent: {sent}.")

    parts: dict[str, Callable[[], object]] = {
        f"mail ours{name}, ms": ours,
        f"mail plain{name}, ms": partial(_plain, port, inbox.address),
    }
    times: dict[str, list[float]] = {each: [] for each in parts}
    for _ in range(ROUNDS + 1):
        _owe(inbox)
        for each, taken in in_turn(parts, rounds=1, warm=False).items():
            times[each].append(taken)
    return {
        each: sorted(taken_in_rounds[1:])[ROUNDS // 2] / MAILS
        for each, taken_in_rounds in times.items()
    }


def _owe(inbox: Inbox) -> None:
    Mail.objects.bulk_create(
        Mail(
            inbox=inbox,
            on=clock.today(),
            part=f"bench:{uuid4().hex}",
            subject="Permanency: what is due",
            body=BODY,
            message_id=f"<{uuid4().hex}@bench>",
        )
        for _ in range(MAILS)
    )


def _plain(port: int, address: str) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for _ in range(MAILS):
            mail = EmailMessage()
            mail["Subject"], mail["From"] = "Permanency: what is due", settings.DEFAULT_FROM_EMAIL
            mail["To"], mail["Message-ID"] = address, f"<{uuid4().hex}@bench>"
            mail.set_content(BODY)
            line.send_message(mail)


def judge(found: Found) -> Iterator[Goal]:
    """Yield G10 for each kind of database: a mail costs the same, however many were told before."""
    for vendor in found.vendors:
        for size in found.sizes(vendor):
            for name in AWAY:
                ratio = found.ratio(vendor, size, f"mail ours{name}, ms", f"mail plain{name}, ms")
                says = f"{vendor}, {size:,}: a mail, to plain smtplib on one connection{name}"
                yield Goal("G10", says, ratio, 2.7)
        size = found.sizes(vendor)[0]
        lines = found.get(vendor, size, "connections of a delivery")
        yield Goal("G10", f"{vendor}: connections of a delivery", lines, 1, "connections")
        mails = found.get(vendor, size, "mails of a night")
        inboxes = found.get(vendor, size, "inboxes with something to say")
        more = None if mails is None or inboxes is None else mails - inboxes
        says = f"{vendor}: mails of a night above inboxes with something to say"
        yield Goal("G10", says, more, 0, "mails", why_not="the night was not measured")
