"""The people and providers of the demonstration, appointed and allocated through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, product
from random import Random

from directory.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from directory.models import District, Office, Provider, User
from directory.people import appointments
from directory.people import services as people
from directory.places import services as places
from directory.roles import DECIDES_FOR, Role
from reviews.demo import texts


@dataclass
class Staff:
    """The Coordinators, approvers and providers of each district."""

    coordinators: dict[int, list[User]] = field(default_factory=dict)
    approvers: dict[tuple[int, str], User] = field(default_factory=dict)
    providers: dict[int, list[Provider]] = field(default_factory=dict)


def employ(rng: Random, *, since: date, on: date) -> Staff:
    staff = Staff()
    districts = list(District.objects.current(on=on).prefetch_related("offices"))

    def appoint(
        email: str, name: str, role: Role, district: District | None, password: str | None = None
    ) -> None:
        user = people.add_person(email=email, name=name, password=password, by=None, on=on)
        appointments.appoint(
            user, role, district, starts_on=since, instrument="Demonstration", by=None, on=on
        )
        if district and role == Role.COORDINATOR:
            staff.coordinators.setdefault(district.pk, []).append(user)
        elif district and role in DECIDES_FOR:
            staff.approvers[district.pk, DECIDES_FOR[role]] = user

    for person in DEMO_PEOPLE:
        where = next((each for each in districts if each.slug == person.district), None)
        appoint(person.email, person.name, person.role, where, DEMO_PASSWORD)
    pairs = list(product(texts.STAFF_FIRST_NAMES, texts.STAFF_FAMILY_NAMES))
    names = (f"{first} {family}" for first, family in rng.sample(pairs, len(pairs)))
    for district in districts:
        for short, role in _vacant_posts(staff, district):
            appoint(f"{short}.{district.slug}@staff.example.org", next(names), role, district)
    _add_providers(staff, rng, districts, on=on)
    _allocate(staff, districts, since=since, on=on)
    return staff


def _vacant_posts(staff: Staff, district: District) -> list[tuple[str, Role]]:
    posts = [("pc1", Role.COORDINATOR), ("pc2", Role.COORDINATOR)]
    posts = posts[len(staff.coordinators.get(district.pk, [])) :]
    for short, role in (("cfdu", Role.CFDU), ("mcw", Role.CASEWORK_MANAGER)):
        if (district.pk, DECIDES_FOR[role]) not in staff.approvers:
            posts.append((short, role))
    return posts


def _add_providers(staff: Staff, rng: Random, districts: list[District], *, on: date) -> None:
    for number, (name, is_aboriginal_controlled) in enumerate(texts.PROVIDERS):
        where = [
            district
            for index, district in enumerate(districts)
            if (index + number) % 3 == 0 or rng.random() < 0.15
        ]
        provider = places.add_provider(
            name=name,
            districts=where,
            is_aboriginal_controlled=is_aboriginal_controlled,
            by=None,
            on=on,
        )
        for district in where:
            staff.providers.setdefault(district.pk, []).append(provider)


def _allocate(staff: Staff, districts: list[District], *, since: date, on: date) -> None:
    for district in districts:
        shared: list[Office | Provider] = [
            *district.offices.current(on=on),
            *staff.providers[district.pk],
        ]
        for user, place in zip(cycle(staff.coordinators[district.pk]), shared, strict=False):
            appointments.allocate(user, place, starts_on=since, by=None, on=on)
