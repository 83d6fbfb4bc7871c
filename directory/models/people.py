"""People, their dated appointments, and the offices and providers allocated to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from directory.clock import SYDNEY
from directory.models.places import (
    District,
    Office,
    Provider,
    Versioned,
    not_before,
    one_of_two,
)
from directory.roles import SERVES_THE_STATE, Role

TermRow = TypeVar("TermRow", bound=models.Model, covariant=True)


@dataclass(frozen=True)
class Reach:
    """The districts in which a person holds any of some roles: all of them, or these."""

    everywhere: bool
    district_ids: frozenset[int]

    def __contains__(self, district: object) -> bool:
        return self.everywhere or getattr(district, "pk", district) in self.district_ids

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.district_ids)

    def q(self, field: str = "district") -> Q:
        if self.everywhere:
            return ~Q(**{f"{field}__in": []})
        return Q(**{f"{field}__in": self.district_ids})


class UserQuerySet(models.QuerySet["User"]):
    def holding(
        self, roles: Iterable[Role], *, on: date, district: District | None = None
    ) -> UserQuerySet:
        held = Appointment.objects.in_force(on=on).filter(role__in=list(roles))
        if district is not None:
            held = held.filter(Q(district=district) | Q(district=None))
        return self.filter(is_active=True, pk__in=held.values("person"))


def canonical_address(typed: str) -> str:
    """Return the one form of an e-mail address in which it is stored, found and counted."""
    return typed.strip().lower()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # the stubs cannot type a manager made from a queryset
    def get_by_natural_key(self, username: str | None) -> User:
        person: User = self.with_address(username or "").get()
        return person

    def with_address(self, typed: str) -> UserQuerySet:
        # Never `iexact`: PostgreSQL would take an "i" and a dotless one for the same.
        found: UserQuerySet = self.filter(email=canonical_address(typed))
        return found

    def create_user(self, *, email: str, name: str, password: str | None = None) -> User:
        person: User = self.model(email=canonical_address(email), name=name)
        person.set_password(password)
        person.save(using=self._db)
        return person


class User(Versioned, AbstractBaseUser):
    """A person who signs in by e-mail address. What they may do comes from appointments."""

    HISTORY_FIELDS = ("email", "name", "is_active")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_for_an_email_address"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="an_address_is_stored_in_small_letters"
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: dict[date, tuple[Appointment, ...]] = {}
        self._appointments: Sequence[Appointment] | None = None

    def __str__(self) -> str:
        return self.name

    def appointments_in_force(self, *, on: date) -> tuple[Appointment, ...]:
        if on not in self._held:
            rows = self._in_force(on)
            self._held[on] = tuple(rows) if self.is_active else ()
        return self._held[on]

    def _in_force(self, on: date) -> Iterable[Appointment]:
        if self._appointments is None:
            return self.appointments.in_force(on=on).select_related("district")
        return [each for each in self._appointments if each.is_in_force(on=on)]

    def set_appointments(self, appointments: Sequence[Appointment]) -> None:
        self._appointments = appointments

    def time_zone(self, *, on: date) -> str:
        zones = {
            each.district.time_zone if each.district else SYDNEY
            for each in self.appointments_in_force(on=on)
        }
        return zones.pop() if len(zones) == 1 else SYDNEY

    def reach(self, roles: Iterable[Role], *, on: date) -> Reach:
        wanted = set(roles)
        held = [each for each in self.appointments_in_force(on=on) if each.role in wanted]
        return Reach(
            everywhere=any(each.district_id is None for each in held),
            district_ids=frozenset(each.district_id for each in held if each.district_id),
        )

    def holds(
        self, roles: Iterable[Role], *, on: date, district: District | int | None = None
    ) -> bool:
        reach = self.reach(roles, on=on)
        return bool(reach) if district is None else district in reach

    def appointment_for(
        self, roles: Iterable[Role], *, on: date, district: District
    ) -> Appointment | None:
        wanted = set(roles)
        for each in self.appointments_in_force(on=on):
            if each.role in wanted and each.district_id in {None, district.pk}:
                return each
        return None


class TermQuerySet(models.QuerySet[TermRow]):
    def in_force(self, *, on: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class AppointmentQuerySet(TermQuerySet["Appointment"]):
    def covering(self, district: District) -> AppointmentQuerySet:
        return self.filter(Q(district=district) | Q(district=None))


class Term(Versioned):
    """What a person has from a day until a day."""

    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["starts_on", "pk"]
        constraints = [not_before("ends_on", "starts_on", name="an_%(class)s_ends_after_it_starts")]


class Appointment(Term):
    """A person holds a role in a district, or in the whole state, from a day until a day."""

    HISTORY_FIELDS = (
        "role=get_role_display",
        "district=place_name",
        "starts on=starts_on",
        "ends on=ends_on",
    )

    person = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=20, choices=Role.choices)
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    instrument = models.CharField(max_length=120, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta(Term.Meta):
        constraints = [
            *Term.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(role__in=sorted(SERVES_THE_STATE)) | Q(district=None),
                name="a_whole_state_role_names_no_district",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.place_name}"

    @property
    def place_name(self) -> str:
        return str(self.district or "whole state")

    def is_in_force(self, *, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


class Allocation(Term):
    """A person works with an office or a provider: this is what "mine" means on every list."""

    HISTORY_FIELDS = ("works with=__str__", "starts on=starts_on", "ends on=ends_on")

    person = models.ForeignKey(User, models.PROTECT, related_name="allocations")
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="allocations"
    )
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="allocations"
    )

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        constraints = [
            *Term.Meta.constraints,
            one_of_two("office", "provider", name="an_allocation_names_an_office_or_a_provider"),
        ]

    def __str__(self) -> str:
        return str(self.office or self.provider)
