"""Times in out-of-home care: entering, leaving, correcting. Each may move the dates of the goal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.history.audited_edit import check_version, save_new_version
from directory.mail import notices
from directory.models import User
from directory.roles import WRITES_CASES
from permanency import matters
from permanency.goals import clocks, lifecycle, store
from permanency.models import Action, CareEpisode, Child, check_may_write

ENTERED_CARE = "recorded entering care"
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


def dates_after_correction(
    episode: CareEpisode, *, entered_on: date, on: date
) -> tuple[clocks.GoalDates, clocks.GoalDates] | None:
    """Return both dates of the goal in force, if any, now and with this day of entering care."""
    child = Child.objects.prefetch_related("care_episodes", "goals").get(pk=episode.child_id)
    for each in child.care_episodes.all():
        if each.pk == episode.pk:
            each.entered_on = entered_on
    goal = store.current_goal(child)
    if goal is None or not goal.review_derivation:
        return None
    return clocks.dates_on_goal(goal), clocks.dates_with_new_two_year(goal, on=on)


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
    _, now = history.changes(before, history.values(episode))
    if not now:
        return episode
    if episode.pk is None:
        episode.save(force_insert=True)
    else:
        save_new_version(episode, {name: getattr(episode, name) for name in now})
    history.record_change(verb, episode, before, by=by, on=on, note=note)
    lifecycle.refresh_clocks(child, by=by, on=on)
    return episode


def may_close(action: Action, by: User, *, on: date) -> bool:
    """Say whether a person may mark the action done: its owner, and who writes about the child."""
    owns = action.owner_id is not None and action.owner_id == by.pk
    return owns or by.holds(WRITES_CASES, on=on, district=action.child.district)


@transaction.atomic
def finish_action(action: Action, *, by: User, on: date) -> Action:
    """Return the action, done today; one that is done already stays as it was."""
    action = _lock_action(action, by=by, on=on)
    if action.done_on is not None:
        return action
    if on < action.agreed_on:
        raise StepNotAllowedError("This action was agreed for a later day.")
    _save_action(action, on, "did an action", by=by, on=on)
    return action


@transaction.atomic
def reopen_action(action: Action, *, by: User, on: date) -> Action:
    """Return the action, open again; one that is open already stays as it was."""
    action = _lock_action(action, by=by, on=on)
    if action.done_on is None:
        return action
    _save_action(action, None, "opened an action again", by=by, on=on)
    return action


def _lock_action(action: Action, *, by: User, on: date) -> Action:
    locked = Action.objects.select_for_update(of=("self",)).select_related("child__district")
    action = locked.get(pk=action.pk)
    if not may_close(action, by, on=on):
        raise PermissionDenied
    return action


def _save_action(action: Action, done_on: date | None, verb: str, *, by: User, on: date) -> None:
    before, action.done_on = history.values(action), done_on
    action.save(update_fields=["done_on"])
    notices.settle(matters.of_action(action.pk))
    history.record_change(verb, action, before, by=by, on=on, note=action.what)
