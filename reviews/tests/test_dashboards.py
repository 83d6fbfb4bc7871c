"""Dashboards: each number is the length of the list that it leads to, for every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes.transitions import endorsed_case_fields
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.clock import working_days_between
from directory.models import Allocation, Appointment, District, Office, Provider, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district
from directory.tests.questions import PageQueries
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child
from reviews.figures import daily_figures, district_counts
from reviews.figures.daily_figures import months_back
from reviews.tests.cases import TODAY, days_ago, goal_due_in, open_child, row_count

ROLES = ("coordinator", "cfdu", "casework_manager", "district_manager", "mpp")


def waiting_change(
    goal: CasePlanGoal, by: User, status: str, *, since: int = 3, **fields: Any
) -> GoalChange:
    """Return a goal change that has waited so many days, as a bare row."""
    consultation = Consultation.objects.create(
        child=goal.child,
        held_on=days_ago(since),
        by=by,
        asked_by_name="Jo",
        question="?",
        recommendation="!",
        recorded_on=days_ago(since),
    )
    return GoalChange.objects.create(
        child=goal.child,
        consultation=consultation,
        current_goal=goal,
        goal=Goal.GUARDIANSHIP,
        reasons="It is time.",
        status=status,
        status_since_on=days_ago(since),
        requested_by_name="Jo Caseworker",
        recorded_by=by,
        endorsed_by=by if status == Status.ENDORSED else None,
        **(endorsed_case_fields(goal.child) if status == Status.ENDORSED else {}),
        **fields,
    )


@pytest.fixture
def busy_district(
    hunter: District, coordinator: User, mpp: User, newcastle: Office, example_care: Provider
) -> District:
    """Return Hunter with a case in every state, of DCJ and of a provider, and one elsewhere."""
    for place in ({"office": newcastle}, {"provider": example_care}, {}):
        for days in (-400, -91, -90, -31, -30, -1, 0, 1, 30, 31, 60, 61, 90, 91):
            goal_due_in(hunter, coordinator, days, **place)
        for days in (-1, 0, 180, 181):
            goal = goal_due_in(hunter, coordinator, 91, goal=Goal.ADOPTION, **place)
            goal.two_year_on = days_ago(-days)
            goal.save(update_fields=["two_year_on"])
        goal = open_child(hunter, coordinator, Goal.LONG_TERM_CARE, **place)
        goal.review_due_on = None
        goal.save(update_fields=["review_due_on"])
        make_child(hunter, **place)
        for status in (Status.DRAFT, Status.PROPOSED, Status.ENDORSED):
            waiting_change(goal_due_in(hunter, coordinator, 91, **place), coordinator, status)
    elsewhere = make_district("Far West")
    goal_due_in(elsewhere, mpp, -5)
    make_child(elsewhere)
    return hunter


def figures(board: Any) -> Iterator[tuple[str, int, str]]:
    """Yield what is counted, the number and the address, for everything on a dashboard."""
    for tile in (
        board["overdue"],
        *board["bands"],
        board["passed"],
        board["ahead"],
        *board["waiting"].tiles,
        *board["gaps"],
    ):
        yield tile.label, tile.number, tile.url
    for tile, *_ in board["goals"]:
        yield tile.label, tile.number, tile.url
    for place in (*board["offices"], *board["providers"]):
        for tile in (place.overdue, place.due):
            yield f"{place.standing.name}, {tile.label}", tile.number, tile.url
    for trend in board["trends"][1:]:
        yield trend.label, int(trend.now), trend.url


@pytest.mark.parametrize("who", ROLES)
def test_each_number_is_the_length_of_its_list(
    client: Client, request: pytest.FixtureRequest, busy_district: District, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]

    found = list(figures(board))
    assert sum(number for _, number, _ in found) > 50
    for label, number, url in found:
        page = client.get(url)
        assert page.status_code == 200, label
        assert row_count(page.context["page"]) == number, label


@pytest.mark.parametrize("who", [*ROLES, "both"])
def test_each_number_of_several_districts_is_the_length_of_its_list(
    client: Client, request: pytest.FixtureRequest, busy_district: District, who: str
) -> None:
    person = request.getfixturevalue("coordinator" if who == "both" else who)
    if who != "mpp":
        held = person.appointments.get()
        Appointment.objects.create(
            person=person,
            role=Role.CFDU if who == "both" else held.role,
            district=District.objects.get(slug="far-west"),
            starts_on=SINCE,
        )
    client.force_login(person)
    board = client.get(reverse("dashboards")).context["board"]

    totals = [board["total"], *board["total_others"]]
    cells = [*totals, *(cell for row in board["rows"] for cell in (row.number, *row.others))]
    assert sum(cell.number for cell in totals) > 8
    for cell in cells:
        page = client.get(cell.url)
        assert row_count(page.context["page"]) == cell.number, cell


def test_an_approver_is_told_that_the_numbers_are_of_their_cases(
    client: Client, busy_district: District, cfdu: User, district_manager: User
) -> None:
    address = reverse("dashboard", args=["hunter"])
    client.force_login(cfdu)
    narrow = client.get(address)
    client.force_login(district_manager)
    wide = client.get(address)

    assert "the cases you approve for" in narrow.content.decode()
    assert "the cases you approve for" not in wide.content.decode()
    assert 0 < narrow.context["board"]["total"] < wide.context["board"]["total"]


def test_a_contract_manager_has_totals_and_no_way_to_a_case(
    client: Client,
    busy_district: District,
    contract_manager: User,
    district_manager: User,
    example_care: Provider,
) -> None:
    Allocation.objects.create(person=contract_manager, provider=example_care, starts_on=SINCE)
    address = reverse("dashboard", args=["hunter"])
    client.force_login(district_manager)
    whole = client.get(address).context["board"]
    own = [place for place in whole["providers"] if place.standing.name == "Example Care"]
    assert len(own) < len(whole["providers"])
    whole = {**whole, "providers": own}
    client.force_login(contract_manager)
    answer = client.get(address)
    board, text = answer.context["board"], answer.content.decode()

    assert [number for _, number, _ in figures(board)] == [n for _, n, _ in figures(whole)]
    assert {url for _, _, url in figures(board)} == {""}
    assert [each.standing.name for each in board["providers"] if each.is_mine] == ["Example Care"]
    assert "These are totals" in text
    main = text.split("<main")[1].split("</main>")[0]
    assert 'href="/children/' not in main
    assert 'href="/reviews/' not in main
    for child in Child.objects.all():
        assert child.last_name not in text


@pytest.mark.parametrize(
    ("begins", "ends", "is_shown"),
    [
        (-1, None, False),  # the day before the first
        (0, None, True),
        (5, 0, True),  # on the last day
        (5, 1, False),  # the day after the last
    ],
)
def test_a_contract_manager_reads_the_figures_of_providers_allocated_that_day_and_of_no_other(
    begins: int,
    ends: int | None,
    is_shown: bool,
    client: Client,
    busy_district: District,
    contract_manager: User,
    coordinator: User,
    example_care: Provider,
) -> None:
    other = Provider.objects.create(name="Other Care")
    goal_due_in(busy_district, coordinator, -3, provider=other)
    Allocation.objects.create(
        person=contract_manager,
        provider=example_care,
        starts_on=days_ago(begins),
        ends_on=None if ends is None else days_ago(ends),
    )
    client.force_login(contract_manager)
    answer = client.get(reverse("dashboard", args=["hunter"]))
    shown = [place.standing.name for place in answer.context["board"]["providers"]]
    assert shown == (["Example Care"] if is_shown else [])
    assert "Other Care" not in answer.content.decode()


def test_reviews_fall_into_six_bands_of_which_none_contains_another(
    client: Client, busy_district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]
    numbers = [tile.number for tile in board["bands"]]
    assert numbers == [6, 6, 6, 9, 6, 6]
    assert sum(numbers[:3]) == board["overdue"].number == 18
    lists = [set(client.get(tile.url).context["rows"]) for tile in board["bands"]]
    goals = [{row.goal.pk for row in rows} for rows in lists]
    assert len(set().union(*goals)) == sum(map(len, goals)) == sum(numbers)


def test_two_year_dates_ahead_are_in_their_months(
    client: Client, busy_district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    board = client.get(reverse("dashboard", args=["hunter"])).context["board"]
    months = {each.column.label: each.column.number for each in board["two_years"].drawn}
    assert len(months) == 12
    assert sum(months.values()) == board["ahead"].number
    assert months[f"{days_ago(-180):%B %Y}"] >= 3
    assert board["passed"].number == 3


def test_waiting_changes_are_dots_beside_the_target(
    client: Client, hunter: District, coordinator: User
) -> None:
    waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED, since=28)
    waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED, since=2)
    client.force_login(coordinator)
    waiting = client.get(reverse("dashboard", args=["hunter"])).context["board"]["waiting"]

    proposed, endorsed = waiting.chart.drawn
    long, short = (working_days_between(days_ago(days), TODAY) for days in (28, 2))
    assert (proposed.row.values, endorsed.row.values) == ([long, short], [])
    assert [look for *_, look in proposed.dots] == ["outline", "alert"]
    assert (waiting.number, waiting.over, proposed.row.target) == (2, 1, 10)
    rows = client.get(reverse("changes-waiting")).context["rows"]
    assert [row.change.status_since_on for row in rows] == [days_ago(28), days_ago(2)]


def test_the_lines_go_from_a_year_ago_to_what_is_counted_now(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    goal_due_in(hunter, coordinator, -900, case_managed_by="PSP")
    for day in (months_back(TODAY)[0], months_back(TODAY)[5]):
        district_counts.refresh(on=day)
        daily_figures.store(on=day)
    goal_due_in(hunter, coordinator, -3, case_managed_by="DCJ")
    for person, now in ((coordinator, "2"), (cfdu, "1")):
        client.force_login(person)
        trends = client.get(reverse("dashboard", args=["hunter"])).context["board"]["trends"]
        overdue = trends[1]
        gap = ["not counted"]
        assert overdue.values == ["1", *gap * 4, "1", *gap * 6, now]
        assert (overdue.now, overdue.before) == (now, "1 a year ago")
        assert (overdue.line.pieces, len(overdue.line.alone)) == ([], 2)
        assert trends[0].now == "not counted"


def test_heads_sort_and_a_strange_order_is_the_first_one(
    client: Client, hunter: District, coordinator: User, newcastle: Office
) -> None:
    other = Office.objects.create(name="Aberdeen", district=hunter)
    goal_due_in(hunter, coordinator, -3, office=newcastle)
    for days in (-3, -3, 5, 5, 5):
        goal_due_in(hunter, coordinator, days, office=other)
    client.force_login(coordinator)

    def order(sort: str) -> list[str]:
        answer = client.get(reverse("dashboard", args=["hunter"]), {"sort": sort})
        return [each.standing.name for each in answer.context["offices"]]

    assert order("share") == order("") == order("x'--") == ["Newcastle", "Aberdeen"]
    assert order("overdue") == order("name") == ["Aberdeen", "Newcastle"]


@pytest.mark.parametrize(
    ("measure", "first"),
    [
        ("overdue", "Far West"),
        ("two_year_passed", "Hunter"),
        ("waiting", "Hunter"),
        ("?", "Far West"),
    ],
)
def test_districts_are_in_the_order_of_their_rate_by_the_measure(
    client: Client, busy_district: District, mpp: User, measure: str, first: str
) -> None:
    client.force_login(mpp)
    answer = client.get(reverse("dashboards"), {"measure": measure})
    rows = answer.context["rows"]
    assert rows[0].district.name == first
    assert [row.standing.share for row in rows] == sorted(
        (row.standing.share for row in rows), reverse=True
    )
    names = client.get(reverse("dashboards"), {"measure": measure, "sort": "name"}).context["rows"]
    assert [row.district.name for row in names] == ["Far West", "Hunter"]
    for sort in ("number", "other", "last", "oldest"):
        assert client.get(reverse("dashboards"), {"sort": sort}).status_code == 200


def test_a_contract_manager_of_two_districts_is_given_no_list_of_them(
    client: Client, busy_district: District, contract_manager: User
) -> None:
    Appointment.objects.create(
        person=contract_manager,
        role=Role.CONTRACT_MANAGER,
        district=District.objects.get(slug="far-west"),
        starts_on=SINCE,
    )
    client.force_login(contract_manager)
    board = client.get(reverse("dashboards")).context["board"]
    assert {cell.url for row in board["rows"] for cell in (row.number, *row.others)} == {""}
    assert not board["is_state"]


def test_one_district_is_opened_at_once(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    answer = client.get(reverse("dashboards"))
    assert answer.headers["Location"] == reverse("dashboard", args=["hunter"])


def test_an_empty_district_says_so(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    text = client.get(reverse("dashboard", args=["hunter"])).content.decode()
    assert "No child has a goal here yet." in text
    assert "No review is overdue" in text


@pytest.mark.parametrize("who", [*ROLES, "contract_manager"])
def test_a_dashboard_takes_at_most_eight_queries_however_many_children(
    client: Client,
    request: pytest.FixtureRequest,
    hunter: District,
    coordinator: User,
    newcastle: Office,
    who: str,
) -> None:
    client.force_login(request.getfixturevalue(who))
    addresses = [reverse("dashboard", args=["hunter"])]
    if who == "mpp":
        addresses.append(reverse("dashboards"))
    for address in addresses:
        goal_due_in(hunter, coordinator, -3)
        with PageQueries() as few:
            client.get(address)
        for number in range(60):
            goal_due_in(hunter, coordinator, number - 30, office=newcastle)
        with PageQueries() as many:
            client.get(address)
        assert len(few) == len(many) <= 8
        with PageQueries() as unchanged:
            client.get(address)
        # Nothing but who asks, what has changed, and whether reminders ran.
        assert len(unchanged) <= 4


class Links(HTMLParser):
    """Collects the addresses of links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


