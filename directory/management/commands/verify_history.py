"""`manage.py verify_history [--heads FILE]`: walk the chains of the history."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from directory.audit.verify import ChainHead, heads_in_mail, verify
from directory.history.chain import chain_name
from directory.models import District

BAD, NOT_VERIFIED = 1, 2


class Command(BaseCommand):
    help = (
        "Verify the history. Ends with 0 where every chain is whole, with 1 where one is not, and "
        "with 2 where the heads cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            metavar="FILE",
            help="compare with the heads in these saved mails, so that a chain rewritten from its "
            "beginning is found too (- reads them from the standard input)",
        )

    def handle(self, *, heads: str | None, **options: Any) -> None:
        mailed = self._read(heads) if heads else []
        found = verify(mailed)
        names = {chain_name(pk): name for pk, name in District.objects.values_list("pk", "name")}
        for chain, length in found.lengths.items():
            whose = names.get(chain, "without a district")
            self.stdout.write(f"{chain} ({whose}): {length} entries")
        for fault in found.faults:
            self.stdout.write(f"BAD {fault}")
        if found.faults:
            sys.exit(BAD)
        compared = f", compared with {len(mailed)} mailed heads" if heads else ""
        self.stdout.write(f"The history is whole{compared}.")

    def _read(self, name: str) -> list[ChainHead]:
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(errors="replace")
        except OSError as fault:
            text = ""
            self.stderr.write(f"{name} cannot be read: {fault.strerror}")
        found = heads_in_mail(text)
        if not found:
            self.stderr.write("There is no head to compare with; nothing was verified.")
            sys.exit(NOT_VERIFIED)
        return found
