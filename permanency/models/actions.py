"""What somebody has undertaken to do for a child, agreed at a consultation or a review."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from directory.models import User
from permanency.models.access import cases_visible_to
from permanency.models.children import Child


class ActionQuerySet(models.QuerySet["Action"]):
    """Actions, by who is asking and by day."""

    def visible_to(self, user: User, *, on: date) -> ActionQuerySet:
        """Return the actions about children whose case this person may see on this day."""
        return self.filter(cases_visible_to(user, on=on, child="child__"))

    def open(self) -> ActionQuerySet:
        """Return the actions not yet done."""
        return self.filter(done_on=None)


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

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(done_on__gte=F("agreed_on")),
                name="an_action_is_done_after_it_was_agreed",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("agreed_on")),
                name="an_action_is_due_after_it_was_agreed",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="action_open", condition=Q(done_on=None))]

    def __str__(self) -> str:
        return f"action due {self.due_on}"