def test_the_numbers_on_the_page_are_links(
    client: Client, busy_district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = client.get(reverse("dashboard", args=["hunter"]))
    links = Links()
    links.feed(page.content.decode())
    found = {url for _, _, url in figures(page.context["board"])}
    assert found <= set(links.found)
    assert "" not in found


def test_each_table_has_the_numbers_of_its_picture(
    client: Client, busy_district: District, coordinator: User, mpp: User
) -> None:
    """Each picture says its numbers; below or beside it a table has the same."""
    for day in months_back(TODAY)[::2]:
        district_counts.refresh(on=day)
        daily_figures.store(on=day)
    client.force_login(coordinator)
    page = client.get(reverse("dashboard", args=["hunter"]))
    board, text = page.context["board"], page.content.decode()
    pictures = PICTURE.findall(text)
    assert len(pictures) == 4 + 3 + 1 + len(board["offices"]) + len(board["providers"])
    for title, _ in pictures:
        assert title
    for heading, is_drawn in (
        ("Reviews, late and coming", True),
        ("Two-year dates by month", True),
        ("Children by goal", False),
    ):
        cells = numbers_of_table(text, heading)
        (description,) = (said for title, said in pictures if title == heading)
        assert said_numbers(description) == cells
        if is_drawn:
            drawn = text.partition(f">{heading}</title>")[2].partition("</svg>")[0]
            marks = re.findall(r"app-pic-number[^>]*>(\d+)</text>", drawn)
            assert list(map(int, marks)) == cells
    lines = {title: said for title, said in pictures if title.endswith(" over twelve months")}
    table = text.partition("The numbers of these lines as a table")[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("<tr>")[2:]]
    assert [", ".join(column) for column in zip(*rows, strict=True)] == list(lines.values())
    dots = re.findall(
        r"<circle[^>]*app-pic-(?:outline|solid|alert)",
        text.partition("waiting-chart-title")[2].partition("</svg>")[0],
    )
    assert [len(dots)] == [sum(numbers_of_table(text, "Goal changes waiting"))]
    for place in (*board["offices"], *board["providers"]):
        assert sum(part.number for part in place.bar.parts) == place.overdue.number


PICTURE = re.compile(
    r'<svg class="app-pic[^"]*"[^>]*role="img"[^>]*>\s*<title[^>]*>([^<]*)</title>'
    r"(?:<desc[^>]*>([^<]*)</desc>)?"
)


def said_numbers(description: str) -> list[int]:
    """Return the numbers after the colons of what a picture says of itself."""
    return [int(each) for each in re.findall(r": (\d+)", description)]


def numbers_of_table(text: str, caption: str) -> list[int]:
    """Return the first number of each row of the table with this caption."""
    table = text.partition(f'<caption class="app-visually-hidden">{caption}</caption>')[2]
    rows = table.partition("</table>")[0].split("<tr>")[2:]
    found = [re.search(r"<td[^>]*>(?:<a [^>]*>)?(\d+)", row) for row in rows]
    return [int(each[1]) for each in found if each]
