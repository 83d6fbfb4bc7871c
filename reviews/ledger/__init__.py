"""The ledger: what inboxes are owed up to a day, worked off by the tick.

The tick asks what is owed and not yet told, and does it: a missed day, two ticks at once or forty
dark days give neither a gap nor a repeat. The unique keys of notices and mails are what holds that;
nothing here counts runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from directory import delivery, digest, heads
from directory.clock import SYDNEY, zone
from directory.models import District, TickRun
from directory.services.mail_switch import hold_after_gap
from permanency.models import RuleVersion
from permanency.services import goals, rules
from reviews import summary
from reviews.ledger import notices, quiet
from reviews.ledger.tally import Tally

PARKED_MAIL = "parked"


def tick(*, at: datetime, now: Callable[[], datetime], if_quiet_skip: bool = False) -> TickRun:
    """Return the finished run: clocks ended, notices written, mails composed, delivered or kept.

    `at` is the moment for which to act; `now` tells the real time to whoever talks to the server.
    A part that fails is noted among the problems, and the others are done. After a gap of more
    than 60 days all is done but the delivery, which waits for an administrator. Where it is certain
    that nothing new is owed (`quiet.py`), and the caller wants that, only the delivery is done.
    """
    on = _today(at)
    hold_after_gap(on=on)
    stand = quiet.heads()
    run, tally = TickRun(on=on), Tally()
    if not (if_quiet_skip and quiet.is_certain(stand, on=on, at=at)):
        run.save()
        by = min(on, _today(now()))
        _work_off(tally, at=at, by=by)
        # A tick for a day ahead leaves to that day who becomes 18 on it.
        if not tally.problems and by == on:
            run.heads, run.quiet_until = stand, quiet.until(at)
    tally.attempt("delivery", lambda: tally.counts.update(delivery.deliver(now=now)))
    if tally.counts[PARKED_MAIL]:
        tally.park("mail", f"Parked: {tally.counts[PARKED_MAIL]}. They stand in the outbox.")
    run.counts = {name: count for name, count in tally.counts.items() if count}
    run.problems = tally.problems
    run.ended_at = now()
    run.save()
    return run


def _work_off(tally: Tally, *, at: datetime, by: date) -> None:
    """Write what is owed at this moment; nobody is 18, and no rules hold, after the day `by`."""
    for name, part in (
        ("heads of the history", partial(_post_heads, tally, at=at)),
        # Acting for a day ahead tells what will be owed; it makes nobody 18 before the day, and
        # lets no date follow rules before theirs.
        ("goals of adults", partial(_end_goals_of_adults, tally, on=by)),
        ("new rules", partial(_take_effect, tally, on=by)),
        ("notices", partial(notices.write, tally, at=at)),
        ("mails", partial(_compose, tally, at=at)),
        ("figures", partial(summary.refresh, on=by)),
    ):
        tally.attempt(name, part)


def _today(at: datetime) -> date:
    return at.astimezone(zone(SYDNEY)).date()


def morning_of(on: date) -> datetime:
    """Return the moment at which it is 07:00 on this day in the last of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return max(datetime.combine(on, digest.MORNING, zone(name)) for name in {SYDNEY, *zones})


def _end_goals_of_adults(tally: Tally, *, on: date) -> None:
    def failed(child: int, fault: Exception) -> None:
        tally.park_fault(f"goal of child {child}", fault)

    tally.counts["goals ended at 18"] += goals.end_goals_of_adults(on=on, failed=failed)


def _take_effect(tally: Tally, *, on: date) -> None:
    def failed(child: int, fault: Exception) -> None:
        tally.park_fault(f"new rules for child {child}", fault)

    moved = rules.take_effect(on=on, failed=failed)
    tally.counts["reviews moved by new rules"] += moved["review_due_on"]
    tally.counts["two-year dates moved by new rules"] += moved["two_year_on"]


def _compose(tally: Tally, *, at: datetime) -> None:
    in_force = RuleVersion.objects.in_force(on=_today(at))
    tally.counts.update(digest.compose(at=at, rule_version=in_force.version))


def _post_heads(tally: Tally, *, at: datetime) -> None:
    tally.counts["heads of the history"] += heads.post_heads(at=at)
