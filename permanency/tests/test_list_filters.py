"""What the filters of the list of children offer, and to whom."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, Provider
from directory.tests.people import make_district
from permanency.tests.factories import make_child


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("coordinator", {"Banksia"}),
        ("cfdu", {"Banksia"}),
        ("district_manager", {"Banksia"}),
        ("casework_manager", set()),
        ("mpp", {"Banksia", "Waratah"}),
    ],
)
def test_only_the_providers_of_children_in_sight_are_offered(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    who: str,
    offered: set[str],
) -> None:
    make_child(hunter)
    make_child(hunter, provider=Provider.objects.create(name="Banksia"))
    make_child(make_district("Sydney"), provider=Provider.objects.create(name="Waratah"))
    Provider.objects.create(name="Without children")
    client.force_login(request.getfixturevalue(who))
    form = client.get(reverse("children")).context["form"]
    assert {name for value, name in form.fields["provider"].choices if value} == offered
