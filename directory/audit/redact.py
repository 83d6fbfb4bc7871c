"""Blanks what a history entry says, by lawful order. The entry stays, marked, in its chain."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.mail import texts
from directory.mail.compose import new_mail
from directory.models import HistoryEntry, Inbox, Redaction, User
from directory.places.services import fallback_inbox

REDACTED = "redacted an entry of the history"


def redaction_history_fields(redaction: Redaction) -> dict[str, Any]:
    """Return a redaction as the history tells it."""
    return {
        "entry": redaction.entry.place,
        "decided_by": redaction.decided_by.email,
        "done_by": redaction.done_by.email,
        "authority": redaction.authority,
        "reason": redaction.reason,
        "redacted_on": redaction.on.isoformat(),
    }


def reasons_against_redacting(
    entry: HistoryEntry, *, decided_by: User, done_by: User, on: date
) -> tuple[str, ...]:
    """Return why these two cannot redact this entry today; empty if they can."""
    people = (decided_by, done_by)
    idle = [
        each.name for each in people if not (each.is_active and each.appointments_in_force(on=on))
    ]
    found = (
        "Two different people redact an entry: one decides, another does it."
        if decided_by == done_by
        else "",
        *(f"{name} holds no appointment today." for name in idle),
        "This entry is redacted already." if hasattr(entry, "redaction") else "",
        "An entry that tells of a redaction is not redacted." if entry.verb == REDACTED else "",
    )
    return tuple(each for each in found if each)


@transaction.atomic
def redact(
    entry: HistoryEntry, *, decided_by: User, done_by: User, authority: str, reason: str, on: date
) -> Redaction:
    """Return the redaction; the content of the entry is gone, and the chain still verifies.

    A mail tells the fallback inbox which entry it was, who decided and who did it.
    StepNotAllowedError where it is not two different people with an appointment, where no reason or
    authority is given, or where the entry is redacted already.
    """
    inbox = fallback_inbox(on=on)
    history.lock_chains(entry.district)
    refuse(
        *reasons_against_redacting(entry, decided_by=decided_by, done_by=done_by, on=on),
        "" if authority.strip() else "Name the authority under which it is redacted.",
        "" if reason.strip() else "Say why it is redacted.",
    )
    redaction = Redaction(
        entry=entry,
        decided_by=decided_by,
        done_by=done_by,
        authority=authority.strip(),
        reason=reason.strip(),
        on=on,
    )
    redaction.told_by = history.record(
        REDACTED,
        entry.subject,
        by=done_by,
        on=on,
        child_number=entry.child_number,
        district=entry.district,
        appointment=next(iter(done_by.appointments_in_force(on=on)), None),
        after=redaction_history_fields(redaction),
    )
    redaction.save(force_insert=True)
    HistoryEntry.objects.filter(pk=entry.pk).update(before={}, after={}, note="", salt="")
    _notify_fallback_inbox(redaction, inbox=inbox)
    return redaction


def _notify_fallback_inbox(redaction: Redaction, *, inbox: Inbox) -> None:
    """Tell those outside the two people, for what was blanked can be asked of nobody else."""
    mail, _ = new_mail(inbox.pk, on=redaction.on, part=f"redaction:{redaction.entry_id}")
    text = texts.redaction_text(
        redaction.entry.place,
        decided_by=redaction.decided_by.email,
        done_by=redaction.done_by.email,
        on=redaction.on,
    )
    mail.subject, mail.body = text.subject, text.body
    mail.save(update_fields=["subject", "body"])
