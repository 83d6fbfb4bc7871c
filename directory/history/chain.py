"""How history entries are chained: functions over what an entry says, without a database.

The content of an entry (before, after, note) goes into a digest of its own, with a salt. The digest
of the entry covers that one, everything else that the entry says, and the digest before it. So the
content can be blanked by lawful order, its salt with it, and every digest of the chain still holds,
while nobody can find the blanked words by trying.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter
from typing import Any

from django.db.models import Model

from directory.models import HistoryEntry, HistoryHead

NO_DISTRICT = "no-district"
DISTRICT_CHAIN_PREFIX = "district-"
# What the digest of an entry covers beside the digest before it, in this order.
DIGEST_FIELDS = (
    "chain",
    "sequence",
    "at",
    "on",
    "by_id",
    "appointment_id",
    "district_id",
    "child_number",
    "verb",
    "subject",
    "content_digest",
)
_digest_values_of = attrgetter(*DIGEST_FIELDS)


def chain_name(district: int | None) -> str:
    """Return the name of the chain of a district, by its key, or of those without a district."""
    return NO_DISTRICT if district is None else f"{DISTRICT_CHAIN_PREFIX}{district}"


def json_value(value: Any) -> Any:
    """Return a value as JSON holds it on every database: the same when it is read back."""
    if isinstance(value, Mapping):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return str(value)
    return str(value.pk) if isinstance(value, Model) else value


def content_digest(
    salt: str, before: Mapping[str, Any], after: Mapping[str, Any], note: str
) -> str:
    return _digest([salt, before, after, note])


def entry_digest(previous: str, *sealed: Any) -> str:
    """Return the digest of an entry from the one before it and the values of `DIGEST_FIELDS`."""
    return _digest([previous, *sealed])


def append(head: HistoryHead, entries: Iterable[HistoryEntry]) -> None:
    """Give new entries their places behind the head of their chain; the head moves on."""
    for each in entries:
        each.sequence, each.salt = head.sequence + 1, secrets.token_hex(16)
        each.content_digest = content_digest(each.salt, each.before, each.after, each.note)
        each.digest = entry_digest(head.digest, *_digest_values_of(each))
        head.sequence, head.digest = each.sequence, each.digest


def _text(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat()


_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_text
).encode


def _digest(values: list[Any]) -> str:
    return sha256(_canonical(values).encode("ascii")).hexdigest()
