"""Adds, edits, disables and enables people who sign in. Nobody is deleted."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from directory import guesses, history
from directory.models import Session, SignInLink, User
from directory.refusals import StepNotAllowedError
from directory.services import acts, feeds, links, telling, two_hands, typed

TAKEN = "Somebody else in the directory has this e-mail address."
OWN_ACCOUNT = "You cannot disable yourself. Ask another administrator."


def is_taken(email: str, *, by_other_than: User | None = None) -> bool:
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
    acts.authority(by, on=on)
    if is_taken(email):
        raise StepNotAllowedError(TAKEN)
    person = User.objects.create_user(email=email, name=name, password=password)
    after = {"name": person.name, "email": person.email, "has a password": bool(password)}
    acts.record("added a person", person, by=by, on=on, after=after, note=person.name)
    return person


@transaction.atomic
def edit_person(
    person: User, *, email: str, name: str, version: int | None = None, by: User, on: date
) -> None:
    """Change a person's name or e-mail address; StepNotAllowedError where the address is taken."""
    acts.authority(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    acts.as_seen(locked, version)
    if is_taken(email, by_other_than=locked):
        raise StepNotAllowedError(TAKEN)
    old, new = acts.change(locked, {"email": email.lower(), "name": name})
    if "email" in new:
        links.end_links(locked)
        telling.tell(locked, telling.EMAIL, on=on, address=old["email"])
    if new:
        acts.record(two_hands.EDITED, locked, by=by, on=on, before=old, after=new, note=locked.name)


def give_password(locked: User, password: str, *, on: date) -> None:
    """Save a password, end the person's sessions and links, and tell them by mail.

    For the services that have locked the row and write the history.
    """
    had_one = locked.has_usable_password()
    locked.set_password(password)
    locked.save(update_fields=["password"])
    end_sessions(locked)
    links.end_links(locked)
    if had_one:
        telling.tell(locked, telling.PASSWORD, on=on)


@transaction.atomic
def set_password(person: User, password: str, *, by: User | None, on: date) -> None:
    """Give a person a new password and end their sessions. The form has checked the password.

    Raises StepNotAllowedError where another administrator is to do it.
    """
    acts.authority(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    two_hands.refuse_password(locked, by=by, on=on)
    give_password(locked, password, on=on)
    acts.record(two_hands.SET_PASSWORD, locked, by=by, on=on, note=locked.name)


@transaction.atomic
def change_own_password(person: User, password: str, *, on: date) -> User:
    """Give somebody the new password that they chose, end all their sessions, and return them.

    The form has checked both passwords. The page that asked goes on in a new session.
    """
    locked: User = User.objects.select_for_update().get(pk=person.pk)
    give_password(locked, password, on=on)
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
        raise StepNotAllowedError(links.DEAD)
    give_password(person, password, on=on)
    guesses.forget(person)
    history.record(
        "chose a password by a link", f"user {person.pk}", by=person, on=on, note=person.name
    )
    return person


@transaction.atomic
def unlock_person(person: User, *, by: User, on: date) -> None:
    """Forget the wrong guesses for a person, so that they can sign in at once."""
    acts.authority(by, on=on)
    guesses.forget(person)
    acts.record("unlocked a person", person, by=by, on=on, note=person.name)


@transaction.atomic
def disable_person(person: User, *, by: User, on: date) -> None:
    """Stop a person from signing in and end their sessions; appointments stay as they are.

    The calendars whose secret addresses they know answer nobody any more.

    Raises StepNotAllowedError for oneself, and where the person is disabled already.
    """
    acts.authority(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked == by:
        raise StepNotAllowedError(OWN_ACCOUNT)
    if not locked.is_active:
        raise StepNotAllowedError(f"{locked.name} is already disabled.")
    old, new = acts.change(locked, {"is_active": False})
    end_sessions(locked)
    links.end_links(locked)
    typed.discard_all(locked)
    feeds.end_feeds_known_to(locked, by=by, on=on)
    acts.record("disabled a person", locked, by=by, on=on, before=old, after=new, note=locked.name)


@transaction.atomic
def enable_person(person: User, *, by: User, on: date) -> None:
    """Let a disabled person sign in again; StepNotAllowedError where they are not disabled."""
    acts.authority(by, on=on)
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.is_active:
        raise StepNotAllowedError(f"{locked.name} is not disabled.")
    # Whoever was signing in while they were disabled may have left a session behind.
    end_sessions(locked)
    old, new = acts.change(locked, {"is_active": True})
    acts.record("enabled a person", locked, by=by, on=on, before=old, after=new, note=locked.name)


def end_sessions(person: User, *, but: str = "") -> None:
    """Delete every session of this person, so that no browser stays signed in but the named one."""
    Session.objects.filter(person=person).exclude(pk=but).delete()
