"""The policy's periods and settings as rows: a change of policy is a row, not a release."""

from __future__ import annotations

from datetime import date

from django.db import models

from permanency.policy.rules import Rules


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    """Versions of the rules, by day."""

    def in_force(self, *, on: date) -> Rules:
        """Return the rules of this day: the newest version in effect. Version 1 always exists."""
        row = self.filter(effective_on__lte=on).order_by("-effective_on", "-version").first()
        return (row or self.earliest("version")).rules


class RuleVersion(models.Model):
    """One version of the rules, with the day from which it holds and its source."""

    version = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField()
    source = models.CharField(max_length=300)
    content = models.JSONField()

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ["version"]

    def __str__(self) -> str:
        return f"rules, version {self.version}"

    @property
    def rules(self) -> Rules:
        """Return the row as the value that the policy takes."""
        return Rules.from_data(self.version, self.effective_on, self.source, self.content)
