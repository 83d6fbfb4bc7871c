"""Times in care, court orders, agreed actions: what moves a goal's dates, or settles notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.history.audited_edit import check_version, save_new_version
from directory.mail import notices
from directory.models import User
from permanency import matters
from permanency.goals import clocks, lifecycle, store
from permanency.models import Action, CareEpisode, Child, CourtOrder, check_may_write, may_write

ENTERED_CARE = "recorded entering care"
ACTION_STRUCK = "What agreed this action was recorded by mistake, and the action is struck with it."
REASONS_NEEDED = "Say why the day of entering care is corrected."


def episode_errors(
    child: Child,
    *,
    entered_on: date,
    left_on: date | None,
    on: date,
    others: Iterable[CareEpisode],
) -> dict[str, str]:
    """Return what is wrong with a care episode beside the others, by field."""
    errors = {}
    if entered_on > on:
        errors["entered_on"] = "The day of entering care must not be in the future."
    elif entered_on < child.born_on:
        errors["entered_on"] = "The day of entering care must not be before the child was born."
    if left_on is not None and left_on > on:
        errors["left_on"] = "The day of leaving care must not be in the future."
    elif left_on is not None and left_on < entered_on:
        errors["left_on"] = "The day of leaving care must not be before the day of entering it."
    # Two may share the day on which one ends and the next begins; two that never end overlap.
    if not errors and any(
        (other.left_on is None or entered_on < other.left_on)
        and (left_on is None or left_on > other.entered_on)
        for other in others
    ):
        errors["entered_on"] = "This overlaps another time in care: correct that one first."
    return errors


@transaction.atomic
def enter_care(
    child: Child,
    *,
    entered_on: date,
    by: User | None,
    on: date,
    left_on: date | None = None,
    exit_reason: str = "",
) -> CareEpisode:
    """Return a new care episode of the child; one that has ended already may be recorded too."""
    child = store.lock_child(child)
    episode = CareEpisode(
        child=child, entered_on=entered_on, left_on=left_on, exit_reason=exit_reason
    )
    return _save_episode(episode, ENTERED_CARE, {}, by=by, on=on)


@transaction.atomic
def correct_episode(
    episode: CareEpisode,
    *,
    entered_on: date,
    left_on: date | None,
    exit_reason: str,
    reasons: str = "",
    version: int | None = None,
    by: User | None,
    on: date,
) -> CareEpisode:
    """Return the episode corrected or ended; a person who corrects the entry says why."""
    child = store.lock_child(episode.child)
    episode = CareEpisode.objects.select_for_update().get(pk=episode.pk)
    check_version(episode, version)
    episode.child = child
    is_corrected = entered_on != episode.entered_on
    refuse(REASONS_NEEDED if by is not None and is_corrected and not reasons.strip() else "")
    before, was_open = history.values(episode), episode.left_on is None
    episode.entered_on, episode.left_on, episode.exit_reason = entered_on, left_on, exit_reason
    leaves = was_open and left_on is not None
    verb = "recorded leaving care" if leaves else "corrected a time in care"
    return _save_episode(episode, verb, before, by=by, on=on, note=reasons)


def dates_after_entry(
    child: Child, *, entered_on: date, on: date, instead_of: CareEpisode | None = None
) -> tuple[clocks.GoalDates, clocks.GoalDates] | None:
    """Return both dates of the goal in force, if any, now and with this day of entering care."""
    goal = store.goal_in_force(child)
    if goal is None or not goal.review_derivation:
        return None
    others = [each.entered_on for each in child.care_episodes.all() if each != instead_of]
    now = clocks.dates_with_new_two_year(goal, on=on, entered_on=max([entered_on, *others]))
    return clocks.dates_on_goal(goal), now


def _save_episode(
    episode: CareEpisode,
    verb: str,
    before: dict[str, Any],
    *,
    by: User | None,
    on: date,
    note: str = "",
) -> CareEpisode:
    child = episode.child
    check_may_write(by, child.district, on=on)
    errors = episode_errors(
        child,
        entered_on=episode.entered_on,
        left_on=episode.left_on,
        on=on,
        others=child.care_episodes.exclude(pk=episode.pk),
    )
    refuse(*errors.values())
    if _save_changes(episode, before):
        history.record_change(verb, episode, before, by=by, on=on, note=note)
        lifecycle.refresh_clocks(child, by=by, on=on)
    return episode


def _save_changes(row: CareEpisode | CourtOrder, before: dict[str, Any]) -> set[str]:
    _, now = history.changes(before, history.values(row))
    if row.pk is None:
        row.save(force_insert=True)
    elif now:
        save_new_version(row, {name: getattr(row, name) for name in now})
    return set(now)


class OrderFields(TypedDict, total=False):
    kind: str
    starts_on: date | None
    expires_on: date | None
    ended_on: date | None
    section_90_on: date | None
    note: str


ORDER_RECORDED = "recorded a court order"
SAME_ORDER = "This order is recorded already: of the same kind, made on the same day, not ended."
ORDER_IDENTITY = ("kind", "starts_on")
ORDER_FIELDS = tuple(OrderFields.__annotations__)
ORDER_DAY_LABELS = {
    "starts_on": "The day the order was made",
    "ended_on": "The day the order ended",
    "section_90_on": "The day of the application",
}


def order_errors(facts: Mapping[str, Any], *, born_on: date, on: date) -> dict[str, str]:
    """Return what is wrong with a court order, by field; empty if nothing is."""
    errors = {}
    starts_on, expires_on = facts.get("starts_on"), facts.get("expires_on")
    for name, what in ORDER_DAY_LABELS.items():
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
    return _save_order(CourtOrder(child=child, **facts), ORDER_RECORDED, {}, child, by=by, on=on)


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
    if any(getattr(order, name) != before.get(name) for name in ORDER_IDENTITY):
        errors |= same_order_errors(child, history.values(order))
    refuse(*errors.values())
    changed = _save_changes(order, before)
    if {"kind", "expires_on", "ended_on"} & changed:
        notices.settle(matters.of_order(order.pk))
    if changed:
        history.record_change(verb, order, before, by=by, on=on)
    return order


def may_close(action: Action, by: User, *, on: date) -> bool:
    """Say whether a person may mark the action done: its owner, and who writes about the child."""
    owns = action.owner_id is not None and action.owner_id == by.pk
    return owns or may_write(by, action.child.district, on=on)


@transaction.atomic
def finish_action(action: Action, *, by: User, on: date) -> Action:
    """Return the action, done today; one that is done already stays as it was."""
    action = _lock_action(action, by=by, on=on)
    if action.done_on is not None:
        return action
    if on < action.agreed_on:
        raise StepNotAllowedError("This action was agreed for a later day.")
    _save_action(action, on, "finished an action", by=by, on=on)
    return action


@transaction.atomic
def reopen_action(action: Action, *, by: User, on: date) -> Action:
    """Return the action, open again; one that is open already stays as it was."""
    action = _lock_action(action, by=by, on=on)
    if action.done_on is None:
        return action
    _save_action(action, None, "opened an action again", by=by, on=on)
    return action


def strike_actions(actions: Iterable[Action], *, on: date) -> None:
    """Strike the actions of a record that is struck: what was told of them is settled."""
    keys = [each.pk for each in actions]
    Action.objects.filter(pk__in=keys).update(struck_on=on)
    notices.settle(*map(matters.of_action, keys))


def _lock_action(action: Action, *, by: User, on: date) -> Action:
    locked = Action.objects.select_for_update(of=("self",)).select_related("child__district")
    action = locked.get(pk=action.pk)
    if not may_close(action, by, on=on):
        raise PermissionDenied
    refuse(ACTION_STRUCK if action.struck_on else "")
    return action


def _save_action(action: Action, done_on: date | None, verb: str, *, by: User, on: date) -> None:
    before, action.done_on = history.values(action), done_on
    action.save(update_fields=["done_on"])
    notices.settle(matters.of_action(action.pk))
    history.record_change(verb, action, before, by=by, on=on, note=action.what)
