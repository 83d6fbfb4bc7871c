"""Court orders that are recorded already, and orders that are none."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.errors import StepNotAllowedError
from directory.models import District, User
from permanency.care import services as care
from permanency.models import Child, CourtOrder
from permanency.tests.answers import form_data
from permanency.tests.factories import make_child, make_order

TODAY = clock.today()
MADE_ON = date(2025, 6, 10)
INTERIM = {"kind": "interim", "starts_on": MADE_ON}


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


def kinds_offered(client: Client, url: str) -> set[str]:
    return {value for value, _ in client.get(url).context["form"].fields["kind"].choices}


def test_no_order_is_no_kind_of_a_new_order_and_stays_what_an_import_made_it(
    client: Client, coordinator: User, child: Child
) -> None:
    none = make_order(child, kind="none", starts_on=None, expires_on=None)
    order = make_order(child)
    client.force_login(coordinator)

    every = {"", *CourtOrder.Kind.values}
    assert kinds_offered(client, reverse("new-court-order", args=[child.pk])) == every - {"none"}
    assert kinds_offered(client, reverse("edit-court-order", args=[order.pk])) == every - {"none"}
    url = reverse("edit-court-order", args=[none.pk])
    assert kinds_offered(client, url) == every
    assert client.post(url, {"kind": "none", "note": "From ChildStory"}).status_code == 302
    none.refresh_from_db()
    assert (none.kind, none.note) == ("none", "From ChildStory")


@pytest.mark.parametrize(
    ("facts", "field"), [(INTERIM, "starts_on"), ({"kind": "interim", "starts_on": None}, "kind")]
)
def test_the_same_order_twice_is_a_field_error(
    client: Client, coordinator: User, child: Child, facts: dict[str, Any], field: str
) -> None:
    make_order(child, **facts, expires_on=None)
    client.force_login(coordinator)
    url = reverse("new-court-order", args=[child.pk])
    response = client.post(url, form_data(**facts, note="Words that stay"))

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [care.SAME_ORDER]}
    assert "Words that stay" in response.text
    with pytest.raises(StepNotAllowedError, match="recorded already"):
        care.record_order(child, by=coordinator, on=TODAY, **facts)
    assert CourtOrder.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "supervision", "starts_on": MADE_ON},
        {"kind": "interim", "starts_on": date(2025, 6, 11)},
        {"kind": "interim", "starts_on": None},
    ],
)
def test_another_order_is_recorded_beside_it(
    client: Client, coordinator: User, child: Child, other: dict[str, Any]
) -> None:
    make_order(child, **INTERIM, expires_on=None)
    client.force_login(coordinator)
    url = reverse("new-court-order", args=[child.pk])

    assert client.post(url, form_data(**other)).status_code == 302
    assert CourtOrder.objects.count() == 2


def test_an_order_that_ended_may_be_made_again_and_another_childs_does_not_count(
    client: Client, coordinator: User, child: Child, hunter: District
) -> None:
    make_order(child, **INTERIM, expires_on=None, ended_on=TODAY)
    make_order(make_child(hunter), **INTERIM, expires_on=None)
    client.force_login(coordinator)

    url = reverse("new-court-order", args=[child.pk])
    assert client.post(url, form_data(**INTERIM)).status_code == 302


def test_an_order_is_not_corrected_into_another_but_either_of_two_can_be_ended(
    client: Client, coordinator: User, child: Child
) -> None:
    first = make_order(child, **INTERIM, expires_on=None)
    second = make_order(child, kind="interim", starts_on=TODAY, expires_on=None)
    client.force_login(coordinator)
    url = reverse("edit-court-order", args=[second.pk])
    response = client.post(url, form_data(**INTERIM))
    assert response.context["form"].errors == {"starts_on": [care.SAME_ORDER]}
    with pytest.raises(StepNotAllowedError, match="recorded already"):
        care.correct_order(second, starts_on=MADE_ON, by=coordinator, on=TODAY)

    CourtOrder.objects.filter(pk=second.pk).update(starts_on=MADE_ON)
    assert client.post(url, form_data(**INTERIM, ended_on=TODAY)).status_code == 302
    assert CourtOrder.objects.get(ended_on=None) == first
