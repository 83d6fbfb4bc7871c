"""The append-only record of who did what. Triggers on both databases refuse any change to it.

The entries of each district form a chain: each carries a digest of itself and of the one before.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from directory.models.people import Appointment, User
from directory.models.places import District

# What the first entry of a chain follows.
BEGINNING = "0" * 64


class HistoryEntry(models.Model):
    """One act by one person, with what stood before and after, at its place in a chain.

    A redacted entry has lost `before`, `after`, `note` and `salt`; its `redaction` says why.
    """

    at = models.DateTimeField()
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    child_number = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    # What was acted on, for example "goal change 12".
    subject = models.CharField(max_length=80)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    chain = models.CharField(max_length=30)
    sequence = models.PositiveBigIntegerField()
    salt = models.CharField(max_length=32, blank=True)
    content_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "history entries"
        indexes = [models.Index(fields=["child_number", "-id"], name="history_child")]
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "sequence"], name="each_place_in_a_chain_is_taken_once"
            ),
            models.CheckConstraint(
                condition=~Q(chain="") & ~Q(content_digest="") & ~Q(digest=""),
                name="every_entry_stands_in_a_chain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.verb} {self.subject}"

    @property
    def place(self) -> str:
        """Return the chain and the number in it, as commands and pages name an entry."""
        return f"{self.chain}/{self.sequence}"


class HistoryHead(models.Model):
    """The last place of a chain that is taken. Its row is the lock of the chain."""

    chain = models.CharField(max_length=30, unique=True)
    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=BEGINNING)

    class Meta:
        ordering = ["chain"]

    def __str__(self) -> str:
        return f"{self.chain}/{self.sequence}"


class HistoryHeadOfDay(models.Model):
    """Where a chain stood when its head was mailed out of the house. Rows are only ever added."""

    chain = models.CharField(max_length=30)
    on = models.DateField()
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["on", "chain"]
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "on"], name="the_head_of_a_chain_is_kept_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.chain}/{self.sequence}"


class Redaction(models.Model):
    """Why the content of an entry was blanked, by whose decision. The triggers ask for this row.

    The act is itself an entry of the same chain, `told_by`, which says the same.
    """

    entry = models.OneToOneField(HistoryEntry, models.PROTECT, related_name="redaction")
    told_by = models.OneToOneField(HistoryEntry, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    authority = models.CharField(max_length=200)
    reason = models.TextField()
    on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("done_by")), name="two_people_redact_an_entry"
            ),
            models.CheckConstraint(
                condition=~Q(authority="") & ~Q(reason=""),
                name="a_redaction_says_why_and_under_which_authority",
            ),
        ]

    def __str__(self) -> str:
        return f"redaction of {self.entry_id} on {self.on}"
