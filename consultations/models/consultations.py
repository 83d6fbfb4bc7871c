"""A permanency consultation: the question, each option weighed, the evidence and the advice."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from directory.models import User
from permanency.models import Action, Child, Strikable
from permanency.models.children import CaseQuerySet
from permanency.policy.goals import Goal


class ConsultationQuerySet(CaseQuerySet["Consultation"]):
    def visible_to(self, user: User, *, on: date) -> Self:
        return super().visible_to(user, on=on).filter(Q(recorded_on__isnull=False) | Q(by=user))


class Consultation(Strikable):
    """One consultation, facilitated and recorded by a Permanency Coordinator.

    It is a draft, seen by its author alone, until it is recorded. A formal one can support a goal
    change; an informal one is a short dated note of advice.
    """

    class Kind(models.TextChoices):
        FORMAL = "formal", "Formal consultation"
        INFORMAL = "informal", "Informal advice"

    class Purpose(models.TextChoices):
        # The published purposes and aims of permanency consultations, in our words.
        DIFFICULTY = "difficulty", "Talk through difficulty in reaching the goal"
        GOAL_CHANGE = "goal_change", "Consider a proposal to set or change the goal"
        PACKAGES = "packages", "Advice on packages"
        PERMANENCY = "permanency", "Explore physical, relational, cultural or legal permanency"
        SERVICES = "services", "Find services that prevent entry to care or support leaving it"
        SKILL = "skill", "Guide and build skill"
        COLLABORATION = "collaboration", "Help DCJ and a provider work together"

    child = models.ForeignKey(Child, models.PROTECT, related_name="consultations")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FORMAL)
    purpose = models.CharField(max_length=15, choices=Purpose.choices, default=Purpose.GOAL_CHANGE)
    held_on = models.DateField("date held")
    asked_by_name = models.CharField("who asked", max_length=120, blank=True)
    asked_by_organisation = models.CharField("their organisation", max_length=120, blank=True)
    asked_by_role = models.CharField("their role", max_length=80, blank=True)
    # One person a line: name, role, organisation.
    took_part = models.TextField("who took part", blank=True)
    question = models.TextField(blank=True)
    child_views = models.TextField("the child's views", blank=True)
    family_views = models.TextField("the family's views", blank=True)
    cultural_advice = models.TextField(blank=True)
    cultural_advice_from = models.CharField(max_length=200, blank=True)
    recommended_goal = models.CharField(max_length=15, choices=Goal.choices, blank=True)
    recommendation = models.TextField(blank=True)
    reasons = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="consultations")
    recorded_on = models.DateField(null=True)
    actions = models.ManyToManyField(Action, related_name="consultations", blank=True)
    # What its author typed into a draft, word for word, whether or not it could be recorded yet.
    typed = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(auto_now_add=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            *Strikable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(recorded_on=None)
                | ~Q(question="") & ~Q(recommendation="") & ~Q(asked_by_name=""),
                name="a_recorded_consultation_says_who_asked_what_and_the_advice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.held_on}"


class OptionWeighed(models.Model):
    """One permanency option as it was weighed at a consultation."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNSURE = "unsure", "Not clear"

    # A part of its consultation, which nothing here deletes.
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="options")
    goal = models.CharField(max_length=15, choices=Goal.choices)
    is_practicable = models.CharField(
        "practicable", max_length=6, choices=Answer.choices, blank=True
    )
    in_best_interests = models.CharField(
        "in the child's best interests", max_length=6, choices=Answer.choices, blank=True
    )
    reasons = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "goal"], name="an_option_is_weighed_once_at_a_consultation"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_goal_display())


class Evidence(models.Model):
    """One piece of evidence at a consultation: seen, missing, or not needed here and why."""

    class Kind(models.TextChoices):
        CASE_PLAN = "case_plan", "Case plan, or a draft of it"
        CIRCUMSTANCES = "circumstances", "Change in the parents' or carers' circumstances"
        ASSESSMENT = "assessment", "Restoration or guardianship assessment"
        CHILD_VIEWS = "child_views", "The child's views"
        CULTURAL = "cultural", "Cultural consultation"
        LEGAL = "legal", "Legal advice, where an order must change"
        SIBLINGS = "siblings", "Brothers and sisters considered"
        OTHER = "other", "Other"

    class State(models.TextChoices):
        SEEN = "seen", "Seen"
        MISSING = "missing", "Missing"
        NOT_NEEDED = "not_needed", "Not needed"

    # A part of its consultation, which nothing here deletes.
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MISSING)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "kind"], name="evidence_is_listed_once_at_a_consultation"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
