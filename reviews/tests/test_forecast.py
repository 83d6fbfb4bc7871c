"""The weeks ahead: as many as the lists hold, for those who may know, and who is over the pace."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse

from directory.models import Allocation, Appointment, District, Office, Provider, ReadEntry, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from directory.web.result_cache import CACHE_ALIAS
from permanency.access import services as restrictions
from permanency.models import CasePlanGoal
from permanency.policy.forecast import last_day, weeks_ahead
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, turns_18_on
from permanency.tests.factories import make_child, make_goal
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago

pytestmark = pytest.mark.dialect

LISTED = ("coordinator", "cfdu", "casework_manager", "district_manager", "mpp")
DUE = (-400, -31, -1, 0, 3, 8, 20, 40, 75, 120, 180, 200, 330)


def due(district: District, days: int, goal: Goal = Goal.LONG_TERM_CARE, **child: Any) -> None:
    """Make a child whose goal is next reviewed in so many days."""
    make_goal(make_child(district, **child), goal, review_due_on=days_ago(-days))


@pytest.fixture
def busy(hunter: District, newcastle: Office, example_care: Provider) -> District:
    """Return Hunter with reviews due all along, in three places; Sydney has one."""
    for place in ({"office": newcastle}, {"provider": example_care}, {}):
        for days in DUE:
            due(hunter, days, **place)
            due(hunter, days, Goal.PRESERVATION, **place)
    due(make_district("Sydney"), 3)
    # Overdue, and 18 by now: nobody will hold it.
    due(hunter, -31, born_on=add_months(TODAY, -18 * 12))
    return hunter


def look(client: Client, person: User, query: str = "") -> Any:
    client.force_login(person)
    return client.get(reverse("forecast") + query)


def works_with(person: User, **place: Any) -> None:
    Allocation.objects.create(person=person, starts_on=SINCE, **place)


@pytest.mark.parametrize("who", LISTED)
def test_each_week_is_as_long_as_its_list_and_the_weeks_are_the_whole_list(
    client: Client, request: pytest.FixtureRequest, busy: District, who: str
) -> None:
    weeks = look(client, request.getfixturevalue(who)).context["forecast"].weeks
    assert len([week for week in weeks if week.first]) > 5
    for week in weeks:
        page = client.get(week.url)
        assert page.context["page"].count == week.on_record, week
        assert "to be held in the week of" in page.content.decode()
    person = request.getfixturevalue(who)
    dated = CasePlanGoal.objects.visible_to(person, on=TODAY).filter(
        review_due_on__lte=last_day(TODAY)
    )
    turned_18 = dated.filter(child__born_on__lte=add_months(TODAY, -18 * 12)).count()
    assert sum(week.first for week in weeks) == dated.count() - turned_18
    forecast = client.get(reverse("forecast")).context["forecast"]
    assert client.get(forecast.late_url).context["page"].count == forecast.late > 0


def test_the_lists_of_a_place_and_of_ones_own_are_as_long(
    client: Client, busy: District, coordinator: User, newcastle: Office
) -> None:
    works_with(coordinator, office=newcastle)
    for query in (f"?office={newcastle.pk}", "?office=none", f"?pc={coordinator.pk}"):
        weeks = look(client, coordinator, query).context["forecast"].weeks
        assert 0 < sum(week.first for week in weeks) < 60
        for week in weeks:
            assert client.get(week.url).context["page"].count == week.on_record, query


def test_a_review_every_three_months_comes_back_and_none_after_the_birthday(
    client: Client, hunter: District, coordinator: User
) -> None:
    due(hunter, 30, Goal.PRESERVATION)
    due(hunter, 30, Goal.PRESERVATION, born_on=add_months(days_ago(-60), -18 * 12))
    due(hunter, 30, Goal.PRESERVATION, born_on=add_months(days_ago(-20), -18 * 12))
    forecast = look(client, coordinator).context["forecast"]
    assert (sum(week.first for week in forecast.weeks), forecast.reviews) == (2, 3)
    assert turns_18_on(add_months(days_ago(-20), -18 * 12)) <= days_ago(-30)


def test_a_two_year_date_counts_in_its_week_and_passed_ones_in_none(
    client: Client, hunter: District, coordinator: User
) -> None:
    for days in (-3, 0, 10, 400):
        make_goal(make_child(hunter), two_year_on=days_ago(-days))
    forecast = look(client, coordinator).context["forecast"]
    assert forecast.two_year == 2
    week = (days_ago(-10) - weeks_ahead(TODAY)[0]).days // 7
    assert forecast.weeks[week].two_year >= 1


def test_a_peak_is_marked_in_words_and_by_its_pattern(
    client: Client, hunter: District, coordinator: User
) -> None:
    for _ in range(3):
        due(hunter, 50)
    answer = look(client, coordinator)
    body = answer.content.decode()
    assert body.count(">Peak</span>") == 1
    assert body.count('class="app-pic-striped"') == 1
    (fullest,) = answer.context["fullest"]
    assert fullest[0].falling_due == 3
    assert fullest[1] == "No office named 3"


def test_both_charts_have_one_scale_and_the_numbers_of_the_table(
    client: Client, busy: District, coordinator: User
) -> None:
    for days in (1, 9, 10):
        make_goal(make_child(busy), two_year_on=days_ago(-days))
    answer = look(client, coordinator)
    charts, weeks = answer.context["charts"], answer.context["forecast"].weeks
    for name in ("reviews", "two_year"):
        for each in charts[name].drawn:
            assert each.height == pytest.approx(
                each.column.number * 170 / max(week.falling_due for week in weeks), abs=0.1
            )
    table = answer.content.decode().partition("All 26 weeks as a table")[2].partition("</table>")[0]
    cells = [re.findall(r"<td[^>]*>(?:<a [^>]*>)?(\d+)", row) for row in table.split("<tr>")[2:]]
    assert [int(row[0]) for row in cells] == [
        each.column.number for each in charts["reviews"].drawn
    ]
    assert [int(row[3]) for row in cells] == [
        each.column.number for each in charts["two_year"].drawn
    ]
    assert answer.context["forecast"].late == 18
    assert weeks[0].falling_due == weeks[0].reviews - 18


def test_a_contract_manager_has_figures_and_no_list_and_no_pace(
    client: Client, busy: District, contract_manager: User, coordinator: User, newcastle: Office
) -> None:
    works_with(coordinator, office=newcastle)
    answer = look(client, contract_manager, f"?pc={coordinator.pk}")
    forecast = answer.context["forecast"]
    assert forecast.reviews > 50
    assert not any(week.url for week in forecast.weeks)
    assert answer.context["led"] is answer.context["own"] is None
    assert coordinator.name not in answer.content.decode()


def test_figures_of_totals_beside_cases_lead_to_no_list(
    client: Client, busy: District, contract_manager: User
) -> None:
    far = make_district("Far West")
    due(far, 5)
    Appointment.objects.create(
        person=contract_manager, role=Role.COORDINATOR, district=far, starts_on=SINCE
    )
    whole = look(client, contract_manager).context["forecast"].weeks
    of_far = look(client, contract_manager, "?district=far-west").context["forecast"].weeks
    assert not any(week.url for week in whole)
    assert all(week.url for week in of_far)
    assert sum(week.first for week in of_far) == 1


def test_another_district_and_a_restricted_child_are_in_no_figure(
    client: Client, busy: District, coordinator: User, district_manager: User, stranger: User
) -> None:
    before = look(client, district_manager).context["forecast"].reviews
    whole = look(client, coordinator).context["forecast"].reviews
    child = CasePlanGoal.objects.filter(
        child__district=busy, review_due_on=days_ago(-20), goal=Goal.LONG_TERM_CARE
    )[0].child
    restrictions.restrict(child, reasons="Known to staff.", by=coordinator, on=TODAY)
    assert look(client, district_manager).context["forecast"].reviews == before - 1
    assert look(client, coordinator).context["forecast"].reviews == whole
    assert look(client, stranger, "?district=hunter").context["forecast"].reviews == 1


def hold(person: User, district: District, count: int, **place: Any) -> None:
    """Let a person have held so many reviews lately."""
    child = make_child(district, **place)
    goal = make_goal(child, ended_on=TODAY, end_reason="goal_changed")
    GoalReview.objects.bulk_create(
        GoalReview(
            child=child,
            goal=goal,
            held_on=TODAY - timedelta(days=number),
            recorded_on=TODAY,
            outcome="continue",
            progress="on_track",
            progress_reasons="It goes well.",
            by=person,
        )
        for number in range(count)
    )


@pytest.fixture
def hurried(
    hunter: District, coordinator: User, newcastle: Office, second_coordinator: User
) -> User:
    """Return a Coordinator with much ahead; another has little, both have held 13 lately."""
    works_with(coordinator, office=newcastle)
    works_with(second_coordinator, provider=Provider.objects.create(name="Other Care"))
    for person in (coordinator, second_coordinator):
        hold(person, hunter, 13)
    for days in (-10, 1, 2, 9, 16):
        due(hunter, days, office=newcastle)
    due(hunter, 60, office=newcastle)
    return coordinator


def test_who_is_over_the_usual_pace_is_named_to_those_who_lead_them_alone(
    client: Client,
    hurried: User,
    second_coordinator: User,
    district_manager: User,
    mpp: User,
    stranger: User,
    cfdu: User,
    contract_manager: User,
) -> None:
    for person in (district_manager, mpp):
        answer = look(client, person)
        (pace,) = answer.context["over"]
        assert (pace.coordinator.name, pace.ahead, pace.held) == (hurried.name, 5, 13)
        assert pace.usual == 2
        assert f'pc={hurried.pk}">{hurried.name}</a>' in answer.content.decode()
    for person in (second_coordinator, stranger, cfdu, contract_manager):
        body = look(client, person, f"?pc={hurried.pk}").content.decode()
        assert hurried.name not in body, person
    elsewhere = make_person("Mel Manager", Role.DISTRICT_MANAGER, make_district("Sydney"))
    assert hurried.name not in look(client, elsewhere).content.decode()
    own = look(client, hurried)
    assert "Over your usual pace" in own.content.decode()
    assert second_coordinator.name not in own.content.decode()


def test_a_coordinators_share_of_a_provider_ends_at_their_districts(
    client: Client, hunter: District, coordinator: User, example_care: Provider, mpp: User
) -> None:
    sydney = make_district("Sydney")
    there = make_person("Sam South", Role.COORDINATOR, sydney)
    for person, days in ((coordinator, (1, 2, 3)), (there, (4,))):
        works_with(person, provider=example_care)
        for each in days:
            due(hunter if person == coordinator else sydney, each, provider=example_care)
    led = look(client, mpp).context["led"]
    assert {each.coordinator.name: each.ahead for each in led} == {
        coordinator.name: 3,
        there.name: 1,
    }
    share = {
        key: sum(week.first for week in look(client, mpp, f"?pc={key}").context["forecast"].weeks)
        for key in (coordinator.pk, there.pk, "none")
    }
    assert share == {coordinator.pk: 3, there.pk: 1, "none": 0}


def test_without_a_usual_pace_nobody_is_over_it(
    client: Client, hunter: District, coordinator: User, newcastle: Office, district_manager: User
) -> None:
    works_with(coordinator, office=newcastle)
    for days in range(9):
        due(hunter, days, office=newcastle)
    answer = look(client, district_manager)
    assert not answer.context["over"]
    assert "1 of 1 held no review" in answer.content.decode()


def test_the_share_of_a_coordinator_and_of_nobody_make_the_whole(
    client: Client, busy: District, coordinator: User, newcastle: Office, mpp: User
) -> None:
    works_with(coordinator, office=newcastle)
    mine, nobodys, whole = (
        look(client, mpp, query).context["forecast"].reviews
        for query in (
            f"?district=hunter&pc={coordinator.pk}",
            "?district=hunter&pc=none",
            "?district=hunter",
        )
    )
    assert mine > 0 < nobodys
    assert mine + nobodys == whole


def test_the_file_holds_the_figures_of_each_week_and_place_and_no_child(
    client: Client, busy: District, mpp: User
) -> None:
    forecast = look(client, mpp).context["forecast"]
    sent = {"reason": "For the planning day", "file_format": "csv"}
    answer = client.post(reverse("export-forecast"), sent)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    start = next(number for number, row in enumerate(rows) if row[:1] == ["Week beginning"])
    figures = rows[start + 1 :]
    assert len(figures) == 26 * 2
    assert {row[1] for row in figures} == {"Hunter", "Sydney"}
    assert sum(int(row[4]) for row in figures) == forecast.reviews
    assert date.fromisoformat(figures[0][0]) == weeks_ahead(TODAY)[0]
    entry = ReadEntry.objects.get(kind="export")
    assert (entry.route, entry.shown) == ("export-forecast", [])


def test_a_place_with_nothing_ahead_says_what_to_do(client: Client, coordinator: User) -> None:
    body = look(client, coordinator).content.decode()
    assert "Nothing falls due in these weeks." in body
    assert client.get(reverse("export-forecast")).status_code == 200


def test_the_figures_come_from_few_queries_whatever_their_number(
    client: Client, busy: District, mpp: User, django_assert_max_num_queries: Any
) -> None:
    look(client, mpp)
    caches[CACHE_ALIAS].clear()
    with django_assert_max_num_queries(14) as asked:
        client.get(reverse("forecast"))
    of_goals = [query for query in asked if "permanency_caseplangoal" in query["sql"]]
    assert len(of_goals) == 3, connection.vendor
