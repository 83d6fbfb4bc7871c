"""The Celery application and its beat schedule.

Beat only nudges: what is owed is decided by the ledger in the database, so a missed, doubled or
late run changes nothing but the hour.
"""

import os
import sys
from datetime import timedelta
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.beat import Service
from celery.signals import beat_embedded_init, beat_init, setup_logging, worker_init
from django.conf import settings

from directory.database import row_security, startup_check

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")

A_DAY = timedelta(days=1)

app = Celery("permanency")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_project_logging(**_: Any) -> None:
    """Let worker and beat write the log lines of the settings, as Celery's own quote arguments."""

    dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def run_worker_as_system(**signal: Any) -> None:
    """Let the worker and beat see every row: they act for nobody who signs in."""
    row_security.run_process_as_system()


@worker_init.connect
def check_database(**signal: Any) -> None:
    """End the worker where the database is not fit for real cases; Celery would swallow a fault."""
    try:
        startup_check.check_first_connection()
    except startup_check.UnfitDatabaseError as fault:
        sys.exit(str(fault))


@beat_init.connect
@beat_embedded_init.connect
def run_all_at_start(sender: Service, **_: Any) -> None:
    """Ask for everything as beat starts: what a silence left undone waits for no interval more."""
    for entry in sender.scheduler.schedule.values():
        entry.last_run_at = app.now() - A_DAY


app.conf.beat_schedule = {
    "say that the worker is alive, twice a minute": {
        "task": "directory.tasks.say_alive",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "work off what is owed, every five minutes": {
        "task": "reviews.tasks.tick",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "forget what was typed and not saved for thirty days, every day": {
        "task": "directory.tasks.forget_old_texts",
        "schedule": 86_400.0,
        "options": {"expires": 3_600},
    },
    "send mail to people, every minute": {
        "task": "directory.tasks.deliver_to_people",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "clear sessions that have ended, every hour": {
        "task": "directory.tasks.clear_ended_sessions",
        "schedule": 3_600.0,
        "options": {"expires": 3_000},
    },
    "clear the folder broker's spent messages, every day": {
        "task": "directory.tasks.clear_spent_messages",
        "schedule": 86_400.0,
        "options": {"expires": 3_600},
    },
}
