"""`manage.py restored REASON`: say that this database is a copy that was put back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from directory import clock
from directory.accounts.services import end_all_sign_ins
from directory.mail.hold import hold_mail


class Command(BaseCommand):
    help = (
        "After a restore, before anything starts: hold all mail until `release_mail`, and end "
        "every session and link, so that nobody is in the copy by what they held before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reason")

    @transaction.atomic
    def handle(self, *, reason: str, **options: Any) -> None:
        hold_mail(reason, on=clock.today())
        ended = end_all_sign_ins(reason, on=clock.today(), at=clock.now())
        said = ", ".join(f"{name} {count}" for name, count in ended.items())
        self.stdout.write(f"Mail is held back until it is released. Ended: {said}.")
