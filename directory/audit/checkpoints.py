"""Once a day, where each chain of the history stands: kept here, and mailed out of the house.

Whoever owns the tables can rewrite a whole chain so that it is whole in itself, but not the mail
that has left. The mail says the names of the chains, numbers and digests, and nothing else.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from directory.clock import SYDNEY, zone
from directory.history.chain import chain_name
from directory.mail import texts
from directory.mail.compose import MORNING, new_mail
from directory.models import District, HistoryHead, HistoryHeadOfDay
from directory.places.services import fallback_inbox

MAIL_PART = "heads of the history"


def post_checkpoints(*, at: datetime) -> int:
    """Keep and mail the heads of this day, and return in how many mails: one a day, from 07:00."""
    local = at.astimezone(zone(SYDNEY))
    on = local.date()
    stands = HistoryHead.objects.filter(sequence__gt=0)
    told = HistoryHeadOfDay.objects.filter(on=on)
    if local.time() < MORNING or told.exists() or not stands.exists():
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
