"""The Permanency Coordinators and the children allocated to them, within their own districts."""

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
        places = Q(child__office__in=self.offices) | Q(child__provider__in=self.providers)
        return places & self.reach.q("child__district")

    def has(self, *, district: int, office: int | None, provider: int | None) -> bool:
        return district in self.reach and (office in self.offices or provider in self.providers)


def coordinators(*, on: date) -> list[Coordinator]:
    """Return the Coordinators who have an office or a provider on this day, by name: one query."""
    held = Appointment.objects.in_force(on=on).filter(role=Role.COORDINATOR)
    rows = (
        Allocation.objects.in_force(on=on)
        .filter(person__is_active=True, person__appointments__in=held)
        .order_by()
        .values_list(
            "person", "person__name", "office", "provider", "person__appointments__district"
        )
    )
    allocated: dict[tuple[str, int], list[tuple[int | None, ...]]] = {}
    for pk, name, *places in rows:
        allocated.setdefault((name, pk), []).append(tuple(places))
    found = []
    for (name, pk), lines in sorted(allocated.items()):
        offices, providers, districts = (
            frozenset(filter(None, column)) for column in zip(*lines, strict=True)
        )
        reach = Reach(any(district is None for *_, district in lines), districts)
        found.append(Coordinator(pk, name, offices, providers, reach))
    return found
