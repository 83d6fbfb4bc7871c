"""`manage.py release_mail`: let mails leave that the database's switch holds back."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from directory import clock
from directory.mail import leases
from directory.mail.hold import release_mail


class Command(BaseCommand):
    help = (
        "Release the mail that the demonstration or a restore holds back. Where MAIL_LIVE=1, what "
        "stayed owed leaves with the next tick."
    )

    def handle(self, **options: Any) -> None:
        release_mail(on=clock.today())
        owed = leases.due(clock.now()).count()
        if settings.MAIL_LIVE:
            self.stdout.write(f"Mail is released. Leaving with the next tick: {owed}.")
        else:
            self.stdout.write("Mail is released, and still kept here: MAIL_LIVE is not set.")
