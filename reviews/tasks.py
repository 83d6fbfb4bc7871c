"""The tick, as beat asks for it every few minutes."""

from celery import shared_task

from directory import clock
from reviews import notices_due


@shared_task
def tick() -> None:
    notices_due.tick(at=clock.now(), now=clock.now, skip_if_unchanged=True)
