"""Extensions of the two-year date: recorded, corrected, taken back (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.models import User
from permanency.goals import clocks, store
from permanency.models import CasePlanGoal, Extension
from permanency.policy.months import add_months
from permanency.policy.two_year_clock import extension_error

LONGEST_EXTENSION_MONTHS = 60


def extension_errors(
    goal: CasePlanGoal,
    *,
    extended_to: date,
    decided_on: date,
    on: date,
    instead_of: Extension | None = None,
) -> dict[str, str]:
    """Return what is wrong with an extension, by field; empty if nothing is."""
    others = clocks.other_extensions(goal.child, but=instead_of)
    two_year = clocks.dates_with_new_two_year(goal, on=on, extensions=others).two_year
    errors, current_on = {}, two_year.on
    if instead_of is not None and extended_to == instead_of.extended_to:
        # Only other facts of it are put right: a later one may stand after it.
        pass
    elif current_on is None:
        errors["extended_to"] = "This goal has no two-year date to extend."
    elif error := extension_error(extended_to, current_on=current_on, born_on=goal.child.born_on):
        errors["extended_to"] = error
    elif extended_to > add_months(current_on, LONGEST_EXTENSION_MONTHS):
        errors["extended_to"] = "An extension is at most five years."
    if decided_on > on:
        errors["decided_on"] = "The decision cannot be after today."
    elif two_year.start_on is not None and decided_on < two_year.start_on:
        errors["decided_on"] = "The decision cannot be before the two years began."
    return errors


@transaction.atomic
def record_extension(
    goal: CasePlanGoal,
    *,
    extended_to: date,
    decided_on: date,
    decided_by_name: str,
    reasons: str,
    by: User,
    on: date,
) -> Extension:
    """Return the extension of the two-year date; the original date stays visible (rule 3)."""
    goal = store.lock_goal_to_write(goal, by=by, on=on)
    refuse(*extension_errors(goal, extended_to=extended_to, decided_on=decided_on, on=on).values())
    before = history.values(goal)
    extension = Extension.objects.create(
        goal=goal,
        extended_to=extended_to,
        decided_on=decided_on,
        decided_by_name=decided_by_name,
        reasons=reasons,
        recorded_by=by,
    )
    store.save_dates(goal, clocks.dates_with_new_two_year(goal, on=on))
    history.record_change("recorded an extension", goal, before, by=by, on=on, note=reasons)
    return extension


@transaction.atomic
def correct_extension(
    extension: Extension, facts: Mapping[str, Any] | None, *, why: str, by: User, on: date
) -> None:
    """Save other facts of an extension, or take it back (None): the history keeps what it said.

    It may have been recorded with a goal before the one in force: the two years go on (rule 3).
    """
    goal, was = store.lock_recorded(extension, why=why, by=by, on=on)
    if facts is not None:
        days = {name: facts[name] for name in ("extended_to", "decided_on")}
        refuse(*extension_errors(goal, **days, on=on, instead_of=extension).values())
    store.write_correction(extension, "an extension", was, facts, by=by, on=on, note=why)
    before = history.values(goal)
    store.save_dates(goal, clocks.dates_with_new_two_year(goal, on=on))
    store.tell_dates(goal, before, by=by, on=on)
