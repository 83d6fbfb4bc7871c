"""Tells a person by mail what changed about how they sign in. Rows only, as for every mail."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from directory.mail import texts
from directory.mail.compose import message_id
from directory.mail.texts import MailText
from directory.models import Mail, SignInLink, User

PASSWORD = "your password was changed"  # noqa: S105  # a sentence
EMAIL = "your e-mail address was changed"
FACTORS = "the ways to prove who you are were changed"


def create_personal_mail(
    person: User,
    text: MailText,
    *,
    on: date,
    part: str,
    address: str = "",
    link: SignInLink | None = None,
) -> Mail:
    """Return the mail that a person is owed, at an address of its own where one is given."""
    return Mail.objects.create(
        person=person,
        address=address,
        link=link,
        on=on,
        part=part,
        subject=text.subject,
        body=text.body,
        message_id=message_id(),
    )


def notify_person(person: User, what: str, *, on: date, address: str = "") -> Mail:
    """Return the mail that tells a person what changed; call it in the transaction of the change.

    A change of address is told to the former one.
    """
    part = f"told:{uuid4().hex[:16]}"
    return create_personal_mail(
        person, texts.account_change_text(what), on=on, part=part, address=address
    )
