"""A restricted child is in no figure, list or queue of whoever is not named."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from consultations.tests.cases import TODAY, change_in, make_child, open_goal
from consultations.workflow import Status
from directory.models import District, User
from permanency.access import services as restrictions
from permanency.models import Child

NUMBER = re.compile(r">\s*(\d+)\s*<")


@pytest.fixture
def child(hunter: District, coordinator: User, cfdu: User) -> Child:
    """Return a child with an overdue review and a change that waits for its approval."""
    child = make_child(hunter, last_name="Zebedee")
    open_goal(child)
    change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    child.goals.update(review_due_on=TODAY, two_year_on=TODAY)
    return child


def pages(client: Client, person: User) -> dict[str, str]:
    """Return the text of each page with lists or figures that the person may open."""
    client.force_login(person)
    addresses = [reverse(name) for name in ("my-work", "children", "reviews", "changes-waiting")]
    addresses += [reverse("approvals"), reverse("dashboards")]
    addresses.append(reverse("dashboard", args=["hunter"]))
    found = {}
    for address in addresses:
        answer = client.get(address)
        if answer.status_code == 200:
            main = answer.content.decode().partition("<main")[2]
            # The scale of a chart counts nobody.
            found[address] = re.sub(r"<text [^>]*app-pic-small[^>]*>[^<]*</text>", "", main)
    search = client.post(reverse("find-child"), {"who": "Zebedee"}, follow=True)
    found["search"] = search.content.decode().partition("<main")[2]
    return found


@pytest.mark.parametrize(
    "who", ["second_coordinator", "cfdu", "district_manager", "mpp", "contract_manager"]
)
def test_who_is_not_named_is_shown_the_figures_without_the_child(
    who: str, child: Child, client: Client, coordinator: User, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    with_child = pages(client, person)
    restrictions.restrict(child, reasons="A relative works here.", by=coordinator, on=TODAY)
    without = pages(client, person)
    dashboard = reverse("dashboard", args=["hunter"])
    assert NUMBER.findall(with_child[dashboard]) != NUMBER.findall(without[dashboard])
    for page, text in without.items():
        assert child.last_name not in text.replace('value="Zebedee"', ""), page
        assert child.reference not in text, page
        assert not re.search(r">\s*[1-9]\d*\s*</", text) or page in {"search"}, (page, text)


def test_who_is_named_is_shown_them_with_it(
    child: Child, client: Client, coordinator: User
) -> None:
    before = pages(client, coordinator)
    restrictions.restrict(child, reasons="A relative works here.", by=coordinator, on=TODAY)
    after = pages(client, coordinator)
    for page, text in before.items():
        assert NUMBER.findall(after[page]) == NUMBER.findall(text), page


def test_the_answer_to_an_id_in_use_says_nothing_of_a_restricted_child(
    child: Child, client: Client, coordinator: User, second_coordinator: User
) -> None:
    restrictions.restrict(child, reasons="A relative works here.", by=coordinator, on=TODAY)
    facts = {
        "childstory_id": child.childstory_id,
        "first_name": "New",
        "last_name": "Child",
        "born_on_day": "1",
        "born_on_month": "2",
        "born_on_year": "2020",
        "aboriginal_status": "neither",
        "cald": "no",
        "district": child.district_id,
        "case_managed_by": "DCJ",
    }
    client.force_login(second_coordinator)
    answer = client.post(reverse("new-child"), facts)
    assert answer.status_code == 422
    assert b"cannot be used here" in answer.content
    assert b"registered already" not in answer.content
    assert child.last_name.encode() not in answer.content
