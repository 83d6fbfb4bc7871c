"""The tick: writes what inboxes are owed, and is skipped where nothing changed since the last one.

Whoever changes a fact that counts here writes the history in the same transaction, and so moves the
head of a chain. A tick reads the heads before anything else. Where they are those of a tick that
left nothing undone, and no district has reached its next midnight or 07:00 since, nothing new is
owed. Rows changed by hand are found by the first tick of the next day, before its digests.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from directory.audit.services import post_checkpoints
from directory.clock import SYDNEY, zone
from directory.mail import compose, smtp
from directory.mail import notices as mail_notices
from directory.mail.compose import MORNING
from directory.mail.hold import hold_after_gap
from directory.models import District, HistoryHead, Inbox, Notice, TickRun
from directory.places.services import fallback_inbox
from permanency.goals import lifecycle
from permanency.models import Child, RuleVersion
from permanency.rules import apply as rules_apply
from reviews.figures import daily_figures, district_counts
from reviews.notices_due import find_due, kinds

logger = logging.getLogger(__name__)


@dataclass
class RunReport:
    """What one tick did, by name, and what it had to leave, with the reason for each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)

    def note_problem(self, matter: str, reason: str) -> None:
        self.problems.append({"matter": matter, "reason": reason})

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Do one part of the tick: where it fails that is noted, and the next ones are done."""
        try:
            yield
        except Exception as fault:
            self.note_failure(name, fault)

    def note_failure(self, name: str, fault: Exception) -> None:
        logger.exception("The tick could not finish: %s", name, exc_info=fault)
        self.note_problem(name, type(fault).__name__)


@transaction.atomic
def redirect(*, fallback: Inbox, on: date) -> int:
    """Give each unsent notice to the inbox that serves its child now, and return how many moved."""
    serving = {
        district.pk: mail_notices.inbox_of(district, on=on, fallback=fallback).pk
        for district in District.objects.select_related("inbox")
    }
    # The inboxes come as values: a night after days without mail looks through very many notices.
    inbox_now = Case(*(When(district=each, then=Value(inbox)) for each, inbox in serving.items()))
    child = Child.objects.filter(pk=OuterRef("child_number"))
    is_where_it_was = Exists(child.filter(district=OuterRef("district")))
    astray = list(
        Notice.objects.unsent()
        .filter(Exists(child))
        .filter(~Q(inbox=inbox_now) | ~is_where_it_was)
        .order_by("pk")
        .values_list("pk", Subquery(child.values("district")[:1]))
    )
    notices = Notice.objects.in_bulk([pk for pk, _ in astray])
    for pk, district in astray:
        mail_notices.redirect(notices[pk], inbox_id=serving[district], district_id=district)
    return len(astray)


def write_notices(report: RunReport, *, at: datetime) -> None:
    """Write what each inbox is owed word of at this moment and has not been told."""
    days = _districts_by_local_day(report, at)
    today = max(days)
    fallback = fallback_inbox(on=today)
    with report.part("redirected"):
        report.counts["redirected"] += redirect(fallback=fallback, on=today)
    with report.part("settled with their case"):
        report.counts["settled with their case"] += find_due.settle_ended_cases(on=min(days))
    for on, districts in days.items():
        among = Q(child__district__in=districts) if len(days) > 1 else Q()
        for sort in kinds.MATTER_KINDS:
            with report.part(sort.name):
                queries, left = find_due.Search(sort, fallback, on, among).run()
                for matter, reason in left:
                    report.note_problem(matter, reason)
                for query, values in queries:
                    report.counts[sort.name] += mail_notices.post_from_query(query, values)
    for name, find in (
        ("waiting change", find_due.waiting_change_notices),
        ("directory gap", find_due.directory_gap_notices),
    ):
        with report.part(name):
            rows = iter(find(fallback=fallback, on=today))
            while some := list(islice(rows, mail_notices.BATCH)):
                report.counts[name] += mail_notices.post_many(some)
    find_due.settle_closed_gaps(on=today)


def _districts_by_local_day(report: RunReport, at: datetime) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {_today(at): []}
    for pk, name in District.objects.values_list("pk", "time_zone"):
        local = zone(name)
        if local.key != name:
            report.note_problem(f"district {pk}", "Its time zone is not known; Sydney's is used.")
        days.setdefault(at.astimezone(local).date(), []).append(pk)
    return days


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
    moments = []
    for local in map(zone, {SYDNEY, *zones}):
        today = at.astimezone(local).date()
        days = (today, today + timedelta(days=1))
        moments += [
            datetime.combine(day, hour, local) for day in days for hour in (time(0), MORNING)
        ]
    return min(moment for moment in moments if moment > at)


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
    with report.part("delivery"):
        report.counts.update(smtp.deliver(now=now))
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
    def failed(about: str) -> Callable[[int, Exception], None]:
        return lambda child, fault: report.note_failure(f"{about} child {child}", fault)

    counts = report.counts
    with report.part("heads of the history"):
        counts["heads of the history"] += post_checkpoints(at=at)
    # Acting for a day ahead tells what will be owed; it makes nobody 18 before the day, and lets no
    # date follow rules before theirs.
    with report.part("goals of adults"):
        ended = lifecycle.end_goals_of_adults(on=by, failed=failed("goal of"))
        counts["goals ended at 18"] += ended
    with report.part("new rules"):
        moved = rules_apply.apply_due_rules(on=by, failed=failed("new rules for"))
        counts["reviews moved by new rules"] += moved["review_due_on"]
        counts["two-year dates moved by new rules"] += moved["two_year_on"]
    with report.part("notices"):
        write_notices(report, at=at)
    with report.part("mails"):
        in_force = RuleVersion.objects.in_force(on=_today(at))
        counts.update(compose.compose(at=at, rule_version=in_force.version))
    with report.part("figures"):
        district_counts.refresh(on=by)
        daily_figures.store(on=by)


def _today(at: datetime) -> date:
    return at.astimezone(zone(SYDNEY)).date()


def morning_of(on: date) -> datetime:
    """Return the moment at which it is 07:00 on this day in the last of the districts' zones."""
    zones = District.objects.values_list("time_zone", flat=True).distinct()
    return max(datetime.combine(on, MORNING, zone(name)) for name in {SYDNEY, *zones})
