"""Links for choosing a password: made, mailed, opened once, and dead after that.

What a link says is worked out from a random part, the person's present password and the secret of
the site. So it is stored nowhere, dies with any change of the password, and can be put into a mail
at the last moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from directory import history
from directory.accounts import account_mail, login_throttle, separation_of_duties
from directory.errors import StepNotAllowedError
from directory.mail import texts
from directory.models import AskedReset, Mail, SignInLink, User

Purpose = SignInLink.Purpose
LINK_LIFETIMES = {
    Purpose.INVITATION: timedelta(hours=settings.INVITATION_HOURS),
    Purpose.RESET: timedelta(hours=settings.RESET_HOURS),
}
DISABLED = "They are disabled. Enable them first."
LINK_NO_LONGER_VALID = "This link is no longer good. Ask for a new one."
AN_HOUR = timedelta(hours=1)


def link_proof(link: SignInLink) -> str:
    """Return what a session keeps of an opened link: proof of the secret, not the secret."""
    return sha256(link.token.encode()).hexdigest()


def link_by_token(pk: int, token: str, *, at: datetime) -> SignInLink | None:
    """Return the open link of this number and secret, or None."""
    link = SignInLink.objects.open(at=at).select_related("person").filter(pk=pk).first()
    if link is None or not constant_time_compare(link.token, token):
        return None
    return link


def link_by_proof(pk: int, proof: str, *, at: datetime) -> SignInLink | None:
    """Return the open link that a session has kept, or None where it died in the meantime."""
    link = SignInLink.objects.open(at=at).select_related("person").filter(pk=pk).first()
    if link is None or not constant_time_compare(link_proof(link), proof):
        return None
    return link


def end_links(person: User) -> None:
    """End every link of a person that is still open."""
    SignInLink.objects.filter(person=person, ended_at=None).update(ended_at=Now())


@transaction.atomic
def make_link(person: User, *, by: User | None, on: date, at: datetime) -> SignInLink:
    """Return a new link for a person: an invitation until they have a password. Older ones end.

    Raises StepNotAllowedError where the person is disabled, and where another administrator is to
    do it. `by` is None where they asked themselves.
    """
    history.editor_appointment(by, on=on)
    locked = User.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active:
        raise StepNotAllowedError(DISABLED)
    separation_of_duties.refuse_password(locked, by=by, on=on)
    purpose = Purpose.RESET if locked.has_usable_password() else Purpose.INVITATION
    end_links(locked)
    link = SignInLink.objects.create(
        person=locked, purpose=purpose, by=by, made_at=at, expires_at=at + LINK_LIFETIMES[purpose]
    )
    verb = (
        separation_of_duties.INVITED
        if purpose is Purpose.INVITATION
        else separation_of_duties.SENT_LINK
    )
    history.record_change(verb, locked, by=by, on=on, note=locked.name)
    return link


@transaction.atomic
def send_link(person: User, *, by: User | None, on: date, at: datetime) -> Mail:
    """Return the mail that will carry a new link; the row says only where it goes in."""
    link = make_link(person, by=by, on=on, at=at)
    text = texts.link_text(is_invitation=link.purpose == Purpose.INVITATION)
    return account_mail.create_personal_mail(
        link.person, text, on=on, part=f"link:{link.pk}", link=link
    )


def may_request_reset(account: str, network_address: str | None, *, at: datetime) -> bool:
    """Say whether one more question for a new password is taken from here and for this account."""
    lately = AskedReset.objects.filter(asked_at__gt=at - AN_HOUR)
    if lately.filter(account=account).count() >= settings.RESETS_PER_ACCOUNT:
        return False
    if network_address is None:
        return True
    from_here = lately.filter(network_address=network_address).count()
    return from_here < settings.RESETS_PER_ADDRESS


def request_reset(typed: str, *, network_address: str | None, at: datetime) -> None:
    """Write down that somebody asked, whoever that is; past a number in the hour, nothing."""
    account = login_throttle.account_key(typed)
    if may_request_reset(account, network_address, at=at):
        AskedReset.objects.create(account=account, network_address=network_address, asked_at=at)


def _may_get_link(person: User, *, on: date) -> bool:
    return person.has_usable_password() and not separation_of_duties.has_new_address(person, on=on)


def send_reset_links(*, on: date, at: datetime) -> int:
    """Send a link to each who asked and has a password here; return how many were sent.

    None goes to an address that somebody else has just given them: an administrator sends it.
    """
    sent = 0
    for asked in AskedReset.objects.filter(answered_at=None)[:100]:
        with transaction.atomic():
            mine = AskedReset.objects.filter(pk=asked.pk, answered_at=None)
            if not mine.update(answered_at=at):
                continue
            person = User.objects.filter(email__iexact=asked.account, is_active=True).first()
            if person is not None and _may_get_link(person, on=on):
                send_link(person, by=None, on=on, at=at)
                sent += 1
    AskedReset.objects.filter(answered_at__lt=at - 24 * AN_HOUR).delete()
    return sent
