"""`manage.py hold_mail REASON`: keep every mail from leaving until somebody releases it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from directory import clock
from directory.mail.hold import hold_mail


class Command(BaseCommand):
    help = "Hold all mail back; `release_mail` lets it leave. After a restore run `restored`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reason")

    def handle(self, *, reason: str, **options: Any) -> None:
        hold_mail(reason, on=clock.today())
        self.stdout.write("Mail is held back until it is released.")
