"""Beat for tests: as it is, but each entry comes every few seconds.

The queue promises no delivery, and the product needs none: what is owed stands in the database, and
a nudge that was lost is followed by another. A test need not wait five minutes for it.
"""

import os

from celery.beat import PersistentScheduler
from celery.schedules import schedule

SECONDS_BETWEEN = float(os.environ.get("HASTY_SECONDS", "12"))
# An entry that comes more rarely than this stays as it is.
LONGEST_SECONDS = float(os.environ.get("HASTY_UP_TO_SECONDS", "inf"))


class HastyScheduler(PersistentScheduler):
    """Celery's own scheduler with a shorter wait between runs."""

    def setup_schedule(self) -> None:
        """Take the product's schedule over, then shorten each entry."""
        super().setup_schedule()
        for entry in self.schedule.values():
            if getattr(entry.schedule, "seconds", 86_400) <= LONGEST_SECONDS:
                entry.schedule = schedule(SECONDS_BETWEEN)
