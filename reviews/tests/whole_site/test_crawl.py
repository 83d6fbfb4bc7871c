"""Nobody meets what is kept from them by following what the site offers, nor by what it counts.

A crawl follows every link and every choice of every filter from the first page on, up to a number
of pages and seconds that `CRAWL_PAGES` and `CRAWL_SECONDS` raise. It searches by POST too.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from consultations.tests.cases import TODAY, make_child, open_goal
from directory.models import District, User
from permanency.access import services as restrictions
from permanency.models import Child
from reviews.tests.whole_site.fixtures import NAMES, SiteObjects
from reviews.tests.whole_site.form_parser import FormParser
from reviews.tests.whole_site.routes import ROWS, RouteRow
from reviews.tests.whole_site.submit import rollback
from reviews.tests.whole_site.test_access_can_fail import without_the_second_fence
from reviews.tests.whole_site.visitor import without_tokens

PAGES = int(os.environ.get("CRAWL_PAGES", "120"))
SECONDS = int(os.environ.get("CRAWL_SECONDS", "15"))
LINK = re.compile(r'\s(?:href|action|formaction)="([^"]*)"')
# Where a crawl begins: the first page, an address that is not there, a page of a list that is not.
FIRST = ("/", "/no-such-page/", "/children/?after=1..1", "/reviews/?after=x", "/outbox/?before=x")
# Who crawls, and how many pages there are for them at least, whatever the machine takes for one.
CRAWLERS = {
    "coordinator": 20,
    "cfdu": 20,
    "casework_manager": 20,
    "stranger": 20,
    "contract_manager": 5,
    "administrator": 10,
    "nobody": 5,
}


def _choices(page: str, address: str) -> list[str]:
    """Return where the filters of a page lead: each choice of each field by itself."""
    found = []
    for form in FormParser(page).forms:
        if form.method == "get":
            to = urljoin(address, form.action or urlsplit(address).path)
            found += [f"{to}?{name}={one}" for name, all_ in form.choices.items() for one in all_]
    return sorted(found)


def _links(page: str, address: str) -> list[str]:
    """Return the addresses of the site to which a page leads, those that take a POST alone too."""
    links = [urljoin(address, unescape(link)).partition("#")[0] for link in LINK.findall(page)]
    return [link for link in links if link.startswith("/") and not link.startswith("/static/")]


def crawl(client: Client, kept: frozenset[bytes]) -> tuple[int, list[str]]:
    """Return how many pages were opened from the first on, and which of them told what is kept."""
    links, choices, seen, slips = deque(FIRST), deque[str](), set[str](), []
    until = time.monotonic() + SECONDS
    while (links or choices) and len(seen) < PAGES and time.monotonic() < until:
        is_turn_of_choices = bool(choices) and len(seen) % 3 == 0
        address = (choices if is_turn_of_choices or not links else links).popleft()
        if address in seen or address == reverse("sign-out"):
            continue
        seen.add(address)
        answer = client.get(address)
        whole = answer.getvalue() + str(answer.headers).encode()
        slips += [f"{address}: {word.decode()}" for word in kept if word in whole]
        if answer.status_code == 302:
            links.append(answer.headers["Location"])
        text = whole.decode(errors="ignore")
        links.extend(_links(text, address))
        choices.extend(_choices(text, address))
    return len(seen), slips + _searched(client, kept)


def _searched(client: Client, kept: frozenset[bytes]) -> list[str]:
    """Return what a search for a part of each name tells; the page shows again what was typed."""
    slips = []
    for part in sorted({name[1:-1] for pair in NAMES.values() for name in pair}):
        whole = client.post(reverse("find-child"), {"who": part}, follow=True).getvalue()
        slips += [f"search {part}: {word.decode()}" for word in kept if word in whole]
    return slips


def signed_in(person: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.slow
@pytest.mark.parametrize("who", list(CRAWLERS))
def test_no_way_through_the_site_leads_to_what_is_kept(
    who: str, house: SiteObjects, people: dict[str, User]
) -> None:
    opened, slips = crawl(signed_in(people[who]), house.hidden_words(who))
    assert not slips, "\n".join(["", *slips])
    assert opened >= CRAWLERS[who]


@pytest.mark.slow
def test_with_scoping_off_the_crawl_finds_them(
    no_scope: None, house: SiteObjects, people: dict[str, User]
) -> None:
    """The guard taken away: the children of another district, on pages and by the search."""
    without_the_second_fence()
    _, slips = crawl(signed_in(people["coordinator"]), house.hidden_words("coordinator"))
    assert len({slip.partition(":")[0] for slip in slips}) > 5
    assert any("Ignatia" in slip for slip in slips if slip.startswith("/"))
    assert any(slip.startswith("search") for slip in slips)


# What is counted

COUNTERS = ("coordinator", "cfdu", "district_manager", "contract_manager", "stranger")
# What a page makes up anew at each look: the secret of an app, the question to a passkey, and the
# moment of the look itself. A calendar also is nobody's who asks: it is its owner's, by its secret.
NEW_EACH_TIME = {"add-app", "add-passkey", "child-seen", "calendar-feed"}


def counted_rows(who: str) -> list[RouteRow]:
    """Return one line for each page that this person may open: those that count alone, but for
    the coordinator, who looks at every page of a child too."""
    may = [row for row in ROWS if row.method == "GET" and row.answers[who] in {"200", "302"}]
    may = [row for row in may if row.route not in NEW_EACH_TIME]
    if who != "coordinator":
        may = [row for row in may if row.whose == "-"]
    return list({row.route: row for row in may}.values())


def shown(people: dict[str, User], house: SiteObjects) -> dict[tuple[str, str], bytes]:
    """Return the pages of everybody who counts; what looking leaves behind is undone."""
    found = {}
    with rollback():
        for who in COUNTERS:
            client = signed_in(people[who])
            for row in counted_rows(who):
                answer = client.get(house.address(row))
                # The cookie is bound to the session that is undone: only the names of headers.
                told = answer.getvalue() + repr(sorted(answer.headers)).encode()
                found[who, row.route] = without_tokens(told)
            said = client.post(reverse("find-child"), {"who": "Uncounted"}, follow=True)
            found[who, "find-child"] = without_tokens(said.getvalue())
    return found


def _add(district: District, how_many: int, restricted_by: User | None = None) -> list[Child]:
    """Add children whose goal is in force, so that they count; restricted if somebody does that."""
    added = [make_child(district, first_name="Un", last_name="Uncounted") for _ in range(how_many)]
    for child in added:
        open_goal(child)
        if restricted_by:
            restrictions.restrict(child, reasons="Known.", by=restricted_by, on=TODAY)
    return added


def moved(before: dict[tuple[str, str], bytes], after: dict[tuple[str, str], bytes]) -> set[str]:
    """Return which pages differ."""
    return {f"{who}: {route}" for (who, route), body in before.items() if after[who, route] != body}


@pytest.mark.slow
def test_no_figure_moves_with_children_that_one_may_not_see(
    house: SiteObjects, people: dict[str, User], second_coordinator: User, hunter: District
) -> None:
    """Fifty children of another district, and five of Hunter that name somebody else.

    That the same comparison sees what it should is told at its end: one child that they may see.
    """
    before = shown(people, house)
    elsewhere = people["neighbour"].appointments.get().district
    assert elsewhere is not None
    _add(elsewhere, 50)
    _add(hunter, 5, restricted_by=second_coordinator)
    assert not moved(before, shown(people, house))
    _add(hunter, 1)
    seen = moved(before, shown(people, house))
    assert {"coordinator: children", "coordinator: my-work", "coordinator: find-child"} <= seen
    assert "contract_manager: dashboard" in seen
    assert not [page for page in seen if page.startswith("stranger")]


@pytest.mark.slow
def test_an_id_in_use_is_answered_alike_wherever_its_child_is(
    house: SiteObjects, people: dict[str, User]
) -> None:
    """That the ID is in use must be said. Where, by whom and that it is restricted must not."""
    client, answers = signed_in(people["coordinator"]), set()
    away = Child.objects.get(pk=house.sets["away"]["child"])
    kept = Child.objects.filter(district=people["both"].appointments.all()[0].district)
    hidden = make_child(kept[0].district, first_name="Un", last_name="Uncounted")
    restrictions.restrict(hidden, reasons="Known.", by=people["both"], on=TODAY)
    for held in (away, hidden):
        with rollback():
            sent = {
                "childstory_id": held.childstory_id,
                "first_name": "New",
                "last_name": "Child",
                "born_on_day": "1",
                "born_on_month": "2",
                "born_on_year": str(TODAY.year - 8),
                "aboriginal_status": "neither",
                "cald": "no",
                "district": str(hidden.district_id),
                "case_managed_by": "DCJ",
            }
            answer = client.post(reverse("new-child"), sent)
            assert answer.status_code == 422
            assert b"cannot be used here" in answer.content
            body = without_tokens(answer.content)
            answers.add(body.replace(held.childstory_id.encode(), b"THE ID"))
    assert len(answers) == 1
