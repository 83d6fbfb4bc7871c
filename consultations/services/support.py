"""Whether a consultation can carry a goal change (rule 6), asked of the records."""

from __future__ import annotations

from datetime import date

from consultations.models import Consultation, Decision
from consultations.policy import FORMAL, why_unsupported
from consultations.workflow import Step


def why_change_is_unsupported(
    consultation: Consultation, *, is_formal: bool | None = None, held_on: date | None = None
) -> str:
    """Return why the consultation cannot carry a goal change, or "".

    `is_formal` and `held_on` ask how it would be after a correction that is not saved yet.
    """
    approval = (
        Decision.objects.filter(goal_change__child=consultation.child_id, step=Step.APPROVE)
        .order_by("pk")
        .last()
    )
    return why_unsupported(
        is_formal=consultation.kind == FORMAL if is_formal is None else is_formal,
        is_recorded=consultation.recorded_on is not None,
        held_on=held_on or consultation.held_on,
        begun_at=consultation.begun_at,
        approved_on=approval.on if approval else None,
        approved_at=approval.at if approval else None,
    )
