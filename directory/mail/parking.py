"""Parks a task that ends its workers: the queue would hand it out again without end.

With late acknowledgement a task whose process was killed is handed out again at once, and nothing
in the queue counts how often. So each time that it comes again is counted in the database before
it runs. Beat asks again for whatever was parked, so nothing is lost by it.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.contrib.django.task import DjangoTask

from directory.models import RedeliveredTask

logger = logging.getLogger(__name__)

MOST_DEATHS = 5


class ParkedIfDeadly(DjangoTask):  # type: ignore[type-arg]  # takes none as it runs
    """A task that is not run a sixth time where five processes died of it."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task, or leave it where it is parked."""
        if not (self.request.delivery_info or {}).get("redelivered"):
            return super().__call__(*args, **kwargs)
        deaths = RedeliveredTask.objects.count_one_more(str(self.request.id), self.name)
        if deaths >= MOST_DEATHS:
            logger.error("Task %s is parked: five processes died of it", self.name)
            return None
        try:
            return super().__call__(*args, **kwargs)
        finally:
            RedeliveredTask.objects.filter(task_id=self.request.id).delete()
