"""Append-only records of who did what and who read what. Triggers refuse any change to them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import connections, models
from django.db.models import F, Func, Q, Value

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
    """Why an entry was blanked and who decided. The triggers ask for it; `told_by` records it."""

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


class _JsonListContains(Func):
    """Whether a JSON list holds a number, for SQLite, which knows no containment."""

    template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s))"
    arg_joiner = ") WHERE value = ("
    output_field: ClassVar[models.Field[bool, bool]] = models.BooleanField()


class ReadEntryQuerySet(models.QuerySet["ReadEntry"]):
    def of_child(self, number: int) -> ReadEntryQuerySet:
        if connections[self.db].features.supports_json_field_contains:
            listed = Q(shown__contains=[number])
        else:
            listed = Q(_JsonListContains(F("shown"), Value(number)))
        # The index on the lists leaves the records out; saying so here lets it be used.
        return self.filter(Q(child_number=number) | Q(child_number=None) & listed)

    def between(self, first: datetime, last: datetime) -> ReadEntryQuerySet:
        return self.filter(at__gte=first, at__lt=last)


class ReadEntry(models.Model):
    """One answer that showed somebody a child's record, a list, a search or an export.

    `shown` are the children on a list. `detail` has the number of rows, the filters used, and of an
    export its reason, format and SHA-256: never a name, nor the words of a search.
    """

    class Kind(models.TextChoices):
        RECORD = "record", "Record"
        LIST = "list", "List"
        SEARCH = "search", "Search"
        EXPORT = "export", "Export"
        FEED = "feed", "Feed"

    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    route = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    child_number = models.BigIntegerField(null=True)
    # What mail calls the child: a reader of this log who may see no case needs no other name.
    reference = models.CharField(max_length=8, blank=True)
    district = models.ForeignKey(
        District, models.PROTECT, null=True, related_name="+", db_index=False
    )
    shown = models.JSONField(default=list)
    detail = models.JSONField(default=dict)

    objects: ClassVar[ReadEntryQuerySet] = ReadEntryQuerySet.as_manager()  # type: ignore[assignment]  # a manager made from it answers the same

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "read entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="record", child_number__isnull=False)
                | (~Q(kind="record") & Q(child_number=None)),
                name="a_read_names_one_child_exactly_where_it_is_of_a_record",
            ),
        ]
        indexes = [
            models.Index(
                fields=["child_number", "at"],
                name="read_child",
                condition=Q(child_number__isnull=False),
            ),
            models.Index(fields=["by", "at"], name="read_person"),
            models.Index(fields=["on"], name="read_day", condition=Q(kind="record")),
            models.Index(fields=["on"], name="read_day_files", condition=Q(kind="export")),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind} {self.route}"
