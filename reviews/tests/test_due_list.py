"""The list of reviews: windows, filters, worst first, pages of fifty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.workflow import Status
from directory.models import Allocation, District, Office, Provider, User
from directory.tests.people import SINCE, make_district
from permanency.care import services as care
from permanency.goals import two_years
from permanency.models import CasePlanGoal
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words
from reviews.due_state import Window, in_window
from reviews.tests.cases import TODAY, days_ago, goal_due_in, goals_of, open_child
from reviews.tests.test_dashboards import waiting_change

pytestmark = pytest.mark.dialect

DAYS = (-91, -90, -31, -30, -1, 0, 1, 30, 31, 60, 61, 90, 91)


@pytest.fixture
def spread(hunter: District, coordinator: User) -> dict[int, CasePlanGoal]:
    """Return goals by the days until their review."""
    return {days: goal_due_in(hunter, coordinator, days) for days in DAYS}


@pytest.mark.parametrize(
    ("window", "days"),
    [
        ("", {-91, -90, -31, -30, -1, 0, 1, 30}),
        ("overdue", {-91, -90, -31, -30, -1}),
        ("late_to_30", {-30, -1}),
        ("late_to_90", {-90, -31}),
        ("late_longer", {-91}),
        ("today", {0}),
        ("next_30", {0, 1, 30}),
        ("in_31_to_60", {31, 60}),
        ("in_61_to_90", {61, 90}),
        ("dated", set(DAYS)),
        ("every", set(DAYS)),
    ],
)
def test_each_window_lists_its_days_worst_first(
    client: Client,
    coordinator: User,
    spread: dict[int, CasePlanGoal],
    window: str,
    days: set[int],
) -> None:
    client.force_login(coordinator)
    rows = client.get(reverse("reviews"), {"window": window}).context["rows"]
    assert goals_of(rows) == [spread[each] for each in sorted(days)]


@pytest.mark.parametrize(
    ("on", "last"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2026, 12, 31)),
    ],
)
def test_this_month_ends_with_the_month(
    hunter: District, coordinator: User, on: date, last: date
) -> None:
    goal = open_child(hunter, coordinator)
    for day, is_in in ((on, True), (last, True), (date(2030, 1, 1), False)):
        goal.review_due_on = day
        goal.save(update_fields=["review_due_on"])
        found = CasePlanGoal.objects.filter(in_window(Window.THIS_MONTH, on=on))
        assert found.exists() == is_in


def test_a_goal_without_a_date_stands_last_and_only_where_all_are_listed(
    client: Client, hunter: District, coordinator: User
) -> None:
    without, later = open_child(hunter, coordinator), goal_due_in(hunter, coordinator, 300)
    without.review_due_on = None
    without.save(update_fields=["review_due_on"])
    client.force_login(coordinator)

    def listed(window: str) -> list[CasePlanGoal]:
        rows = client.get(reverse("reviews"), {"window": window}).context["rows"]
        return goals_of(rows)

    assert listed("every") == [later, without]
    assert listed("dated") == [later]


def test_filters_by_place_goal_and_two_year_date(
    client: Client, mpp: User, hunter: District, newcastle: Office, example_care: Provider
) -> None:
    far = make_district("Far West")
    in_office = goal_due_in(hunter, mpp, -1, office=newcastle)
    with_provider = goal_due_in(hunter, mpp, -2, provider=example_care)
    elsewhere = goal_due_in(far, mpp, -3)
    adoption = goal_due_in(hunter, mpp, -4, goal=Goal.ADOPTION)
    adoption.two_year_on = days_ago(1)
    adoption.save(update_fields=["two_year_on"])
    client.force_login(mpp)

    for filters, expected in (
        ({"office": newcastle.pk}, {in_office}),
        ({"office": "none"}, {with_provider, elsewhere, adoption}),
        ({"provider": example_care.pk}, {with_provider}),
        ({"provider": "none"}, {in_office, elsewhere, adoption}),
        ({"district": "far-west"}, {elsewhere}),
        ({"goal": "adoption"}, {adoption}),
        ({"two_year": "passed"}, {adoption}),
        ({"two_year": "ahead"}, set()),
        ({"district": "hunter", "goal": "restoration", "provider": "none"}, {in_office}),
    ):
        rows = client.get(reverse("reviews"), filters).context["rows"]
        assert set(goals_of(rows)) == expected, filters


def test_a_filter_that_makes_no_sense_is_named_and_not_used(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = goal_due_in(hunter, coordinator, -1)
    client.force_login(coordinator)
    page = client.get(reverse("reviews"), {"goal": "nonsense", "office": "999999", "page": "x"})
    assert page.status_code == 200
    assert goals_of(page.context["rows"]) == [goal]
    assert "Select a valid choice" in page.content.decode()


def test_drafts_of_goal_changes_are_listed_where_they_are_asked_for(
    client: Client, coordinator: User, stranger: User, hunter: District
) -> None:
    proposed = waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED)
    draft = waiting_change(open_child(hunter, coordinator), coordinator, Status.DRAFT)
    address = reverse("changes-waiting")

    client.force_login(coordinator)
    assert [row.change for row in client.get(address).context["rows"]] == [proposed]
    (row,) = client.get(address, {"status": "draft"}).context["rows"]
    assert (row.change, row.waits_for) == (draft, "Draft")
    client.force_login(stranger)
    assert client.get(address, {"status": "draft"}).context["rows"] == []


def test_an_approver_is_not_offered_the_provider_of_a_child_out_of_sight(
    client: Client, coordinator: User, cfdu: User, casework_manager: User, hunter: District
) -> None:
    elsewhere = Provider.objects.create(name="Provider of another district")
    goal_due_in(hunter, coordinator, -1, provider=elsewhere)
    for person, is_offered in ((coordinator, True), (cfdu, True), (casework_manager, False)):
        client.force_login(person)
        text = client.get(reverse("reviews")).content.decode()
        assert ("Provider of another district" in text) == is_offered, person


def test_mine_are_my_offices_and_providers(
    client: Client, coordinator: User, hunter: District, newcastle: Office
) -> None:
    Allocation.objects.create(person=coordinator, office=newcastle, starts_on=SINCE)
    mine, other = (
        goal_due_in(hunter, coordinator, -1, office=newcastle),
        goal_due_in(hunter, coordinator, -1),
    )
    client.force_login(coordinator)

    assert set(goals_of(client.get(reverse("reviews")).context["rows"])) == {mine, other}
    rows = client.get(reverse("reviews"), {"mine": "on"}).context["rows"]
    assert set(goals_of(rows)) == {mine}


def test_each_row_says_why_its_date_and_offers_a_review_to_a_writer(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    goal = goal_due_in(hunter, coordinator, -1)
    hold = f"{reverse('new-review')}?child={goal.child_id}"
    client.force_login(coordinator)
    text = client.get(reverse("reviews")).content.decode()
    assert "It counts from the day the goal took effect" in text
    assert "1 day overdue" in text
    assert hold in text

    client.force_login(district_manager)
    text = client.get(reverse("reviews")).content.decode()
    assert goal.child.name in text
    assert hold not in text


def test_fifty_rows_stand_on_a_page_and_queries_do_not_grow(
    client: Client,
    coordinator: User,
    hunter: District,
    newcastle: Office,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    client.force_login(coordinator)
    goal_due_in(hunter, coordinator, -1)
    with django_assert_max_num_queries(12) as few:
        client.get(reverse("reviews"))
    for _ in range(59):
        goal_due_in(hunter, coordinator, -1, office=newcastle)
    with django_assert_max_num_queries(12) as many:
        page = client.get(reverse("reviews"))

    assert len(few) == len(many)
    assert len(page.context["rows"]) == 50
    after = page.context["page"].after
    assert len(client.get(reverse("reviews"), {"after": after}).context["rows"]) == 10


@pytest.mark.parametrize("days", [-277, -1, 0, 12, 100])
def test_every_list_says_the_same_of_a_child(
    client: Client, coordinator: User, hunter: District, days: int
) -> None:
    goal = goal_due_in(hunter, coordinator, days)
    client.force_login(coordinator)
    (row,) = client.get(reverse("children")).context["rows"]
    (due,) = client.get(reverse("reviews"), {"window": "every"}).context["rows"]

    assert (row.review, row.two_year) == (due.review, due.two_year)
    for page in ("children", "reviews"):
        text = client.get(reverse(page), {"window": "every"}).text
        assert goal.child.reference in text
        assert row.review.words.lower() in text
    assert goal.child.childstory_id in client.get(reverse("child", args=[goal.child.pk])).text


def test_what_stands_beside_a_two_year_date_is_in_the_list_and_the_file(
    client: Client, hunter: District, coordinator: User
) -> None:
    """The date before an extension, entry to care and the expiry of a short term order (rule 3)."""
    goal = open_child(hunter, coordinator, effective_on=days_ago(700))
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    care.enter_care(goal.child, entered_on=days_ago(710), **who)
    care.record_order(goal.child, kind="short_term", expires_on=days_ago(-50), **who)
    goal = CasePlanGoal.objects.get()
    first_on = goal.two_year_on
    assert first_on
    two_years.record_extension(
        goal,
        extended_to=days_ago(-200),
        decided_on=TODAY,
        decided_by_name="Executive",
        reasons="Time.",
        **who,
    )
    client.force_login(coordinator)
    words = (
        f"First {day_in_words(first_on)}",
        f"In care since {day_in_words(days_ago(710))}",
        f"Short term order expires {day_in_words(days_ago(-50))}",
    )
    for name in ("children", "reviews"):
        page = client.get(reverse(name), {"window": "every"} if name == "reviews" else {})
        assert [each for each in words if each not in page.content.decode()] == []
        said = {"reason": "To compare", "file_format": "csv"}
        answer = client.post(f"{reverse(f'export-{name}')}?window=every", said)
        row = answer.content.decode("utf-8-sig").splitlines()[-1]
        days = (first_on, days_ago(710), days_ago(-50))
        assert '","'.join(each.isoformat() for each in days) in row
