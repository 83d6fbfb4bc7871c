"""Escalates tickets as django-helpdesk does: run by the Python of its own virtual environment.

`helpdesk_night.py ITEMS DUE` makes so many open tickets in an SQLite file of the current folder,
lets `escalate_tickets` work off those that are due, and prints the seconds and the tickets.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from time import perf_counter

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from helpdesk.models import Queue, Ticket

DJANGO = "django.contrib"
OWN_APPS = [
    f"{DJANGO}.auth",
    f"{DJANGO}.contenttypes",
    f"{DJANGO}.sessions",
    f"{DJANGO}.sites",
    f"{DJANGO}.humanize",
    "rest_framework",
    "helpdesk",
]


def main(items: int, due: int) -> None:
    """Make the tickets, escalate, and print what it took."""
    settings.configure(
        SECRET_KEY="a-secret-of-a-throw-away-bench-that-guards-nothing",
        INSTALLED_APPS=OWN_APPS,
        SITE_ID=1,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "helpdesk.sqlite3"}},
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        HELPDESK_TEAMS_MODE_ENABLED=False,
    )
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)

    queue = Queue.objects.create(title="All", slug="all", escalate_days=3)
    now = timezone.now()
    Ticket.objects.bulk_create(
        Ticket(
            title=f"Ticket {number}",
            queue=queue,
            submitter_email="someone@example.org",
            status=Ticket.OPEN_STATUS,
            priority=3,
            last_escalation=now - timedelta(days=9) if number < due else now,
        )
        for number in range(items)
    )
    began = perf_counter()
    call_command("escalate_tickets", skip_checks=True)
    took = perf_counter() - began
    print(took, Ticket.objects.filter(priority=2).count())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
