"""The list of children by a column: complete in pages, where people look, and without a name."""

# ruff: noqa: RUF001 - letters that look like others are what is tried here

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from directory import names
from directory.models import District, Office, User
from directory.tests.people import make_district
from directory.tests.questions import PageQueries
from permanency.children import lists
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child, make_goal

pytestmark = pytest.mark.dialect

MOST_QUERIES = 6  # of a list of cases, docs/performance.md
IN_ORDER = (
    ("Ana", "Ábel"),
    ("Zoe", "Abel"),
    ("", "Abelard"),
    ("Malik", "de Bruyn"),
    ("Dara", "Dean"),
    ("Đức", "Đỗ"),
    ("Olive", "Éclat"),
    ("Ella", "Elm"),
    ("Siobhán", "O’Halloran"),
    ("Kit", "Ohm"),
    ("Suharto", ""),
    ("Ann", "van der Berg-Smith"),
    ("Ann", "Vance"),
)


def listed(client: Client, **asked: str) -> list[Child]:
    """Return the children of every page of the list."""
    found: list[int] = []
    while True:
        answer = client.get(reverse("children"), asked)
        assert answer.status_code == 200
        found += [row.pk for row in answer.context["rows"]]
        asked["after"] = answer.context["page"].after
        if not asked["after"]:
            known = Child.objects.in_bulk(found)
            return [known[pk] for pk in found]


def test_names_stand_where_people_look(client: Client, coordinator: User, hunter: District) -> None:
    for first_name, last_name in sorted(IN_ORDER, key=lambda name: name[0]):
        make_child(hunter, first_name=first_name, last_name=last_name)
    client.force_login(coordinator)

    found = [(child.first_name, child.last_name) for child in listed(client, sort="name")]
    assert found == list(IN_ORDER)
    turned = [(child.first_name, child.last_name) for child in listed(client, sort="-name")]
    assert turned == found[::-1]


def test_the_key_of_an_order_is_of_letters_and_digits_alone() -> None:
    keys = [names.sort_key(last, first) for first, last in IN_ORDER]
    assert all(key.isalnum() and key.isascii() and key == key.lower() for key in keys)
    assert all(one < other for one, other in pairwise(keys))
    assert names.sort_key("\u202e", "–") == ""


def some_children(hunter: District, number: int) -> None:
    """Make children of whom every fifth has no goal, each third no office, and many the same."""
    offices = [
        Office.objects.create(name=name, district=hunter) for name in ("Maitland", "Cessnock")
    ]
    for each in range(number):
        child = make_child(
            hunter,
            first_name=f"First {each % 4}",
            last_name=f"Last {each % 7}",
            office=None if each % 3 == 0 else offices[each % 2],
        )
        if each % 5:
            make_goal(
                child,
                list(Goal)[each % len(Goal)],
                review_due_on=None if each % 8 == 0 else date(2027, 1, 1) + timedelta(each % 3),
                two_year_on=None if each % 2 else date(2027, 5, 1) + timedelta(each % 4),
            )


@pytest.mark.parametrize("order", lists.Order)
@pytest.mark.parametrize("way", ["", "-"])
def test_every_order_has_every_child_once_and_goes_back_the_same_way(
    client: Client, coordinator: User, hunter: District, order: str, way: str
) -> None:
    some_children(hunter, 110)
    client.force_login(coordinator)
    asked = {"sort": f"{way}{order}"}
    pages: list[list[int]] = []
    place = {"after": ""}
    while not pages or place["after"]:
        page = client.get(reverse("children"), asked | place).context["page"]
        pages.append([row.pk for row in page])
        place = {"after": page.after}
    assert [len(keys) for keys in pages] == [50, 50, 10]
    assert len({key for keys in pages for key in keys}) == 110
    back = client.get(reverse("children"), asked | {"before": page.before}).context["page"]
    assert [row.pk for row in back] == pages[1]

    columns = {
        lists.Order.NAME: "sort_name",
        lists.Order.REVIEW: "goals__review_due_on",
        lists.Order.TWO_YEAR: "goals__two_year_on",
        lists.Order.GOAL: "goals__goal",
        lists.Order.OFFICE: "office__name",
    }
    known = dict(Child.objects.values_list("pk", columns[lists.Order(order)]))
    told = [known[key] for keys in pages for key in keys]
    there = [value for value in told if value is not None]
    assert there == sorted(there, reverse=bool(way))
    assert told[: len(there)] == there, "who has nothing there comes last, either way"


