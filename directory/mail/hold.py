"""Global mail hold stored in the database, which overrides MAIL_LIVE; and requeueing of mails.

The demonstration and a restored copy hold, and so does the first run after a long silence: until
somebody releases, nothing leaves.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from directory import history
from directory.errors import StepNotAllowedError
from directory.mail.texts import day_text
from directory.models import Mail, MailSwitch, TickRun, User

SWITCH_PK = 1
LONGEST_GAP = timedelta(days=60)


def hold_mail(reason: str, *, on: date, by: User | None = None) -> MailSwitch:
    """Keep every mail from leaving, from now on; the reason is shown in the outbox."""
    return _set_switch(True, reason, verb="held mail back", by=by, on=on)


def release_mail(*, on: date, by: User | None = None) -> MailSwitch:
    """Let mails leave again, where mail is live; those that stayed owed go with the next tick."""
    return _set_switch(False, "", verb="released mail", by=by, on=on)


def hold_after_gap(*, on: date) -> bool:
    """Hold live mail if the last day worked off lies more than 60 days back; say whether it was.

    What is owed after so long was overtaken, or a clock jumped: somebody reads it first.
    """
    if not settings.MAIL_LIVE:
        return False
    done = TickRun.objects.exclude(ended_at=None).order_by("-on")
    last_on = done.values_list("on", flat=True).first()
    if last_on is None or on - last_on <= LONGEST_GAP:
        return False
    if MailSwitch.objects.filter(is_held=True).exists():
        return False
    reason = f"Nothing was worked off from {day_text(last_on)} to {day_text(on)}"
    hold_mail(f"{reason}: read what has gathered, then release it", on=on)
    return True


@transaction.atomic
def _set_switch(is_held: bool, reason: str, *, verb: str, by: User | None, on: date) -> MailSwitch:
    switch, _ = MailSwitch.objects.select_for_update().get_or_create(pk=SWITCH_PK)
    if (switch.is_held, switch.reason) == (is_held, reason):
        return switch
    switch.is_held, switch.reason = is_held, reason
    switch.save(update_fields=["is_held", "reason", "changed_at"])
    appointment = history.editor_appointment(by, on=on)
    history.record(verb, "mail", by=by, on=on, appointment=appointment, note=reason)
    return switch


NOT_STUCK = "This mail is neither parked nor undeliverable: it needs no help."


@transaction.atomic
def requeue(mail: Mail, *, by: User, on: date) -> None:
    """Owe a stuck mail again, its tries and waits anew; else StepNotAllowedError."""
    history.editor_appointment(by, on=on)
    locked = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if not locked.is_stuck:
        raise StepNotAllowedError(NOT_STUCK)
    before = {"state": locked.state, "tries": locked.tries}
    anew = {
        "state": Mail.State.OWED,
        "tries": 0,
        "left_behind": 0,
        "unsure": 0,
        "failing_since": None,
        "next_attempt_at": None,
        "ended_at": None,
        "trouble": "",
    }
    for name, value in anew.items():
        setattr(locked, name, value)
    locked.save(update_fields=[*anew])
    after = {"state": locked.state, "tries": 0}
    history.record_change(
        "asked for a mail to be tried again", locked, before, after=after, by=by, on=on
    )
