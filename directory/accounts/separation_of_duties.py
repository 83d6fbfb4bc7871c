"""Separation of duties, so that no administrator alone can sign in as somebody else.

Whoever changed a person's e-mail or removed their second factors may not send them a link or set
their password for seven days; whoever did that may not remove the factors.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings

from directory.errors import refuse
from directory.models import HistoryEntry, User

REMOVED_FACTORS = "removed all second factors"
REMOVED_SINGLE_SIGN_ON = "took single sign-on away"
EDITED = "edited a person"
INVITED, SENT_LINK = "made an invitation", "made a link for a password"
SET_PASSWORD = "set a password"  # noqa: S105  # a verb
REMOVAL_VERBS = frozenset({REMOVED_FACTORS, REMOVED_SINGLE_SIGN_ON})
PASSWORD_VERBS = frozenset({INVITED, SENT_LINK, SET_PASSWORD})


def _recent_acts(person: User, *, on: date) -> list[HistoryEntry]:
    since = on - timedelta(days=settings.SECOND_ADMINISTRATOR_DAYS)
    acts = HistoryEntry.objects.filter(
        child_number=None,
        subject=f"user {person.pk}",
        verb__in={EDITED, *REMOVAL_VERBS, *PASSWORD_VERBS},
        on__gt=since,
    )
    return [each for each in acts.order_by("-pk") if each.verb != EDITED or "email" in each.after]


def _last_was_by(by: User, acts: Iterable[HistoryEntry], verbs: Iterable[str]) -> bool:
    last = next((each for each in acts if each.verb in verbs), None)
    return last is not None and last.by_id == by.pk


def refusal_reasons(person: User, *, by: User, on: date) -> tuple[str, str]:
    """Return why they may not send this person a link today, and why not remove factors, or ""."""
    acts = _recent_acts(person, on=on)
    if _last_was_by(by, acts, {EDITED}):
        did = "changed their e-mail address"
        return _sentence(did, "sends a link"), _sentence(did, "removes their factors")
    no_password = factors_stay = ""
    if _last_was_by(by, acts, REMOVAL_VERBS):
        no_password = _sentence("took away how they prove who they are", "sends a link")
    if _last_was_by(by, acts, PASSWORD_VERBS):
        factors_stay = _sentence("gave them a link or a password", "removes their factors")
    return no_password, factors_stay


def _sentence(did: str, does: str) -> str:
    days = settings.SECOND_ADMINISTRATOR_DAYS
    return f"You {did} within the last {days} days. Another administrator {does}."


def refuse_password(person: User, *, by: User | None, on: date) -> None:
    """Refuse a link or a password by this administrator; the person's row is locked."""
    if by is not None:
        refuse(refusal_reasons(person, by=by, on=on)[0])


def has_new_address(person: User, *, on: date) -> bool:
    last = next((each for each in _recent_acts(person, on=on) if each.verb == EDITED), None)
    return last is not None and last.by_id != person.pk