@pytest.mark.parametrize("order", lists.Order)
def test_a_list_in_an_order_takes_few_queries_also_further_on(
    client: Client, coordinator: User, hunter: District, order: str
) -> None:
    some_children(hunter, 150)
    client.force_login(coordinator)
    first = client.get(reverse("children"), {"sort": order})
    for place in ({}, {"after": first.context["page"].after}):
        with PageQueries() as asked:
            client.get(reverse("children"), {"sort": order, **place})
        assert len(asked) <= MOST_QUERIES, "\n".join(asked.asked)


def test_an_address_tells_a_key_and_no_name_and_keeps_the_filters(
    client: Client, coordinator: User, hunter: District
) -> None:
    some_children(hunter, 80)
    client.force_login(coordinator)
    page = client.get(reverse("children"), {"state": "", "sort": "name"})
    key = page.context["rows"][-1].pk
    assert f'href="?state=&amp;sort=name&amp;after=0..{key}" rel="next"' in page.text
    narrowed = client.get(reverse("children"), {"goal": "restoration", "after": "0..1"})
    assert 'href="?goal=restoration&amp;sort=name"' in narrowed.text, "a new order begins anew"


def test_a_page_does_not_go_on_from_a_child_that_one_may_not_see(
    client: Client, coordinator: User, hunter: District
) -> None:
    """Or the order of the names would tell where hers stands."""
    for name in ("Abel", "Zeller"):
        make_child(hunter, last_name=name)
    hidden = make_child(make_district("Sydney"), last_name="Miller")
    seen = make_child(hunter, last_name="Noon")
    client.force_login(coordinator)

    def names_from(child: Child) -> list[str]:
        asked = {"sort": "name", "after": f"0..{child.pk}"}
        return [row.last_name for row in client.get(reverse("children"), asked).context["rows"]]

    assert names_from(hidden) == ["Abel", "Noon", "Zeller"]
    assert names_from(seen) == ["Zeller"]


@pytest.mark.parametrize("sort", ["nonsense", "-", "--name", "name ", "\x00", "é" * 99])
def test_an_order_that_the_list_does_not_know_is_the_usual_one(
    client: Client, coordinator: User, hunter: District, sort: str
) -> None:
    some_children(hunter, 5)
    client.force_login(coordinator)
    assert listed(client, sort=sort) == listed(client)


def test_the_headings_say_which_order_it_is_and_turn_it_round(
    client: Client, coordinator: User, hunter: District
) -> None:
    some_children(hunter, 5)
    client.force_login(coordinator)
    sorted_by = '<th scope="col" aria-sort="{}"><a class="app-sort" href="?sort={}">Child</a></th>'
    usual = client.get(reverse("children")).text
    assert "aria-sort" not in usual
    assert 'href="?sort=name">Child</a>' in usual
    assert sorted_by.format("ascending", "-name") in client.get("/children/?sort=name").text
    assert sorted_by.format("descending", "name") in client.get("/children/?sort=-name").text


def test_filters_in_use_are_tags_that_take_themselves_away(
    client: Client, coordinator: User, hunter: District
) -> None:
    some_children(hunter, 5)
    client.force_login(coordinator)
    asked = {"goal": "restoration", "mine": "on", "state": "", "sort": "name", "after": "0..1"}
    text = client.get(reverse("children"), asked).text
    assert 'Filters (2)<span class="app-visually-hidden"> in use</span>' in text
    assert 'href="?mine=on&amp;state=&amp;sort=name">Goal: Restoration<span' in text
    assert 'href="?goal=restoration&amp;state=&amp;sort=name">Only my offices' in text
    assert '<input type="hidden" name="sort" value="name">' in text, "the order stays"
    assert '<details class="app-filter">' in text

    text = client.get(reverse("children"), {"goal": "nonsense"}).text
    assert "app-chip" not in text
    assert '<details class="app-filter" open>' in text, "what is wrong with a filter is shown"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL says how it reads")
def test_the_order_of_names_is_read_from_its_index(hunter: District) -> None:
    Child.objects.bulk_create(
        Child(
            childstory_id=f"I{each}",
            first_name="Robin",
            last_name=f"Example{each}",
            born_on=date(2015, 3, 2),
            case_managed_by="DCJ",
            district=hunter,
        )
        for each in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE permanency_child")
    children = Child.objects.all()
    (part,) = lists.sorted_parts(children, children, lists.Order.NAME, descending=False)
    place = children.filter(sort_name__gte="example2").order_by("sort_name", "pk")[:50]
    assert "child_sort_name" in place.explain()
    assert "child_sort_name" in part.rows.order_by("sort_name", "pk")[:50].explain()
