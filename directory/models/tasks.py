"""Tasks that the queue handed out again, because the process that had them died."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import F


class RedeliveredTaskManager(models.Manager["RedeliveredTask"]):
    """Counts deaths."""

    @transaction.atomic
    def count_one_more(self, task_id: str, name: str) -> int:
        """Return how often a task has come again, with this time."""
        self.get_or_create(task_id=task_id, defaults={"name": name})
        self.filter(task_id=task_id).update(times=F("times") + 1)
        return self.values_list("times", flat=True).get(task_id=task_id)


class RedeliveredTask(models.Model):
    """One message of the queue that came again; gone once the task has come to an end."""

    task_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    times = models.PositiveSmallIntegerField(default=0)

    objects = RedeliveredTaskManager()

    def __str__(self) -> str:
        return f"{self.name}, {self.times} times again"
