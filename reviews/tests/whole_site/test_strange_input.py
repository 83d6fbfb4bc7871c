"""Whatever stands in an address or is typed into a form, the answer is a page and no fault of ours.

What to put where is read from the site itself: the filters of every list, the numbers in every
address, the fields of every form.
"""

from __future__ import annotations

import re
from itertools import cycle
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from directory.models import User
from reviews.tests.whole_site.fixtures import MISSING_NUMBER, ROUTE_OBJECTS, SiteObjects
from reviews.tests.whole_site.routes import ROWS, ObjectScope, RouteRow
from reviews.tests.whole_site.visitor import FORM, Visitor

HUGE = "9" * 40
# As they stand in an address: no UTF-8 among them, half of a pair, digits of another script.
STRANGE = ("x", "-1", "1.5", HUGE, "%00", "1%00", "%ED%A0%80", "%FF", quote("٣"), "&{name}=2")
LONG = (quote("é'\"<b>;--%"), "%E2%80%AE", "a" * 10_000)
TYPED = (HUGE, "%00", "%ED%A0%80", "a" * 10_000, "9999-12-31")
FORMS = re.compile(r'<form[^>]*method="(get|post)".*?</form>', re.DOTALL)
FIELDS = re.compile(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"')
AN_ANSWER = {200, 302, 400, 403, 404, 405, 409, 422}


def _fields(client: Client, address: str, method: str) -> set[str]:
    """Return the names of the fields of the page's forms that are sent in this way."""
    page = client.get(address).content.decode()
    forms = [form[0] for form in FORMS.finditer(page) if form[1] == method]
    return {name for form in forms for name in FIELDS.findall(form)} - {"csrfmiddlewaretoken"}


def _fault(client: Client, address: str, *, sent: str | None = None) -> str:
    """Return what is wrong with the answer to an address, or nothing."""
    kind = "application/x-www-form-urlencoded"
    try:
        if sent is None:
            answer = client.get(address)
        else:
            answer = client.generic("POST", address, sent, content_type=kind)
    except Exception as fault:
        return f"{address[:100]} {(sent or '')[:200]}: {fault!r}"
    return "" if answer.status_code in AN_ANSWER else f"{address[:100]}: {answer.status_code}"


def _told(faults: list[str]) -> str:
    return "\n".join(["", *filter(None, faults)])


@pytest.mark.slow
@pytest.mark.parametrize("who", ["mpp", "administrator"])
def test_no_filter_and_no_number_in_a_query_breaks_a_page(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    client.force_login(people[who])
    asked = {}
    for row in ROWS:
        if row.method != "GET" or row.answers[who] != "200":
            continue
        path = house.address(row).partition("?")[0]
        names = {need[1:] for need in ROUTE_OBJECTS.get(row.route, {}) if need.startswith("?")}
        names |= {"kind"} if names else _fields(client, path, "get")
        if names or row.route in {"approvals", "child-history"}:
            asked[path] = {"page", *names}
    assert len(asked) >= 5
    wrong = []
    for path, names in asked.items():
        together = "&".join(f"{name}={{0}}" for name in names)
        queries = [f"{name}={each.format(name=name)}" for name in names for each in STRANGE]
        for query in (*queries, *(together.format(each) for each in LONG)):
            wrong.append(_fault(client, f"{path}?{query}"))
    assert len(wrong) > 100
    assert not any(wrong), _told(wrong)


@pytest.mark.parametrize("who", ["mpp", "administrator"])
def test_no_number_in_a_path_breaks_a_page(who: str, visitor: Visitor, house: SiteObjects) -> None:
    asked = {house.address(row, ObjectScope.NOTHING) for row in ROWS if row.word != "hunter"}
    numbered = sorted(path for path in asked if str(MISSING_NUMBER) in path)
    assert len(numbered) > 40
    wrong = []
    for number in (HUGE, "0", "00000000000000000001"):
        for path in numbered:
            address = path.replace(str(MISSING_NUMBER), number)
            wrong += [_fault(visitor.client, address), _fault(visitor.client, address, sent="")]
    assert not any(wrong), _told(wrong)


def test_no_search_breaks_the_box_that_finds_a_child(
    client: Client, house: SiteObjects, coordinator: User
) -> None:
    client.force_login(coordinator)
    typed = [*STRANGE, *LONG, "", "%20", "%25%25", "_", "%5C", "Robin%00", "Quillon " * 9]
    wrong = [_fault(client, reverse("find-child"), sent=f"who={each}") for each in typed]
    assert not any(wrong), _told(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["coordinator", "cfdu", "administrator"])
def test_no_typed_text_breaks_a_form(who: str, visitor: Visitor, house: SiteObjects) -> None:
    """Each field of each form is sent each strange text, all fields at once; nothing is kept."""
    client, wrong = visitor.client, []
    for row in _forms(who):
        address = house.address(row)
        names = sorted(_fields(client, address, "post"))
        for each in TYPED:
            sent = "&".join(f"{name}={each}" for name in names)
            before = transaction.savepoint()
            wrong.append(_fault(client, address, sent=sent))
            transaction.savepoint_rollback(before)
    assert len(wrong) >= 3 * len(TYPED)
    assert not any(wrong), _told(wrong)


# One after the other into one field, while the others are typed as they should be.
ONE = (
    *("a\x00b", "\x00", "\udc80", "\ud800x", "\ufeffx", "\uffff", "\x01\x1f", "\x7f", "\x85"),
    *("\u202e\u0660\U0001f600", "\u200b", "\u0301" * 200, "\u2028", "\U0010ffff", "e\u0301"),
    *("x" * 100_000, "\U0001f600" * 5_000, " " * 1_000, "\n" * 500, "\t", "\r", "a\r\nBcc: b@c.d"),
    *(HUGE, "-1", "0", "1e309", "NaN", "Infinity", "0x10", "1_000", "+1", "\u0663", str(2**63)),
    *("2026-02-31", "0000-00-00", "0001-01-01", "9999-12-31", "31/02/2026", "24:00", "1 May 26"),
    *("<b>&amp;", "<script>1</script>", "{{ 7*7 }}", "{% now 'Y' %}", "${7*7}", "%s%n%d", "%00"),
    *("' OR 1=1 --", '"; DROP TABLE x; --', "\\", "%_", "*", "=1+1", "@SUM(1)", "|calc", "-"),
    *("None", "null", "undefined", "true", "[]", "{}", "a@b", "javascript:1", "../../etc/passwd"),
)
ROW_COUNTS = re.compile(r'name="(\S+_FORMS)" value="(\d+)"')
WORDS = re.compile(r'<(?:textarea|input type="(?:text|email)")[^>]*\sname="([^"]+)"')


@pytest.mark.slow
@pytest.mark.parametrize("who", ["mpp", "administrator"])
def test_one_strange_field_is_answered_and_the_others_stay_as_typed(
    who: str, visitor: Visitor, house: SiteObjects
) -> None:
    """Each field of words in each form is sent something strange, the others plain words."""
    client, strange, wrong, asked = visitor.client, cycle(ONE), [], 0
    for row in _forms(who):
        address = house.address(row)
        page = client.get(address).content.decode().partition("<main")[2]
        names = [name for name in dict.fromkeys(WORDS.findall(page)) if "__prefix__" not in name]
        rows = dict(ROW_COUNTS.findall(page))
        for odd in names:
            sent = (
                rows
                | {name: f"Kept words {n}" for n, name in enumerate(names)}
                | {odd: next(strange)}
            )
            body = urlencode({n: v.encode("utf-8", "surrogatepass") for n, v in sent.items()})
            before = transaction.savepoint()
            answer = client.generic("POST", address, body, content_type=FORM)
            transaction.savepoint_rollback(before)
            asked += 1
            wrong += _lost(row, odd, answer.status_code, answer.content.decode(), sent)
    assert asked > 15
    assert not any(wrong), _told(wrong)


def _lost(row: RouteRow, odd: str, status: int, page: str, sent: dict[str, str]) -> list[str]:
    """Return what an answer to a form has lost, or why it is none."""
    if status not in AN_ANSWER:
        return [f"{row} {odd}: {status}"]
    if status != 422:
        return []
    shown = [name for name, typed in sent.items() if name != odd and typed not in page]
    faults = [] if '_error"' in page or "app-error-summary" in page else ["no fault is named"]
    return [f"{row} {odd}: {name} is lost" for name in shown] + [
        f"{row} {odd}: {f}" for f in faults
    ]


def _forms(who: str) -> list[RouteRow]:
    shown = {
        (row.route, row.about)
        for row in ROWS
        if row.method == "GET" and row.answers[who] == "200" and not row.about.startswith("DCJ")
    }
    return [row for row in ROWS if row.method == "POST" and (row.route, row.about) in shown]
