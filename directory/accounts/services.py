"""Adds, edits, disables and enables people who sign in. Nobody is deleted."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from directory import history
from directory.accounts import account_mail, links, login_throttle, separation_of_duties
from directory.errors import StepNotAllowedError
from directory.models import Session, SignInLink, User


def save_password(locked: User, password: str, *, on: date) -> None:
    """Save a password, end the person's sessions and links, and tell them by mail.

    For the services that have locked the row and write the history.
    """
    had_one = locked.has_usable_password()
    locked.set_password(password)
    locked.save(update_fields=["password"])
    end_sessions(locked)
    links.end_links(locked)
    if had_one:
        account_mail.notify_person(locked, account_mail.PASSWORD, on=on)


@transaction.atomic
def set_password(person: User, password: str, *, by: User | None, on: date) -> None:
    """Give a person a new password and end their sessions. The form has checked the password.

    Raises StepNotAllowedError where another administrator is to do it.
    """
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    separation_of_duties.refuse_password(locked, by=by, on=on)
    save_password(locked, password, on=on)
    verb = separation_of_duties.SET_PASSWORD
    history.record_change(verb, locked, by=by, on=on, note=locked.name)


@transaction.atomic
def change_own_password(person: User, password: str, *, on: date) -> User:
    """Give somebody the new password that they chose, end all their sessions, and return them.

    The form has checked both passwords. The page that asked goes on in a new session.
    """
    locked: User = User.objects.select_for_update().get(pk=person.pk)
    save_password(locked, password, on=on)
    history.record(
        "changed their own password", f"user {locked.pk}", by=locked, on=on, note=locked.name
    )
    return locked


@transaction.atomic
def choose_password(link: SignInLink, password: str, *, on: date, at: datetime) -> User:
    """Give the person of a link the password they chose, and return them. The link is used up.

    Their sessions end and wrong guesses are forgotten; a second factor stays. Raises
    StepNotAllowedError where somebody was quicker or the link died.
    """
    person: User = User.objects.select_for_update().get(pk=link.person_id)
    used = SignInLink.objects.open(at=at).filter(pk=link.pk).update(ended_at=at)
    if not used:
        raise StepNotAllowedError(links.LINK_NO_LONGER_VALID)
    save_password(person, password, on=on)
    login_throttle.clear_guesses(person)
    history.record(
        "chose a password by a link", f"user {person.pk}", by=person, on=on, note=person.name
    )
    return person


@transaction.atomic
def unlock_person(person: User, *, by: User, on: date) -> None:
    """Forget the wrong guesses for a person, so that they can sign in at once."""
    history.editor_appointment(by, on=on)
    login_throttle.clear_guesses(person)
    history.record_change("unlocked a person", person, by=by, on=on, note=person.name)


def end_sessions(person: User, *, but: str = "") -> None:
    """Delete every session of this person, so that no browser stays signed in but the named one."""
    Session.objects.filter(person=person).exclude(pk=but).delete()
