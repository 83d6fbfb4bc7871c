"""The append-only record of who did what. Triggers on both databases refuse any change to it."""

from __future__ import annotations

from django.db import models

from directory.models.people import Appointment, User
from directory.models.places import District


class HistoryEntry(models.Model):
    """One act by one person, with what stood before and after. The key is the sequence number.

    `digest` stays empty until the entries are chained.
    """

    at = models.DateTimeField(auto_now_add=True)
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
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "history entries"
        indexes = [models.Index(fields=["child_number", "-id"], name="history_child")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.verb} {self.subject}"
