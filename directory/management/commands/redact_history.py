"""`manage.py redact_history PLACE ...`: blank what a history entry says, by lawful order."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory import clock
from directory.audit.services import redact
from directory.errors import StepNotAllowedError
from directory.models import HistoryEntry, User


class Command(BaseCommand):
    help = "Redact one entry of the history. Two different people: one decides, another does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", help="the entry as a page names it, for example district-3/41")
        parser.add_argument("--decided-by", required=True, metavar="EMAIL")
        parser.add_argument("--done-by", required=True, metavar="EMAIL")
        parser.add_argument("--authority", required=True, help="under which law, order or policy")
        parser.add_argument("--reason", required=True, help="why, without repeating what goes")

    def handle(self, *, place: str, **options: Any) -> None:
        try:
            redaction = redact(
                self._entry(place),
                decided_by=self._person(options["decided_by"]),
                done_by=self._person(options["done_by"]),
                authority=options["authority"],
                reason=options["reason"],
                on=clock.today(),
            )
        except StepNotAllowedError as refused:
            raise CommandError(" ".join(refused.reasons)) from refused
        self.stdout.write(f"{place} is redacted; {redaction.told_by.place} tells of it.")

    def _entry(self, place: str) -> HistoryEntry:
        chain, _, number = place.rpartition("/")
        rows = HistoryEntry.objects.select_related("district")
        found = rows.filter(chain=chain, sequence=int(number) if number.isdigit() else 0).first()
        if found is None:
            raise CommandError(f"There is no entry {place}.")
        return found

    def _person(self, email: str) -> User:
        found: User | None = User.objects.with_address(email).first()
        if found is None:
            raise CommandError(f"Nobody in the directory has the address {email}.")
        return found
