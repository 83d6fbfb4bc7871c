"""Calendar feeds: what a calendar reads, in what form, and how much of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import vobject
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory import clock
from directory.models import (
    District,
    ReadEntry,
    User,
)
from permanency.models import CasePlanGoal, Extension
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words, turns_18_on
from permanency.tests.factories import make_child, make_goal, make_order
from reviews.forecast.calendar import HORIZON, MOST_EVENTS
from reviews.held.services import ReviewContent, hold
from reviews.tests.cases import TODAY, days_ago, open_child
from reviews.tests.feeds import events, feed_days, feed_link, read_feed

CALENDAR_TYPE = "text/calendar; charset=utf-8"


def test_an_event_says_kind_reference_reason_and_link_and_nothing_of_the_child(
    hunter: District, coordinator: User, settings: LazySettings
) -> None:
    born_on = add_months(TODAY, -17 * 12)
    goal = open_child(hunter, coordinator, born_on=born_on, first_name="Quillon", last_name="Zed")
    address = feed_link(coordinator)
    (review,) = events(address)
    reference = f"{goal.child.reference[:4]} {goal.child.reference[4:]}"
    assert review.summary.value == f"Goal review due \N{EN DASH} {reference}"
    assert review.dtstart.value == goal.review_due_on
    assert review.dtend.value == goal.review_due_on + timedelta(days=1)
    child_url = f"{settings.BASE_URL}/children/{goal.child_id}/"
    assert review.description.value.endswith(child_url)
    assert "6 months from" in review.description.value
    # Each event has the moment of the reading, which may hold any four digits.
    lines = read_feed(address).content.decode().splitlines()
    body = "\n".join(line for line in lines if not line.startswith("DTSTAMP"))
    birthday = turns_18_on(born_on)
    days = (f"{birthday:%Y%m%d}", f"{born_on:%Y%m%d}", day_in_words(birthday), str(born_on.year))
    for kept in ("Quillon", "Zed", goal.child.childstory_id, *days):
        assert kept not in body, kept


def test_the_file_is_as_the_standard_asks(hunter: District, coordinator: User) -> None:
    open_child(hunter, coordinator)
    answer = read_feed(feed_link(coordinator))
    assert answer["Content-Type"] == CALENDAR_TYPE
    *lines, last = answer.content.split(b"\r\n")
    assert last == b""
    assert b"\n" not in b"".join(lines)
    assert all(len(line) <= 75 for line in lines)
    assert (lines[0], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR")
    for asked in (b"VERSION:2.0", b"REFRESH-INTERVAL;VALUE=DURATION:PT6H", b"X-PUBLISHED-TTL:PT6H"):
        assert asked in lines
    names = [line.partition(b":")[0].partition(b";")[0] for line in lines]
    assert names.count(b"UID") == names.count(b"DTSTAMP") == names.count(b"BEGIN") - 1 > 0
    calendar = vobject.readOne(answer.content.decode())
    assert calendar.validate()


def test_nobody_keeps_the_answer_and_head_is_answered(hunter: District, coordinator: User) -> None:
    open_child(hunter, coordinator)
    address = feed_link(coordinator)
    answer = read_feed(address)
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    head = Client().head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert Client().post(address).status_code == 405


def test_what_was_held_moved_or_settled_leaves_the_next_reading(
    hunter: District, coordinator: User
) -> None:
    goal = open_child(hunter, coordinator)
    address = feed_link(coordinator)
    before = events(address)[0]
    hold(
        goal,
        held_on=TODAY,
        outcome="continue",
        content=ReviewContent(progress="on_track", progress_reasons="It goes well."),
        by=coordinator,
        on=TODAY,
    )
    (after,) = events(address)
    assert after.dtstart.value == add_months(TODAY, 6) > before.dtstart.value
    assert after.uid.value != before.uid.value, "a new date is a new matter"
    assert after.uid.value == events(address)[0].uid.value
    CasePlanGoal.objects.update(ended_on=TODAY, end_reason="achieved")
    assert events(address) == []


def test_orders_extensions_and_what_is_too_far_away(hunter: District, coordinator: User) -> None:
    goal = open_child(hunter, coordinator)
    make_order(goal.child, expires_on=days_ago(-40))
    make_order(goal.child, expires_on=days_ago(-2), kind="interim")
    without_goal = make_child(hunter)
    make_order(without_goal, expires_on=days_ago(-40))
    far = make_goal(make_child(hunter), Goal.LONG_TERM_CARE)
    far.review_due_on = TODAY + HORIZON + timedelta(days=1)
    far.save()
    make_goal(make_child(hunter, born_on=add_months(TODAY, -18 * 12)), review_due_on=days_ago(9))
    address = feed_link(coordinator)
    assert feed_days(address) == {
        ("Goal review due", goal.review_due_on),
        ("Short term order expires", days_ago(-40)),
    }
    goal.two_year_on = days_ago(-100)
    goal.two_year_derivation = {**goal.two_year_derivation, "original_on": days_ago(3).isoformat()}
    goal.save()
    Extension.objects.create(
        goal=goal,
        extended_to=days_ago(-100),
        decided_on=TODAY,
        decided_by_name="The executive",
        recorded_by=coordinator,
    )
    assert {
        ("Two-year date, as extended", days_ago(-100)),
        ("Two-year date, before it was extended", days_ago(3)),
    } <= feed_days(address)


def test_only_the_earliest_of_very_many_and_no_more_queries_for_them(
    hunter: District, coordinator: User, django_assert_num_queries: Any
) -> None:
    goal = open_child(hunter, coordinator)
    address = feed_link(coordinator)
    with CaptureQueriesContext(connection) as few:
        read_feed(address)
    ReadEntry.objects.all().delete()
    children = [make_child(hunter) for _ in range(30)]
    CasePlanGoal.objects.bulk_create(
        CasePlanGoal(
            child=child,
            goal=goal.goal,
            effective_on=goal.effective_on,
            source=goal.source,
            review_due_on=days_ago(number),
        )
        for number, child in enumerate(children)
    )
    with django_assert_num_queries(len(few)):
        answer = read_feed(address)
    assert answer.content.count(b"BEGIN:VEVENT") > 30
    assert f"{MOST_EVENTS:,}".replace(",", "\\,").encode() in answer.content.replace(b"\r\n ", b"")


def test_the_moment_in_an_event_is_that_of_the_reading(hunter: District, coordinator: User) -> None:
    open_child(hunter, coordinator)
    (first, *_) = events(feed_link(coordinator))
    stamped: datetime = first.dtstamp.value
    assert abs(clock.now() - stamped) < timedelta(minutes=5)
