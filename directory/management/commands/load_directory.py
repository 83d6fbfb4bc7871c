"""`manage.py load_directory`: take in the published districts, inboxes and offices."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from directory import clock
from directory.places.published_list import PUBLISHED, LoadReport, load
from directory.places.services import districts_without_inbox, inboxes_to_confirm


class Command(BaseCommand):
    help = (
        "Take in the published districts, inboxes and sample offices. Safe to run again: it "
        "retires what the list no longer names, deletes nothing and leaves edited rows alone."
    )

    def handle(self, **options: Any) -> None:
        on = clock.today()
        self._say_what_was_done(load(PUBLISHED, by=None, on=on))
        for district in districts_without_inbox(on=on):
            self.stdout.write(
                f"Gap: {district} has no inbox ({district.note or 'no note'}); "
                "its notices go to the fallback inbox."
            )
        for inbox in inboxes_to_confirm(on=on):
            self.stdout.write(f"To be confirmed: {inbox.address} ({inbox}). {inbox.note}")
        if not settings.FALLBACK_INBOX:
            self.stdout.write("Gap: FALLBACK_INBOX is not set, so the fallback has no address.")

    def _say_what_was_done(self, report: LoadReport) -> None:
        for kind, counts in report.counts.items():
            total = sum(counts.values())
            outcomes = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
            self.stdout.write(f"{kind.capitalize()}: {total} looked at, {outcomes}.")
        for sentence in report.left_alone:
            self.stdout.write(f"Left alone: {sentence}")
