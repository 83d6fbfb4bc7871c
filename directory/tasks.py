"""The tasks of the beat schedule besides the tick."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from directory import clock
from directory.accounts import services as accounts
from directory.forms import drafts
from directory.mail import hold as mail_hold
from directory.mail import smtp
from directory.models import Heartbeat, SignInTry
from directory.web.sessions import SessionStore

SIGN_IN_LOG_LASTS = timedelta(days=2 * 365)
A_DAY = 24 * 60 * 60


@shared_task
def say_alive() -> None:
    Heartbeat.objects.update_or_create(name=Heartbeat.WORKER, defaults={"at": clock.now()})


@shared_task
def forget_old_texts() -> int:
    """Delete what was typed and not saved for 30 days; return how many texts."""
    return drafts.delete_old_drafts(at=clock.now())


@shared_task
def deliver_to_people() -> int:
    """Send the links that were asked for, and word of locks, without waiting for the tick."""
    mail_hold.hold_after_gap(on=clock.today())
    sent = accounts.send_reset_links(on=clock.today(), at=clock.now())
    sent += accounts.tell_of_locks(on=clock.today(), at=clock.now())
    smtp.deliver(now=clock.now)
    return sent


@shared_task
def clear_ended_sessions() -> None:
    SessionStore.clear_expired()
    SignInTry.objects.filter(at__lt=clock.now() - SIGN_IN_LOG_LASTS).delete()


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
