"""Unsaved drafts of forms, the submissions that were acted on, and private calendar feeds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from directory.models.people import User
from directory.models.places import Inbox, both_or_neither, one_of_two

LONGEST_FORM = 500


class Draft(models.Model):
    """What one person last typed into one form, kept until it is saved or discarded.

    `content` holds texts by the name of the field, never a password. `key` is that of the token
    with which it was sent, empty where the draft outlives the submission with that token.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=LONGEST_FORM)
    content = models.JSONField()
    key = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "form"], name="a_person_has_one_draft_of_a_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.form}"


class Submission(models.Model):
    """One token that was acted on, and where that led; sent again it leads there too.

    `fingerprint` is a keyed hash of the content, which is not kept.
    """

    key = models.CharField(max_length=40)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=LONGEST_FORM)
    fingerprint = models.CharField(max_length=64)
    location = models.TextField(blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="a_token_is_acted_on_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.location}"


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def open(self) -> CalendarFeedQuerySet:
        return self.filter(revoked_at=None)

    def with_last_read(self) -> CalendarFeedQuerySet:
        return self.annotate(last_read_at=models.Max("reads__at"))


class CalendarFeed(models.Model):
    """A secret address, kept as a digest, at which a calendar reads dates of a person or inbox."""

    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="calendar_feeds")
    inbox = models.ForeignKey(Inbox, models.PROTECT, null=True, related_name="calendar_feeds")
    token_digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            one_of_two("inbox", "person", name="a_calendar_is_of_a_person_or_of_an_inbox"),
            models.CheckConstraint(
                condition=Q(person=None) | Q(person=models.F("made_by")),
                name="nobody_makes_the_calendar_of_somebody_else",
            ),
            both_or_neither(
                "revoked_at", "revoked_by", name="a_revoked_calendar_says_when_and_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"

    @property
    def whose(self) -> str:
        return str(self.inbox or self.person)


class FeedRead(models.Model):
    """A reading of a feed, once a day for an address and a number of events. Append-only."""

    feed = models.ForeignKey(CalendarFeed, models.PROTECT, related_name="reads")
    at = models.DateTimeField(auto_now_add=True)
    network_address = models.GenericIPAddressField(null=True)
    events = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"calendar {self.feed_id} at {self.at}"
