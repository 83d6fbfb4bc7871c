"""Calendar feeds: reviews due, two-year dates and short term orders, as whole days.

An event has a kind, a case reference, the reason for the date, and the address of the child's page:
never a name, a birthday or typed text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from icalendar import Calendar, Event

from directory.models import CalendarFeed
from directory.web import request
from permanency import matters
from permanency.models import CasePlanGoal, Child, CourtOrder, cases_visible_to, unrestricted
from permanency.policy.derivation import Derivation

HORIZON = timedelta(days=400)
MOST_EVENTS = 2_000
REFRESH_INTERVAL = timedelta(hours=6)
NAME = "Permanency: reviews and two-year dates"
CALENDAR_DESCRIPTION = (
    f"What is overdue and what falls due in the next {HORIZON.days} days, at most "
    f"{MOST_EVENTS:,} entries, the earliest. Case references only. What counts is the tracker."
)
REVIEW, TWO_YEAR, ORDER = "Goal review due", "Two-year date", "Short term order expires"
EXTENDED_TWO_YEAR, ORIGINAL_TWO_YEAR = (
    "Two-year date, as extended",
    "Two-year date, before it was extended",
)


@dataclass(frozen=True)
class CalendarEntry:
    """One whole day in a calendar. `key` is that of the matter: a new date is a new one."""

    key: str
    on: date
    kind: str
    child: int
    reference: str
    why: str = ""

    @property
    def title(self) -> str:
        return f"{self.kind} \N{EN DASH} {self.reference[:4]} {self.reference[4:]}"

    @property
    def url(self) -> str:
        return request.site_address(reverse("child", args=[self.child]))


def feed_cases(feed: CalendarFeed, *, on: date) -> Q:
    """Return the condition that a goal or an order is about a child of this feed, on this day."""
    if feed.inbox is not None:
        # Several people share an inbox, so that it holds no restricted child.
        return Q(child__district__inbox=feed.inbox) & unrestricted("child__")
    person = feed.made_by
    seen = cases_visible_to(person, on=on, child="child__")
    # Without an office or provider of their own, all that they see, as on My work.
    if not person.allocations.in_force(on=on).exists():
        return seen
    return seen & Q(child__in=Child.objects.mine(person, on=on).values("pk"))


def calendar_entries(cases: Q, *, on: date) -> list[CalendarEntry]:
    """Return the days of these cases, the earliest first, in two queries.

    Only of children with a goal in force who are not 18 yet.
    """
    until = on + HORIZON
    goals = CasePlanGoal.objects.in_force(on=on).filter(cases)
    rows = (
        goals.filter(Q(review_due_on__lte=until) | Q(two_year_on__lte=until))
        .order_by("review_due_on", "pk")
        .values(
            "pk",
            "review_due_on",
            "review_derivation",
            "two_year_on",
            "two_year_derivation",
            "child",
            "child__reference",
        )
    )
    found = [each for row in rows for each in _goal_entries(row)]
    # The one open goal of each child is looked up: a list of them all would be read for each order.
    goal_in_force = CasePlanGoal.objects.in_force(on=on).filter(child=OuterRef("child"))
    orders = CourtOrder.objects.in_force(on=on).filter(
        cases,
        Exists(goal_in_force),
        kind=CourtOrder.Kind.SHORT_TERM,
        expires_on__lte=until,
    )
    order_rows = orders.values_list("pk", "expires_on", "child", "child__reference").order_by(
        "expires_on", "pk"
    )[:MOST_EVENTS]
    found += [
        CalendarEntry(matters.order(pk, expires_on), expires_on, ORDER, child, reference)
        for pk, expires_on, child, reference in order_rows
        if expires_on
    ]
    due = (each for each in found if each.on <= until)
    return sorted(due, key=lambda each: (each.on, each.key))[:MOST_EVENTS]


def _goal_entries(row: Mapping[str, Any]) -> Iterator[CalendarEntry]:
    goal, child, reference = row["pk"], row["child"], row["child__reference"]
    if day := row["review_due_on"]:
        why = _why(row["review_derivation"])
        yield CalendarEntry(matters.review(goal, day), day, REVIEW, child, reference, why)
    if day := row["two_year_on"]:
        derivation = row["two_year_derivation"]
        why, original = _why(derivation), derivation.get("original_on")
        kind = EXTENDED_TWO_YEAR if original else TWO_YEAR
        yield CalendarEntry(matters.two_year(goal, day), day, kind, child, reference, why)
        if original:
            day = date.fromisoformat(original)
            kind = ORIGINAL_TWO_YEAR
            yield CalendarEntry(matters.two_year(goal, day), day, kind, child, reference, why)


def _why(derivation: Mapping[str, Any]) -> str:
    return Derivation.from_data(derivation).in_short() if derivation else ""


def calendar_file(days: Iterable[CalendarEntry], *, at: datetime) -> bytes:
    """Return the calendar as a file (RFC 5545)."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Permanency tracker//Calendar//EN")
    calendar.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, NAME)
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, CALENDAR_DESCRIPTION)
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH_INTERVAL.seconds // 3600}H")
    host = urlsplit(settings.BASE_URL).hostname or ""
    for each in days:
        event = Event()
        event.add("uid", f"{each.key.replace(':', '-')}@{host}")
        event.add("dtstamp", at)
        event.add("dtstart", each.on)
        event.add("dtend", each.on + timedelta(days=1))
        event.add("summary", each.title)
        event.add("description", "\n".join(filter(None, (each.why, each.url))))
        event.add("url", each.url)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
