"""The night's work: finding what is owed, writing notices, composing mails (goals G1 and G3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from hashlib import sha256

from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from bench import raw
from bench.goals import Figures, Found, Goal
from bench.timing import in_turn, refresh_statistics, undone
from directory import clock
from directory.clock import add_working_days, is_working_day
from directory.mail import compose
from directory.models import HistoryEntry, Mail, Notice
from directory.places.services import fallback_inbox
from reviews import notices_due
from reviews.notices_due.kinds import MATTER_KINDS

# What the plain statements leave to the ledger, and what is the same in no two runs.
UNDATED = (
    Notice.Kind.ENDORSEMENT_WAITING,
    Notice.Kind.APPROVAL_WAITING,
    Notice.Kind.DIRECTORY_GAP,
)
COMPARED = [
    each.attname for each in Notice._meta.concrete_fields if each.name not in ("id", "written_at")
]


def measure(size: int) -> Figures:
    """Return the times of a quiet tick and of the next working night. Today's tick came before."""
    refresh_statistics()
    figures: Figures = {}
    today = clock.today()
    tick = partial(notices_due.tick, at=notices_due.morning_of(today), now=clock.now)
    tick()
    before = _rows()
    with CaptureQueriesContext(connection) as asked:
        tick(skip_if_unchanged=True)
    figures["quiet tick, queries"] = len(asked)
    figures["quiet tick, rows written"] = _rows() - before
    figures |= in_turn({"quiet tick, ms": partial(tick, skip_if_unchanged=True)})
    if not is_working_day(today):
        # Today's notices wait. A typical night comes after one whose digests were written.
        today = add_working_days(today, 1)
        notices_due.tick(at=notices_due.morning_of(today), now=clock.now)
        refresh_statistics()
    return figures | next_night(add_working_days(today, 1))


def next_night(on: date) -> Figures:
    """Return the times of a typical night after everything before it was told, in turn."""
    at = notices_due.morning_of(on)
    fallback = fallback_inbox(on=on)
    figures: Figures = {}

    def ours() -> None:
        report = notices_due.RunReport()
        notices_due.write_notices(report, at=at)
        figures["notices of a night, ours"] = sum(report.counts[sort.name] for sort in MATTER_KINDS)

    def with_digests() -> None:
        ours()
        waiting = Notice.objects.unsent().order_by().values("inbox").distinct()
        figures["inboxes with something to say"] = waiting.count()
        figures["mails of a night"] = compose.compose(at=at)["digests"]

    def plain() -> None:
        figures["notices of a night, raw"] = raw.night(fallback=fallback, on=on)

    if _written(ours) != _written(plain):
        raise RuntimeError("Both should write the same notices.")
    return figures | in_turn(
        {
            "night raw, ms": undone(plain),
            "night ours, ms": undone(ours),
            "night with digests, ms": undone(with_digests),
        }
    )


def _written(part: Callable[[], object]) -> str:
    """Return one digest of all dated notices that a part writes, which is undone."""
    last = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
    found = sha256()

    def look() -> None:
        part()
        new = Notice.objects.filter(pk__gt=last).exclude(kind__in=UNDATED)
        for row in new.order_by("occurrence", "inbox").values_list(*COMPARED).iterator():
            found.update(repr(row).encode())

    undone(look)()
    return found.hexdigest()


def _rows() -> int:
    return sum(model._default_manager.count() for model in (Notice, Mail, HistoryEntry))


def judge(found: Found) -> Iterator[Goal]:
    """Yield G1 and G3 for each kind of database, at the largest size."""
    one_size = "it compares two sizes"
    for vendor in found.vendors:
        size = found.sizes(vendor)[-1]
        of = f"{vendor}, {size:,} children"
        ratio = partial(found.ratio, vendor, size)
        yield Goal(
            "G1", f"{of}: find and note, to raw", ratio("night ours, ms", "night raw, ms"), 1.5
        )
        digests = ratio("night with digests, ms", "night raw, ms")
        yield Goal("G1", f"{of}: with the digests, to raw", digests, 4)
        written = found.get(vendor, size, "quiet tick, rows written")
        yield Goal("G3", f"{of}: rows written by a second tick", written, 0, "rows")
        queries = found.get(vendor, size, "quiet tick, queries")
        yield Goal("G3", f"{of}: queries of a second tick", queries, 5, "queries")
        quiet = found.growth(vendor, "quiet tick, ms")
        yield Goal("G3", f"{of}: a second tick, to the smallest", quiet, 4, why_not=one_size)
