"""Open work of people. The apps above, which are never imported here, know of it and answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.dispatch import Signal

from directory.models import User

# Receivers return whether `person` has open work on the day `on`.
open_work_asked = Signal()
# Receivers return the people with open work that no appointment of theirs covers on that day.
uncovered_work_asked = Signal()


@dataclass(frozen=True)
class PersonWithOpenWork:
    """A person whose work needs somebody else, and how much of it there is."""

    person: User
    pieces: int


def has_open_work(person: User, *, on: date) -> bool:
    """Say whether a person has open work on this day, of any kind."""
    return any(answer for _, answer in open_work_asked.send(User, person=person, on=on))


def without_home(*, on: date) -> list[PersonWithOpenWork]:
    """Return the people with open work that no appointment of theirs covers, by name."""
    answers: list[Any] = [rows for _, rows in uncovered_work_asked.send(User, on=on)]
    found: list[PersonWithOpenWork] = [row for rows in answers for row in rows]
    return sorted(found, key=lambda row: (row.person.name, row.person.pk))
