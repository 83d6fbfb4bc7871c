"""Tells the district's inbox what follows from a step, and settles what waited before it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from consultations.models import GoalChange
from consultations.workflow import Step
from directory import outbox
from directory.models import Notice
from permanency import matters

# What the district's inbox is told of when a step has been taken.
NOTICES = {
    Step.PROPOSE: (Notice.Kind.ENDORSEMENT_WAITING,),
    Step.ENDORSE: (Notice.Kind.APPROVAL_WAITING,),
    Step.NOT_ENDORSE: (Notice.Kind.CHANGE_DECIDED,),
    Step.ASK_FOR_MORE: (Notice.Kind.CHANGE_RETURNED,),
    Step.VOID: (Notice.Kind.CHANGE_RETURNED, Notice.Kind.ENDORSEMENT_WAITING),
    Step.APPROVE: (Notice.Kind.CHANGE_DECIDED,),
    Step.DECLINE: (Notice.Kind.CHANGE_DECIDED,),
}


def tell(change: GoalChange, step: Step, *, on: date) -> None:
    """Settle what waited before the step, and tell the district's inbox what follows from it."""
    outbox.settle(matters.of_change(change.pk))
    child = change.child
    for kind in NOTICES.get(step, ()):
        outbox.post(
            kind,
            matters.change(change.pk, str(change.status), change.version),
            district=child.district,
            path=reverse("goal-change", args=[change.pk]),
            owed_on=on,
            child_number=child.pk,
            reference=child.reference,
            about_on=on,
        )
