"""The append-only record of who saw what. Triggers on both databases refuse any change to it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import connections, models
from django.db.models import F, Func, Q, Value

from directory.models.people import User
from directory.models.places import District


class _JsonListContains(Func):
    """Whether a JSON list holds a number, for SQLite, which knows no containment."""

    template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s))"
    arg_joiner = ") WHERE value = ("
    output_field: ClassVar[models.Field[bool, bool]] = models.BooleanField()


class ReadEntryQuerySet(models.QuerySet["ReadEntry"]):
    """What was read, by child, by person and by time."""

    def of_child(self, number: int) -> ReadEntryQuerySet:
        """Return the times this child was seen: on the record itself, or as a row of a list."""
        if connections[self.db].features.supports_json_field_contains:
            listed = Q(shown__contains=[number])
        else:
            listed = Q(_JsonListContains(F("shown"), Value(number)))
        # The index on the lists leaves the records out; saying so here lets it be used.
        return self.filter(Q(child_number=number) | Q(child_number=None) & listed)

    def between(self, first: datetime, last: datetime) -> ReadEntryQuerySet:
        """Return what was read from the first moment on and before the last."""
        return self.filter(at__gte=first, at__lt=last)


class ReadEntry(models.Model):
    """One answer that showed somebody a child's record, a list, a search or an export.

    `shown` holds the numbers of the children on a list. `detail` holds how many rows there were,
    which filters were used, and for an export its reason, format and SHA-256: never a name, and
    never the words of a search.
    """

    class Kind(models.TextChoices):
        """What was read."""

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
