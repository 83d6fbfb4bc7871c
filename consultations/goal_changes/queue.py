"""The approvals queue: endorsed changes that wait for a decision, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from consultations.goal_changes.eligibility import is_named_requester
from consultations.models import GoalChange
from consultations.models.changes import GoalChangeQuerySet
from consultations.workflow import APPROVERS, Status, Step, StepContext, reasons_against
from directory.models import User
from directory.roles import DECIDES_FOR, READS_QUEUE, CaseManagement, Role
from directory.working_days import working_days_between
from permanency.policy.rules import Rules

LEADER_ROLES = READS_QUEUE - frozenset(DECIDES_FOR)


@dataclass(frozen=True)
class QueueRow:
    """One endorsed change and how long it has waited since the endorsement."""

    change: GoalChange
    decider: Role
    days: int
    working_days: int
    target: int
    why_not_mine: str

    @property
    def is_over_target(self) -> bool:
        """Whether it has waited longer than the local target."""
        return self.working_days > self.target


def approval_queue(user: User, *, on: date) -> GoalChangeQuerySet:
    """Return the endorsed changes that wait in the queue of this person, the oldest first.

    An approver's queue is what they decide for (rule 8); those who lead see their districts whole.
    """
    wanted = user.reach(LEADER_ROLES, on=on).q("child__district")
    for role, case_management in DECIDES_FOR.items():
        reach = user.reach({role}, on=on)
        if reach:
            wanted |= reach.q("child__district") & Q(child__case_managed_by=case_management)
    rows = GoalChange.objects.visible_to(user, on=on).endorsed().filter(wanted)
    rows = rows.with_reader_asked(user)
    return rows.order_by("status_since_on", "pk").select_related(
        "child__district", "child__provider", "current_goal", "endorsed_by", "consultation"
    )


def queue_row(change: GoalChange, user: User, *, on: date, rules: Rules) -> QueueRow:
    """Return a change of the queue as its row tells it."""
    since, child = change.status_since_on, change.child
    decider = APPROVERS[CaseManagement(child.case_managed_by)]
    step_context = StepContext(
        status=Status(change.status),
        case_managed_by=child.case_managed_by,
        person=user.pk,
        roles=frozenset({decider}),
        requested_by=change.requested_by_id,
        endorsed_by=change.endorsed_by_id,
        is_named_as_requester=is_named_requester(change, user),
        has_asked=change.reader_asked,
    )
    return QueueRow(
        change=change,
        decider=decider,
        days=(on - since).days,
        working_days=working_days_between(since, on),
        target=rules.targets_working_days["approval"],
        why_not_mine=" ".join(reasons_against(Step.APPROVE, step_context)),
    )
