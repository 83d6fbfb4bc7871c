"""The forecast by district, office and Permanency Coordinator, and its two-year dates."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from directory.models import Appointment, District, Office, Provider, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from directory.web.result_cache import CACHE_ALIAS
from permanency.policy.forecast import last_day
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child, make_goal
from reviews.tests.cases import TODAY, days_ago
from reviews.tests.test_forecast import LISTED, due, look, works_with

NOBODYS, NOT_MINE = "Nobody in particular", "Not of my offices and providers"


def rows_of(client: Client, person: User, query: str = "?rows=pc") -> dict[str, int]:
    """Return the reviews of each row of the forecast by its name, counted anew."""
    caches[CACHE_ALIAS].clear()
    forecast = look(client, person, query).context["forecast"]
    return {place.name: place.reviews for place in forecast.places}


@pytest.fixture
def shared(
    hunter: District,
    newcastle: Office,
    example_care: Provider,
    coordinator: User,
    second_coordinator: User,
) -> District:
    """Return Hunter with an office of one and a provider of another: 2, 1, 1 of both, 3 of none."""
    works_with(coordinator, office=newcastle)
    works_with(second_coordinator, provider=example_care)
    for days in (3, 40):
        due(hunter, days, office=newcastle)
    due(hunter, 10, provider=example_care)
    due(hunter, 20, office=newcastle, provider=example_care)
    for days in (-9, 5, 70):
        due(hunter, days)
    return hunter


def test_a_manager_has_a_row_for_each_coordinator_and_each_goal_counts_once_in_the_whole(
    client: Client, shared: District, coordinator: User, second_coordinator: User, mpp: User
) -> None:
    forecast = look(client, mpp, "?rows=pc").context["forecast"]
    assert {place.name: place.reviews for place in forecast.places} == {
        coordinator.name: 3,
        second_coordinator.name: 2,
        NOBODYS: 3,
    }
    assert forecast.places[-1].name == NOBODYS
    assert forecast.reviews == sum(week.first for week in forecast.weeks) == 7


def test_each_row_leads_to_the_forecast_of_its_share(
    client: Client, shared: District, district_manager: User, coordinator: User
) -> None:
    for person in (district_manager, coordinator):
        places = look(client, person, "?rows=pc").context["places"]
        assert len(places) > 1
        for place, url in places:
            if place.name == NOT_MINE:
                assert url == ""
            else:
                assert client.get(url).context["forecast"].reviews == place.reviews, place.name


def test_the_file_has_a_line_for_each_week_and_coordinator(
    client: Client, shared: District, district_manager: User, coordinator: User
) -> None:
    client.force_login(district_manager)
    sent = {"reason": "For the planning day", "file_format": "csv"}
    answer = client.post(reverse("export-forecast") + "?rows=pc", sent)
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    start = next(number for number, row in enumerate(lines) if row[:1] == ["Week beginning"])
    assert lines[start][1] == "Permanency Coordinator"
    figures = lines[start + 1 :]
    assert len(figures) == 26 * 3
    assert sum(int(row[4]) for row in figures if row[1] == coordinator.name) == 3
    assert sum(int(row[4]) for row in figures if row[1] == NOBODYS) == 3


def test_a_coordinator_has_their_own_row_and_the_rest_and_reads_no_name(
    client: Client, shared: District, coordinator: User, second_coordinator: User
) -> None:
    assert rows_of(client, coordinator) == {coordinator.name: 3, NOT_MINE: 4}
    body = look(client, coordinator, "?rows=pc").content.decode()
    assert second_coordinator.name not in body
    assert "rows can be more than the whole" not in body


def test_who_leads_nobody_has_places_whatever_the_address_asks(
    client: Client,
    shared: District,
    coordinator: User,
    cfdu: User,
    contract_manager: User,
    newcastle: Office,
) -> None:
    for person in (cfdu, contract_manager):
        answer = look(client, person, "?rows=pc")
        names = {place.name for place in answer.context["forecast"].places}
        assert names <= {newcastle.name, "No office named"}, person
        assert coordinator.name not in answer.content.decode()


def test_nobody_is_named_in_a_district_where_the_reader_leads_nobody(
    client: Client, shared: District, district_manager: User, example_care: Provider
) -> None:
    sydney = make_district("Sydney")
    both = make_person("Sam South", Role.COORDINATOR, sydney)
    Appointment.objects.create(person=both, role=Role.COORDINATOR, district=shared, starts_on=SINCE)
    Appointment.objects.create(
        person=district_manager, role=Role.CFDU, district=sydney, starts_on=SINCE
    )
    works_with(both, provider=example_care)
    before = rows_of(client, district_manager)
    due(sydney, 3, provider=example_care, case_managed_by="PSP")
    after = rows_of(client, district_manager)
    assert before[both.name] == after[both.name] == 2
    assert after[NOBODYS] == before[NOBODYS] + 1


def test_offices_of_all_districts_are_told_apart_where_that_is_asked(
    client: Client, shared: District, mpp: User, newcastle: Office
) -> None:
    due(make_district("Sydney"), 3)
    assert rows_of(client, mpp, "") == {"Hunter": 7, "Sydney": 1}
    assert rows_of(client, mpp, "?rows=office") == {newcastle.name: 3, "No office named": 5}
    assert rows_of(client, mpp, "?district=hunter") == {newcastle.name: 3, "No office named": 4}


@pytest.mark.parametrize("who", LISTED)
def test_the_two_year_dates_of_a_week_are_the_length_of_their_list(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    example_care: Provider,
    who: str,
) -> None:
    for days in (-3, 0, 1, 6, 7, 10, 11, 40, 175, 400):
        for place in ({"provider": example_care}, {}):
            make_goal(make_child(hunter, **place), Goal.ADOPTION, two_year_on=days_ago(-days))
    born_on = add_months(TODAY, -18 * 12)
    make_goal(make_child(hunter, born_on=born_on), Goal.ADOPTION, two_year_on=days_ago(-1))
    person = request.getfixturevalue(who)
    weeks = look(client, person).context["forecast"].weeks
    assert sum(week.two_year for week in weeks) == (
        8 if who in {"cfdu", "casework_manager"} else 16
    )
    for week in weeks:
        page = client.get(week.two_year_url)
        assert page.context["page"].count == week.two_year, week
        assert "with the two-year date in the week of" in page.content.decode()


def test_two_year_dates_of_a_week_can_be_listed_from_this_week_to_the_last(
    client: Client, hunter: District, coordinator: User, contract_manager: User
) -> None:
    last: date = last_day(TODAY)
    make_goal(make_child(hunter), Goal.ADOPTION, two_year_on=last)
    forecast: Any = look(client, coordinator).context["forecast"]
    (week,) = [week for week in forecast.weeks if week.two_year]
    assert week is forecast.weeks[-1]
    body = look(client, coordinator).content.decode()
    assert f'href="{week.two_year_url}"' in body
    client.force_login(coordinator)
    rows = client.get(week.two_year_url).context["rows"]
    assert [row.two_year.on for row in rows] == [last]
    weeks = look(client, contract_manager).context["forecast"].weeks
    assert not any(each.two_year_url for each in weeks)


@pytest.mark.parametrize("query", ["?rows=pc", "?rows=office"])
def test_rows_cost_no_more_queries_where_there_are_many(
    client: Client,
    shared: District,
    mpp: User,
    query: str,
    django_assert_max_num_queries: Any,
) -> None:
    look(client, mpp, query)
    with django_assert_max_num_queries(14) as few:
        client.get(reverse("forecast") + query)
    for number in range(12):
        office = Office.objects.create(name=f"Office {number}", district=shared)
        works_with(make_person(f"Pat {number}", Role.COORDINATOR, shared), office=office)
        due(shared, number, office=office)
    with django_assert_max_num_queries(14) as many:
        client.get(reverse("forecast") + query)
    assert len(few) == len(many)
