"""What every act on a goal change shares: the locks, the decision, its history and its notices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from consultations.models import Decision, GoalChange
from consultations.workflow import TRANSITIONS, Step
from directory import history
from directory.errors import StaleEditError
from directory.mail import notices
from directory.models import Appointment, User
from permanency.matters import keys
from permanency.models import Child, RuleVersion
from permanency.permissions import writer_appointment


class StaleVersionError(StaleEditError):
    """This was saved since the person opened it: by somebody else, or by themselves elsewhere."""

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
    held = writer_appointment(fresh_user(by), child, on=on)
    if held is None:
        raise PermissionDenied
    return held


def lock_change(change: GoalChange, by: User) -> GoalChange:
    """Return the change as it now stands, with whether `by` ever asked for it as `reader_asked`.

    Its child, the child's goals and itself are read under locks: the child's first.
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
    """Return the decision. The change moves on only from the status and version that it has here.

    It keeps the version of the rules that holds today, and `effects` on the dates, if any.
    """
    row, before, start = TRANSITIONS[step], history_fields(change), change.status
    values |= {"status": row.end, "status_since_on": on, "version": change.version + 1}
    stored = GoalChange.objects.filter(pk=change.pk, status=start, version=change.version)
    if stored.update(**values) != 1:
        raise StaleVersionError("goal change")
    for name, value in values.items():
        setattr(change, name, value)
    write_history(row.verb, change, before, by=by, on=on, appointment=appointment, note=reasons)
    post_step_notices(change, step, on=on)
    return Decision.objects.create(
        goal_change=change,
        step=step,
        from_status=start,
        to_status=row.end,
        by=by,
        appointment=appointment,
        on=on,
        reasons=reasons,
        rules_id=rule_version or RuleVersion.objects.in_force(on=on).version,
        effects=effects or {},
    )


def post_step_notices(change: GoalChange, step: Step, *, on: date) -> None:
    """Settle what waited before the step, and post what the district's inbox is owed after it."""
    notices.settle(keys.of_change(change.pk))
    child, kinds = change.child, TRANSITIONS[step].notices
    if not kinds:
        return
    inbox = notices.inbox_of(child.district, on=on)
    about = notices.NoticeRow(
        kind="",
        occurrence=keys.change(change.pk, str(change.status), change.version),
        inbox_id=inbox.pk,
        district_id=child.district_id,
        path=reverse("goal-change", args=[change.pk]),
        owed_on=on,
        child_number=child.pk,
        reference=child.reference,
        about_on=on,
    )
    notices.post_many([about._replace(kind=kind) for kind in kinds])


def history_fields(change: GoalChange) -> dict[str, Any]:
    """Return what the history keeps of a change."""
    return {
        "status": str(change.status),
        "goal_before": str(change.current_goal or ""),
        "goal": change.goal,
        "reasons": change.reasons,
        "cultural_consultation": change.cultural_consultation,
        "consultation": change.consultation.held_on,
        "requested_by": _name(change.requested_by),
        "requested_by_name": change.requested_by_name,
        "requested_by_role": change.requested_by_role,
        "requested_by_organisation": change.requested_by_organisation,
        "endorsed_by": _name(change.endorsed_by),
        "approved_by": _name(change.approved_by),
        "effective_on": change.effective_on,
        "case_plan_approved_on": change.case_plan_approved_on,
        "entered_in_childstory_on": change.entered_in_childstory_on,
    }


def _name(person: User | None) -> str | None:
    return None if person is None else person.name


def write_history(
    verb: str,
    change: GoalChange,
    before: dict[str, Any],
    *,
    by: User | None,
    on: date,
    appointment: Appointment | None,
    note: str = "",
) -> None:
    """Write the history entry of an act on a change, in the transaction of the act."""
    was, now = history.changes(before, history_fields(change))
    history.record(
        verb,
        f"goal change {change.pk}",
        by=by,
        on=on,
        child_number=change.child_id,
        district=change.child.district,
        appointment=appointment,
        before=was,
        after=now,
        note=note,
    )
