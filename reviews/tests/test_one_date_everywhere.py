"""A child's two dates are the oracle's, and the same on page, list, tile, file, feed and mail."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
import vobject
from django.test import Client
from django.urls import reverse

from directory.clock import add_working_days
from directory.models import District, Inbox, Mail, User
from directory.tests.spreadsheets import unescape_formula
from directory.web import calendar_links
from permanency.models import CasePlanGoal
from permanency.policy.goals import Goal
from permanency.tests.policy import oracle
from permanency.tests.policy.days import add_months_by_hand
from reviews import notices_due
from reviews.tests.cases import TODAY, days_ago, open_child

CHILDREN = 45  # one page of a list
REVIEW, TWO_YEAR = "Next review", "Two-year date"
IN_THE_FEED = {REVIEW: "Goal review due", TWO_YEAR: "Two-year date"}
WINDOWS = {"late_longer": (-9_999, -91), "next_30": (0, 30), "in_61_to_90": (61, 90)}
A_DAY = r"(\d{1,2} [A-Z][a-z]+ \d{4})"
A_SHORT_DAY = r"(\d{1,2} [A-Z][a-z]{2} \d{4})"
# Of the cells of a row of the list, which holds what.
COLUMNS = {REVIEW: 2, TWO_YEAR: 3}
REFERENCE = r"([B-Z2-9]{8})"

# The date of each child, by case reference.
Dates = dict[str, date]


@pytest.fixture
def expected(hunter: District, coordinator: User) -> dict[str, Dates]:
    """Make children by the services, and return both dates of each as the oracle has them."""
    hunter.inbox = Inbox.objects.create(name="Hunter inbox", address="hunter@example.org")
    hunter.save()
    policy = oracle.Policy()
    found: dict[str, Dates] = {REVIEW: {}, TWO_YEAR: {}}
    for number in range(CHILDREN):
        goal, since_on = Goal.values[number % 5], days_ago(2 + number * 389 % 900)
        held_on = since_on + timedelta(days=number * 47 % (TODAY - since_on).days)
        reference = open_child(
            hunter, coordinator, Goal(goal), effective_on=since_on, last_review_held_on=held_on
        ).child.reference
        months = policy.period(goal, intensive=False)
        found[REVIEW][reference] = next(oracle.multiples(held_on, months))
        if goal in oracle.TWO_YEAR_GOALS:
            found[TWO_YEAR][reference] = add_months_by_hand(since_on, policy.clock)
    return found


@pytest.mark.parametrize("kind", [REVIEW, TWO_YEAR])
def test_one_date_stands_on_page_list_file_and_in_the_feed(
    client: Client,
    coordinator: User,
    expected: dict[str, Dates],
    kind: str,
    record_property: Callable[[str, object], None],
) -> None:
    client.force_login(coordinator)
    assert _on_pages(client, kind) == expected[kind]
    assert _on_the_list(client, "every", kind) == expected[kind]
    assert _in_the_file(client, kind) == expected[kind]
    ahead = {each: day for each, day in expected[kind].items() if day <= TODAY + timedelta(400)}
    assert _in_the_feed(coordinator, kind) == ahead
    told = f"{kind.lower()} of {len(expected[kind])} children"
    record_property("figure", f"P20: {told}: the same on page, list and file and in the feed")


def test_a_tile_counts_the_rows_of_its_list(
    client: Client, hunter: District, coordinator: User, expected: dict[str, Dates]
) -> None:
    client.force_login(coordinator)
    tiles = _tiles(client, hunter)
    for window, (first, last) in WINDOWS.items():
        within = {
            reference: day
            for reference, day in expected[REVIEW].items()
            if first <= (day - TODAY).days <= last
        }
        assert _on_the_list(client, window, REVIEW) == within
        assert tiles[window] == len(within)


def test_the_mail_tells_the_same_dates(hunter: District, expected: dict[str, Dates]) -> None:
    morning = notices_due.morning_of(add_working_days(TODAY, 1))
    notices_due.tick(at=morning, now=lambda: morning)
    told: dict[str, Dates] = {REVIEW: {}, TWO_YEAR: {}}
    body = Mail.objects.get(inbox=hunter.inbox, part="digest").body
    kind = ""
    for line in body.splitlines():
        if heading := re.fullmatch(r"(Goal review|Two-year date) .*: \d+", line):
            kind = REVIEW if heading[1] == "Goal review" else TWO_YEAR
        elif matter := re.match(rf"- {A_DAY}, {REFERENCE}: ", line):
            told[kind][matter[2]] = _day(matter[1])
    assert told[REVIEW]
    assert told[TWO_YEAR] or "more: " in body
    for each, dates in told.items():
        assert dates.items() <= expected[each].items()


def _day(words: str, *, month: str = "%B") -> date:
    return datetime.strptime(words, f"%d {month} %Y").date()  # noqa: DTZ007  # a day has no zone


def _on_pages(client: Client, kind: str) -> Dates:
    found = {}
    for pk, reference in CasePlanGoal.objects.values_list("child", "child__reference"):
        body = client.get(reverse("child", args=[pk])).content.decode()
        if box := re.search(rf"<h3>{kind}</h3>\s*<p class=\"app-date\">{A_DAY}</p>", body):
            found[reference] = _day(box[1])
    return found


def _on_the_list(client: Client, window: str, kind: str) -> Dates:
    body = client.get(reverse("reviews"), {"window": window}).content.decode()
    found = {}
    for row in body.split("<tr>")[2:]:
        cells = [cell.partition("</td>")[0] for cell in row.split("<td")[1:]]
        reference = re.search(rf">{REFERENCE}$", cells[0])
        day = re.search(rf'"app-nowrap">{A_SHORT_DAY}<', cells[COLUMNS[kind]])
        if reference and day:
            found[reference[1]] = _day(day[1], month="%b")
    return found


def _tiles(client: Client, district: District) -> dict[str, int]:
    page = client.get(reverse("dashboard", args=[district.slug])).content.decode()
    bands = page.partition('id="bands"')[2].partition("</table>")[0]
    tiles = re.findall(r'<a href="([^"]*)">(\d+)', bands)
    windows = ((number, re.search(r"window=(\w+)", unescape(url))) for url, number in tiles)
    return {window[1]: int(number) for number, window in windows if window}


def _in_the_file(client: Client, kind: str) -> Dates:
    address = reverse("export-reviews") + "?window=every"
    answer = client.post(address, {"reason": "To compare", "file_format": "csv"})
    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    rows = [[unescape_formula(cell) for cell in row] for row in csv.reader(text)]
    start = next(number for number, row in enumerate(rows) if row[:1] == ["Case reference"])
    column = rows[start].index(kind)
    return {row[0]: date.fromisoformat(row[column]) for row in rows[start + 1 :] if row[column]}


def _in_the_feed(person: User, kind: str) -> Dates:
    _, token = calendar_links.make_feed(by=person, on=TODAY)
    body = Client().get(reverse("calendar-feed", args=[token])).content.decode()
    found: Dates = {}
    for event in vobject.readOne(body).contents["vevent"]:
        told, _, reference = event.summary.value.partition(" \N{EN DASH} ")
        if told == IN_THE_FEED[kind]:
            found[reference.replace(" ", "")] = event.dtstart.value
    return found
