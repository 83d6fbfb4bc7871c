"""The links at the head and at the foot of every page, and the mark of where one is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation
from directory.models import District, User
from directory.web.request import NavigationItem
from reviews.tests.cases import TODAY, open_child


def links(client: Client, address: str, where: str) -> dict[str, NavigationItem]:
    return {each.label: each for each in client.get(address).context[where]}


@pytest.mark.parametrize(
    ("who", "head", "foot"),
    [
        ("coordinator", set(), {"Rules", "Outbox"}),
        ("cfdu", set(), {"Rules"}),
        ("mpp", {"Rules", "Outbox"}, {"Rules", "Outbox"}),
        ("administrator", {"Rules", "Outbox"}, {"Rules", "Outbox"}),
    ],
)
def test_rules_and_outbox_stand_where_somebody_looks_for_them(
    client: Client, request: pytest.FixtureRequest, who: str, head: set[str], foot: set[str]
) -> None:
    client.force_login(request.getfixturevalue(who))
    address = reverse("my-work")
    assert set(links(client, address, "navigation")) & {"Rules", "Outbox"} == head
    found = links(client, address, "further")
    assert set(found) == foot


def test_every_page_marks_where_one_is(client: Client, coordinator: User, hunter: District) -> None:
    child = open_child(hunter, coordinator).child
    draft = Consultation.objects.create(child=child, held_on=TODAY, by=coordinator)
    client.force_login(coordinator)
    for address, here in (
        (reverse("my-work"), "My work"),
        (reverse("my-drafts"), "My work"),
        (reverse("child", args=[child.pk]), "Children"),
        (reverse("edit-consultation", args=[draft.pk]), "Children"),
        (f"{reverse('new-review')}?child={child.pk}", "Reviews"),
        (reverse("forecast"), "Dashboard"),
    ):
        found = links(client, address, "navigation").values()
        assert [each.label for each in found if each.is_current] == [here], address
    assert not any(each.is_current for each in links(client, "/account/", "navigation").values())
