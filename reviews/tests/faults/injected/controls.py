"""What is wrong on purpose: each function takes one guard out of the module that it is given.

A case that does not turn red then proves nothing.
"""

from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app

MODULES = {
    "sent_before_sending": "directory.mail.smtp",
    "read_then_save": "directory.mail.leases",
    "only_what_is_due_today": "reviews.notices_due.find_due",
    "the_day_of_utc": "directory.mail.compose",
    "publishing_in_the_request": "directory.mail.notices",
    "beat_that_asks_once": "permanency.celery",
    "ended_by_a_full_queue": "permanency.settings",
}


def sent_before_sending(module: ModuleType) -> None:
    """Note that a mail is sent, then send it."""
    send_text: Any = module.__dict__["_send_text"]

    def wrong(mail: Any, content: bytes, connection: Any, now: Any) -> Any:
        module.__dict__["leases"].end(mail, module.__dict__["State"].SENT, now())
        return send_text(mail, content, connection, now)

    module.__dict__["_send_text"] = wrong


def read_then_save(module: ModuleType) -> None:
    """Claim and move a mail on whatever has become of it since it was read."""

    def claim(mail: Any, at: Any, *, to_leave: bool = True) -> bool:
        return bool(module.__dict__["_start_lease"](mail, at))

    def move(mail: Any, state: Any, only: Any = None, **fields: Any) -> bool:
        type(mail).objects.filter(pk=mail.pk).update(state=state, **fields)
        mail.state = state
        return True

    module.__dict__.update(claim=claim, move=move)


def only_what_is_due_today(module: ModuleType) -> None:
    """Ask what is due today, not what is due and not told yet."""
    stage_on: Any = module.__dict__["stage_on"]

    def wrong(schedule: Any, day: Any, *, on: Any) -> Any:
        return stage_on(schedule, day, on=on) if day == on else None

    module.__dict__["stage_on"] = wrong


def the_day_of_utc(module: ModuleType) -> None:
    """Take the day and the hour of UTC for those of New South Wales."""

    module.__dict__["zone"] = lambda name: ZoneInfo("UTC")


def publishing_in_the_request(module: ModuleType) -> None:
    """Put a task into the queue as a notice is written, and wait for the queue without end."""
    post: Any = module.__dict__["post"]

    def wrong(*args: Any, **kwargs: Any) -> Any:

        current_app.conf.broker_transport_options = {"socket_timeout": None}
        notice = post(*args, **kwargs)
        current_app.send_task("reviews.tasks.tick")
        return notice

    module.__dict__["post"] = wrong


def beat_that_asks_once(module: ModuleType) -> None:
    """Let beat put each task into the queue as it starts, and never again."""
    for entry in module.__dict__["app"].conf.beat_schedule.values():
        entry["schedule"] = 86_400.0


def ended_by_a_full_queue(module: ModuleType) -> None:
    """Let a command that Redis refuses end the worker."""
    module.__dict__["CELERY_BROKER_CHANNEL_ERROR_RETRY"] = False
