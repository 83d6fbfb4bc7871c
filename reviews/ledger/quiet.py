"""Knows when nothing new can be owed, so that a tick need not look at every open date again.

What is owed follows from the facts and the hour. Whoever changes a fact that counts here writes the
history in the same transaction, and so moves the head of a chain. A tick reads the heads before it
looks at anything: what was committed by then it sees, and what is committed later moves a head that
it has not seen. So where the heads stand as they stood before a tick that left nothing undone, and
no district has reached its next midnight or 07:00 since, there is nothing to find. Whatever a
person puts into the tables by hand is found by the first tick of the next day at the latest, before
the digests of that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from directory.clock import SYDNEY, zone
from directory.digest import MORNING
from directory.models import District, HistoryHead, TickRun

MIDNIGHT = time(0)


def heads() -> str:
    """Return where every chain of the history stands now, as one short text."""
    stand = HistoryHead.objects.order_by("chain").values_list("chain", "sequence", "digest")
    return sha256(repr(list(stand)).encode()).hexdigest()


def is_certain(stand: str, *, on: date, at: datetime) -> bool:
    """Say whether a tick of this day saw these heads, left nothing undone, and its hours go on."""
    return TickRun.objects.filter(on=on, heads=stand, quiet_until__gt=at).exists()


def until(at: datetime) -> datetime:
    """Return the next moment at which it is midnight or 07:00 in one of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return min(_turns(at, {SYDNEY, *zones}))


def _turns(at: datetime, zones: Iterable[str]) -> Iterable[datetime]:
    for name in zones:
        local = zone(name)
        today = at.astimezone(local).date()
        for day in (today, today + timedelta(days=1)):
            for turn in (MIDNIGHT, MORNING):
                moment = datetime.combine(day, turn, local)
                if moment > at:
                    yield moment
