"""`manage.py import_children FILE.csv [--commit]`: take in an extract of ChildStory."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.db import IntegrityError, transaction

from directory import clock
from directory.database.constraints import why_refused
from directory.models import User
from directory.roles import WRITES_CASES
from permanency.imports.csv_reader import (
    OPTIONAL,
    REQUIRED,
    FileError,
    RowFault,
    childstory_ids,
    column_help,
    read_rows,
)
from permanency.imports.diff import warnings_first
from permanency.imports.plan import ImportResult, compare_rows
from permanency.imports.services import lock_children, write_children

MAY_BE_THE_SAME = (
    "Nothing was written. New children in the file may be the same as others: put their IDs right, "
    "or say --another-child ID for each who is another child."
)
MOST_LINES = 200
MOST_ROWS_SHOWN = 50
WIDTH = 78


class _LinesAsWritten(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    pass


def _columns_in_words() -> str:
    lines = ["The file is CSV in UTF-8, separated by commas, with a header.", ""]
    for title, columns in (("Required columns:", REQUIRED), ("Optional columns:", OPTIONAL)):
        lines.append(title)
        for column in columns:
            lines.append(f"  {column}")
            words = column_help(column)
            lines.append(fill(words, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6))
    return "\n".join(lines)


class Command(BaseCommand):
    help = fill(
        "Register and update children from a CSV file. Without --commit nothing is written. "
        "Every row that changes a child who is here is listed with its columns, old and new; "
        "rows that move a child to another district, or clear an office or a provider, come "
        "first. An empty cell says nothing and removes nothing; but a move to another district "
        "clears the office, and a case that DCJ manages has no provider. Run twice, it changes "
        "nothing the second time.",
        WIDTH,
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": _columns_in_words(), "formatter_class": _LinesAsWritten}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--commit", action="store_true", help="write, all rows or none")
        parser.add_argument(
            "--all",
            action="store_true",
            dest="every_row",
            help=f"list every changed row, not only the first {MOST_ROWS_SHOWN}",
        )
        parser.add_argument(
            "--by",
            default="",
            metavar="EMAIL",
            help="who stands in the history; writes only where they may",
        )

        parser.add_argument(
            "--another-child",
            action="append",
            default=[],
            metavar="ID",
            help="a new child who is nobody else, though the preview asks; once for each",
        )

    def handle(
        self,
        *,
        file: Path,
        commit: bool,
        by: str,
        every_row: bool = False,
        another_child: Sequence[str] = (),
        **options: Any,
    ) -> None:
        on = clock.today()
        person = self._person(by)
        try:
            with file.open("rb") as opened, transaction.atomic() if commit else nullcontext():
                if commit:
                    lock_children(childstory_ids(opened))
                    opened.seek(0)
                writes = partial(write_children, by=person, on=on) if commit else None
                most = None if every_row else MOST_ROWS_SHOWN
                found = compare_rows(
                    read_rows(opened),
                    by=person,
                    on=on,
                    write=writes,
                    most_without_warning=most,
                    another=another_child,
                )
                self._report(found, every_row=every_row)
                if found.faults:
                    raise CommandError(f"Nothing was written. Errors: {len(found.faults):,}.")
                if commit and found.alike:
                    raise CommandError(MAY_BE_THE_SAME)
        except OSError as error:
            raise CommandError(f"The file cannot be opened: {error.strerror}.") from None
        except FileError as error:
            raise CommandError(f"Nothing was written. {error}") from None
        except IntegrityError as error:
            raise CommandError(f"Nothing was written. Of one row, {why_refused(error)}") from None
        self.stdout.write("Written." if commit else "Nothing was written. Add --commit to write.")

    def _person(self, email: str) -> User | None:
        if not email:
            return None
        person: User | None = User.objects.with_address(email).first()
        if person is None or not person.holds(WRITES_CASES, on=clock.today()):
            raise CommandError("There is nobody with this address who writes about children.")
        return person

    def _report(self, found: ImportResult, *, every_row: bool) -> None:
        self.stdout.write(f"Children: {found.children:,} read without error.")
        for label, number in (
            ("New", found.new),
            ("Changed", found.changed),
            ("Same", found.same),
            ("Goals in force to open", found.goals_to_open),
        ):
            self.stdout.write(f"  {label}: {number:,}")
        self._list_changes(found, most=found.changed if every_row else MOST_ROWS_SHOWN)
        if found.alike:
            self._list("!! MAY BE THE SAME CHILD", found.alike)
        self._list("Left alone", found.left_alone)
        self._list("Errors", found.faults)

    def _list_changes(self, found: ImportResult, *, most: int) -> None:
        moving = sum(change.moves_district for change in found.changes)
        warned = sum(bool(change.warnings) for change in found.changes)
        if warned:
            self.stdout.write(
                f"!! ROWS TO LOOK AT: {warned:,} move a child to another district ({moving:,}), "
                "clear an office or a provider, or end or move the dates of a goal. They are "
                "listed first."
            )
        self.stdout.write(f"Changed rows: {found.changed:,}")
        for change in warnings_first(found.changes)[:most]:
            for line in change.lines():
                self.stdout.write(f"  {line}")
        if found.changed > most:
            self.stdout.write(f"  and {found.changed - most:,} more (--all lists them)")

    def _list(self, title: str, faults: list[RowFault]) -> None:
        self.stdout.write(f"{title}: {len(faults):,}")
        for fault in faults[:MOST_LINES]:
            self.stdout.write(f"  {fault}")
        if len(faults) > MOST_LINES:
            self.stdout.write(f"  and {len(faults) - MOST_LINES:,} more")
