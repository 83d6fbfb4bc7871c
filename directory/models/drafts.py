"""Unsaved drafts of forms, and the submissions of forms that were acted on."""

from __future__ import annotations

from django.db import models

from directory.models.people import User

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
