"""Passwords, the links for choosing one, and the mail that says what changed in an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from directory import clock, history
from directory.accounts import backends, separation_of_duties
from directory.errors import refuse
from directory.history import audited_edit
from directory.mail import texts
from directory.mail.compose import message_id
from directory.mail.texts import MailText
from directory.models import AskedReset, Mail, Session, SignInLink, SignInTry, User

PASSWORD_CHANGED = "your password was changed"  # noqa: S105  # a sentence
EMAIL_CHANGED = "your e-mail address was changed"
FACTORS_CHANGED = "the ways to prove who you are were changed"


def create_personal_mail(
    person: User,
    text: MailText,
    *,
    on: date,
    part: str,
    address: str = "",
    link: SignInLink | None = None,
) -> Mail:
    return Mail.objects.create(
        person=person,
        address=address,
        link=link,
        on=on,
        part=part,
        subject=text.subject,
        body=text.body,
        message_id=message_id(),
    )


def notify_person(person: User, what: str, *, on: date, address: str = "") -> Mail:
    """Return the mail about a change, to the former address where that is what changed."""
    part, text = f"told:{uuid4().hex[:16]}", texts.account_change_text(what)
    return create_personal_mail(person, text, on=on, part=part, address=address)


Purpose = SignInLink.Purpose
LINK_LIFETIMES = {
    Purpose.INVITATION: timedelta(hours=settings.INVITATION_HOURS),
    Purpose.RESET: timedelta(hours=settings.RESET_HOURS),
}
DISABLED = "They are disabled. Enable them first."
LINK_NO_LONGER_VALID = "This link is no longer good. Ask for a new one."
AN_HOUR = timedelta(hours=1)
# Until then a guess may turn out to be right after all.
LOOKED_AT_WITHIN = timedelta(seconds=30)


def link_proof(link: SignInLink) -> str:
    """Return what a session keeps of an opened link: proof of the secret, not the secret."""
    return sha256(link.token.encode()).hexdigest()


def link_by_token(pk: int, token: str, *, at: datetime) -> SignInLink | None:
    link = _open_link(pk, at=at)
    return link if link and constant_time_compare(link.token, token) else None


def link_by_proof(pk: int, proof: str, *, at: datetime) -> SignInLink | None:
    """Return the link that a session has kept, or None where it is no longer open."""
    link = _open_link(pk, at=at)
    return link if link and constant_time_compare(link_proof(link), proof) else None


def _open_link(pk: int, *, at: datetime) -> SignInLink | None:
    return SignInLink.objects.open(at=at).select_related("person").filter(pk=pk).first()


def end_links(person: User) -> None:
    SignInLink.objects.filter(person=person, ended_at=None).update(ended_at=Now())


@transaction.atomic
def make_link(person: User, *, by: User | None, on: date, at: datetime) -> SignInLink:
    """Return a person's new link, and end older ones; `by` is None where they asked themselves."""
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update().get(pk=person.pk)
    refuse("" if locked.is_active else DISABLED)
    separation_of_duties.refuse_password(locked, by=by, on=on)
    purpose = Purpose.RESET if locked.has_usable_password() else Purpose.INVITATION
    end_links(locked)
    link = SignInLink.objects.create(
        person=locked, purpose=purpose, by=by, made_at=at, expires_at=at + LINK_LIFETIMES[purpose]
    )
    verbs = {
        Purpose.INVITATION: separation_of_duties.INVITED,
        Purpose.RESET: separation_of_duties.SENT_LINK,
    }
    history.record_change(verbs[purpose], locked, by=by, on=on, note=locked.name)
    return link


@transaction.atomic
def send_link(person: User, *, by: User | None, on: date, at: datetime) -> Mail:
    """Return the mail that will carry a new link; the link is put in as it leaves."""
    link = make_link(person, by=by, on=on, at=at)
    text = texts.link_text(is_invitation=link.purpose == Purpose.INVITATION)
    return create_personal_mail(link.person, text, on=on, part=f"link:{link.pk}", link=link)


@transaction.atomic
def request_reset(typed: str, *, network_address: str | None, at: datetime) -> None:
    """Keep that somebody asked, whoever that is; past a number in the hour, nothing."""
    account = backends.account_key(typed)
    backends.lock_counts(account, network_address)
    lately = AskedReset.objects.filter(asked_at__gt=at - AN_HOUR)
    if lately.filter(account=account).count() >= settings.RESETS_PER_ACCOUNT:
        return
    from_here = lately.filter(network_address=network_address).count() if network_address else 0
    if from_here < settings.RESETS_PER_ADDRESS:
        AskedReset.objects.create(account=account, network_address=network_address, asked_at=at)


