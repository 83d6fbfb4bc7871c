"""The way to a child: the search box and *Log a consultation* in the head of every page."""

# ruff: noqa: RUF001 - letters that look like others are what is tried here

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from directory.models.accounts import Session
from directory.tests.people import make_district
from permanency.children import finds
from permanency.models import Child
from permanency.tests.factories import make_child, make_goal

pytestmark = pytest.mark.dialect

SEARCH, LOG = 'id="find-words"', ">Log a consultation</a>"


def head(client: Client, address: str) -> str:
    return client.get(address).text.partition("<main")[0]


@pytest.mark.parametrize(
    ("who", "finds_children", "logs"),
    [
        ("coordinator", True, True),
        ("mpp", True, True),
        ("cfdu", True, False),
        ("district_manager", True, False),
        ("contract_manager", False, False),
        ("administrator", False, False),
        ("nobody", False, False),
    ],
)
def test_the_head_of_a_page_offers_what_its_reader_may_do(
    client: Client, request: pytest.FixtureRequest, who: str, finds_children: bool, logs: bool
) -> None:
    client.force_login(request.getfixturevalue(who))
    text = head(client, reverse("contacts"))

    assert (SEARCH in text, LOG in text) == (finds_children, logs)


def test_a_page_with_its_own_leaves_them_out(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter)
    client.force_login(coordinator)

    text = head(client, reverse("find-child"))
    assert (SEARCH in text, LOG in text) == (False, True)
    text = head(client, f"{reverse('find-child')}?for=log")
    assert (SEARCH in text, LOG in text) == (False, False)
    text = head(client, reverse("child", args=[child.pk]))
    assert (SEARCH in text, LOG in text) == (True, False)


def test_about_a_child_the_head_leads_to_the_form_where_one_may_write(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    child = make_child(hunter)
    form = f"{reverse('new-consultation')}?child={child.pk}"
    client.force_login(coordinator)
    assert f'href="{form}">Log a consultation' in head(client, f"/children/{child.pk}/clock/")
    client.force_login(district_manager)
    assert LOG not in head(client, f"/children/{child.pk}/clock/")


def test_what_was_found_has_an_address_of_its_own_without_the_words(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, first_name="Mia", last_name="Quillfeather")
    client.force_login(coordinator)
    found = client.post(reverse("find-child"), {"who": "quillfeather"})["Location"]

    assert re.fullmatch(r"/children/find/\?key=\w{8}", found)
    for _ in range(2):  # as by the browser's way back
        page = client.get(found)
        assert page.status_code == 200
        assert [row.name for row in page.context["rows"]] == ["Mia Quillfeather"]
        assert 'value="quillfeather"' in page.text, "what was typed can be changed"


@pytest.mark.parametrize("key", ["abcdefgh", "a\x00b", "é" * 9, "x" * 5_000, "<b>"])
def test_a_key_of_no_search_of_this_session_gives_the_box_and_says_so(
    client: Client, coordinator: User, second_coordinator: User, hunter: District, key: str
) -> None:
    make_child(hunter)
    client.force_login(second_coordinator)
    of_another = client.post(reverse("find-child"), {"who": "robin"})["Location"]
    client.force_login(coordinator)

    for page in (client.get(reverse("find-child"), {"key": key}), client.get(of_another)):
        assert page.status_code == 200
        assert "This search is over" in page.text
        assert 'name="who"' in page.text.partition("<main")[2]
        assert "rows" not in page.context


def test_the_words_end_with_the_session_and_the_oldest_are_forgotten(
    client: Client, coordinator: User, hunter: District
) -> None:
    client.force_login(coordinator)
    led_to = [
        client.post(reverse("find-child"), {"who": f"word {number}"})["Location"]
        for number in range(finds.MOST_KEPT + 1)
    ]
    assert "This search is over" in client.get(led_to[0]).text
    for number in (1, finds.MOST_KEPT):
        assert client.get(led_to[number]).context["form"]["who"].value() == f"word {number}"
    client.logout()
    client.force_login(coordinator)
    assert "This search is over" in client.get(led_to[1]).text


def test_no_row_of_a_session_holds_the_words(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    client.post(reverse("find-child"), {"who": "Quillfeather"})
    kept = Session.objects.get(person=coordinator).get_decoded()

    assert len(kept[finds.FINDS]) == 1
    assert "quillfeather" not in str(kept).lower()


def test_words_that_no_key_of_ours_opens_are_no_search(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    found = client.post(reverse("find-child"), {"who": "robin"})["Location"]
    session = client.session
    session[finds.FINDS] = dict.fromkeys(session[finds.FINDS], "of an older secret")
    session.save()

    assert "This search is over" in client.get(found).text


def test_children_are_found_by_their_caseworker(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, caseworker="Siobhán O’Halloran")
    make_child(make_district("Sydney"), caseworker="Siobhan O'Halloran")
    client.force_login(coordinator)

    for who in ("ohalloran", "Siobhan", "halloran siobhán"):
        page = client.post(reverse("find-child"), {"who": who}, follow=True)
        assert [row.pk for row in page.context["rows"]] == [child.pk], who
    assert "Caseworker Siobhán O’Halloran" in page.text

    Child.objects.filter(pk=child.pk).update(caseworker="Lee New")
    page = client.post(reverse("find-child"), {"who": "ohalloran"}, follow=True)
    assert page.context["rows"] == []


def test_an_exact_hit_of_a_search_to_log_opens_the_form_of_who_may_write(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    child = make_child(hunter)
    to_log = f"{reverse('find-child')}?for=log"
    for person, leads_to in (
        (coordinator, f"{reverse('new-consultation')}?child={child.pk}"),
        (district_manager, reverse("child", args=[child.pk])),
    ):
        client.force_login(person)
        assert client.post(to_log, {"who": child.reference})["Location"] == leads_to
    client.force_login(coordinator)
    by_name = client.post(to_log, {"who": "robin"}, follow=True)
    assert by_name.redirect_chain[0][0].endswith("&for=log")
    assert "<h1>Log a consultation</h1>" in by_name.text


@pytest.mark.parametrize(("who", "offers"), [("coordinator", True), ("district_manager", False)])
@pytest.mark.parametrize("page", ["children", "reviews"])
def test_each_row_offers_to_log_and_to_review_to_who_may_write(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    who: str,
    offers: bool,
    page: str,
) -> None:
    child = make_child(hunter)
    make_goal(child)
    client.force_login(request.getfixturevalue(who))
    text = client.get(reverse(page), {"window": "every"}).text.partition("<main")[2]

    assert child.name in text
    for name in ("new-review", "new-consultation"):
        assert (f"{reverse(name)}?child={child.pk}" in text) == offers
