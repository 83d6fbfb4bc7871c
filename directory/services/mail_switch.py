"""Holds every mail back, and lets go again: the database's own word, stronger than MAIL_LIVE.

The demonstration and a restored copy hold: until somebody releases, nothing leaves.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory import history
from directory.models import MailSwitch, User
from directory.services.acts import authority

THE_ONE = 1


def hold_mail(reason: str, *, on: date, by: User | None = None) -> MailSwitch:
    """Keep every mail from leaving, from now on; the reason is shown in the outbox."""
    return _turn(True, reason, verb="held mail back", by=by, on=on)


def release_mail(*, on: date, by: User | None = None) -> MailSwitch:
    """Let mails leave again, where mail is live; those that stayed owed go with the next tick."""
    return _turn(False, "", verb="released mail", by=by, on=on)


@transaction.atomic
def _turn(is_held: bool, reason: str, *, verb: str, by: User | None, on: date) -> MailSwitch:
    switch, _ = MailSwitch.objects.select_for_update().get_or_create(pk=THE_ONE)
    if (switch.is_held, switch.reason) == (is_held, reason):
        return switch
    switch.is_held, switch.reason = is_held, reason
    switch.save(update_fields=["is_held", "reason", "changed_at"])
    appointment = authority(by, on=on)
    history.record(verb, "mail", by=by, on=on, appointment=appointment, note=reason)
    return switch
