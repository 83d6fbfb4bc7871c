"""Asks those above which work hangs on a person, without knowing what work there is.

An administrator who ends an appointment or disables somebody is led to what they leave behind; but
cases are known in apps above this one, which are never imported here. The book of open work is
appended once, when its app is ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from directory.models import User


@dataclass(frozen=True)
class PersonWithOpenWork:
    """A person whose work needs a new home, and how much of it there is."""

    person: User
    pieces: int


class HasOpenWork(Protocol):
    """Says whether a person has open work on a day."""

    def __call__(self, person: User, *, on: date) -> bool:
        """Return whether anything hangs on the person."""


class PeopleWithUnassignedWork(Protocol):
    """Says whose open work no appointment covers on a day."""

    def __call__(self, *, on: date) -> Sequence[PersonWithOpenWork]:
        """Return the people, each with how much it is."""


@dataclass(frozen=True)
class OpenWorkSource:
    """What knows the open work of everybody."""

    has_open_work: HasOpenWork
    without_home: PeopleWithUnassignedWork


open_work_sources: list[OpenWorkSource] = []


def has_open_work(person: User, *, on: date) -> bool:
    """Say whether a person has open work on this day, of any kind."""
    return any(book.has_open_work(person, on=on) for book in open_work_sources)


def without_home(*, on: date) -> list[PersonWithOpenWork]:
    """Return the people with open work that no appointment of theirs covers, by name."""
    found = [left for book in open_work_sources for left in book.without_home(on=on)]
    return sorted(found, key=lambda left: (left.person.name, left.person.pk))
