"""A tick that finds nothing new costs next to nothing; none is quiet where something is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.models import District, HistoryEntry, Inbox, Mail, Notice, TickRun, User
from directory.places import services as places
from directory.tests.inboxes import make_inbox
from permanency.children import services as register
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal
from permanency.policy.goals import Goal
from permanency.tests.factories import make_child
from reviews import notices_due

TODAY = date(2026, 5, 14)
NOON = datetime(2026, 5, 14, 2, tzinfo=UTC)
MOST_QUERIES = 5

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


@pytest.fixture(autouse=True)
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter; there is one for those without as well."""
    Inbox.objects.create(name="Fallback inbox", is_fallback=True)
    return make_inbox("Hunter inbox", hunter)


def tick(
    at: datetime = NOON, now: Callable[[], datetime] = lambda: NOON, *, skip: bool = True
) -> TickRun:
    return notices_due.tick(at=at, now=now, skip_if_unchanged=skip)


def overdue(district: District, by: User) -> CasePlanGoal:
    """Return a goal with an overdue review, as the services open it."""
    return lifecycle.open_with_goal_in_force(
        make_child(district),
        goal=Goal.RESTORATION,
        effective_on=date(2025, 10, 1),
        source_note="Case plan",
        by=by,
        on=TODAY,
    )


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Notice, Mail, HistoryEntry))


@pytest.mark.parametrize("is_live", [False, True])
def test_a_second_tick_asks_five_questions_and_writes_that_it_ran(
    hunter: District, coordinator: User, settings: LazySettings, is_live: bool
) -> None:
    overdue(hunter, coordinator)
    assert tick().counts["review"] == 1
    settings.MAIL_LIVE = is_live
    before = rows()
    with CaptureQueriesContext(connection) as asked:
        run = tick(NOON + timedelta(minutes=5))
    assert len(asked) <= MOST_QUERIES
    assert rows() == before
    assert (run.counts, run.problems) == ({}, [])
    assert run.ended_at is not None


def test_an_act_after_the_tick_is_seen_by_the_next(hunter: District, coordinator: User) -> None:
    tick()
    overdue(hunter, coordinator)
    assert tick().counts["review"] == 1


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_an_act_while_the_tick_runs_is_told_of_all_the_same(
    hunter: District, coordinator: User, moment: int
) -> None:
    asked = iter(range(1, 100))

    def now() -> datetime:
        # The tick asks for the time before it looks, and again while it delivers and ends.
        if next(asked) == moment:
            overdue(hunter, coordinator)
        return NOON

    tick(now=now)
    tick()
    assert Notice.objects.filter(kind=Notice.Kind.REVIEW_OVERDUE).count() == 1


def test_another_inbox_for_the_district_is_told(
    hunter: District, coordinator: User, administrator: User
) -> None:
    overdue(hunter, coordinator)
    tick()
    other = make_inbox("Another inbox")
    places.edit_district(hunter, inbox=other, note="", by=administrator, on=TODAY)
    tick()
    assert Notice.objects.filter(inbox=other, kind=Notice.Kind.REVIEW_OVERDUE).exists()


def test_what_a_mistaken_death_settled_is_owed_again(hunter: District, coordinator: User) -> None:
    goal = overdue(hunter, coordinator)
    tick()
    Notice.objects.update(mail=None)  # not sent yet
    assert Notice.objects.unsent().count() == 1
    for version, died_on in enumerate((TODAY, None), start=1):
        register.edit_child(
            goal.child, changes={"died_on": died_on}, version=version, by=coordinator, on=TODAY
        )
        assert not Notice.objects.unsent().exists()
    assert tick().counts["review"] == 1


@pytest.mark.parametrize(
    "later",
    [
        datetime(2026, 5, 14, 14, tzinfo=UTC),  # midnight in Sydney
        datetime(2026, 5, 14, 21, tzinfo=UTC),  # 07:00
    ],
)
def test_no_tick_is_quiet_past_a_midnight_or_a_morning(hunter: District, later: datetime) -> None:
    before = later - timedelta(hours=1)
    on = tick(before, now=lambda: before).on
    stand = notices_due.history_state()
    assert notices_due.has_nothing_new(stand, on=on, at=later - timedelta(seconds=1))
    assert not notices_due.has_nothing_new(stand, on=on, at=later)


def test_a_tick_that_left_something_undone_vouches_for_nothing(hunter: District) -> None:
    District.objects.filter(pk=hunter.pk).update(time_zone="Australia/Nowhere")
    assert tick().problems
    assert tick().problems


def test_a_tick_for_a_day_ahead_vouches_for_nothing(hunter: District) -> None:
    ahead = NOON + timedelta(days=1)
    on = tick(ahead).on
    assert not notices_due.has_nothing_new(notices_due.history_state(), on=on, at=ahead)
    tick(ahead, now=lambda: ahead)
    assert notices_due.has_nothing_new(notices_due.history_state(), on=on, at=ahead)


def test_who_asks_for_a_tick_by_hand_gets_a_whole_one(hunter: District) -> None:
    tick()
    child = make_child(hunter)
    CasePlanGoal.objects.create(
        child=child,
        goal=Goal.RESTORATION,
        effective_on=date(2025, 10, 1),
        review_due_on=date(2026, 4, 1),
        source=CasePlanGoal.Source.OPENED_IN_FORCE,
    )
    assert tick().counts == {}
    assert tick(skip=False).counts["review"] == 1
