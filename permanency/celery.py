"""The Celery application and its beat schedule.

Beat only nudges: what is owed is decided by the ledger in the database, so a missed, doubled or
late run changes nothing but the hour.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")

app = Celery("permanency")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "say that the worker is alive, every minute": {
        "task": "directory.tasks.say_alive",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "work off what is owed, every five minutes": {
        "task": "reviews.tasks.tick",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "clear the folder broker's spent messages, every day": {
        "task": "directory.tasks.clear_spent_messages",
        "schedule": 86_400.0,
        "options": {"expires": 3_600},
    },
}
