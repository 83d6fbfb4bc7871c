"""Beat for tests: as it is, but each entry comes every few seconds.

The queue promises no delivery, and the product needs none: what is owed stands in the database, and
a nudge that was lost is followed by another. A test need not wait five minutes for it.
"""

from celery.beat import PersistentScheduler
from celery.schedules import schedule

SECONDS_BETWEEN = 12


class HastyScheduler(PersistentScheduler):
    """Celery's own scheduler with a shorter wait between runs."""

    def setup_schedule(self) -> None:
        """Take the product's schedule over, then shorten each entry."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.schedule = schedule(SECONDS_BETWEEN)
