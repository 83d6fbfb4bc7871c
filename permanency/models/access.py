"""Who has to do with a child: named people, who sees, who writes, and the Coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q

from directory.models import Allocation, Appointment, District, User
from directory.models.people import Reach
from directory.models.places import both_or_neither, not_before
from directory.roles import DECIDES_FOR, READS_EVERY_CASE, WRITES_CASES, Role


class NamedPersonQuerySet(models.QuerySet["NamedPerson"]):
    def in_force(self, *, on: date) -> NamedPersonQuerySet:
        return self.filter(
            Q(ends_on=None) | Q(ends_on__gte=on),
            Q(taken_off_on=None) | Q(taken_off_on__gt=on),
            starts_on__lte=on,
        )


class NamedPerson(models.Model):
    """A person who may see a restricted child, from a day until a day.

    It counts only together with an appointment that covers the child.
    """

    child = models.ForeignKey("permanency.Child", models.PROTECT, related_name="named_people")
    person = models.ForeignKey(User, models.PROTECT, related_name="namings")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    taken_off_on = models.DateField(null=True, blank=True)
    taken_off_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = NamedPersonQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        verbose_name_plural = "named people"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "person"],
                condition=Q(taken_off_on=None, ends_on=None),
                name="a_person_is_named_once_on_a_child",
            ),
            not_before("ends_on", "starts_on", name="a_naming_ends_after_it_starts"),
            both_or_neither(
                "taken_off_on", "taken_off_by", name="somebody_takes_a_named_person_off"
            ),
        ]

    def __str__(self) -> str:
        return f"named from {self.starts_on}"


def cases_visible_to(user: User, *, on: date, child: str = "") -> Q:
    """Return the condition that a person may see a case; `child` is the path to the child."""
    named = NamedPerson.objects.in_force(on=on).filter(person=user.pk)
    is_named = Q(**{f"{child}pk__in": named.values("child")})
    return cases_within_reach(user, on=on, child=child) & (unrestricted(child) | is_named)


def cases_within_reach(user: User, *, on: date, child: str = "") -> Q:
    """Return the condition that a child is within a person's appointments, restricted or not."""
    within = user.reach(READS_EVERY_CASE, on=on).q(f"{child}district")
    for role, case_management in DECIDES_FOR.items():
        decides = user.reach({role}, on=on)
        if decides:
            managed = Q(**{f"{child}case_managed_by": case_management})
            within |= decides.q(f"{child}district") & managed
    return within


def unrestricted(child: str = "") -> Q:
    return Q(**{f"{child}restricted_on": None})


def may_write(by: User, district: District, *, on: date) -> bool:
    return by.holds(WRITES_CASES, on=on, district=district)


def check_may_write(by: User | None, district: District, *, on: date) -> None:
    """Raise PermissionDenied for a person who does not write here; an import is nobody."""
    if by is not None and not may_write(by, district, on=on):
        raise PermissionDenied


def writer_appointment(by: User | None, district: District, *, on: date) -> Appointment | None:
    """Return the appointment under which a person writes about a child of this district, if any."""
    if by is None:
        return None
    return by.appointment_for(WRITES_CASES, on=on, district=district)


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
