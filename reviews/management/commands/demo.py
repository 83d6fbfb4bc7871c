"""Fill an empty database with invented, lifelike cases."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from directory import clock
from directory.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from reviews.demo import build

MOST_CHILDREN = 1_000


class Command(BaseCommand):
    help = "Make invented children, people and providers (needs DEMO=1 and empty case tables)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--children", type=int, default=300, help=f"{MOST_CHILDREN:,} at most")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are cases already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Invented cases are made only where DEMO=1.")
        if options["children"] > MOST_CHILDREN:
            raise CommandError(
                f"More than {MOST_CHILDREN:,} children are made by: python -m bench fill "
                f"{options['children']}"
            )
        if build.is_of_somebody_else():
            raise CommandError(
                "There are people here already who are not invented: this is no place for a "
                "demonstration. Name another database, or set DEMO=0."
            )
        if build.is_needed():
            self._make(options["children"], seed=options["seed"])
            made = ", ".join(f"{count} {name}" for name, count in build.counts().items())
            self.stdout.write(f"Made {made}.")
        elif not options["if_empty"]:
            raise CommandError("There are cases here already. The demo only fills an empty place.")
        self.stdout.write("Demonstration sign-ins (all of them invented people):")
        for person in DEMO_PEOPLE:
            self.stdout.write(f"  {person.email:<32} {person.description}")
        self.stdout.write(f"  The password of each is: {DEMO_PASSWORD}")

    def _make(self, children: int, *, seed: int) -> None:
        self.stdout.write(f"Making {children} invented cases, day by day: this takes a minute.")

        def progress(made: int) -> None:
            if made % 50 == 0 and made < children:
                self.stdout.write(f"  {made} of {children}")

        build.make(children=children, seed=seed, today=clock.today(), progress=progress)
