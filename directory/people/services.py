"""Adds, edits, disables and enables people who sign in. Nobody is deleted."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from directory import history
from directory.accounts import separation_of_duties
from directory.accounts import services as accounts
from directory.errors import StepNotAllowedError
from directory.forms import drafts
from directory.history import audited_edit
from directory.mail import texts
from directory.mail.compose import new_mail
from directory.models import User
from directory.people.appointments import appoint
from directory.places.services import fallback_inbox
from directory.roles import Role
from directory.web import calendar_links

EMERGENCY_DAYS = 7
INSTRUMENT = "Emergency way"
ADDRESS_TAKEN = "Somebody else in the directory has this e-mail address."
OWN_ACCOUNT = "You cannot disable yourself. Ask another administrator."


def is_address_taken(email: str, *, by_other_than: User | None = None) -> bool:
    """Say whether somebody else has this e-mail address, compared without case."""
    others = User.objects.filter(email__iexact=email)
    if by_other_than is not None:
        others = others.exclude(pk=by_other_than.pk)
    return bool(others.exists())


@transaction.atomic
def add_person(
    *, email: str, name: str, password: str | None = None, by: User | None, on: date
) -> User:
    """Return a new person without any appointment; without a password nobody can sign in as them.

    Raises StepNotAllowedError where the e-mail address is taken.
    """
    history.editor_appointment(by, on=on)
    if is_address_taken(email):
        raise StepNotAllowedError(ADDRESS_TAKEN)
    person = User.objects.create_user(email=email, name=name, password=password)
    after = {"name": person.name, "email": person.email, "has a password": bool(password)}
    history.record_change("added a person", person, by=by, on=on, after=after, note=person.name)
    return person


@transaction.atomic
def edit_person(
    person: User, *, email: str, name: str, version: int | None = None, by: User, on: date
) -> None:
    """Change a person's name or e-mail address; StepNotAllowedError where the address is taken."""
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    audited_edit.check_version(locked, version)
    if is_address_taken(email, by_other_than=locked):
        raise StepNotAllowedError(ADDRESS_TAKEN)
    before = history.values(locked)
    is_changed = audited_edit.change(locked, {"email": email.lower(), "name": name})
    if locked.email != before["email"]:
        accounts.end_links(locked)
        accounts.notify_person(locked, accounts.EMAIL_CHANGED, on=on, address=before["email"])
    if is_changed:
        verb = separation_of_duties.EDITED
        history.record_change(verb, locked, before, by=by, on=on, note=locked.name)


@transaction.atomic
def disable_person(person: User, *, by: User, on: date) -> None:
    """Stop a person from signing in and end their sessions; appointments stay as they are.

    The calendars whose secret addresses they know answer nobody any more.

    Raises StepNotAllowedError for oneself, and where the person is disabled already.
    """
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked == by:
        raise StepNotAllowedError(OWN_ACCOUNT)
    if not locked.is_active:
        raise StepNotAllowedError(f"{locked.name} is already disabled.")
    before = history.values(locked)
    audited_edit.change(locked, {"is_active": False})
    accounts.end_sessions(locked)
    accounts.end_links(locked)
    drafts.discard_all(locked)
    calendar_links.revoke_feeds_made_by(locked, by=by, on=on)
    history.record_change("disabled a person", locked, before, by=by, on=on, note=locked.name)


@transaction.atomic
def enable_person(person: User, *, by: User, on: date) -> None:
    """Let a disabled person sign in again; StepNotAllowedError where they are not disabled."""
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.is_active:
        raise StepNotAllowedError(f"{locked.name} is not disabled.")
    # Whoever was signing in while they were disabled may have left a session behind.
    accounts.end_sessions(locked)
    before = history.values(locked)
    audited_edit.change(locked, {"is_active": True})
    history.record_change("enabled a person", locked, before, by=by, on=on, note=locked.name)


@transaction.atomic
def add_emergency_administrator(
    *, email: str, name: str, password: str, reasons: str, on: date
) -> User:
    """Return a new administrator for seven days, the first of them `on`, beside all others.

    The history names the reasons, and a mail to the fallback inbox says that it was done. Raises
    StepNotAllowedError where the e-mail address is taken.
    """
    person = add_person(email=email, name=name, password=password, by=None, on=on)
    term = {"starts_on": on, "ends_on": on + timedelta(days=EMERGENCY_DAYS - 1)}
    appoint(person, Role.ADMINISTRATOR, None, **term, instrument=INSTRUMENT, by=None, on=on)
    mail, _ = new_mail(fallback_inbox(on=on).pk, on=on, part=f"emergency:{person.pk}")
    text = texts.emergency_text(f"/directory/people/{person.pk}/", on=on, days=EMERGENCY_DAYS)
    mail.subject, mail.body = text.subject, text.body
    mail.save(update_fields=["subject", "body"])
    verb, after = "let an administrator in by the emergency way", {"reasons": reasons}
    history.record_change(verb, person, by=None, on=on, after=after, note=person.name)
    return person
