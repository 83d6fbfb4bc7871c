"""Who a person is at the agency's sign-in: the subject, never an e-mail address."""

from __future__ import annotations

from django.db import models

from directory.models.people import User


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
