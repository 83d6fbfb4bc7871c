"""Connects a person with their subject at the agency's sign-in, and takes that away again."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from directory import history
from directory.accounts import separation_of_duties
from directory.accounts.services import (
    FACTORS_CHANGED,
    end_sessions,
    notify_person,
    record_own_change,
)
from directory.errors import StepNotAllowedError, refuse
from directory.models import Subject, User

ALREADY_CONNECTED = "Somebody is connected with this sign-in already. Ask an administrator."


def subject_of(person: User, issuer: str) -> Subject | None:
    """Return what this provider calls the person, or None."""
    return Subject.objects.filter(person=person, issuer=issuer).first()


def is_connected(person: User, issuer: str, subject: str) -> bool:
    """Say whether this provider calls this person so. The case of letters counts."""
    found = subject_of(person, issuer)
    return found is not None and found.subject == subject


def person_of_subject(issuer: str, subject: str) -> User | None:
    """Return the person who can sign in as this subject, or None. The case of letters counts."""
    rows = Subject.objects.filter(issuer=issuer, subject=subject).select_related("person")
    found = next((row for row in rows if row.subject == subject), None)
    return found.person if found is not None and found.person.is_active else None


@transaction.atomic
def connect(issuer: str, subject: str, *, by: User, on: date, session: str) -> None:
    """Let the person sign in as this subject of the provider; their other sessions end."""
    User.objects.select_for_update().get(pk=by.pk)
    of_person = Subject.objects.filter(issuer=issuer, person=by)
    if of_person.exists() or Subject.objects.filter(issuer=issuer, subject=subject).exists():
        raise StepNotAllowedError(ALREADY_CONNECTED)
    Subject.objects.create(person=by, issuer=issuer, subject=subject)
    after = {"provider": issuer}
    record_own_change("connected single sign-on", by, on=on, session=session, after=after)


@transaction.atomic
def disconnect(issuer: str, *, by: User, on: date, session: str) -> None:
    """Take the person's subject away; their other sessions end."""
    removed, _ = Subject.objects.filter(person=by, issuer=issuer).delete()
    refuse("" if removed else "Single sign-on is not connected.")
    before = {"provider": issuer}
    record_own_change("disconnected single sign-on", by, on=on, session=session, before=before)


@transaction.atomic
def remove_single_sign_on(person: User, *, by: User, on: date) -> None:
    """Take away whatever another person is connected with, end their sessions and mail them."""
    history.editor_appointment(by, on=on)
    refuse("Disconnect it on the page of your own account." if person == by else "")
    issuers = sorted(Subject.objects.filter(person=person).values_list("issuer", flat=True))
    refuse("" if issuers else f"{person.name} is connected with no single sign-on.")
    Subject.objects.filter(person=person).delete()
    end_sessions(person)
    notify_person(person, FACTORS_CHANGED, on=on)
    before = {"provider": ", ".join(issuers)}
    verb = separation_of_duties.REMOVED_SINGLE_SIGN_ON
    history.record_change(verb, person, before, after={}, by=by, on=on, note=person.name)