def send_reset_links(*, on: date, at: datetime) -> int:
    """Send a link to each who asked, but to no address just given them; return how many."""
    sent = 0
    for asked in AskedReset.objects.filter(answered_at=None)[:100]:
        with transaction.atomic():
            mine = AskedReset.objects.filter(pk=asked.pk, answered_at=None)
            if not mine.update(answered_at=at):
                continue
            person = User.objects.with_address(asked.account).filter(is_active=True).first()
            if person is None or not person.has_usable_password():
                continue
            if not separation_of_duties.has_new_address(person, on=on):
                send_link(person, by=None, on=on, at=at)
                sent += 1
    AskedReset.objects.filter(answered_at__lt=at - 24 * AN_HOUR).delete()
    return sent


def tell_of_locks(*, on: date, at: datetime) -> int:
    """Mail each person whose account was locked, once a lock; return how many."""
    told = 0
    begun = SignInTry.objects.filter(begins_lock=True, told_at=None, at__lte=at - LOOKED_AT_WITHIN)
    for guess in begun[:100]:
        with transaction.atomic():
            if not begun.filter(pk=guess.pk).update(told_at=at):
                continue
            person = backends.person_of(guess.account)
            if person is None:
                continue
            local = guess.at.astimezone(clock.zone(person.time_zone(on=on)))
            text = texts.lock_text(local, of_codes=guess.account.startswith(backends.CODES_OF))
            create_personal_mail(person, text, on=on, part=f"lock:{guess.pk}")
            told += 1
    return told


def save_password(locked: User, password: str, *, on: date) -> None:
    """Save a password in a locked row, end the person's sessions and links, and mail them."""
    had_one = locked.has_usable_password()
    locked.set_password(password)
    locked.save(update_fields=["password"])
    end_sessions(locked)
    end_links(locked)
    if had_one:
        notify_person(locked, PASSWORD_CHANGED, on=on)


@transaction.atomic
def set_password(person: User, password: str, *, by: User | None, on: date) -> None:
    locked = audited_edit.lock(User.objects.all(), person, by=by, on=on)
    separation_of_duties.refuse_password(locked, by=by, on=on)
    save_password(locked, password, on=on)
    verb = separation_of_duties.SET_PASSWORD
    history.record_change(verb, locked, by=by, on=on, note=locked.name)


@transaction.atomic
def change_own_password(person: User, password: str, *, on: date) -> User:
    locked: User = User.objects.select_for_update().get(pk=person.pk)
    save_password(locked, password, on=on)
    verb, subject = "changed their own password", history.subject_of(locked)
    history.record(verb, subject, by=locked, on=on, note=locked.name)
    return locked


@transaction.atomic
def choose_password(link: SignInLink, password: str, *, on: date, at: datetime) -> User:
    person: User = User.objects.select_for_update().get(pk=link.person_id)
    used = SignInLink.objects.open(at=at).filter(pk=link.pk).update(ended_at=at)
    refuse("" if used else LINK_NO_LONGER_VALID)
    save_password(person, password, on=on)
    backends.clear_guesses(person)
    verb, subject = "chose a password by a link", history.subject_of(person)
    history.record(verb, subject, by=person, on=on, note=person.name)
    return person


@transaction.atomic
def unlock_person(person: User, *, by: User, on: date) -> None:
    history.editor_appointment(by, on=on)
    backends.clear_guesses(person)
    history.record_change("unlocked a person", person, by=by, on=on, note=person.name)


def end_sessions(person: User, *, but: str = "") -> None:
    Session.objects.filter(person=person).exclude(pk=but).delete()


@transaction.atomic
def end_all_sign_ins(reason: str, *, on: date, at: datetime) -> dict[str, int]:
    """End every session, link and wish for a link, as after a restore; return how many of each."""
    sessions, _ = Session.objects.all().delete()
    ended = {
        "sessions": sessions,
        "links": SignInLink.objects.filter(ended_at=None).update(ended_at=at),
        "links asked for": AskedReset.objects.filter(answered_at=None).update(answered_at=at),
    }
    history.record(
        "ended all sessions and links", "sign-ins", by=None, on=on, after=ended, note=reason
    )
    return ended


def record_own_change(
    verb: str,
    person: User,
    *,
    on: date,
    session: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record and mail what a person changed in how they sign in; end sessions but the one named."""
    if session:
        end_sessions(person, but=session)
    notify_person(person, FACTORS_CHANGED, on=on)
    subject = history.subject_of(person)
    history.record(verb, subject, by=person, on=on, before=before, after=after, note=person.name)
