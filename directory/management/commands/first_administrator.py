"""`manage.py first_administrator EMAIL NAME`: let the first person into an empty installation.

With `--emergency WHY` it lets one more in, for a day on which no administrator can sign in.
"""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from directory import clock
from directory.models import Appointment, User
from directory.people.appointments import appoint
from directory.people.services import (
    EMERGENCY_DAYS,
    add_emergency_administrator,
    add_person,
    is_address_taken,
)
from directory.roles import EDITS_DIRECTORY, Role


class Command(BaseCommand):
    help = "Add the first administrator. Asks for a password. Refuses where there already is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument(
            "--emergency",
            metavar="WHY",
            help="one more administrator, for seven days, beside those who cannot sign in; "
            "the history says why, and a mail to FALLBACK_INBOX that it was done",
        )

    def handle(
        self, *, email: str, name: str, emergency: str | None = None, **options: Any
    ) -> None:
        on = clock.today()
        if emergency is not None and not emergency.strip():
            raise CommandError("Say why, in words that others will understand later.")
        in_force = Appointment.objects.in_force(on=on).filter(role__in=EDITS_DIRECTORY)
        if emergency is None and in_force.filter(person__is_active=True).exists():
            raise CommandError("There is an administrator already. Ask them to add people.")
        if is_address_taken(email):
            raise CommandError("Somebody in the directory has this e-mail address.")
        password = self._password(User(email=email, name=name))
        if emergency is not None:
            add_emergency_administrator(
                email=email, name=name, password=password, reasons=emergency.strip(), on=on
            )
            self.stdout.write(
                f"{name} can sign in and edit the directory for {EMERGENCY_DAYS} days."
            )
            return
        with transaction.atomic():
            person = add_person(email=email, name=name, password=password, by=None, on=on)
            appoint(
                person,
                Role.ADMINISTRATOR,
                None,
                starts_on=on,
                instrument="First administrator",
                by=None,
                on=on,
            )
        self.stdout.write(f"{person.name} can sign in and edit the directory.")

    def _password(self, person: User) -> str:
        password = getpass("Password: ")
        try:
            validate_password(password, person)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        if getpass("The same password again: ") != password:
            raise CommandError("The two passwords are not the same.")
        return password
