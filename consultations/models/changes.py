"""A goal change and the decisions on it. Three people: who asked, who endorsed, who approved."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from consultations.models.consultations import Consultation
from consultations.workflow import OPEN, Status, Step
from directory.models import Appointment, District, Provider, User
from directory.roles import CaseManagement
from permanency.models import CasePlanGoal, Child, RuleVersion
from permanency.models.children import CaseQuerySet
from permanency.policy.goals import AboriginalStatus, Goal


class GoalChangeQuerySet(CaseQuerySet["GoalChange"]):
    def open(self) -> GoalChangeQuerySet:
        return self.filter(status__in=sorted(OPEN))

    def endorsed(self) -> GoalChangeQuerySet:
        return self.filter(status=Status.ENDORSED)

    def with_last_step(self) -> GoalChangeQuerySet:
        decisions = Decision.objects.filter(goal_change=OuterRef("pk")).order_by("-pk")
        return self.annotate(last_step=Subquery(decisions.values("step")[:1]))

    def with_reader_asked(self, user: User) -> GoalChangeQuerySet:
        asked = GoalChange.asked_for_by.through.objects.filter(goalchange=OuterRef("pk"), user=user)
        extra_columns: dict[str, Exists] = {"reader_asked": Exists(asked)}
        return self.annotate(**extra_columns)


class GoalChange(models.Model):
    """A proposal to set or change a child's case plan goal, from draft to decision."""

    HISTORY_FIELDS = (
        "status",
        "goal_before",
        "goal",
        "reasons",
        "cultural_consultation",
        "consultation=consultation.held_on",
        "requested_by=requested_by.name",
        "requested_by_name",
        "requested_by_role",
        "requested_by_organisation",
        "endorsed_by=endorsed_by.name",
        "approved_by=approved_by.name",
        "effective_on",
        "case_plan_approved_on",
        "entered_in_childstory_on",
    )

    child = models.ForeignKey(Child, models.PROTECT, related_name="goal_changes")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="goal_changes")
    # The refused change that this one begins again, on the same consultation.
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    current_goal = models.ForeignKey(
        CasePlanGoal, models.PROTECT, null=True, related_name="changes_from"
    )
    goal = models.CharField("proposed goal", max_length=15, choices=Goal.choices)
    reasons = models.TextField()
    # Adoption for an Aboriginal or Torres Strait Islander child: the consultation that was had.
    cultural_consultation = models.TextField(blank=True)
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.DRAFT)
    status_since_on = models.DateField()

    # Who asked. A user where it is one of us, otherwise a name.
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    requested_by_name = models.CharField("who asked for the change", max_length=120)
    requested_by_role = models.CharField("their role", max_length=80, blank=True)
    requested_by_organisation = models.CharField("their organisation", max_length=120, blank=True)
    # Whoever was down as asking, at any time, here or on a change that this one follows. The
    # database only adds to it: an edit takes nobody away.
    asked_for_by = models.ManyToManyField(User, related_name="+", editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    endorsed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    # What the endorsement was bound to beside the words of the change: the case as it was then.
    endorsed_case_managed_by = models.CharField(
        max_length=3, choices=CaseManagement.choices, blank=True
    )
    endorsed_provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="+")
    endorsed_district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    endorsed_aboriginal_status = models.CharField(
        max_length=25, choices=AboriginalStatus.choices, blank=True
    )
    evidence_exempted_because = models.TextField(blank=True)
    evidence_exempted_until = models.DateField(null=True, blank=True)

    effective_on = models.DateField(null=True)
    new_goal = models.OneToOneField(
        CasePlanGoal, models.PROTECT, null=True, related_name="approved_change"
    )
    # Facts after approval, with dates: not states.
    case_plan_approved_on = models.DateField(null=True, blank=True)
    case_plan_approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    entered_in_childstory_on = models.DateField(null=True, blank=True)
    entered_in_childstory_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(auto_now_add=True)

    objects = GoalChangeQuerySet.as_manager()

    reader_asked: bool  # set by `with_reader_asked` alone
    waiting_words: list[dict[str, Any]] | None  # set by `change_to_read` alone

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(status__in=sorted(OPEN)),
                name="one_open_goal_change_per_child",
            ),
            models.CheckConstraint(
                condition=Q(requested_by=None)
                | Q(endorsed_by=None)
                | ~Q(requested_by=F("endorsed_by")),
                name="nobody_endorses_what_they_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(requested_by=None)
                | Q(approved_by=None)
                | ~Q(requested_by=F("approved_by")),
                name="nobody_approves_what_they_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(endorsed_by=None)
                | Q(approved_by=None)
                | ~Q(endorsed_by=F("approved_by")),
                name="nobody_approves_what_they_endorsed",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ENDORSED) | Q(endorsed_by__isnull=False),
                name="an_endorsed_change_names_its_endorser",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ENDORSED)
                | Q(endorsed_district__isnull=False)
                & ~Q(endorsed_case_managed_by="")
                & ~Q(endorsed_aboriginal_status=""),
                name="an_endorsement_is_bound_to_the_case_as_it_was",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.APPROVED)
                | Q(
                    endorsed_by__isnull=False,
                    approved_by__isnull=False,
                    effective_on__isnull=False,
                    new_goal__isnull=False,
                ),
                name="an_approved_change_was_endorsed_and_is_in_force",
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "status_since_on"],
                name="goal_change_waiting",
                condition=Q(status__in=["proposed", "endorsed"]),
            )
        ]

    def __str__(self) -> str:
        return f"goal change {self.pk}"

    @property
    def goal_before(self) -> str:
        return str(self.current_goal or "")


class Decision(models.Model):
    """One step taken by one person. Rows are added, never changed."""

    goal_change = models.ForeignKey(GoalChange, models.PROTECT, related_name="decisions")
    step = models.CharField(max_length=15, choices=Step.choices)
    from_status = models.CharField(max_length=15, choices=Status.choices)
    to_status = models.CharField(max_length=15, choices=Status.choices)
    # Nobody only where an import moved case management and so made an endorsement void.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Under which appointment: read at the moment of decision and kept with it.
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    reasons = models.TextField(blank=True)
    # The version of the rules that held; for an approval both dates before and after, with why.
    rules = models.ForeignKey(
        RuleVersion, models.PROTECT, to_field="version", default=1, related_name="+"
    )
    effects = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(step=Step.VOID) | Q(by__isnull=False),
                name="somebody_takes_every_step",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} on {self.on}"
