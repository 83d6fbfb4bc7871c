"""A mail server that answers as it is told, and mails that are owed to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings, settings

from directory.mail import compose, notices, smtp
from directory.models import Mail, Notice
from directory.tests.inboxes import make_inbox
from directory.tests.mail_server import MailServer
from directory.tests.people import make_district

TODAY = date(2026, 5, 14)
NOW = datetime(2026, 5, 13, 21, 0, tzinfo=UTC)
LEASE = timedelta(seconds=settings.MAIL_LEASE_SECONDS)


class ScriptedServer(MailServer):
    """A mail server that answers as it is told: by recipient, or to the text of a mail."""

    def __init__(self) -> None:
        super().__init__()
        self.recipient_answers: dict[str, str] = {}
        self.sender_answer = ""
        self.at_recipient: Callable[[], object] = bool
        self.drops_at_recipient = False
        self.at_text: Callable[[], object] = bool
        self.text_answer = ""
        self.drops_after_text = False
        self.connections = 0

    async def handle_EHLO(  # noqa: N802  # the library looks for this name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the connection."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802  # the library looks for this name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer for our own address."""
        envelope.mail_from = address
        return self.sender_answer or "250 fine"

    async def handle_RCPT(  # noqa: N802  # the library looks for this name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer for this recipient, after what happens meanwhile."""
        self.at_recipient()
        if self.drops_at_recipient:
            server.transport.abort()
        if address in self.recipient_answers:
            return self.recipient_answers[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the library looks for this name
        """Keep the mail unless told to refuse it, after what happens; the answer may be lost."""
        self.at_text()
        if self.text_answer:
            return self.text_answer
        answer = await super().handle_DATA(server, session, envelope)
        if self.drops_after_text:
            server.transport.abort()
        return answer


@pytest.fixture
def server(settings: LazySettings) -> Iterator[ScriptedServer]:
    """Give a mail server to which mail goes live."""
    server = ScriptedServer()
    settings.MAIL_LIVE = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


def owe_mail(name: str = "Hunter inbox") -> Mail:
    """Return an owed digest of one matter, to a new inbox."""
    district = make_district(name.removesuffix(" inbox"))
    make_inbox(name, district)
    notices.post(
        Notice.Kind.REVIEW_DUE,
        f"goal:{district.pk}:review:{TODAY}",
        district=district,
        path="/children/7/",
        owed_on=TODAY,
        child_number=7,
        reference="K7RW2MXQ",
        about_on=TODAY,
    )
    compose.compose(at=NOW)
    return Mail.objects.get(inbox__name=name)


def deliver(at: datetime = NOW) -> dict[str, int]:
    """Deliver at this moment and return what came of the mails."""
    return dict(smtp.deliver(now=lambda: at))


def state_of(mail: Mail) -> str:
    """Return where a mail is now; the caller's row is read anew."""
    mail.refresh_from_db()
    return mail.state
