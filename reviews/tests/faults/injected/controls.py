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
    "only_what_is_due_today": "reviews.notices_due.kinds",
    "the_day_of_utc": "directory.mail.compose",
    "publishing_in_the_request": "directory.mail.notices",
    "acknowledged_though_lost": "permanency.settings",
    "ended_by_a_full_queue": "permanency.settings",
}


def sent_before_sending(module: ModuleType) -> None:
    """Note that a mail is sent, then send it."""
    give_text: Any = module.__dict__["_give_text"]

    def wrong(mail: Any, content: bytes, line: Any, way: Any, now: Any) -> Any:
        module.__dict__["claims"].end(mail, module.__dict__["State"].SENT, now())
        return give_text(mail, content, line, way, now)

    module.__dict__["_give_text"] = wrong


def read_then_save(module: ModuleType) -> None:
    """Claim and move a mail on whatever has become of it since it was read."""

    def claim(mail: Any, at: Any, *, to_leave: bool = True) -> bool:
        return bool(module.__dict__["_take"](mail, at))

    def move(mail: Any, state: Any, only: Any = None, **fields: Any) -> bool:
        type(mail).objects.filter(pk=mail.pk).update(state=state, **fields)
        mail.state = state
        return True

    module.__dict__.update(claim=claim, move=move)


def only_what_is_due_today(module: ModuleType) -> None:
    """Ask what is due today, not what is due and not told yet."""
    owed: Any = module.__dict__["owed"]

    def wrong(sort: Any, row: Any, path: Any, *, on: Any) -> Any:
        return owed(sort, row, path, on=on) if row.day == on else None

    module.__dict__["owed"] = wrong


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


def acknowledged_though_lost(module: ModuleType) -> None:
    """Count a task as done though its process was killed."""
    module.__dict__["CELERY_TASK_REJECT_ON_WORKER_LOST"] = False


def ended_by_a_full_queue(module: ModuleType) -> None:
    """Let a command that Redis refuses end the worker."""
    module.__dict__["CELERY_BROKER_CHANNEL_ERROR_RETRY"] = False
