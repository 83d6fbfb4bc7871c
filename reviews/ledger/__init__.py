"""The ledger: what inboxes are owed up to a day, worked off by the tick.

The tick asks what is owed and not yet told, and does it: a missed day, two ticks at once or forty
dark days give neither a gap nor a repeat. The unique keys of notices and mails are what holds that;
nothing here counts runs.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from directory import delivery, digest, heads, outbox
from directory.clock import SYDNEY, zone
from directory.models import District, Inbox, TickRun
from directory.services.places import fallback_inbox
from permanency.services import goals
from reviews.ledger import dated, moved, waiting

logger = logging.getLogger(__name__)

PARKED_MAIL = "parked"


@dataclass
class Tally:
    """What one tick did, by name, and what it had to leave, with the reason for each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)

    def park(self, matter: str, reason: str) -> None:
        """Note that a matter was left as it is; the reason holds no word that a person typed."""
        self.problems.append({"matter": matter, "reason": reason})


def tick(*, at: datetime, now: Callable[[], datetime]) -> TickRun:
    """Return the finished run: clocks ended, notices written, mails composed, delivered or kept.

    `at` is the moment for which to act; `now` tells the real time to whoever talks to the server.
    A part that fails is noted among the problems, and the others are done.
    """
    run = TickRun.objects.create(on=_today(at))
    tally = Tally()
    for name, part in (
        ("heads of the history", partial(_post_heads, tally, at=at)),
        # Acting for a day ahead tells what will be owed; it makes nobody 18 before the day.
        ("goals of adults", partial(_end_goals_of_adults, tally, on=min(run.on, _today(now())))),
        ("notices", partial(_write_notices, tally, at=at)),
        ("mails", lambda: tally.counts.update(digest.compose(at=at))),
        ("delivery", lambda: tally.counts.update(delivery.deliver(now=now))),
    ):
        _attempt(tally, name, part)
    if tally.counts[PARKED_MAIL]:
        tally.park("mail", f"Parked: {tally.counts[PARKED_MAIL]}. They stand in the outbox.")
    run.counts = {name: count for name, count in tally.counts.items() if count}
    run.problems = tally.problems
    run.ended_at = now()
    run.save(update_fields=["counts", "problems", "ended_at"])
    return run


def _today(at: datetime) -> date:
    return at.astimezone(zone(SYDNEY)).date()


def morning_of(on: date) -> datetime:
    """Return the moment at which it is 07:00 on this day in the last of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return max(datetime.combine(on, digest.MORNING, zone(name)) for name in {SYDNEY, *zones})


def _attempt(tally: Tally, name: str, part: Callable[[], object]) -> None:
    try:
        part()
    except Exception as fault:
        _park_fault(tally, name, fault)


def _park_fault(tally: Tally, name: str, fault: Exception) -> None:
    logger.exception("The tick could not finish: %s", name, exc_info=fault)
    tally.park(name, type(fault).__name__)


def _end_goals_of_adults(tally: Tally, *, on: date) -> None:
    def failed(child: int, fault: Exception) -> None:
        _park_fault(tally, f"goal of child {child}", fault)

    tally.counts["goals ended at 18"] += goals.end_goals_of_adults(on=on, failed=failed)


def _post_heads(tally: Tally, *, at: datetime) -> None:
    tally.counts["heads of the history"] += heads.post_heads(at=at)


def _write_notices(tally: Tally, *, at: datetime) -> None:
    days = _districts_by_local_day(tally, at)
    today = max(days)
    fallback = fallback_inbox(on=today)
    _attempt(tally, "redirected", partial(_redirect, tally, fallback, on=today))
    for on, districts in days.items():
        only_these = districts if len(days) > 1 else None
        for sort in dated.SORTS:
            part = partial(_write_dated, tally, sort, fallback=fallback, on=on, among=only_these)
            _attempt(tally, sort.name, part)
    for name, found in (
        ("waiting change", partial(waiting.changes, fallback=fallback, on=today)),
        ("directory gap", partial(waiting.gaps, fallback=fallback, on=today)),
    ):
        _attempt(tally, name, partial(_write, tally, name, found))
    waiting.settle_closed_gaps(on=today)


def _redirect(tally: Tally, fallback: Inbox, *, on: date) -> None:
    tally.counts["redirected"] += moved.redirect(fallback=fallback, on=on)


def _districts_by_local_day(tally: Tally, at: datetime) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {at.astimezone(zone(SYDNEY)).date(): []}
    for pk, name in District.objects.values_list("pk", "time_zone"):
        local = zone(name)
        if local.key != name:
            tally.park(f"district {pk}", "Its time zone is not known; Sydney's is used.")
        days.setdefault(at.astimezone(local).date(), []).append(pk)
    return days


def _write(tally: Tally, name: str, found: Callable[[], Iterable[outbox.Owed]]) -> None:
    tally.counts[name] += outbox.post_many(list(found()))


def _write_dated(
    tally: Tally, sort: dated.Sort, *, fallback: Inbox, on: date, among: list[int] | None
) -> None:
    query = dated.candidates(sort, fallback=fallback, on=on)
    if among is not None:
        query = query.filter(child__district__in=among)
    _write(tally, sort.name, partial(_owed, tally, sort, query, on=on))


def _owed(tally: Tally, sort: dated.Sort, query: dated.Found, *, on: date) -> Iterator[outbox.Owed]:
    path = dated.path_to(sort.page)
    for row in dated.read(query):
        if isinstance(row, dated.Unreadable):
            tally.park(f"{sort.name} {row.pk}", "The stored date cannot be read.")
            continue
        try:
            notice = dated.owed(sort, row, path, on=on)
        except ValueError as fault:
            tally.park(row.key, str(fault))
        else:
            if notice is not None:
                yield notice
