"""A list leaves as a file with a reason, by its filters, to those who see it, and into the log."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from hashlib import sha256
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.models import District, ReadEntry, User
from directory.tests.spreadsheets import unescape_formula
from directory.web.request import PROVED_AT, StepUpRedirect
from permanency.models import Child
from permanency.tests.factories import make_child, make_goal
from reviews.tests.cases import TODAY, days_ago

REASON = "For the meeting of the district"
REFERENCE = re.compile(r'<td class="app-nowrap">([A-Z0-9]{8})</td>')
NEXT = re.compile(r'href="([^"]*)" rel="next"')
LISTS = ("children", "reviews")


@pytest.fixture
def cases(hunter: District, stranger: User) -> list[Child]:
    """Return sixty children of Hunter whose reviews are due on different days; Sydney has one."""
    children = [make_child(hunter) for _ in range(60)]
    for days, child in enumerate(children):
        make_goal(child, review_due_on=days_ago(40 - days))
    sydney = District.objects.get(slug="sydney")
    make_goal(make_child(sydney, last_name="Elsewhere"), review_due_on=days_ago(3))
    return children


def _export(
    client: Client, name: str, query: str = "", *, kind: str = "csv", reason: str = REASON
) -> Any:
    address = reverse(f"export-{name}") + query
    return client.post(address, {"reason": reason, "file_format": kind})


def _rows(answer: Any) -> list[list[str]]:
    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    return [[unescape_formula(cell) for cell in row] for row in csv.reader(text)]


def _on_screen(client: Client, name: str, query: str = "") -> list[str]:
    """Return the references of a list in order, from all its pages."""
    found: list[str] = []
    address = f"{reverse(name)}{query}"
    while address:
        body = client.get(address).content.decode()
        found += REFERENCE.findall(body)
        led = NEXT.search(body)
        address = f"{reverse(name)}{unescape(led[1])}" if led else ""
    return found


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query", ["", "?goal=restoration", "?window=overdue&state=overdue", "?sort=-name"]
)
def test_the_file_holds_what_the_screen_shows_in_its_order(
    client: Client, cases: list[Child], coordinator: User, name: str, query: str
) -> None:
    client.force_login(coordinator)
    rows = _rows(_export(client, name, query))
    start = next(n for n, row in enumerate(rows) if row[:1] == ["Case reference"])
    assert [row[0] for row in rows[start + 1 :]] == _on_screen(client, name, query)
    assert len(rows) > start + 30


@pytest.mark.parametrize("name", LISTS)
def test_the_file_says_whose_it_is_and_when_to_delete_it(
    client: Client, cases: list[Child], coordinator: User, name: str
) -> None:
    client.force_login(coordinator)
    first = [row[0] if row else "" for row in _rows(_export(client, name, "?goal=restoration"))[:7]]
    assert first[0] == name.capitalize()
    assert first[1].startswith(f"Exported by Pat Coordinator on {TODAY.day} {TODAY:%B %Y} at ")
    assert first[2] == f"Reason: {REASON}"
    assert first[3] == "Filters: Goal: Restoration"
    assert re.fullmatch(r"Rows: \d+", first[4])
    assert "then delete it" in first[5]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_logged_with_its_reason_rows_and_checksum(
    client: Client, cases: list[Child], coordinator: User, name: str, kind: str
) -> None:
    client.force_login(coordinator)
    answer = _export(client, name, "?goal=restoration", kind=kind)
    assert answer.status_code == 200
    row = ReadEntry.objects.get(kind="export")
    assert (row.by, row.route, row.on) == (coordinator, f"export-{name}", TODAY)
    assert set(row.shown) <= {child.pk for child in cases}
    assert row.detail == {
        "rows": len(row.shown),
        "filters": {"goal": "restoration"},
        "reason": REASON,
        "format": kind,
        "sha256": sha256(answer.content).hexdigest(),
    }
    assert row in ReadEntry.objects.of_child(row.shown[0])
    file_name = f'attachment; filename="{name}-{TODAY.isoformat()}.{kind}"'
    assert answer.headers["Content-Disposition"] == file_name
    assert "no-store" in answer.headers["Cache-Control"]


def test_both_kinds_of_file_hold_the_same(
    client: Client, cases: list[Child], coordinator: User
) -> None:
    client.force_login(coordinator)
    texts = _rows(_export(client, "children"))
    book = openpyxl.load_workbook(io.BytesIO(_export(client, "children", kind="xlsx").content))
    cells = [
        ["" if cell is None else _plain(cell) for cell in row]
        for row in book["Children"].iter_rows(values_only=True)
    ]
    assert cells[8:] == texts[8:]
    assert len(cells) == len(texts) == 8 + len(cases)


def _plain(cell: object) -> str:
    return cell.date().isoformat() if hasattr(cell, "date") else str(cell)


def test_a_name_that_looks_like_a_formula_stays_a_name(
    client: Client, hunter: District, coordinator: User
) -> None:
    make_child(hunter, first_name="=HYPERLINK(1)", last_name="+Smith")
    client.force_login(coordinator)
    raw = _export(client, "children").content.decode("utf-8-sig")
    assert '"\'=HYPERLINK(1)","\'+Smith"' in raw
    book = openpyxl.load_workbook(io.BytesIO(_export(client, "children", kind="xlsx").content))
    cell = book["Children"]["B9"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_leaves(
    client: Client, cases: list[Child], coordinator: User, name: str, reason: str
) -> None:
    client.force_login(coordinator)
    answer = _export(client, name, "?goal=restoration", reason=reason)
    assert answer.status_code == 422
    assert b"Say why you need this file." in answer.content
    assert not ReadEntry.objects.exists()


@pytest.mark.parametrize("name", LISTS)
def test_where_there_is_nothing_it_says_so(client: Client, coordinator: User, name: str) -> None:
    client.force_login(coordinator)
    assert b"There is nothing to export." in client.get(reverse(f"export-{name}")).content
    assert _export(client, name).status_code == 422
    assert not ReadEntry.objects.exists()


def _prove_long_ago(client: Client) -> None:
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=20)).isoformat()
    session.save()


def test_many_children_ask_for_a_fresh_proof(
    client: Client, cases: list[Child], coordinator: User
) -> None:
    client.force_login(coordinator)
    _prove_long_ago(client)
    answer = _export(client, "children")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert isinstance(answer, StepUpRedirect)
    assert not ReadEntry.objects.exists()


def test_fifty_children_ask_for_none(client: Client, cases: list[Child], coordinator: User) -> None:
    client.force_login(coordinator)
    _prove_long_ago(client)
    few = [child.pk for child in cases[50:]]
    Child.objects.filter(pk__in=few).update(district=District.objects.get(slug="sydney"))
    assert _export(client, "children").status_code == 200
    assert ReadEntry.objects.get().detail["rows"] == 50


def test_many_short_lists_ask_for_a_fresh_proof_as_one_long_one_does(
    client: Client, cases: list[Child], coordinator: User
) -> None:
    """Each filter leaves less than fifty; without the sum over the day all four would leave."""
    for number, child in enumerate(cases):
        goal = ("guardianship", "adoption")[number % 2]
        child.goals.update(goal=goal)
    client.force_login(coordinator)
    _prove_long_ago(client)
    assert _export(client, "children", "?goal=guardianship").status_code == 200
    for name, query in (("children", "?goal=adoption"), ("reviews", "?goal=guardianship")):
        answer = _export(client, name, query)
        assert isinstance(answer, StepUpRedirect), name
    assert sum(len(each.shown) for each in ReadEntry.objects.all()) == 30


def test_the_lists_lead_to_their_export_with_their_filters(
    client: Client, cases: list[Child], coordinator: User
) -> None:
    client.force_login(coordinator)
    for name in LISTS:
        body = client.get(f"{reverse(name)}?goal=restoration&after=0.2000-01-01.1").content.decode()
        assert f'href="{reverse(f"export-{name}")}?goal=restoration"' in body
        page = client.get(f"{reverse(f'export-{name}')}?goal=restoration").content.decode()
        assert "Filters: Goal: Restoration." in page
        assert f'href="{reverse(name)}?goal=restoration"' in page


def test_another_district_is_in_no_file(
    client: Client, cases: list[Child], coordinator: User, stranger: User, mpp: User
) -> None:
    found = {}
    for person in (coordinator, stranger, mpp):
        client.force_login(person)
        found[person.name] = b"Elsewhere" in _export(client, "children").content
    assert found == {"Pat Coordinator": False, "Sam Stranger": True, "Morgan Practice": True}
