"""Whose the children are: the Permanency Coordinators with what is allocated to them. Reads only.

A provider works in several districts: a Coordinator has its children in those districts alone in
which they are appointed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from directory.models import Allocation, Appointment
from directory.models.people import Reach
from directory.roles import Role


@dataclass(frozen=True)
class Coordinator:
    """A Permanency Coordinator, what is allocated to them, and in which districts."""

    pk: int
    name: str
    offices: frozenset[int]
    providers: frozenset[int]
    reach: Reach

    @property
    def children(self) -> Q:
        """Return the condition that a goal is of a child of theirs."""
        places = Q(child__office__in=self.offices) | Q(child__provider__in=self.providers)
        return places & self.reach.q("child__district")

    def has(self, *, district: int, office: int | None, provider: int | None) -> bool:
        """Say whether the children of this district, office and provider are theirs."""
        return district in self.reach and (office in self.offices or provider in self.providers)


# An office or a provider, and a district in which their person is a Coordinator.
AllocationRows = list[tuple[int | None, int | None, int | None]]


def coordinators(*, on: date) -> list[Coordinator]:
    """Return the Coordinators who have an office or a provider on this day, by name. One query."""
    held = Appointment.objects.in_force(on=on).filter(role=Role.COORDINATOR)
    rows = (
        Allocation.objects.in_force(on=on)
        .filter(person__is_active=True, person__appointments__in=held)
        .order_by()
        .values_list(
            "person", "person__name", "office", "provider", "person__appointments__district"
        )
    )
    found: dict[tuple[str, int], AllocationRows] = {}
    for pk, name, office, provider, district in rows:
        found.setdefault((name, pk), []).append((office, provider, district))
    return [_coordinator(pk, name, places) for (name, pk), places in sorted(found.items())]


def _coordinator(pk: int, name: str, places: AllocationRows) -> Coordinator:
    offices, providers, districts = (
        frozenset(filter(None, column)) for column in zip(*places, strict=True)
    )
    serves_the_state = any(district is None for *_, district in places)
    return Coordinator(pk, name, offices, providers, Reach(serves_the_state, districts))
