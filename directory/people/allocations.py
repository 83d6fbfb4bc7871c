"""Allocates offices and providers to people: what "mine" means on every list."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory import history
from directory.errors import refuse
from directory.history import audited_edit
from directory.models import Allocation, Office, Provider, User
from directory.people import dated_terms
from directory.people.dated_terms import ENDS_EARLY, Reasons

OVERLAPS = "This person already works with it for some of these days."
RETIRED = "It is retired by then."


def reasons_against_allocating(
    person: User, place: Office | Provider, *, starts_on: date, ends_on: date | None
) -> Reasons:
    """Return why this allocation cannot be made: a sentence by field."""
    if ends_on is not None and ends_on < starts_on:
        return {"ends_on": ENDS_EARLY}
    if place.retired_on is not None and place.retired_on <= starts_on:
        return {"place": RETIRED}
    same = Allocation.objects.filter(person=person, **_place_field(place))
    return (
        {"place": OVERLAPS}
        if dated_terms.has_overlap(same, starts_on=starts_on, ends_on=ends_on)
        else {}
    )


def _place_field(place: Office | Provider) -> dict[str, Office | Provider]:
    return {"office" if isinstance(place, Office) else "provider": place}


@transaction.atomic
def allocate(
    person: User,
    place: Office | Provider,
    *,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None,
    on: date,
) -> Allocation:
    """Return the new allocation of an office or a provider to a person.

    Raises StepNotAllowedError with every reason of `reasons_against_allocating`.
    """
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    against = reasons_against_allocating(locked, place, starts_on=starts_on, ends_on=ends_on)
    refuse(*against.values())
    made = Allocation.objects.create(
        person=locked, starts_on=starts_on, ends_on=ends_on, **_place_field(place)
    )
    note = f"{place} to {locked.name}"
    history.record_change("allocated", locked, after=history.values(made), by=by, on=on, note=note)
    return made


def reasons_against_ending(allocation: Allocation, *, ends_on: date, on: date) -> Reasons:
    """Return why the allocation cannot end on this day: a sentence by field, "" for the whole."""
    same = Allocation.objects.filter(
        person=allocation.person_id, office=allocation.office_id, provider=allocation.provider_id
    )
    return dated_terms.reasons_against_ending(
        allocation, same, overlaps=OVERLAPS, ends_on=ends_on, on=on
    )


@transaction.atomic
def end_allocation(
    allocation: Allocation,
    *,
    ends_on: date,
    version: int | None = None,
    by: User | None,
    on: date,
) -> None:
    """Let the allocation end after this day, its last.

    Raises StepNotAllowedError with every reason of `reasons_against_ending`.
    """
    history.editor_appointment(by, on=on)
    locked = dated_terms.lock_term(
        Allocation.objects.select_related("office", "provider"), allocation
    )
    audited_edit.check_version(locked, version)
    refuse(*reasons_against_ending(locked, ends_on=ends_on, on=on).values())
    note = f"{locked} with {locked.person.name}"
    dated_terms.end_term(locked, ends_on=ends_on, note=note, by=by, on=on)
