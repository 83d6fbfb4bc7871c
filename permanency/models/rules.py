"""The versions of the rules, as rows: a change of policy needs no release.

The database refuses to change a published version, and a draft that was withdrawn.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from directory.database.append_only import AppendOnlyTable
from directory.models import User
from permanency.policy.rule_changes import RuleBook
from permanency.policy.rules import Rules, Transition

APPEND_ONLY = AppendOnlyTable(
    "permanency_ruleversion",
    keys=(("version",),),
    closed_when="OLD.published_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL",
)


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    def published(self) -> RuleVersionQuerySet:
        return self.filter(published_at__isnull=False)

    def drafts(self) -> RuleVersionQuerySet:
        return self.filter(published_at=None, withdrawn_at=None)

    def book(self) -> RuleBook:
        return RuleBook.of(row.rules for row in self.published())

    def in_force(self, *, on: date) -> Rules:
        return self.book().in_force(on=on)


class RuleVersion(models.Model):
    """One version of the rules, with the day from which it holds, its source and its transition."""

    HISTORY_SUBJECT = "rules version {.version}"
    HISTORY_FIELDS = ("effective_on", "source", "transition")

    version = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField("takes effect on")
    source = models.CharField(max_length=300)
    content = models.JSONField()
    transition = models.CharField(
        "open dates", max_length=10, choices=Transition.choices, default=Transition.KEEP
    )
    # Version 1 came with the product: drafted and published by nobody.
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(version=1) | Q(drafted_by__isnull=False, drafted_at__isnull=False),
                name="a_version_of_the_rules_says_who_drafted_it",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False)
                | Q(published_at__isnull=False, version=1),
                name="published_rules_say_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("drafted_by")),
                name="nobody_publishes_the_rules_they_drafted",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(published_at=None),
                name="published_rules_are_not_withdrawn",
            ),
            models.UniqueConstraint(
                fields=["effective_on"],
                condition=Q(published_at__isnull=False),
                name="one_published_version_takes_effect_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"rules, version {self.version}"

    @property
    def rules(self) -> Rules:
        return Rules.from_data(
            self.version, self.effective_on, self.source, self.content, self.transition
        )

    @property
    def is_draft(self) -> bool:
        return self.published_at is None and self.withdrawn_at is None


class RulesTakenEffect(models.Model):
    """When the open dates of every child followed a version, and how many moved."""

    rules = models.OneToOneField(RuleVersion, models.PROTECT, related_name="taken_effect")
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    reviews_moved = models.PositiveIntegerField()
    two_year_dates_moved = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "rules taken effect"

    def __str__(self) -> str:
        return f"{self.rules} took effect"
