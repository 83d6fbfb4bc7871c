"""Writing a goal change down and, where that is wished, proposing it at once: both or neither."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from consultations.models import Consultation, GoalChange
from consultations.services import changes, decisions
from consultations.services.changes import Proposal
from consultations.workflow import Status
from directory.models import User


@transaction.atomic
def write_down(
    change: GoalChange | None,
    consultation: Consultation,
    said: Proposal,
    *,
    proposes: bool,
    version: int,
    by: User,
    on: date,
) -> GoalChange:
    """Return the change, drafted anew where there is none yet and edited where there is one.

    Where it is to be proposed and cannot be, nothing of it is saved either.
    """
    if change is None:
        saved = changes.draft(consultation, by=by, on=on, **said)
    else:
        saved = changes.edit(change, version=version, by=by, on=on, **said)
    if proposes and saved.status == Status.DRAFT:
        decisions.propose(saved, by=by, on=on)
    return saved
