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
from permanency import matters
from permanency.models import Child, RuleVersion, writer_appointment


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
