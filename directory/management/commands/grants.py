"""Gives the role that runs the product its rights: `manage.py grants RUNNER`, as the owner."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from directory.database import grants


class Command(BaseCommand):
    help = "Give a database role what running the product needs, and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("runner", metavar="RUNNER", help="the role that DATABASE_URL names")

    def handle(self, *args: Any, runner: str, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite has no roles.")
        try:
            grants.grant(connection, runner)
        except grants.UnfitRunnerError as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{runner} may run the product on {connection.settings_dict['NAME']}.")
