"""How people sign in: sessions, tries, links for a password, subjects of single sign-on."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac

from directory.models.people import User


class Session(AbstractBaseSession):
    """A session of one browser; without a person, of somebody who is not signed in yet.

    `expire_date` is the earlier of its idle and its absolute end.
    """

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("began_at")), name="nobody_is_seen_before_they_sign_in"
            ),
            models.CheckConstraint(
                condition=Q(expire_date__gte=F("seen_at")),
                name="nobody_is_seen_in_a_session_that_has_ended",
            ),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        # By name: rows know nothing of the engine above them, but Django wants to ask.
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store


class SignInTry(models.Model):
    """One try to prove who somebody is, written down before the password or code is looked at.

    The throttle counts the wrong ones by account: an address in its one form, or whose code it was.
    """

    class Outcome(models.TextChoices):
        # From the moment it is looked at, until it turns out to be right.
        WRONG = "wrong", "Wrong"
        FORGIVEN = "forgiven", "Wrong, and no longer counted"
        RIGHT = "right", "Right"
        REFUSED = "refused", "Not looked at, after too many wrong ones"
        SIGNED_IN = "signed_in", "Signed in, in whatever way"

    account = models.CharField(max_length=255)
    network_address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=255, blank=True)
    path = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # The guess after which no further one is looked at for a while.
    begins_lock = models.BooleanField(default=False, db_default=False)
    # When the worker has told the person of that lock, or found nobody to tell.
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(begins_lock=False) | Q(outcome__in=["wrong", "forgiven"]),
                name="a_lock_begins_with_a_wrong_guess",
            ),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(begins_lock=True), name="of_tries_only_a_lock_is_told"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "-at"], name="wrong_for_account", condition=Q(outcome="wrong")
            ),
            models.Index(
                fields=["network_address", "at"],
                name="wrong_from_address",
                condition=Q(outcome="wrong"),
            ),
            models.Index(
                fields=["account", "network_address"],
                name="signed_in_from",
                condition=Q(outcome="signed_in"),
            ),
            models.Index(
                fields=["at"], name="lock_not_told", condition=Q(begins_lock=True, told_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} at {self.at}"


def new_nonce() -> str:
    """Return what makes one link differ from every other."""
    return get_random_string(32)


class SignInLinkQuerySet(models.QuerySet["SignInLink"]):
    def open(self, *, at: datetime) -> SignInLinkQuerySet:
        return self.filter(ended_at=None, expires_at__gt=at, person__is_active=True)


class SignInLink(models.Model):
    """One chance to choose a password. What the link says is worked out and never stored."""

    class Purpose(models.TextChoices):
        INVITATION = "invitation", "Invitation"
        RESET = "reset", "New password"

    person = models.ForeignKey(User, models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    nonce = models.CharField(max_length=32, default=new_nonce)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Used, replaced by a newer one, or voided because the password changed otherwise.
    ended_at = models.DateTimeField(null=True)

    objects = SignInLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None),
                name="a_person_has_one_open_link",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="a_link_expires_after_it_is_made"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.made_at}"

    @property
    def token(self) -> str:
        said = f"{self.pk}:{self.nonce}:{self.person.password}"
        return salted_hmac("directory.links", said, algorithm="sha256").hexdigest()

    @property
    def address(self) -> str:
        return f"{settings.BASE_URL}{reverse('open-link', args=[self.pk, self.token])}"

    def is_open(self, *, at: datetime) -> bool:
        return SignInLink.objects.open(at=at).filter(pk=self.pk).exists()


class AskedReset(models.Model):
    """A request for a new password, whether or not anybody signs in with the address."""

    account = models.CharField(max_length=255)
    network_address = models.GenericIPAddressField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["account", "asked_at"], name="asked_by_account"),
            models.Index(fields=["network_address", "asked_at"], name="asked_from_address"),
        ]

    def __str__(self) -> str:
        return f"asked at {self.asked_at}"


class Subject(models.Model):
    """What the provider of single sign-on calls a person, connected by that person themselves."""

    person = models.ForeignKey(User, models.PROTECT, related_name="subjects")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    connected_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="a_subject_is_one_person_alone"
            ),
            models.UniqueConstraint(
                fields=["person", "issuer"], name="a_person_has_one_subject_at_a_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.issuer}"
