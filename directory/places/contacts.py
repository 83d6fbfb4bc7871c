"""Contacts that every signed-in person may read: inboxes, gaps, and who works where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from directory.models import Allocation, Appointment, District, Inbox, User
from directory.roles import Role


def districts_without_inbox_query(*, on: date) -> QuerySet[District]:
    """Return the current districts that no current inbox serves."""
    served = District.objects.current(on=on).filter(
        Q(inbox__retired_on=None) | Q(inbox__retired_on__gt=on), inbox__isnull=False
    )
    return District.objects.current(on=on).exclude(pk__in=served.values("pk"))


def districts_without_inbox(*, on: date) -> list[District]:
    """Return the current districts that no current inbox serves, read."""
    return list(districts_without_inbox_query(on=on))


def inboxes_to_confirm(*, on: date) -> list[Inbox]:
    """Return the current inboxes whose address still needs somebody's confirmation."""
    return list(Inbox.objects.current(on=on).filter(to_be_confirmed=True))


def inboxes_with_districts(*, on: date) -> list[Inbox]:
    """Return the current inboxes with the current districts that each serves (`serves`)."""
    districts = District.objects.current(on=on)
    return list(
        Inbox.objects.current(on=on)
        .filter(is_fallback=False)
        .prefetch_related(Prefetch("districts", districts, to_attr="serves"))
    )


@dataclass(frozen=True)
class Colleague:
    """A Permanency Coordinator with the names of the offices and providers they work with."""

    person: User
    works_with: tuple[str, ...]


@dataclass(frozen=True)
class DistrictTeam:
    """A district, or the whole state where it is None, and its Permanency Coordinators."""

    district: District | None
    coordinators: Sequence[Colleague]


def district_teams(*, on: date) -> list[DistrictTeam]:
    """Return every current district with its Permanency Coordinators, the whole state last."""
    works_with: dict[int, list[str]] = {}
    for each in Allocation.objects.in_force(on=on).select_related("office", "provider"):
        works_with.setdefault(each.person_id, []).append(str(each))
    held = (
        Appointment.objects.in_force(on=on)
        .filter(role=Role.COORDINATOR, person__is_active=True)
        .select_related("person")
        .order_by("person__name", "pk")
    )
    by_district: dict[int | None, dict[int, Colleague]] = {}
    for appointment in held:
        person = appointment.person
        by_district.setdefault(appointment.district_id, {})[person.pk] = Colleague(
            person, tuple(sorted(works_with.get(person.pk, [])))
        )
    found = [
        DistrictTeam(district, tuple(by_district.get(district.pk, {}).values()))
        for district in District.objects.current(on=on)
    ]
    if None in by_district:
        found.append(DistrictTeam(None, tuple(by_district[None].values())))
    return found
