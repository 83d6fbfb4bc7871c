"""Goal reviews: the ones held, and the ones that were not and why. The numbers of a district."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from directory.models import District, User
from permanency.models import Action, CasePlanGoal, Child, RuleVersion, Strikable
from permanency.models.children import CaseQuerySet
from permanency.policy.months import day_in_words


class GoalReviewQuerySet(CaseQuerySet["GoalReview"]):
    def standing(self) -> GoalReviewQuerySet:
        """Return the reviews that were not recorded by mistake."""
        return self.filter(struck_on=None)

    def held(self) -> GoalReviewQuerySet:
        return self.standing().filter(held_on__isnull=False)


class GoalReview(Strikable):
    """One review of a child's case plan goal, or the record that it was not held."""

    class Progress(models.TextChoices):
        """How the work toward the goal stands."""

        ON_TRACK = "on_track", "On track"
        AT_RISK = "at_risk", "At risk"
        OFF_TRACK = "off_track", "Off track"

    class Outcome(models.TextChoices):
        """What the review led to."""

        CONTINUE = "continue", "Continue with the goal"
        INTENSIVE = "intensive", "Continue, with reviews every three months"
        CHANGE_NEEDED = "change_needed", "A change of goal is needed"
        EXTENSION_SOUGHT = "extension_sought", "Continue, and an extension is sought"
        ACHIEVED = "achieved", "The goal is achieved"
        NOT_HELD = "not_held", "Not held"

    HISTORY_SUBJECT = "review {.pk}"
    HISTORY_FIELDS = (
        "held_on",
        "due_on",
        "planned_on",
        "outcome",
        "progress",
        "actions=actions_in_words",
        "took_part",
        "progress_reasons",
        "barriers",
        "support_needed",
        "cultural_practice",
        "copy_given_on",
        "struck_on",
    )

    child = models.ForeignKey(Child, models.PROTECT, related_name="reviews")
    goal = models.ForeignKey(CasePlanGoal, models.PROTECT, related_name="reviews")
    # The due date that this review answered; a late review stays a recorded miss.
    due_on = models.DateField(null=True)
    # What that due date was counted with, so that what was missed can be told for ever.
    anchor_on = models.DateField(null=True)
    period_months = models.PositiveSmallIntegerField(null=True)
    due_derivation = models.JSONField(default=dict)
    # The version of the rules that held when it was recorded.
    rules = models.ForeignKey(
        RuleVersion, models.PROTECT, to_field="version", default=1, related_name="+"
    )
    held_on = models.DateField("date held", null=True, blank=True)
    planned_on = models.DateField("planned for", null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    not_held_reasons = models.TextField("why it was not held", blank=True)
    backdated_reasons = models.TextField("why it is recorded late", blank=True)
    # One person a line: name, role, organisation.
    took_part = models.TextField("who took part", blank=True)
    progress = models.CharField(max_length=10, choices=Progress.choices, blank=True)
    progress_reasons = models.TextField("why", blank=True)
    barriers = models.TextField(blank=True)
    support_needed = models.TextField(blank=True)
    cultural_practice = models.TextField(blank=True)
    copy_given_on = models.DateField("copy given to the provider on", null=True, blank=True)
    actions = models.ManyToManyField(Action, related_name="reviews", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    objects = GoalReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_on", "-pk"]
        constraints = [
            *Strikable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(outcome="not_held", held_on=None) & ~Q(not_held_reasons="")
                | ~Q(outcome="not_held") & Q(held_on__isnull=False) & ~Q(progress=""),
                name="a_review_was_held_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=Q(held_on=None) | Q(held_on__lte=F("recorded_on")),
                name="no_review_is_held_in_the_future",
            ),
            models.UniqueConstraint(
                fields=["goal", "held_on"],
                condition=Q(held_on__isnull=False, struck_on=None),
                name="a_goal_is_reviewed_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.held_on or self.planned_on}"

    @property
    def actions_in_words(self) -> list[str]:
        return [
            f"{each.what} ({each.who}, by {day_in_words(each.due_on)})"
            for each in self.actions.order_by("pk")
        ]


class DistrictSummary(models.Model):
    """What was counted in a district for one day. No restricted child is in any number.

    `cells` hold the counts by place, worked out again while the day lasts when the history has
    moved on: `entries` is how many entries its chains held before the counting, `recipe` a digest
    of how it was counted (`reviews/figures/district_counts.py`). `figures` are those of the day by
    who manages the case, stored once and kept for two years (`reviews/figures/daily_figures.py`).
    """

    # It is worked out, and goes with what it is about.
    district = models.ForeignKey(District, models.CASCADE, related_name="+")
    on = models.DateField()
    entries = models.PositiveBigIntegerField()
    recipe = models.CharField(max_length=64)
    cells = models.JSONField()
    figures = models.JSONField(null=True)

    class Meta:
        ordering = ["district", "on"]
        verbose_name_plural = "district summaries"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "on"], name="a_district_is_summed_up_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"district {self.district_id} on {self.on}"
