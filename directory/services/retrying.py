"""Owes a mail again that was left to a person, once what stood in its way was put right."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory.models import Mail, User
from directory.refusals import StepNotAllowedError
from directory.services import acts

NOT_STUCK = "This mail is neither parked nor undeliverable: it needs no help."


@transaction.atomic
def try_again(mail: Mail, *, by: User, on: date) -> None:
    """Owe a parked or undeliverable mail again, its tries and waits anew; the next run takes it up.

    One that may have arrived already still says so. Raises StepNotAllowedError where it is not
    stuck, or no longer.
    """
    acts.authority(by, on=on)
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
    acts.record(
        "asked for a mail to be tried again", locked, by=by, on=on, before=before, after=after
    )
