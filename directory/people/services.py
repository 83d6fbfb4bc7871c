"""Adds, edits, disables and enables people who sign in, and asks who has open work.

Nobody is deleted. The apps above, which are never imported here, know of open work and answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from directory import history, names
from directory.accounts import separation_of_duties
from directory.accounts import services as accounts
from directory.errors import refuse
from directory.history import audited_edit
from directory.mail import texts
from directory.mail.compose import new_mail
from directory.models import Draft, User
from directory.models.people import canonical_address
from directory.people.appointments import appoint
from directory.places.services import fallback_inbox
from directory.roles import Role
from directory.web import calendar_links

EMERGENCY_DAYS = 7
INSTRUMENT = "Emergency way"
ADDRESS_TAKEN = "Somebody else in the directory has this e-mail address."
OWN_ACCOUNT = "You cannot disable yourself. Ask another administrator."


def is_address_taken(email: str, *, by_other_than: User | None = None) -> bool:
    others = User.objects.with_address(email)
    if by_other_than is not None:
        others = others.exclude(pk=by_other_than.pk)
    return bool(others.exists())


@transaction.atomic
def add_person(
    *, email: str, name: str, password: str | None = None, by: User | None, on: date
) -> User:
    """Return a new person without any appointment; without a password they cannot sign in."""
    history.editor_appointment(by, on=on)
    refuse(ADDRESS_TAKEN if is_address_taken(email) else "")
    person = User.objects.create_user(email=email, name=name, password=password)
    after = {"name": person.name, "email": person.email, "has a password": bool(password)}
    history.record_change("added a person", person, by=by, on=on, after=after, note=person.name)
    return person


@transaction.atomic
def edit_person(
    person: User, *, email: str, name: str, version: int | None = None, by: User, on: date
) -> None:
    locked: User = audited_edit.lock(User.objects.all(), person, version, by=by, on=on)
    refuse(ADDRESS_TAKEN if is_address_taken(email, by_other_than=locked) else "")
    old_email, values = locked.email, {"email": canonical_address(email), "name": name}
    audited_edit.save(locked, values, separation_of_duties.EDITED, by=by, on=on, note=name)
    if locked.email != old_email:
        accounts.end_links(locked)
        accounts.notify_person(locked, accounts.EMAIL_CHANGED, on=on, address=old_email)


@transaction.atomic
def disable_person(person: User, *, by: User, on: date) -> None:
    """Stop a person from signing in; their sessions, links, drafts and calendar links end."""
    locked = audited_edit.lock(User.objects.all(), person, by=by, on=on)
    refuse(OWN_ACCOUNT if locked == by else "")
    refuse("" if locked.is_active else f"{locked.name} is already disabled.")
    accounts.end_sessions(locked)
    accounts.end_links(locked)
    Draft.objects.filter(person=locked).delete()
    calendar_links.revoke_feeds_made_by(locked, by=by, on=on)
    values, verb = {"is_active": False}, "disabled a person"
    audited_edit.save(locked, values, verb, by=by, on=on, note=locked.name)


@transaction.atomic
def enable_person(person: User, *, by: User, on: date) -> None:
    locked = audited_edit.lock(User.objects.all(), person, by=by, on=on)
    refuse(f"{locked.name} is not disabled." if locked.is_active else "")
    # Whoever was signing in while they were disabled may have left a session behind.
    accounts.end_sessions(locked)
    values, verb = {"is_active": True}, "enabled a person"
    audited_edit.save(locked, values, verb, by=by, on=on, note=locked.name)


@transaction.atomic
def add_emergency_administrator(
    *, email: str, name: str, password: str, reasons: str, on: date
) -> User:
    """Return a new administrator for seven days from `on`, and mail the fallback inbox about it."""
    person = add_person(email=email, name=name, password=password, by=None, on=on)
    term = {"starts_on": on, "ends_on": on + timedelta(days=EMERGENCY_DAYS - 1)}
    appoint(person, Role.ADMINISTRATOR, None, **term, instrument=INSTRUMENT, by=None, on=on)
    text = texts.emergency_text(f"/directory/people/{person.pk}/", on=on, days=EMERGENCY_DAYS)
    new_mail(fallback_inbox(on=on).pk, on=on, part=f"emergency:{person.pk}", text=text)
    verb, after = "let an administrator in by the emergency way", {"reasons": reasons}
    history.record_change(verb, person, by=None, on=on, after=after, note=person.name)
    return person


# Receivers return whether `person` has open work on the day `on`.
open_work_asked = Signal()
# Receivers return the people with open work that no appointment of theirs covers on that day.
uncovered_work_asked = Signal()


def people_named(typed: str) -> list[int]:
    """Return the keys of the people in whose name or address each word stands, or of those near."""
    rows = User.objects.values_list("pk", "name", "email")
    return names.keys_named(typed, ((pk, names.fold(name, email)) for pk, name, email in rows))


@dataclass(frozen=True)
class PersonWithOpenWork:
    person: User
    pieces: int


def has_open_work(person: User, *, on: date) -> bool:
    return any(answer for _, answer in open_work_asked.send(User, person=person, on=on))


def without_home(*, on: date) -> list[PersonWithOpenWork]:
    """Return the people with open work that no appointment of theirs covers, by name."""
    answers: list[Any] = [rows for _, rows in uncovered_work_asked.send(User, on=on)]
    found: list[PersonWithOpenWork] = [row for rows in answers for row in rows]
    return sorted(found, key=lambda row: (row.person.name, row.person.pk))
