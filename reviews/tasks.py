"""The tick, as beat asks for it every few minutes."""

from celery import shared_task

from directory import clock
from reviews import ledger


@shared_task
def tick() -> None:
    """Work off what is owed up to now."""
    ledger.tick(at=clock.now(), now=clock.now, if_quiet_skip=True)
