"""The hidden field of a form that keeps what is typed.

It is signed and names the person for whom the page was made, the form, and this one sheet of it.
So a page that comes in after its session has ended still says whose words it brings, and a sheet
that is sent twice is known again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from django.core import signing
from django.core.signing import b62_decode

FIELD_NAME = "sealed"
# A sheet older than this is not acted on; its words are kept all the same, as long as any.
A_DAY = timedelta(days=1)
DRAFT_LIFETIME = timedelta(days=30)
LONG_AGO = datetime.fromtimestamp(0, UTC)
_SALT = "directory.seals"


@dataclass(frozen=True)
class SubmissionToken:
    """Whose sheet it is, of which form (path and query), which sheet, and when it was made."""

    person: int
    form: str
    sheet: str
    is_old: bool = False
    made_at: datetime = LONG_AGO


def new_token(person: int, form: str) -> str:
    """Return the text of the hidden field for a new sheet of this form."""
    return signing.dumps([person, form, token_urlsafe(16)], salt=_SALT)


def read_token(text: str) -> SubmissionToken | None:
    """Return what the field says, or None where it is not ours or older than words are kept."""
    for most, is_old in ((A_DAY, False), (DRAFT_LIFETIME, True)):
        try:
            person, form, sheet = signing.loads(text, salt=_SALT, max_age=most)
        except signing.BadSignature:
            continue
        # The signature was good, so the moment beside it, in whole seconds, is the one signed.
        made_at = datetime.fromtimestamp(b62_decode(text.rsplit(":", 2)[1]), UTC)
        return SubmissionToken(person, form, sheet, is_old=is_old, made_at=made_at)
    return None
