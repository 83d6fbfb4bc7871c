"""What every act on a goal change shares: the locks, the decision, its history and its notices.

An endorsement binds to what was endorsed and to the case as it was; else it is void (rule 9).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from consultations.models import Decision, GoalChange
from consultations.workflow import OPEN, TRANSITIONS, Status, Step
from directory import history
from directory.errors import StaleEditError, refuse
from directory.mail import notices
from directory.models import Appointment, User
from directory.roles import CaseManagement
from permanency import matters
from permanency.goals.store import current_goal
from permanency.models import Child, RuleVersion, writer_appointment
from permanency.policy.months import lower_first


class StaleVersionError(StaleEditError):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"This {what} was saved meanwhile, in another tab or by somebody else. You opened it "
            "before that."
        )


def fresh_user(by: User) -> User:
    """Return the person with the appointments that stand in the database at this moment."""
    person: User = User.objects.get(pk=by.pk)
    return person


def require_writer_appointment(by: User, child: Child, *, on: date) -> Appointment:
    """Return the appointment under which a person writes about the child; else PermissionDenied."""
    held = writer_appointment(fresh_user(by), child.district, on=on)
    if held is None:
        raise PermissionDenied
    return held


def lock_change(change: GoalChange, by: User) -> GoalChange:
    """Return the change with its child and their goals, the child locked first, then the change.

    `reader_asked` on it says whether `by` ever asked for it.
    """
    children = Child.objects.select_for_update(of=("self",)).select_related("district__inbox")
    child = children.prefetch_related("goals").get(pk=change.child_id)
    rows = GoalChange.objects.select_for_update(of=("self",)).with_reader_asked(by)
    people = ("requested_by", "endorsed_by", "approved_by")
    locked = rows.select_related("consultation", "current_goal", *people).get(pk=change.pk)
    locked.child = child
    return locked


def apply_step(
    change: GoalChange,
    step: Step,
    *,
    by: User | None,
    on: date,
    appointment: Appointment | None,
    reasons: str = "",
    rule_version: int | None = None,
    effects: dict[str, Any] | None = None,
    **values: Any,
) -> Decision:
    """Return the decision; the change moves on only from the status and version read here."""
    row, before, start = TRANSITIONS[step], history.values(change), change.status
    values |= {"status": row.end, "status_since_on": on, "version": change.version + 1}
    stored = GoalChange.objects.filter(pk=change.pk, status=start, version=change.version)
    if stored.update(**values) != 1:
        raise StaleVersionError("goal change")
    for name, value in values.items():
        setattr(change, name, value)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
    history.record_change(row.verb, change, before, note=reasons, **who)
    post_step_notices(change, step, on=on)
    return Decision.objects.create(
        goal_change=change,
        step=step,
        from_status=start,
        to_status=row.end,
        reasons=reasons,
        rules_id=rule_version or RuleVersion.objects.in_force(on=on).version,
        effects=effects or {},
        **who,
    )


def post_step_notices(change: GoalChange, step: Step, *, on: date) -> None:
    """Settle what waited before the step, and post what the district's inbox is owed after it."""
    notices.settle(matters.of_change(change.pk))
    child, kinds = change.child, TRANSITIONS[step].notices
    if not kinds:
        return
    inbox = notices.inbox_of(child.district, on=on)
    about = notices.NoticeRow(
        kind="",
        occurrence=matters.change(change.pk, str(change.status), change.version),
        inbox_id=inbox.pk,
        district_id=child.district_id,
        path=reverse("goal-change", args=[change.pk]),
        owed_on=on,
        child_number=child.pk,
        reference=child.reference,
        about_on=on,
    )
    notices.post_many([about._replace(kind=kind) for kind in kinds])


VOID_CLAUSE = "so the endorsement no longer stands."

# What an endorsement leaves on a change; the decision itself stays on the record.
NO_ENDORSEMENT: dict[str, Any] = {
    "endorsed_by": None,
    "endorsed_case_managed_by": "",
    "endorsed_provider": None,
    "endorsed_district": None,
    "endorsed_aboriginal_status": "",
    "evidence_exempted_because": "",
    "evidence_exempted_until": None,
}


def endorsed_case_fields(child: Child) -> dict[str, Any]:
    return {
        "endorsed_case_managed_by": child.case_managed_by,
        "endorsed_provider": child.provider,
        "endorsed_district": child.district,
        "endorsed_aboriginal_status": child.aboriginal_status,
    }


def case_change_reason(change: GoalChange) -> str:
    """Return how the case or the goal in force has moved under a change that waits, or ""."""
    if change.status == Status.ENDORSED:
        return " ".join(filter(None, (_case_move_reason(change), _goal_move_reason(change))))
    return _goal_move_reason(change) if change.status in OPEN else ""


def _case_move_reason(change: GoalChange) -> str:
    child = change.child
    if (change.endorsed_case_managed_by, change.endorsed_provider_id) != (
        child.case_managed_by,
        child.provider_id,
    ):
        now = child.provider or CaseManagement(child.case_managed_by).label
        return f"The case moved to {now} after the endorsement, {VOID_CLAUSE}"
    if change.endorsed_district_id != child.district_id:
        return f"The case moved to {child.district} after the endorsement, {VOID_CLAUSE}"
    if change.endorsed_aboriginal_status != child.aboriginal_status:
        return (
            "What is recorded about whether the child is Aboriginal or Torres Strait Islander "
            f"changed after the endorsement, {VOID_CLAUSE}"
        )
    return ""


def _goal_move_reason(change: GoalChange) -> str:
    current = current_goal(change.child)
    if (current.pk if current else None) == change.current_goal_id:
        return ""
    was, now = (lower_first(str(each or "no goal")) for each in (change.current_goal, current))
    if change.status == Status.DRAFT:
        return f"This change was drafted with {was} in force; now it is {now}."
    return (
        f"This change was proposed with {was} in force; now it is {now}. Edit the change or ask "
        "for more, so that it is proposed again on what is in force."
    )


def void_endorsement(change: GoalChange, *, because: str, by: User | None, on: date) -> Decision:
    """Return the decision that puts an endorsed change back to proposed; the child is locked."""
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


def void_if_case_changed(child: Child, *, by: User | None, on: date, **kwargs: Any) -> None:
    """Make the endorsement of the child's open change void; called in the move's transaction."""
    for change in child.goal_changes.endorsed():
        change.child = child
        if because := case_change_reason(change):
            void_endorsement(change, because=because, by=by, on=on)
