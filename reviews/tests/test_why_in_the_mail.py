"""A mail says in one sentence where each date comes from, and never names a child or a birthday."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from directory.models import District, Inbox, Mail, Notice, User
from directory.tests.inboxes import make_inbox
from permanency.goals import clocks, lifecycle, two_years
from permanency.goals.store import save_dates
from permanency.models import CasePlanGoal
from permanency.policy.derivation import Derivation
from permanency.policy.months import add_months, day_in_words, turns_18_on
from permanency.tests.factories import make_action, make_child, make_order
from reviews import notices_due

THURSDAY = date(2026, 5, 14)
RULES = "(rules version 1)."


def tick(on: date) -> None:
    at = notices_due.morning_of(on)
    notices_due.tick(at=at, now=lambda: at)


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


@pytest.fixture
def goal(hunter: District, coordinator: User, inbox: Inbox) -> CasePlanGoal:
    """Return a restoration goal whose review was due on 10 May 2026, and whose child is named."""
    child = make_child(hunter, first_name="Quillon", last_name="Zebedee")
    who: dict[str, Any] = {"by": coordinator, "on": THURSDAY}
    return lifecycle.open_with_goal_in_force(
        child, goal="restoration", effective_on=date(2025, 11, 10), source_note="Test", **who
    )


def test_a_digest_says_why_each_date_is_that_date(goal: CasePlanGoal) -> None:
    make_order(goal.child, starts_on=date(2025, 3, 2), expires_on=THURSDAY + timedelta(days=20))
    make_action(goal.child, agreed_on=date(2026, 2, 3), due_on=date(2026, 5, 1))
    tick(THURSDAY)
    body = Mail.objects.get(part="digest").body
    for words in (
        f"6 months from 10 November 2025, the day the goal took effect {RULES}",
        "The short term order made on 2 March 2025 expires then.",
        "Agreed on 3 February 2026.",
    ):
        assert f"\n  {words}\n" in body
    child = goal.child
    birthdays = (child.born_on, turns_18_on(child.born_on))
    for kept_back in ("Quillon", "Zebedee", *map(day_in_words, birthdays), "18"):
        assert kept_back not in body


def test_the_reason_is_the_one_that_stands_with_the_date(goal: CasePlanGoal) -> None:
    tick(THURSDAY)
    notice = Notice.objects.get()
    told = Derivation.from_data(goal.review_derivation)
    assert (notice.about_on, notice.why) == (told.on, told.in_short())


@pytest.mark.parametrize("stored", [{}, {"on": "2026-05-10"}, {"on": "never"}, [], "text"])
def test_a_reason_that_is_not_there_keeps_no_notice_back(
    goal: CasePlanGoal, stored: object
) -> None:
    CasePlanGoal.objects.update(review_derivation=stored)
    tick(THURSDAY)
    assert Notice.objects.get().why == ""


def test_the_longest_reason_has_room(goal: CasePlanGoal) -> None:
    extended = two_years.record_extension(
        goal,
        extended_to=add_months(date(2027, 11, 10), 60),
        decided_on=THURSDAY,
        decided_by_name="Executive",
        reasons="Time.",
        by=goal.child.district.appointments.get().person,
        on=THURSDAY,
    )
    told = Derivation.from_data(extended.goal.two_year_derivation).in_short()
    room = Notice._meta.get_field("why").max_length
    assert room is not None
    assert 100 < len(told) < room


def test_what_was_settled_untold_is_owed_again_when_its_day_comes_back(goal: CasePlanGoal) -> None:
    """The day moves away before the morning's mail and comes back: the inbox is still told once."""
    sunday = date(2026, 5, 10)
    tick(sunday)
    assert Notice.objects.get().mail is None
    move(goal, date(2026, 9, 1))
    tick(sunday)
    assert not Notice.objects.unsent().exists()
    move(goal, sunday)
    tick(sunday)
    assert Notice.objects.unsent().get().about_on == sunday
    tick(date(2026, 5, 11))
    assert Mail.objects.get(part="digest").notices.count() == 1


def test_what_was_told_is_not_told_again_when_its_day_comes_back(goal: CasePlanGoal) -> None:
    tick(THURSDAY)
    told = Notice.objects.get()
    assert told.mail is not None
    move(goal, date(2026, 9, 1))
    tick(THURSDAY)
    move(goal, date(2026, 5, 10))
    tick(THURSDAY)
    assert Notice.objects.get() == told
    assert not Notice.objects.unsent().exists()


def move(goal: CasePlanGoal, to: date) -> None:
    """Let another day be the due date, as every service on goals does it."""
    goal.refresh_from_db()
    dates = clocks.dates_on_goal(goal)
    data = {**dates.review.as_data(), "kept_on": to.isoformat(), "on": to.isoformat()}
    save_dates(goal, replace(dates, review=Derivation.from_data(data)))
