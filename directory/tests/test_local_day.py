"""A page's day is the date where the person works: Far West is half an hour behind Sydney."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from directory.models import Appointment, District, User
from directory.roles import Role
from directory.tests.people import make_district, make_person, sign_in

pytestmark = pytest.mark.dialect

EARLIER, LATER = date(2026, 5, 14), date(2026, 5, 15)


@pytest.fixture
def far_west(db: None) -> District:
    """Return the district that keeps the time of Broken Hill."""
    district = make_district("Far West")
    district.time_zone = "Australia/Broken_Hill"
    district.save(update_fields=["time_zone"])
    return district


@pytest.fixture
def in_the_west(far_west: District) -> User:
    """Return the coordinator of Far West."""
    return make_person("Wes Coordinator", Role.COORDINATOR, far_west)


@pytest.fixture
def between_midnights() -> Iterator[None]:
    """Make it a quarter past midnight in Sydney, and a quarter to in Broken Hill."""
    with time_machine.travel(datetime(2026, 5, 14, 14, 15, tzinfo=UTC), tick=False):
        yield


def day_of(client: Client, person: User) -> date:
    today: date = sign_in(client, person).get("/contacts/").context["today"]
    return today


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(13, 45, EARLIER), (14, 0, EARLIER), (14, 29, EARLIER), (14, 30, LATER), (15, 0, LATER)],
)
def test_the_day_of_far_west_begins_at_its_own_midnight(
    client: Client, in_the_west: User, hour: int, minute: int, expected: date
) -> None:
    with time_machine.travel(datetime(2026, 5, 14, hour, minute, tzinfo=UTC), tick=False):
        assert day_of(client, in_the_west) == expected


@pytest.mark.usefixtures("between_midnights")
def test_everybody_else_has_the_day_of_sydney(
    client: Client, coordinator: User, mpp: User, nobody: User
) -> None:
    assert [day_of(client, each) for each in (coordinator, mpp, nobody)] == [LATER] * 3


@pytest.mark.usefixtures("between_midnights")
def test_who_also_works_elsewhere_has_the_day_of_sydney(
    client: Client, in_the_west: User, hunter: District
) -> None:
    appointment = Appointment.objects.create(
        person=in_the_west, role=Role.COORDINATOR, district=hunter, starts_on=date(2020, 1, 1)
    )
    assert day_of(client, in_the_west) == LATER
    Appointment.objects.filter(pk=appointment.pk).update(ends_on=date(2026, 4, 30))
    assert day_of(client, in_the_west) == EARLIER


@pytest.mark.usefixtures("between_midnights")
def test_a_time_zone_that_nobody_knows_is_no_error(
    client: Client, in_the_west: User, far_west: District
) -> None:
    District.objects.filter(pk=far_west.pk).update(time_zone="Australia/Nowhere")
    assert day_of(client, in_the_west) == LATER


def test_finding_the_day_reads_no_appointment_twice(client: Client, in_the_west: User) -> None:
    # A time of day at which Sydney and Broken Hill have the same date.
    with time_machine.travel(datetime(2026, 5, 14, 2, 0, tzinfo=UTC), tick=False):
        sign_in(client, in_the_west)
        with CaptureQueriesContext(connection) as found:
            client.get("/contacts/")
    own = f'"directory_appointment"."person_id" = {in_the_west.pk}'
    assert sum(own in each["sql"] for each in found.captured_queries) == 1


@pytest.mark.django_db
def test_a_page_for_nobody_asks_the_database_nothing(
    client: Client, settings: LazySettings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.DEMO = False
    with django_assert_num_queries(0):
        assert client.get("/accounts/login/").context["today"]
        assert client.get("/contacts/").status_code == 302
