"""`manage.py import_children FILE.csv [--commit]`: take in an extract of ChildStory."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from directory import clock
from directory.models import User
from directory.roles import WRITES_CASES
from permanency.importing.comparing import Comparison, compare
from permanency.importing.reading import Fault, FileError, read
from permanency.services.importing import write

MOST_LINES = 200


class Command(BaseCommand):
    """Previews by default; with --commit it writes all rows or none."""

    help = (
        "Register and update children from a CSV file. Without --commit nothing is written. An "
        "empty cell says nothing and never removes what stands here. Run twice, it changes "
        "nothing the second time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, and whether and by whom it is written."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--commit", action="store_true", help="write, all rows or none")
        parser.add_argument("--by", default="", metavar="EMAIL", help="who stands in the history")

    def handle(self, *, file: Path, commit: bool, by: str, **options: Any) -> None:
        """Compare, report by row and column, and write where asked to and nothing is wrong."""
        on = clock.today()
        person = self._person(by)
        try:
            with file.open("rb") as opened, transaction.atomic() if commit else nullcontext():
                found = compare(read(opened), by=person, on=on, lock=commit)
                self._report(found)
                if found.faults:
                    raise CommandError(f"Nothing was written. Errors: {len(found.faults):,}.")
                if commit:
                    write(found.plans, by=person, on=on)
        except OSError as error:
            raise CommandError(f"The file cannot be opened: {error.strerror}.") from None
        except FileError as error:
            raise CommandError(f"Nothing was written. {error}") from None
        except IntegrityError:
            raise CommandError(
                "Nothing was written: somebody else has just registered one of these children. "
                "Run it again."
            ) from None
        self.stdout.write("Written." if commit else "Nothing was written. Add --commit to write.")

    def _person(self, email: str) -> User | None:
        if not email:
            return None
        person: User | None = User.objects.filter(email__iexact=email).first()
        if person is None or not person.holds(WRITES_CASES, on=clock.today()):
            raise CommandError("There is nobody with this address who writes about children.")
        return person

    def _report(self, found: Comparison) -> None:
        total = len(found.plans)
        self.stdout.write(f"Children: {total:,} read without error.")
        for label, number in (
            ("New", found.new),
            ("Changed", found.changed),
            ("Same", found.same),
            ("Goals in force to open", sum(plan.goal is not None for plan in found.plans)),
        ):
            self.stdout.write(f"  {label}: {number:,}")
        self._list("Left alone", found.left_alone)
        self._list("Errors", found.faults)

    def _list(self, title: str, faults: list[Fault]) -> None:
        self.stdout.write(f"{title}: {len(faults):,}")
        for fault in faults[:MOST_LINES]:
            self.stdout.write(f"  {fault}")
        if len(faults) > MOST_LINES:
            self.stdout.write(f"  and {len(faults) - MOST_LINES:,} more")
