"""Holds every mail back, and lets go again: the database's own word, stronger than MAIL_LIVE.

The demonstration and a restored copy hold, and so does the first run after a long silence: until
somebody releases, nothing leaves.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from directory import history
from directory.models import MailSwitch, TickRun, User
from directory.services.acts import authority
from directory.wording import day

THE_ONE = 1
LONGEST_GAP = timedelta(days=60)


def hold_mail(reason: str, *, on: date, by: User | None = None) -> MailSwitch:
    """Keep every mail from leaving, from now on; the reason is shown in the outbox."""
    return _turn(True, reason, verb="held mail back", by=by, on=on)


def release_mail(*, on: date, by: User | None = None) -> MailSwitch:
    """Let mails leave again, where mail is live; those that stayed owed go with the next tick."""
    return _turn(False, "", verb="released mail", by=by, on=on)


def hold_after_gap(*, on: date) -> bool:
    """Hold live mail if the last day worked off lies more than 60 days back; say whether it was.

    What is owed after so long was long overtaken or comes from a clock that jumped: somebody reads
    it first. Whoever is about to deliver asks; with the next completed tick the gap is over.
    """
    if not settings.MAIL_LIVE:
        return False
    done = TickRun.objects.exclude(ended_at=None).order_by("-on")
    last_on = done.values_list("on", flat=True).first()
    if last_on is None or on - last_on <= LONGEST_GAP:
        return False
    if MailSwitch.objects.filter(is_held=True).exists():
        return False
    reason = f"Nothing was worked off from {day(last_on)} to {day(on)}"
    hold_mail(f"{reason}: read what has gathered, then release it", on=on)
    return True


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
