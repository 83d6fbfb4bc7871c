"""Court orders about a child: recorded, corrected, ended. Notices of an old expiry are settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.history.audited_edit import check_version, save_new_version
from directory.mail import notices
from directory.models import User
from permanency import matters
from permanency.goals import store
from permanency.models import Child, CourtOrder, check_may_write


class OrderFields(TypedDict, total=False):
    kind: str
    starts_on: date | None
    expires_on: date | None
    ended_on: date | None
    section_90_on: date | None
    note: str


RECORDED = "recorded a court order"
SAME_ORDER = "This order is recorded already: of the same kind, made on the same day, not ended."
IDENTITY = ("kind", "starts_on")
FIELDS = tuple(OrderFields.__annotations__)
DAY_LABELS = {
    "starts_on": "The day the order was made",
    "ended_on": "The day the order ended",
    "section_90_on": "The day of the application",
}


def order_errors(facts: Mapping[str, Any], *, born_on: date, on: date) -> dict[str, str]:
    """Return what is wrong with a court order, by field; empty if nothing is."""
    errors = {}
    starts_on, expires_on = facts.get("starts_on"), facts.get("expires_on")
    for name, what in DAY_LABELS.items():
        day = facts.get(name)
        if day is None:
            continue
        if day > on:
            errors[name] = f"{what} must not be in the future."
        elif day < born_on:
            errors[name] = f"{what} must not be before the child was born."
        elif starts_on is not None and day < starts_on:
            errors[name] = f"{what} must not be before the order was made."
    if expires_on is not None and expires_on < (starts_on or born_on):
        errors["expires_on"] = "An order expires after it was made."
    if facts.get("kind") == CourtOrder.Kind.NONE and expires_on is not None:
        errors["expires_on"] = "Where there is no order, nothing expires."
    return errors


def same_order_errors(child: Child, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return, by field, that an order of this kind and day is recorded and nobody has ended it."""
    kind, starts_on = facts.get("kind"), facts.get("starts_on")
    if child.court_orders.filter(kind=kind, starts_on=starts_on, ended_on=None).exists():
        return {"kind" if starts_on is None else "starts_on": SAME_ORDER}
    return {}


@transaction.atomic
def record_order(
    child: Child, *, by: User | None, on: date, **facts: Unpack[OrderFields]
) -> CourtOrder:
    child = store.lock_child(child)
    return _save_order(CourtOrder(child=child, **facts), RECORDED, {}, child, by=by, on=on)


@transaction.atomic
def correct_order(
    order: CourtOrder,
    *,
    version: int | None = None,
    by: User | None,
    on: date,
    **changes: Unpack[OrderFields],
) -> CourtOrder:
    """Return the order corrected, or ended; what was owed about its old expiry is settled."""
    child = store.lock_child(order.child)
    order = CourtOrder.objects.select_for_update().get(pk=order.pk)
    check_version(order, version)
    before, was_open = history.values(order), order.ended_on is None
    for name, value in changes.items():
        setattr(order, name, value)
    ends = was_open and order.ended_on is not None
    verb = "ended a court order" if ends else "corrected a court order"
    return _save_order(order, verb, before, child, by=by, on=on)


def _save_order(
    order: CourtOrder,
    verb: str,
    before: dict[str, Any],
    child: Child,
    *,
    by: User | None,
    on: date,
) -> CourtOrder:
    check_may_write(by, child.district, on=on)
    errors = order_errors(history.values(order), born_on=child.born_on, on=on)
    if any(getattr(order, name) != before.get(name) for name in IDENTITY):
        errors |= same_order_errors(child, history.values(order))
    refuse(*errors.values())
    was, now = history.changes(before, history.values(order))
    if not now:
        return order
    if order.pk is None:
        order.save(force_insert=True)
    else:
        save_new_version(order, {name: getattr(order, name) for name in now})
    if {"kind", "expires_on", "ended_on"} & set(was):
        notices.settle(matters.of_order(order.pk))
    history.record_change(verb, order, before, by=by, on=on)
    return order
