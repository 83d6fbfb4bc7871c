"""The tick: writes what inboxes are owed, and is skipped where nothing changed since the last one.

Whoever changes a fact that counts here writes the history in the same transaction, and so moves the
head of a chain. A tick reads the heads before anything else. Where they are those of a tick that
left nothing undone, and no district has reached its next midnight or 07:00 since, nothing new is
owed. Rows changed by hand are found by the first tick of the next day, before its digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import partial
from hashlib import sha256

from directory.audit.services import post_checkpoints
from directory.clock import SYDNEY, zone
from directory.mail import compose, smtp
from directory.mail.compose import MORNING
from directory.mail.hold import hold_after_gap
from directory.models import District, HistoryHead, TickRun
from permanency.goals import lifecycle
from permanency.models import RuleVersion
from permanency.rules import apply as rules_apply
from reviews.figures import district_counts
from reviews.notices_due import write
from reviews.notices_due.write import RunReport

MIDNIGHT = time(0)


def history_state() -> str:
    """Return where every chain of the history stands now, as one short text."""
    stand = HistoryHead.objects.order_by("chain").values_list("chain", "sequence", "digest")
    return sha256(repr(list(stand)).encode()).hexdigest()


def has_nothing_new(stand: str, *, on: date, at: datetime) -> bool:
    """Say whether a tick of this day saw these heads, left nothing undone, and its hours go on."""
    return TickRun.objects.filter(on=on, heads=stand, quiet_until__gt=at).exists()


def next_change_of_hour(at: datetime) -> datetime:
    """Return the next moment at which it is midnight or 07:00 in one of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return min(_hour_changes(at, {SYDNEY, *zones}))


def _hour_changes(at: datetime, zones: Iterable[str]) -> Iterable[datetime]:
    for name in zones:
        local = zone(name)
        today = at.astimezone(local).date()
        for day in (today, today + timedelta(days=1)):
            for turn in (MIDNIGHT, MORNING):
                moment = datetime.combine(day, turn, local)
                if moment > at:
                    yield moment


PARKED_MAIL = "parked"


def tick(*, at: datetime, now: Callable[[], datetime], skip_if_unchanged: bool = False) -> TickRun:
    """Return the finished run: clocks ended, notices written, mails composed, delivered or kept.

    `at` is the moment for which to act; `now` tells the real time to whoever talks to the server.
    A part that fails is noted among the problems, and the others are done. After a gap of more
    than 60 days all is done but the delivery, which waits for an administrator. Where it is certain
    that nothing new is owed, and the caller wants that, only the delivery is done.
    """
    on = _today(at)
    hold_after_gap(on=on)
    stand = history_state()
    run, report = TickRun(on=on), RunReport()
    if not (skip_if_unchanged and has_nothing_new(stand, on=on, at=at)):
        run.save()
        by = min(on, _today(now()))
        _run_parts(report, at=at, by=by)
        # A tick for a day ahead leaves to that day who becomes 18 on it.
        if not report.problems and by == on:
            run.heads, run.quiet_until = stand, next_change_of_hour(at)
    report.attempt("delivery", lambda: report.counts.update(smtp.deliver(now=now)))
    if report.counts[PARKED_MAIL]:
        report.note_problem(
            "mail", f"Parked: {report.counts[PARKED_MAIL]}. They stand in the outbox."
        )
    run.counts = {name: count for name, count in report.counts.items() if count}
    run.problems = report.problems
    run.ended_at = now()
    run.save()
    return run


def _run_parts(report: RunReport, *, at: datetime, by: date) -> None:
    for name, part in (
        ("heads of the history", partial(_post_checkpoints, report, at=at)),
        # Acting for a day ahead tells what will be owed; it makes nobody 18 before the day, and
        # lets no date follow rules before theirs.
        ("goals of adults", partial(_end_goals_of_adults, report, on=by)),
        ("new rules", partial(_apply_rules, report, on=by)),
        ("notices", partial(write.write_notices, report, at=at)),
        ("mails", partial(_compose, report, at=at)),
        ("figures", partial(district_counts.refresh, on=by)),
    ):
        report.attempt(name, part)


def _today(at: datetime) -> date:
    return at.astimezone(zone(SYDNEY)).date()


def morning_of(on: date) -> datetime:
    """Return the moment at which it is 07:00 on this day in the last of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return max(datetime.combine(on, compose.MORNING, zone(name)) for name in {SYDNEY, *zones})


def _end_goals_of_adults(report: RunReport, *, on: date) -> None:
    def failed(child: int, fault: Exception) -> None:
        report.note_failure(f"goal of child {child}", fault)

    report.counts["goals ended at 18"] += lifecycle.end_goals_of_adults(on=on, failed=failed)


def _apply_rules(report: RunReport, *, on: date) -> None:
    def failed(child: int, fault: Exception) -> None:
        report.note_failure(f"new rules for child {child}", fault)

    moved = rules_apply.apply_due_rules(on=on, failed=failed)
    report.counts["reviews moved by new rules"] += moved["review_due_on"]
    report.counts["two-year dates moved by new rules"] += moved["two_year_on"]


def _compose(report: RunReport, *, at: datetime) -> None:
    in_force = RuleVersion.objects.in_force(on=_today(at))
    report.counts.update(compose.compose(at=at, rule_version=in_force.version))


def _post_checkpoints(report: RunReport, *, at: datetime) -> None:
    report.counts["heads of the history"] += post_checkpoints(at=at)
