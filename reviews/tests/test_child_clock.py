"""The two years of a child: every fact stands in words, and the picture shows the same days."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from permanency.goals import lifecycle, two_years
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.factories import make_child, make_episode, make_order
from reviews.children.clock import child_clock
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.tests.cases import TODAY, days_ago, open_child

ON_TRACK = ReviewContent(progress="on_track")


def titles(clock: dict[str, Any]) -> list[str]:
    """Return the events in order, each as its title."""
    return [event.title for event in clock["events"]]


def looks(clock: dict[str, Any], kind: str) -> set[str]:
    """Return the looks of the bars or marks that both pictures draw."""
    wide, narrow = (
        {each.look for each in getattr(picture, kind)} for _, picture in clock["pictures"]
    )
    assert wide == narrow
    return wide


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    """Return a restoration goal of 14 months: one review missed twice, held late, one in time."""
    child = make_child(hunter)
    make_episode(child, entered_on=add_months(TODAY, -15))
    make_order(child, starts_on=add_months(TODAY, -15), expires_on=TODAY + timedelta(days=60))
    goal = lifecycle.open_with_goal_in_force(
        child,
        goal=Goal.RESTORATION,
        effective_on=add_months(TODAY, -14),
        source_note="ChildStory",
        by=coordinator,
        on=TODAY,
    )
    for held_on in (add_months(TODAY, -1), TODAY):
        hold(
            goal,
            held_on=held_on,
            outcome="continue",
            content=ON_TRACK,
            backdated_reasons="Late.",
            by=coordinator,
            on=TODAY,
        )
    return CasePlanGoal.objects.get(pk=goal.pk)


def test_everything_is_told_in_the_order_of_its_days(goal: CasePlanGoal) -> None:
    clock = child_clock(goal.child, on=TODAY)
    days = [event.on for event in clock["events"]]
    assert days == sorted(days)
    late = (add_months(TODAY, -1) - add_months(add_months(TODAY, -14), 6)).days
    assert titles(clock) == [
        "Entered care",
        "Short term care order made",
        "Goal: restoration",
        "The two years begin",
        "Review due",
        "Review due",
        f"Review held {late} days late",
        "Review held in time",
        "Today",
        "Short term care order expires",
        "Next review due",
        "Two-year date",
        "Turns 18",
    ]
    assert [event.is_ahead for event in clock["events"]] == [False] * 9 + [True] * 4


def test_the_days_add_up_and_the_picture_shows_what_the_words_say(goal: CasePlanGoal) -> None:
    clock = child_clock(goal.child, on=TODAY)
    assert clock["progress"] is not None
    used, total = clock["progress"].days_used, clock["progress"].days_total
    assert used == (TODAY - add_months(TODAY, -14)).days
    rows = dict(clock["days"])
    assert rows["Days used"] == f"{used} of {total}"
    assert rows["Days left"] == str(total - used)
    assert "Days over" not in rows
    assert looks(clock, "bars") == {"care", "goal-0", "order", "used", "left"}
    assert looks(clock, "marks") == {"missed", "late", "held", "next", "flag"}


def test_an_extension_says_who_decided_and_the_original_date_stays(
    goal: CasePlanGoal, coordinator: User
) -> None:
    to, original_on = add_months(TODAY, 14), add_months(add_months(TODAY, -14), 24)
    two_years.record_extension(
        goal,
        extended_to=to,
        decided_on=TODAY,
        decided_by_name="The district executive",
        reasons="The mother moves.",
        by=coordinator,
        on=TODAY,
    )
    clock = child_clock(goal.child, on=TODAY)
    rows = dict(clock["days"])
    assert rows["Two-year date"] == day_in_words(original_on)
    assert rows["Extended to"] == f"{day_in_words(to)}, decided by The district executive"
    event = next(
        each for each in clock["events"] if each.title.startswith("Two-year date extended")
    )
    assert event.text == "Decided by The district executive: The mother moves."
    assert {"Original two-year date", "Extended two-year date"} < set(titles(clock))
    assert "extended" in looks(clock, "bars")


def test_days_over_are_counted_and_drawn(hunter: District, coordinator: User) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -25))
    clock = child_clock(goal.child, on=TODAY)
    over = (TODAY - add_months(add_months(TODAY, -25), 24)).days
    assert dict(clock["days"])["Days over"] == str(over)
    assert next(each for each in clock["events"] if each.title == "Today").text.endswith(
        f"days are used, and {over} days more."
    )
    assert "over" in looks(clock, "bars")
    assert "Two-year date passed" in titles(clock)


def test_a_review_not_held_and_one_overdue_are_told(hunter: District, coordinator: User) -> None:
    goal = open_child(hunter, coordinator, effective_on=add_months(TODAY, -8))
    record_not_held(goal, reasons="Ill.", planned_on=TODAY, by=coordinator, on=TODAY)
    clock = child_clock(goal.child, on=TODAY)
    found = {event.title: event.text for event in clock["events"]}
    assert found["Review not held"] == "Ill."
    assert found["Review due"].startswith("Not held yet: ")
    assert "Next review due" not in found


@pytest.mark.parametrize("kind", [Goal.LONG_TERM_CARE, Goal.PRESERVATION])
def test_a_goal_without_a_two_year_date_says_so_and_draws_none(
    client: Client, hunter: District, coordinator: User, kind: Goal
) -> None:
    goal = open_child(hunter, coordinator, kind)
    client.force_login(coordinator)
    page = client.get(reverse("child-clock", args=[goal.child_id]))
    assert f"{kind.label} has no two-year clock." in page.content.decode()
    assert "used" not in looks(page.context["clock"], "bars")


def test_a_child_of_whom_nothing_is_recorded_has_a_page_that_says_so(
    client: Client, hunter: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = client.get(reverse("child-clock", args=[make_child(hunter).pk]))
    assert "No case plan goal is in force" in page.content.decode()


def test_what_lies_far_before_the_two_years_is_in_the_words_alone(
    hunter: District, coordinator: User
) -> None:
    child = open_child(hunter, coordinator, born_on=add_months(TODAY, -150)).child
    make_episode(child, entered_on=add_months(TODAY, -149), left_on=add_months(TODAY, -140))
    clock = child_clock(child, on=TODAY)
    assert clock["is_cut"]
    assert clock["begins_on"] == add_months(add_months(TODAY, -3), -36)
    assert {"Entered care", "Left care"} < set(titles(clock))


def test_the_picture_says_nothing_to_a_screen_reader_and_the_words_are_a_list(
    client: Client, goal: CasePlanGoal, coordinator: User
) -> None:
    client.force_login(coordinator)
    html = client.get(reverse("child-clock", args=[goal.child_id])).content.decode()
    pictures = re.findall(r'<svg class="app-line [^>]*>', html)
    assert len(pictures) == 2
    assert all('aria-hidden="true"' in each for each in pictures)
    assert "style=" not in html
    assert html.count('<li class="app-event') == len(child_clock(goal.child, on=TODAY)["events"])


def test_orders_that_ended_or_have_no_days_are_drawn_without_fault(
    hunter: District, coordinator: User
) -> None:
    goal = open_child(hunter, coordinator)
    child: Child = goal.child
    make_order(child, starts_on=None, expires_on=None)
    make_order(child, kind=CourtOrder.Kind.INTERIM, starts_on=None, expires_on=days_ago(400))
    make_order(child, starts_on=days_ago(90), ended_on=days_ago(30), expires_on=days_ago(-300))
    make_order(child, kind=CourtOrder.Kind.LONG_TERM, starts_on=days_ago(30), expires_on=None)
    clock = child_clock(child, on=TODAY)
    assert "Short term care order ended" in titles(clock)
    assert "Interim order expired" in titles(clock)
