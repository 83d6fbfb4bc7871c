"""What people typed and have not saved, and which sheets of a form have been acted on."""

from __future__ import annotations

from django.db import models

from directory.models.people import User

LONGEST_FORM = 500


class KeptText(models.Model):
    """What one person last typed into one form, kept until it is saved or discarded.

    `content` holds texts by the name of the field, never a password. `sheet` is the sheet on which
    it was typed, empty where the words belong to none that was acted on.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=LONGEST_FORM)
    content = models.JSONField()
    sheet = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "form"], name="a_person_has_one_kept_text_for_a_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.form}"


class SentSheet(models.Model):
    """One sheet of a form that was acted on, and where that led; sent again it leads there too.

    `fingerprint` tells the same words from others without saying any of them.
    """

    sheet = models.CharField(max_length=40)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=LONGEST_FORM)
    fingerprint = models.CharField(max_length=64)
    location = models.TextField(blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet"], name="a_sheet_is_acted_on_once")]

    def __str__(self) -> str:
        return f"{self.sheet}: {self.location}"
