"""Children without a clock: every one that should have a date, and none that rightly has none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import Allocation, Appointment, District, Office, User
from directory.roles import CaseManagement, Role
from directory.tests.inboxes import make_inbox
from directory.tests.people import SINCE, make_district
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal, Child, RuleVersion
from permanency.policy.goals import EndReason, Goal
from permanency.policy.months import add_months
from permanency.tests.factories import make_child, make_episode, make_goal
from reviews.dashboards.district import GAPS, NO_CLOCK
from reviews.figures.missing_dates import Reason
from reviews.figures.scope import Tile
from reviews.tests.cases import TODAY, days_ago, open_child

Make = Callable[[District, User], Child]


@pytest.fixture(autouse=True)
def inbox(hunter: District) -> None:
    """Give Hunter an inbox."""
    make_inbox("Hunter inbox", hunter)


def listed(client: Client, person: User, query: str = "") -> list[dict[str, Any]]:
    """Return the rows that a person sees."""
    client.force_login(person)
    rows: list[dict[str, Any]] = client.get(reverse("no-clock") + query).context["rows"]
    return rows


def counts_from_entry() -> None:
    """Let the two years count from entry to care."""
    rules = RuleVersion.objects.get(version=1)
    RuleVersion.objects.filter(pk=rules.pk).update(
        content={**rules.content, "clock_start": "care_entry"}
    )


def never_had_a_goal(hunter: District, by: User) -> Child:
    return make_child(hunter)


def goal_ended(hunter: District, by: User) -> Child:
    return make_goal(
        make_child(hunter), ended_on=days_ago(9), end_reason=EndReason.GOAL_CHANGED
    ).child


def no_day_to_count_from(hunter: District, by: User) -> Child:
    return make_goal(make_child(hunter), Goal.LONG_TERM_CARE).child


def no_entry_to_care(hunter: District, by: User) -> Child:
    counts_from_entry()
    return open_child(hunter, by).child


def no_inbox(hunter: District, by: User) -> Child:
    District.objects.filter(pk=hunter.pk).update(inbox=None)
    return open_child(hunter, by).child


def retired_inbox(hunter: District, by: User) -> Child:
    assert hunter.inbox is not None
    hunter.inbox.retired_on = TODAY
    hunter.inbox.save()
    return open_child(hunter, by).child


@pytest.mark.parametrize(
    ("make", "reason", "link"),
    [
        (never_had_a_goal, Reason.NO_GOAL, "open-goal"),
        (goal_ended, Reason.NO_GOAL, "new-consultation"),
        (no_day_to_count_from, Reason.NO_REVIEW_DATE, "correct-goal"),
        (no_entry_to_care, Reason.NO_TWO_YEAR_DATE, "new-care-episode"),
        (no_inbox, Reason.NO_INBOX, ""),
        (retired_inbox, Reason.NO_INBOX, ""),
    ],
)
def test_what_is_missing_is_listed_with_who_can_mend_it_and_where(
    client: Client, hunter: District, coordinator: User, make: Make, reason: Reason, link: str
) -> None:
    child = make(hunter, coordinator)
    (row,) = listed(client, coordinator)
    (matter,) = row["matters"]
    assert (row["child"], matter["label"]) == (child, reason.label)
    if reason is Reason.NO_INBOX:
        assert matter["who"] == "An administrator of the directory"
    else:
        assert matter["who"] == "Pat Coordinator (Permanency Coordinator)"
    about = {"new-consultation": None, "correct-goal": [goal.pk for goal in child.goals.all()]}
    address = reverse(link, args=about.get(link, [child.pk])) if link else ""
    assert matter["url"].split("?")[0] == address
    assert [row["child"] for row in listed(client, coordinator, f"?reason={reason.value}")] == [
        child
    ]
    for other in set(Reason) - {reason}:
        assert listed(client, coordinator, f"?reason={other.value}") == []


def runs(hunter: District, by: User) -> Child:
    return open_child(hunter, by).child


def long_term_care(hunter: District, by: User) -> Child:
    return open_child(hunter, by, Goal.LONG_TERM_CARE).child


def preservation(hunter: District, by: User) -> Child:
    return open_child(hunter, by, Goal.PRESERVATION).child


def soon_18(hunter: District, by: User) -> Child:
    child = open_child(hunter, by, born_on=add_months(TODAY, -18 * 12 + 1)).child
    goal = child.goals.get()
    assert (goal.review_due_on, goal.two_year_on) == (None, None)
    return child


def already_18(hunter: District, by: User) -> Child:
    return make_child(hunter, born_on=add_months(TODAY, -18 * 12))


def died(hunter: District, by: User) -> Child:
    return make_child(hunter, died_on=days_ago(3))


def left_the_state(hunter: District, by: User) -> Child:
    return make_child(hunter, left_state_on=days_ago(3))


def achieved(hunter: District, by: User) -> Child:
    goal = open_child(hunter, by)
    lifecycle.record_achievement(goal, achieved_on=days_ago(3), by=by, on=TODAY)
    return goal.child


def in_care_from_which_it_counts(hunter: District, by: User) -> Child:
    counts_from_entry()
    child = make_child(hunter)
    make_episode(child, entered_on=days_ago(100))
    lifecycle.open_with_goal_in_force(
        child, goal=Goal.RESTORATION, effective_on=days_ago(90), source_note="x", by=by, on=TODAY
    )
    return child


@pytest.mark.parametrize(
    "make",
    [
        runs,
        long_term_care,
        preservation,
        soon_18,
        already_18,
        died,
        left_the_state,
        achieved,
        in_care_from_which_it_counts,
    ],
)
def test_a_clock_that_rightly_does_not_run_is_not_listed(
    client: Client, hunter: District, coordinator: User, make: Make
) -> None:
    make(hunter, coordinator)
    assert listed(client, coordinator) == []


def test_the_worst_stands_first_then_the_longest_and_all_reasons_stand_with_a_child(
    client: Client, hunter: District, coordinator: User
) -> None:
    bare = make_goal(make_child(hunter), effective_on=days_ago(900)).child
    newer, older = (
        make_goal(
            make_child(hunter),
            effective_on=days_ago(500),
            ended_on=days_ago(days),
            end_reason=EndReason.GOAL_CHANGED,
        ).child
        for days in (10, 20)
    )
    District.objects.filter(pk=hunter.pk).update(inbox=None)
    served = open_child(hunter, coordinator, effective_on=days_ago(999)).child
    rows = listed(client, coordinator)
    assert [row["child"] for row in rows] == [older, newer, bare, served]
    assert [row["since_on"] for row in rows][:3] == [days_ago(20), days_ago(10), days_ago(900)]
    assert [matter["label"] for matter in rows[2]["matters"]] == [
        Reason.NO_REVIEW_DATE.label,
        Reason.NO_TWO_YEAR_DATE.label,
        Reason.NO_INBOX.label,
    ]


def test_nobody_is_named_for_a_restricted_child_or_where_nobody_is_appointed(
    client: Client, hunter: District, mpp: User, coordinator: User
) -> None:
    sydney = make_district("Sydney")
    make_inbox("Sydney inbox", sydney)
    make_child(sydney)
    (row,) = listed(client, mpp)
    assert row["matters"][0]["who"] == "No Permanency Coordinator is appointed for Sydney"


@pytest.mark.parametrize("who", ["coordinator", "cfdu", "casework_manager", "district_manager"])
def test_each_reader_sees_the_children_within_reach_and_links_only_to_what_they_may(
    client: Client, hunter: District, request: pytest.FixtureRequest, who: str, stranger: User
) -> None:
    ours = [
        make_child(hunter, case_managed_by=managed)
        for managed in (CaseManagement.PSP, CaseManagement.DCJ)
    ]
    person = request.getfixturevalue(who)
    seen = {"cfdu": ours[:1], "casework_manager": ours[1:]}.get(who, ours)
    rows = listed(client, person)
    assert {row["child"] for row in rows} == set(seen)
    assert all(bool(row["matters"][0]["url"]) == (who == "coordinator") for row in rows)
    assert listed(client, stranger) == []


@pytest.mark.parametrize("who", ["contract_manager", "administrator", "nobody"])
def test_whoever_reads_no_case_is_refused(
    client: Client, request: pytest.FixtureRequest, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("no-clock")).status_code == 403


def test_an_administrator_who_reads_cases_too_is_led_to_the_district(
    client: Client, hunter: District, coordinator: User
) -> None:
    Appointment.objects.create(
        person=coordinator, role=Role.ADMINISTRATOR, starts_on=SINCE, instrument="Test"
    )
    no_inbox(hunter, coordinator)
    (row,) = listed(client, coordinator)
    assert row["matters"][0]["url"] == reverse("edit-district", args=[hunter.pk])


def tiles(client: Client, person: User, route: str, *args: str) -> list[Any]:
    client.force_login(person)
    context = client.get(reverse(route, args=args)).context
    if route == "dashboard":
        return list(context["board"]["gaps"])
    work = context["work"]
    coming = work.coming
    undated = (
        [Tile(coming.no_clock, "Without a date", coming.no_clock_url, "error")] if coming else []
    )
    return [*undated, *work.glance]


@pytest.mark.parametrize("who", ["coordinator", "cfdu", "district_manager", "mpp"])
def test_every_tile_is_the_length_of_its_list(
    client: Client, request: pytest.FixtureRequest, hunter: District, newcastle: Office, who: str
) -> None:
    person = request.getfixturevalue(who)
    Allocation.objects.create(person=person, office=newcastle, starts_on=SINCE)
    open_child(hunter, request.getfixturevalue("coordinator"), office=newcastle)
    for managed in CaseManagement:
        make_child(hunter, office=newcastle, case_managed_by=managed)
        make_child(hunter, case_managed_by=managed)
        make_goal(make_child(hunter, case_managed_by=managed))
    make_child(make_district("Sydney"))
    found = [
        *tiles(client, person, "dashboard", "hunter"),
        *tiles(client, person, "my-work"),
    ]
    found = [tile for tile in found if tile.label in {NO_CLOCK.label, GAPS[-1].label}]
    assert found
    for tile in found:
        page = client.get(tile.url).context["page"]
        assert (tile.number, tile.tone) == (page.paginator.count, "error"), tile.url
        assert tile.number > 1


def test_a_contract_manager_is_told_how_many_and_not_who(
    client: Client, hunter: District, contract_manager: User
) -> None:
    make_child(hunter)
    (tile,) = (
        each
        for each in tiles(client, contract_manager, "dashboard", "hunter")
        if each.label == GAPS[-1].label
    )
    assert (tile.number, tile.url) == (1, "")


def test_an_empty_list_says_so(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    page = client.get(reverse("no-clock")).content.decode()
    assert "Every clock that should run here runs." in page


def test_a_stored_date_is_what_counts(client: Client, hunter: District, coordinator: User) -> None:
    goal = open_child(hunter, coordinator)
    CasePlanGoal.objects.filter(pk=goal.pk).update(
        review_due_on=None, review_derivation={**goal.review_derivation, "start_on": None}
    )
    (row,) = listed(client, coordinator)
    assert [matter["label"] for matter in row["matters"]] == [Reason.NO_REVIEW_DATE.label]
    assert isinstance(row["since_on"], date)
