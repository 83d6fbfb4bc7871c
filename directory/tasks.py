"""What beat asks of the worker besides the tick: a sign of life, and an empty folder."""

from celery import shared_task
from django.conf import settings

from directory import clock
from directory.models import Heartbeat
from directory.services import typed

A_DAY = 24 * 60 * 60


@shared_task
def say_alive() -> None:
    """Write down that the worker did something just now."""
    Heartbeat.objects.update_or_create(name=Heartbeat.WORKER, defaults={"at": clock.now()})


@shared_task
def forget_old_texts() -> int:
    """Delete what was typed and not saved for 30 days; return how many texts."""
    return typed.forget_old(at=clock.now())


@shared_task
def clear_spent_messages() -> int:
    """Delete the folder broker's processed messages of more than a day ago; return how many."""
    folder = settings.BROKER_FOLDER / "processed"
    if not folder.is_dir():
        return 0
    yesterday = clock.now().timestamp() - A_DAY
    spent = [path for path in folder.iterdir() if path.stat().st_mtime < yesterday]
    for path in spent:
        path.unlink(missing_ok=True)
    return len(spent)
