"""Case plan goals as dated periods, extensions of the two-year date, and agreed actions.

The next review date and the two-year date are worked out by the policy when something changes, and
stored with their derivation. Whether they are due, overdue or passed is a comparison, never stored.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from directory.models import User
from directory.models.places import not_before
from permanency.models import due
from permanency.models.children import CaseQuerySet, Child
from permanency.policy.goals import EndReason, Goal


class CasePlanGoalQuerySet(CaseQuerySet["CasePlanGoal"]):
    def in_force(self, *, on: date | None = None) -> CasePlanGoalQuerySet:
        """Return the goals that have not ended; on a day, without those of who is 18 by then."""
        return self.filter(due.in_force(on=on) if on else Q(ended_on=None))


class CasePlanGoal(models.Model):
    """A case plan goal of a child, in force from a day until a day."""

    class Source(models.TextChoices):
        OPENED_IN_FORCE = "opened_in_force", "Already in force in ChildStory"
        APPROVED = "approved", "Approved here after a consultation"

    HISTORY_FIELDS = (
        "goal",
        "effective_on",
        "ended_on",
        "end_reason",
        "last_review_held_on",
        "first_two_year_goal_on",
        "intensive_since",
        "moved_home_on",
        "review_due_on",
        "two_year_on",
    )

    child = models.ForeignKey(Child, models.PROTECT, related_name="goals")
    goal = models.CharField(max_length=15, choices=Goal.choices)
    effective_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=15, choices=EndReason.choices, blank=True)
    source = models.CharField(max_length=15, choices=Source.choices)
    source_note = models.CharField(max_length=200, blank=True)
    # Known from before the goal was recorded here; both are anchors of the clocks.
    first_two_year_goal_on = models.DateField(null=True, blank=True)
    last_review_held_on = models.DateField(null=True, blank=True)
    # The last review before the goal was opened here, whatever was held and recorded since.
    reviewed_before_on = models.DateField(null=True, blank=True)

    # From when the mark that has not ended holds; what is told of each mark stands with it.
    intensive_since = models.DateField(null=True, blank=True)

    review_anchor_on = models.DateField(null=True)
    review_due_on = models.DateField(null=True)
    review_derivation = models.JSONField(default=dict)
    # The version that held when the day from which reviews count was recorded.
    anchor_rule_version = models.PositiveIntegerField(default=1)
    # The version of the rules that each date was made under; the derivation says it too.
    review_rule_version = models.PositiveIntegerField(default=1)
    two_year_rule_version = models.PositiveIntegerField(default=1)
    # When a two-year goal first took effect in this care episode, whatever the clock counts from.
    first_in_episode_on = models.DateField(null=True)
    two_year_on = models.DateField(null=True)
    two_year_derivation = models.JSONField(default=dict)

    # The orders of the two long lists, worked out by the database. It can begin in the middle of
    # one by a plain column alone: row security keeps expressions from their indexes.
    worst_on = models.GeneratedField(
        expression=due.worst_on(), output_field=models.DateField(), db_persist=True
    )
    due_first_on = models.GeneratedField(
        expression=due.review_or_last(), output_field=models.DateField(), db_persist=True
    )

    # Restoration: the child is home before parental responsibility returns.
    moved_home_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CasePlanGoalQuerySet.as_manager()

    class Meta:
        ordering = ["-effective_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(ended_on=None), name="one_open_goal_per_child"
            ),
            not_before("ended_on", "effective_on", name="a_goal_ends_after_it_takes_effect"),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="")
                | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="a_goal_that_ended_says_why",
            ),
            models.CheckConstraint(
                condition=Q(intensive_since=None)
                | Q(goal__in=[Goal.RESTORATION, Goal.GUARDIANSHIP, Goal.ADOPTION]),
                name="only_a_two_year_goal_is_intensive",
            ),
        ]
        indexes = [
            # With the child, whom the fence asks about: then what is due is counted by day from
            # the index alone.
            models.Index(
                fields=["review_due_on", "child"],
                name="goal_review_due",
                condition=Q(ended_on=None),
            ),
            models.Index(
                fields=["two_year_on", "child"], name="goal_two_year", condition=Q(ended_on=None)
            ),
            models.Index(
                fields=["worst_on", "child"], name="goal_worst_first", condition=Q(ended_on=None)
            ),
            models.Index(
                fields=["goal", "worst_on", "child"],
                name="goal_of_a_kind",
                condition=Q(ended_on=None),
            ),
            models.Index(
                fields=["due_first_on", "id"], name="goal_due_first", condition=Q(ended_on=None)
            ),
            # What lists and figures ask of the goal in force of each child, read from it alone.
            models.Index(
                fields=["child"],
                include=["id", "goal", "ended_on", "review_due_on", "two_year_on"],
                name="goal_now_told",
                condition=Q(ended_on=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_goal_display())

    @property
    def is_intensive(self) -> bool:
        return self.intensive_since is not None


class IntensiveMark(models.Model):
    """From when until when a goal was marked intensive, by whom and why."""

    HISTORY_FIELDS = ("from_on", "until_on", "reasons")

    goal = models.ForeignKey(CasePlanGoal, models.PROTECT, related_name="marks")
    from_on = models.DateField()
    # The first day on which it no longer held.
    until_on = models.DateField(null=True, blank=True)
    reasons = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            not_before("until_on", "from_on", name="a_mark_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(reasons=""), name="a_mark_says_why"),
            models.UniqueConstraint(
                fields=["goal"], condition=Q(until_on=None), name="one_open_mark_per_goal"
            ),
        ]

    def __str__(self) -> str:
        return f"marked intensive on {self.from_on}"

    @property
    def child(self) -> Child:
        return self.goal.child


class Extension(models.Model):
    """A recorded extension of the two-year date. The original date stays visible."""

    HISTORY_FIELDS = ("extended_to", "decided_on", "decided_by_name", "reasons")

    goal = models.ForeignKey(CasePlanGoal, models.PROTECT, related_name="extensions")
    extended_to = models.DateField()
    decided_on = models.DateField()
    decided_by_name = models.CharField("decided by", max_length=120)
    reasons = models.TextField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["extended_to"]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "extended_to"], name="an_extension_gives_a_new_date"
            )
        ]

    def __str__(self) -> str:
        return f"extended to {self.extended_to}"

    @property
    def child(self) -> Child:
        return self.goal.child


class ActionQuerySet(CaseQuerySet["Action"]):
    def open(self) -> ActionQuerySet:
        return self.filter(done_on=None, struck_on=None)


class Action(models.Model):
    """One action: what, who, by when, and when it was done."""

    HISTORY_FIELDS = ("done_on",)

    child = models.ForeignKey(Child, models.PROTECT, related_name="actions")
    what = models.CharField(max_length=300)
    who = models.CharField(max_length=120)
    # The user who will do it, where it is one of us.
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="actions")
    due_on = models.DateField()
    agreed_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    # With the consultation or the review that agreed it.
    struck_on = models.DateField(null=True, editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            not_before("done_on", "agreed_on", name="an_action_is_done_after_it_was_agreed"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("agreed_on")),
                name="an_action_is_due_after_it_was_agreed",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="action_open", condition=Q(done_on=None))]

    def __str__(self) -> str:
        return f"action due {self.due_on}"
