"""Actions agreed for a child: done, or open again where that was a slip."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory import history, outbox
from directory.models import User
from directory.refusals import StepNotAllowedError
from directory.roles import WRITES_CASES
from permanency import matters
from permanency.models import Action
from permanency.services.rights import acting_appointment


def may_close(action: Action, by: User, *, on: date) -> bool:
    """Say whether a person may mark the action done: its owner, and who writes about the child."""
    owns = action.owner_id is not None and action.owner_id == by.pk
    return owns or by.holds(WRITES_CASES, on=on, district=action.child.district)


@transaction.atomic
def finish(action: Action, *, by: User, on: date) -> Action:
    """Return the action, done today; one that is done already stays as it was."""
    action = _locked(action, by=by, on=on)
    if action.done_on is not None:
        return action
    if on < action.agreed_on:
        raise StepNotAllowedError("This action was agreed for a later day.")
    action.done_on = on
    _save(action, "did an action", None, by=by, on=on)
    return action


@transaction.atomic
def open_again(action: Action, *, by: User, on: date) -> Action:
    """Return the action, open again; one that is open already stays as it was."""
    action = _locked(action, by=by, on=on)
    if action.done_on is None:
        return action
    before, action.done_on = action.done_on, None
    _save(action, "opened an action again", before, by=by, on=on)
    return action


def _locked(action: Action, *, by: User, on: date) -> Action:
    locked = Action.objects.select_for_update(of=("self",)).select_related("child__district")
    action = locked.get(pk=action.pk)
    if not may_close(action, by, on=on):
        raise PermissionDenied
    return action


def _save(action: Action, verb: str, before: date | None, *, by: User, on: date) -> None:
    child = action.child
    action.save(update_fields=["done_on"])
    outbox.settle(matters.of_action(action.pk))
    history.record(
        verb,
        f"action {action.pk}",
        by=by,
        on=on,
        child_number=child.pk,
        district=child.district,
        appointment=acting_appointment(by, child, on=on),
        before={"done_on": before},
        after={"done_on": action.done_on},
        note=action.what,
    )
