"""`manage.py tick [--on DATE]`: work off what is owed, as the worker's task does."""

import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from directory import clock
from permanency.policy.months import check_year, day_in_words
from reviews import notices_due

PARKED = 2


class Command(BaseCommand):
    help = (
        "Write the notices that are owed, compose the mails, and deliver or keep them. Ends with 2 "
        "where something had to be parked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", metavar="DATE", help="act as if it were 07:00 local on this day (YYYY-MM-DD)"
        )

    def handle(self, *, on: str | None, **options: Any) -> None:
        at = notices_due.morning_of(_day(on)) if on else clock.now()
        if on and _day(on) > clock.today() and not settings.DEMO:
            raise CommandError(
                "A day ahead is only tried in a demonstration: what is told early is not told "
                "again on the day."
            )
        run = notices_due.tick(at=at, now=clock.now)
        done = ", ".join(f"{name}: {count}" for name, count in run.counts.items())
        self.stdout.write(f"Tick for {day_in_words(run.on)}: {done or 'nothing new'}.")
        for problem in run.problems:
            self.stdout.write(f"Parked: {problem['matter']}: {problem['reason']}")
        if run.problems:
            sys.exit(PARKED)


def _day(text: str) -> date:
    try:
        return check_year(date.fromisoformat(text))
    except ValueError as fault:
        raise CommandError(f"--on takes a day as YYYY-MM-DD, not {text!r}.") from fault
