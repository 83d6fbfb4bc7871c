"""Reports from the read log: who saw a child, and what a person read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Count, F, IntegerField, JSONField, Max, Q, QuerySet, Value

from directory.forms.date_field import DateField
from directory.forms.layout import ListFilterForm
from directory.models import Appointment, ReadEntry, User
from directory.models.history import ReadEntryQuerySet
from directory.roles import READS_CASES

Kind = ReadEntry.Kind
MOST_BUSY_DAYS = 10
# A person by number and name, and a day.
PersonDay = tuple[int, str, date]

# What a page is called, by the name of its address. Others are called as their address is.
PAGES = {
    "calendar-feed": "Calendar",
    "changes-waiting": "Goal changes that wait",
    "child": "Overview",
    "child-clock": "The two years on a time line",
    "child-consultations": "Consultations",
    "child-history": "History",
    "child-reviews": "Reviews",
    "child-seen": "Who has seen this record",
    "consultation": "A consultation",
    "correct-goal": "Correcting the days of a goal",
    "correct-review-date": "Correcting the day of a review",
    "correct-review": "Correcting a review",
    "edit-child": "Editing the details",
    "edit-consultation": "Writing a consultation",
    "edit-goal-change": "Editing a goal change",
    "export-children": "Children",
    "export-forecast": "Forecast",
    "export-reviews": "Reviews",
    "find-child": "Find a child",
    "goal-change": "A goal change",
    "mark-evidence": "Marking a piece of evidence",
    "new-child": "Registering a child who was there already",
    "new-consultation": "Logging a consultation",
    "new-goal-change": "Proposing a goal change",
    "new-review": "Recording a review",
    "no-clock": "Children without a date",
    "open-work": "Open work of somebody",
    "person-reading": "What somebody read",
    "record-case-plan": "Dates after approval",
    "review": "A review",
    "reviews": "Reviews due",
    "strike-consultation": "Striking a consultation",
    "strike-review": "Striking a review",
    "take-step": "A step of a goal change",
}


@dataclass(frozen=True)
class PageVisit:
    words: str
    times: int
    last: datetime


@dataclass(frozen=True)
class ViewerDay:
    person: str
    roles: str
    on: date
    visits: Sequence[PageVisit]


@dataclass(frozen=True)
class ReadLogRow:
    """One row of the log in words, without a name: the page, the child's reference or how many."""

    at: datetime
    page: str
    what: str


@dataclass(frozen=True)
class BusyDay:
    on: date
    children: int
    person: str = ""
    person_id: int = 0


def page_name(route: str, kind: str) -> str:
    words = PAGES.get(route) or route.replace("-", " ").replace("_", " ").capitalize()
    return words if kind == Kind.RECORD else f"{words} ({Kind(kind).label.lower()})"


def person_days(entries: ReadEntryQuerySet) -> QuerySet[Any, Any]:
    return (
        entries.order_by()
        .values("by", "by__name", "on")
        .annotate(last=Max("at"))
        .order_by("-on", "by__name", "by")
    )


def viewer_days(
    entries: ReadEntryQuerySet, days: Iterable[Mapping[str, Any]], *, district: int
) -> list[ViewerDay]:
    """Return each of these days of `person_days` with the roles in the district and the pages."""
    days = list(days)
    people = {each["by"] for each in days}
    here = Q(district=district) | Q(district=None)
    appointments = list(Appointment.objects.filter(here, person__in=people, role__in=READS_CASES))
    visits = _page_visits(entries.filter(by__in=people, on__in={each["on"] for each in days}))
    found = []
    for each in days:
        person, on = each["by"], each["on"]
        held = (row for row in appointments if row.person_id == person and row.is_in_force(on=on))
        roles = ", ".join(dict.fromkeys(row.get_role_display() for row in held))
        found.append(ViewerDay(each["by__name"], roles, on, visits[person, on]))
    return found


def _page_visits(entries: ReadEntryQuerySet) -> dict[tuple[int, date], list[PageVisit]]:
    counted = entries.order_by().values("by", "on", "route", "kind")
    found: dict[tuple[int, date], list[PageVisit]] = {}
    for row in counted.annotate(times=Count("pk"), last=Max("at")).order_by("-last"):
        look = PageVisit(page_name(row["route"], row["kind"]), row["times"], row["last"])
        found.setdefault((row["by"], row["on"]), []).append(look)
    return found


def read_log_row(entry: ReadEntry) -> ReadLogRow:
    """Return one row of the log in words; of a list only how many children were on it."""
    rows = entry.detail.get("rows", len(entry.shown))
    what = entry.reference or f"{rows} {'row' if rows == 1 else 'rows'}"
    return ReadLogRow(entry.at, page_name(entry.route, entry.kind), what)


def busy_days(*, most: int, since: date, by: User | None = None) -> list[BusyDay]:
    """Return the latest days on which somebody opened or took away more than `most` children."""
    entries = ReadEntry.objects.filter(on__gte=since).order_by()
    if by is not None:
        entries = entries.filter(by=by)
    found: dict[PersonDay, int] = {}
    files: dict[PersonDay, set[int]] = {}
    for person, name, on, count, shown in _days_with_many_children(entries, most=most):
        if count:
            found[person, name, on] = count
        else:
            files.setdefault((person, name, on), set()).update(shown)
    _add_opened_records(files, entries.filter(kind=Kind.RECORD))
    found |= {day: len(children) for day, children in files.items() if len(children) > most}
    ordered = sorted(found.items(), key=lambda each: (each[0][2], each[1]), reverse=True)
    return [
        BusyDay(on, count, name, person) for (person, name, on), count in ordered[:MOST_BUSY_DAYS]
    ]


def _days_with_many_children(entries: ReadEntryQuerySet, *, most: int) -> QuerySet[Any, Any]:
    opened = (
        entries.filter(kind=Kind.RECORD)
        .values_list("by", "by__name", "on")
        .annotate(
            children=Count("child_number", distinct=True),
            listed=Value([], output_field=JSONField()),
        )
        .filter(children__gt=most)
    )
    files = (
        entries.filter(kind=Kind.EXPORT)
        .values_list("by", "by__name", "on")
        .annotate(children=Value(0, output_field=IntegerField()), listed=F("shown"))
    )
    return opened.union(files, all=True)


def _add_opened_records(files: dict[PersonDay, set[int]], records: ReadEntryQuerySet) -> None:
    if not files:
        return
    opened = records.filter(
        by__in={person for person, _, _ in files}, on__in={on for _, _, on in files}
    )
    rows = opened.values_list("by", "by__name", "on", "child_number").distinct()
    for person, name, on, child in rows:
        if child is not None and (person, name, on) in files:
            files[person, name, on].add(child)


class ReadingFilterForm(ListFilterForm):
    since = DateField(label="From", required=False)
    until = DateField(label="Until", required=False)
    records = forms.BooleanField(label="Leave out lists, searches and exports", required=False)

    def narrow(self, entries: ReadEntryQuerySet) -> ReadEntryQuerySet:
        self.full_clean()
        chosen = self.cleaned_data
        if since := chosen.get("since"):
            entries = entries.filter(on__gte=since)
        if until := chosen.get("until"):
            entries = entries.filter(on__lte=until)
        if chosen.get("records"):
            entries = entries.filter(kind=ReadEntry.Kind.RECORD)
        return entries
