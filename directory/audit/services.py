"""Daily checkpoints of the history's chains, and redaction of an entry by lawful order."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from directory import history
from directory.clock import SYDNEY, zone
from directory.errors import refuse
from directory.history.chain import chain_name
from directory.mail import texts
from directory.mail.compose import MORNING, new_mail
from directory.models import (
    District,
    HistoryEntry,
    HistoryHead,
    HistoryHeadOfDay,
    Redaction,
    User,
)
from directory.places.services import fallback_inbox

MAIL_PART = "heads of the history"
REDACTED = "redacted an entry of the history"


def post_checkpoints(*, at: datetime) -> int:
    """Keep and mail the heads of the chains, once a day from 07:00; return in how many mails.

    Whoever owns the tables could rewrite a whole chain, but not the mail that has left.
    """
    local = at.astimezone(zone(SYDNEY))
    on = local.date()
    stands = HistoryHead.objects.filter(sequence__gt=0)
    if (
        local.time() < MORNING
        or HistoryHeadOfDay.objects.filter(on=on).exists()
        or not stands.exists()
    ):
        return 0
    with transaction.atomic():
        mail, is_new = new_mail(fallback_inbox(on=on).pk, on=on, part=MAIL_PART)
        if not is_new:
            return 0
        kept = HistoryHeadOfDay.objects.bulk_create(
            HistoryHeadOfDay(chain=each.chain, on=on, sequence=each.sequence, digest=each.digest)
            for each in stands
        )
        names = {chain_name(pk): name for pk, name in District.objects.values_list("pk", "name")}
        text = texts.checkpoint_text([(each, names.get(each.chain, "")) for each in kept], on=on)
        mail.subject, mail.body = text.subject, text.body
        mail.save(update_fields=["subject", "body"])
    return 1


def redaction_history_fields(redaction: Redaction) -> dict[str, Any]:
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
    text = texts.redaction_text(
        entry.place, decided_by=decided_by.email, done_by=done_by.email, on=on
    )
    new_mail(inbox.pk, on=on, part=f"redaction:{entry.pk}", text=text)
    return redaction
