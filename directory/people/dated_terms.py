"""What appointments and allocations share: they begin on a day, may end on one, and never overlap.

The row of the person is the lock for all of their terms.
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from directory import history
from directory.history import audited_edit
from directory.models import Allocation, Appointment, District, User

ENDS_EARLY = "The last day cannot be before the first day."

# A sentence by field, "" for the whole.
Reasons = dict[str, str]
Term = TypeVar("Term", Appointment, Allocation)


def has_overlap(rows: QuerySet[Any], *, starts_on: date, ends_on: date | None) -> bool:
    """Say whether any of these terms has a day between the first and the last, both counted."""
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    return rows.exists()


def reasons_against_ending(
    term: Appointment | Allocation, same: QuerySet[Any], *, overlaps: str, ends_on: date, on: date
) -> Reasons:
    """Return why a term cannot end on this day.

    `same` are the person's terms of the same kind in the same place, and `overlaps` says that the
    term would reach into a later one of them.
    """
    if term.ends_on is not None and term.ends_on < on:
        return {"": f"This {term._meta.verbose_name} has already ended."}
    if ends_on < term.starts_on:
        return {"ends_on": ENDS_EARLY}
    later = same.filter(starts_on__gt=term.starts_on, starts_on__lte=ends_on)
    return {"ends_on": overlaps} if later.exists() else {}


def lock_term(rows: QuerySet[Term], term: Term) -> Term:
    """Return the term as it stands now, under the lock of its person."""
    User.objects.select_for_update(no_key=True).get(pk=term.person_id)
    return rows.select_related("person").get(pk=term.pk)


def end_term(
    term: Appointment | Allocation,
    *,
    ends_on: date,
    note: str,
    district: District | None = None,
    by: User | None,
    on: date,
) -> None:
    """Write the last day of a locked term, with its entry in the history."""
    before, after = history.changes({"ends_on": term.ends_on}, {"ends_on": ends_on})
    audited_edit.change(term, after)
    verb = f"ended an {term._meta.verbose_name}"
    history.record_change(
        verb, term.person, before, after=after, by=by, on=on, district=district, note=note
    )
