"""Makes an endorsement void: it binds to what was endorsed and to the case as it was (rule 9)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import F

from consultations.goal_changes import eligibility
from consultations.goal_changes.eligibility import NO_ENDORSEMENT, case_change_reason
from consultations.goal_changes.transitions import apply_step, lock_change
from consultations.models import Consultation, Decision, GoalChange
from consultations.workflow import Status, Step
from directory import history
from directory.errors import refuse
from directory.models import User
from permanency.models import Child


@transaction.atomic
def void_endorsement(change: GoalChange, *, because: str, by: User | None, on: date) -> Decision:
    """Return the decision that puts an endorsed change back to proposed, and says why."""
    change = lock_change(change)
    refuse("" if change.status == Status.ENDORSED else "This goal change is not endorsed.")
    return apply_step(
        change,
        Step.VOID,
        by=by,
        on=on,
        appointment=history.acting_appointment(by, change.child.district, on=on),
        reasons=because,
        **NO_ENDORSEMENT,
    )


def void_if_case_changed(child: Child, *, by: User | None, on: date) -> None:
    """Make the endorsement of the child's open change void; called in the move's transaction."""
    for change in child.goal_changes.endorsed():
        change.child = child
        if because := case_change_reason(change):
            void_endorsement(change, because=because, by=by, on=on)


def apply_consultation_correction(consultation: Consultation, *, by: User, on: date) -> None:
    """Follow a material correction: an endorsement falls, and open pages know they are stale.

    Whoever the consultation now names as asking counts as having asked for the change.
    """
    for change in consultation.goal_changes.open():
        change.consultation = consultation
        eligibility.record_requesters(change)
    for change in consultation.goal_changes.endorsed():
        change.child = consultation.child
        because = "The consultation was corrected after the endorsement."
        void_endorsement(change, because=because, by=by, on=on)
        return
    consultation.goal_changes.open().update(version=F("version") + 1)
