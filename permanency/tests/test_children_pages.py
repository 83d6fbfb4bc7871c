"""Page after page of the list of children: complete, without repeats, whatever comes in between."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from directory.web.pagination import MOST_COUNTED, PAGE_ROWS, KeysetPage
from permanency.children import lists
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child, make_goal

pytestmark = pytest.mark.dialect

DUE_ON = date(2026, 3, 1)


def children(hunter: District, number: int) -> list[Child]:
    """Make children of whom every fifth has no goal, and many others the same worst date."""
    made = Child.objects.bulk_create(
        Child(
            childstory_id=f"C{each}",
            first_name="Robin",
            last_name="Example",
            born_on=date(2015, 3, 2),
            case_managed_by="DCJ",
            district=hunter,
        )
        for each in range(number)
    )
    CasePlanGoal.objects.bulk_create(
        CasePlanGoal(
            child=child,
            goal=Goal.RESTORATION,
            effective_on=date(2025, 1, 1),
            source=CasePlanGoal.Source.OPENED_IN_FORCE,
            review_due_on=None if each % 7 == 0 else DUE_ON + timedelta(days=each % 3),
        )
        for each, child in enumerate(made)
        if each % 5
    )
    return made


def pages(client: Client, way: str = "after", start: str = "") -> Iterator[tuple[list[int], str]]:
    """Yield the keys on each page and the place the next one begins at, until there is none."""
    place = start
    while True:
        answer = client.get(reverse("children"), {way: place} if place else {})
        page: KeysetPage = answer.context["page"]
        place = getattr(page, way)
        yield [row.pk for row in answer.context["rows"]], place
        if not place:
            return


def test_the_pages_hold_every_child_once_in_the_order_of_the_list(
    client: Client, coordinator: User, hunter: District
) -> None:
    children(hunter, 230)
    client.force_login(coordinator)
    found = [keys for keys, _ in pages(client)]
    assert [len(keys) for keys in found] == [50, 50, 50, 50, 30]
    in_order = [child.pk for child in lists.worst_first(Child.objects.all())]
    assert [key for keys in found for key in keys] == in_order

    last = list(pages(client))[-2][1]
    back = [keys for keys, _ in pages(client, "before", start=_first_place(client, last))]
    assert back == found[:-1][::-1]


def _first_place(client: Client, after: str) -> str:
    page: KeysetPage = client.get(reverse("children"), {"after": after}).context["page"]
    return page.before


def test_what_comes_in_between_two_pages_repeats_and_hides_nobody(
    client: Client, coordinator: User, hunter: District
) -> None:
    stood = {child.pk for child in children(hunter, 130)}
    client.force_login(coordinator)
    seen: list[int] = []
    for keys, _ in pages(client):
        seen += keys
        # One before everything that was read, one on the day at which the page ended, one at last.
        for review_due_on in (date(2020, 1, 1), DUE_ON + timedelta(days=1)):
            make_goal(make_child(hunter), review_due_on=review_due_on)
        if len(seen) < len(stood):
            make_child(hunter)
    assert len(seen) == len(set(seen)), "nobody twice"
    assert stood <= set(seen), "nobody left out"


@pytest.mark.parametrize("gone", ["the last", "all after it"])
def test_a_place_whose_row_is_gone_still_leads_on(
    client: Client, coordinator: User, hunter: District, gone: str
) -> None:
    children(hunter, 70)
    client.force_login(coordinator)
    (first, place), (second, _) = list(pages(client))
    away = [first[-1]] if gone == "the last" else second
    CasePlanGoal.objects.filter(child__in=away).delete()
    Child.objects.filter(pk__in=away).delete()
    answer = client.get(reverse("children"), {"after": place})
    expected = second if gone == "the last" else first
    assert [row.pk for row in answer.context["rows"]] == expected


def test_an_address_tells_a_day_and_a_key_and_keeps_the_filters(
    client: Client, coordinator: User, hunter: District
) -> None:
    children(hunter, 130)
    client.force_login(coordinator)
    body = client.get(reverse("children"), {"goal": "restoration"}).content.decode()
    key = client.get(reverse("children"), {"goal": "restoration"}).context["rows"][-1].pk
    assert f'href="?goal=restoration&amp;after=0.2026-03-02.{key}" rel="next"' in body


def test_the_count_stops_at_the_cap_and_the_pages_do_not(
    client: Client, coordinator: User, hunter: District
) -> None:
    children(hunter, MOST_COUNTED + 1)
    client.force_login(coordinator)
    assert "<strong>1,000+</strong> children" in client.get(reverse("children")).content.decode()
    assert sum(len(keys) for keys, _ in pages(client)) == MOST_COUNTED + 1
    assert PAGE_ROWS == 50
