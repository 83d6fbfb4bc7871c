"""The signed hidden field of a form: for whom the page was made, which form, and a random key.

A form that is sent after its session has ended still says whose draft it brings, and one that is
sent twice is recognised by its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from django.core import signing
from django.core.signing import b62_decode

FIELD_NAME = "submission_token"
# A form older than this is not acted on; its draft is kept all the same.
TOKEN_LIFETIME = timedelta(days=1)
DRAFT_LIFETIME = timedelta(days=30)
LONG_AGO = datetime.fromtimestamp(0, UTC)
_SALT = "directory.submission_token"


@dataclass(frozen=True)
class SubmissionToken:
    """A person, a form (path and query), the key of one page with it, and when that was made."""

    person: int
    form: str
    key: str
    is_old: bool = False
    made_at: datetime = LONG_AGO


def new_token(person: int, form: str) -> str:
    return signing.dumps([person, form, token_urlsafe(16)], salt=_SALT)


def read_token(text: str) -> SubmissionToken | None:
    for longest, is_old in ((TOKEN_LIFETIME, False), (DRAFT_LIFETIME, True)):
        try:
            person, form, key = signing.loads(text, salt=_SALT, max_age=longest)
        except signing.BadSignature:
            continue
        # The signature was good, so the moment beside it, in whole seconds, is the one signed.
        made_at = datetime.fromtimestamp(b62_decode(text.rsplit(":", 2)[1]), UTC)
        return SubmissionToken(person, form, key, is_old=is_old, made_at=made_at)
    return None
