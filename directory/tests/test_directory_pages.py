"""The pages of the directory: for administrators and for nobody else."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse

from directory.models import (
    District,
    HistoryEntry,
    Office,
    Provider,
    User,
)
from directory.roles import Role
from directory.tests.people import make_district, make_person, sign_in
from directory.urls import urlpatterns

OTHERS = [
    "coordinator",
    "cfdu",
    "casework_manager",
    "district_manager",
    "mpp",
    "contract_manager",
    "nobody",
]


def _routes(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for each in patterns:
        whole = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            found |= _routes(each.url_patterns, whole)
        else:
            found[str(each.name)] = whole
    return found


ROUTES = _routes(urlpatterns)
PAGES = [name for name, route in ROUTES.items() if route.startswith("directory/")]
POST_ONLY = {
    "enable-person",
    "unlock-person",
    "send-link",
    "bring-back-inbox",
    "bring-back-office",
    "bring-back-provider",
}
# The kind of row that a page with a number is about.
ABOUT = {
    "person": "person",
    "allocation": "person",
    "appointment": "person",
    "password": "person",
    "link": "person",
    "factors": "person",
    "reading": "person",
    "on": "person",  # single sign-on
    "district": "district",
    "inbox": "inbox",
    "office": "office",
    "provider": "provider",
}
OWN_ROW = {
    "end-appointment": "appointment",
    "cancel-appointment": "coming",
    "end-allocation": "allocation",
}


def address(name: str, rows: dict[str, Any]) -> str:
    """Return the address of a page, about one of the rows where it needs one."""
    if "<int:pk>" not in ROUTES[name]:
        return reverse(name)
    kind = OWN_ROW.get(name) or ABOUT[name.split("-")[-1]]
    return reverse(name, args=[rows[kind].pk])


@pytest.mark.parametrize("who", OTHERS)
def test_only_an_administrator_sees_or_sends_a_page_of_the_directory(
    client: Client, request: pytest.FixtureRequest, rows: dict[str, Any], who: str
) -> None:
    sign_in(client, request.getfixturevalue(who))
    for name in PAGES:
        url = address(name, rows)
        assert client.post(url).status_code in {403, 405}, url
        assert client.get(url).status_code in ({405} if name in POST_ONLY else {403}), url
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in POST_ONLY])
def test_an_administrator_sees_every_page(
    client: Client, administrator: User, rows: dict[str, Any], name: str
) -> None:
    response = sign_in(client, administrator).get(address(name, rows))
    assert response.status_code == 200
    assert response.text.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_whoever_is_not_signed_in_goes_to_the_sign_in_page(
    client: Client, rows: dict[str, Any], name: str
) -> None:
    response = client.post(address(name, rows))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("name", [name for name in PAGES if name.split("-")[-1] in ABOUT])
def test_a_row_that_is_not_there_is_a_404(client: Client, administrator: User, name: str) -> None:
    if "<int:pk>" not in ROUTES[name]:
        return
    sign_in(client, administrator)
    url = reverse(name, args=[987_654])
    assert (client.post(url) if name in POST_ONLY else client.get(url)).status_code == 404


def test_people_are_found_by_name_role_and_district(
    client: Client, administrator: User, coordinator: User, stranger: User, hunter: District
) -> None:
    sign_in(client, administrator)

    def found(**chosen: str | int) -> list[str]:
        response = client.get(reverse("people"), chosen)
        return [person.name for person in response.context["page"]]

    assert found() == ["Alex Administrator", "Pat Coordinator", "Sam Stranger"]
    assert found(name="pat") == ["Pat Coordinator"]
    assert found(name="coordinator pat") == ["Pat Coordinator"]
    assert found(role=Role.COORDINATOR) == ["Pat Coordinator", "Sam Stranger"]
    assert found(role=Role.COORDINATOR, district=hunter.pk) == ["Pat Coordinator"]
    assert found(role=Role.ADMINISTRATOR, district=hunter.pk) == []
    assert found(name="nobody at all") == []
    assert found(district="987654") == found()


def test_providers_are_found_as_people_are(
    client: Client, administrator: User, hunter: District
) -> None:
    sign_in(client, administrator)
    for name in ("Éclat Family Care", "O'Halloran Homes", "Wide Care"):
        Provider.objects.create(name=name)
    Provider.objects.get(name="Wide Care").districts.add(hunter)

    def found(**chosen: Any) -> list[str]:
        response = client.get(reverse("providers"), chosen)
        return sorted(row.name for row in response.context["rows"])

    assert len(found()) == 3
    assert found(name="eclat") == found(name="care family") == ["Éclat Family Care"]
    assert found(name="o halloran") == found(name="OHalloran") == ["O'Halloran Homes"]
    assert found(name="haloran") == ["O'Halloran Homes"], "but for one letter"
    assert found(name="care") == ["Wide Care", "Éclat Family Care"]
    assert found(name="care", district=hunter.pk) == ["Wide Care"]
    assert found(name="no such care at all") == found(name="--") == []
    assert found(name="x" * 121) == found()


@pytest.mark.parametrize("name", ["directory", "people", "offices", "providers", "districts"])
def test_more_rows_cost_no_more_queries(
    client: Client, administrator: User, rows: dict[str, Any], name: str
) -> None:
    sign_in(client, administrator)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse(name))
        return len(seen)

    few = queries()
    for number in range(30):
        make_person(f"Person {number}", Role.COORDINATOR, rows["district"])
        Office.objects.create(name=f"Office {number}", district=rows["district"])
        Provider.objects.create(name=f"Provider {number}").districts.add(rows["district"])
        make_district(f"District {number}")
    assert queries() == few <= 12
