"""Allocates offices and providers to people: what "mine" means on every list."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from directory.models import Allocation, Office, Provider, User
from directory.refusals import StepNotAllowedError
from directory.services import acts
from directory.services.appointments import ENDS_EARLY, HAS_ENDED, Reasons

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
    rows = Allocation.objects.filter(person=person, **_naming(place))
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    return {"place": OVERLAPS} if rows.exists() else {}


def _naming(place: Office | Provider) -> dict[str, Office | Provider]:
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
    acts.authority(by, on=on)
    locked = User.objects.select_for_update().get(pk=person.pk)
    against = reasons_against_allocating(locked, place, starts_on=starts_on, ends_on=ends_on)
    if against:
        raise StepNotAllowedError(*against.values())
    made = Allocation.objects.create(
        person=locked, starts_on=starts_on, ends_on=ends_on, **_naming(place)
    )
    after = {"works with": str(place), "starts on": starts_on, "ends on": ends_on}
    acts.record("allocated", locked, by=by, on=on, after=after, note=f"{place} to {locked.name}")
    return made


def reasons_against_ending(allocation: Allocation, *, ends_on: date, on: date) -> Reasons:
    """Return why the allocation cannot end on this day: a sentence by field, "" for the whole."""
    if allocation.ends_on is not None and allocation.ends_on < on:
        return {"": HAS_ENDED.replace("appointment", "allocation")}
    if ends_on < allocation.starts_on:
        return {"ends_on": ENDS_EARLY}
    later = Allocation.objects.exclude(pk=allocation.pk).filter(
        person=allocation.person, office=allocation.office, provider=allocation.provider,
        starts_on__gt=allocation.starts_on, starts_on__lte=ends_on,
    )  # fmt: skip
    return {"ends_on": OVERLAPS} if later.exists() else {}


@transaction.atomic
def end_allocation(allocation: Allocation, *, ends_on: date, by: User | None, on: date) -> None:
    """Let the allocation end after this day, its last.

    Raises StepNotAllowedError with every reason of `reasons_against_ending`.
    """
    acts.authority(by, on=on)
    User.objects.select_for_update().get(pk=allocation.person_id)
    locked = Allocation.objects.select_related("person", "office", "provider").get(pk=allocation.pk)
    if against := reasons_against_ending(locked, ends_on=ends_on, on=on):
        raise StepNotAllowedError(*against.values())
    old, new = acts.change(locked, {"ends_on": ends_on})
    acts.record(
        "ended an allocation", locked.person, by=by, on=on,
        before=old, after=new, note=f"{locked} with {locked.person.name}",
    )  # fmt: skip
