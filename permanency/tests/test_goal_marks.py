"""What moves the dates of a goal in force: marks, reviews, extensions, achievement, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from directory.errors import StepNotAllowedError
from directory.models import District, HistoryEntry, User
from permanency.goals import clocks, intensive, lifecycle, two_years
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import EndReason, Goal
from permanency.tests.factories import hold_review, make_child

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 1)


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter, born_on=date(2015, 3, 2))


def opened(child: Child, goal: Goal, effective_on: date, **known: date | None) -> CasePlanGoal:
    return lifecycle.open_with_goal_in_force(
        child,
        goal=goal,
        effective_on=effective_on,
        source_note="ChildStory",
        by=None,
        on=TODAY,
        **known,
    )


def extend(goal: CasePlanGoal, by: User, extended_to: date) -> None:
    two_years.record_extension(
        goal,
        extended_to=extended_to,
        decided_on=TODAY,
        decided_by_name="District executive",
        reasons="More time",
        by=by,
        on=TODAY,
    )


def test_marking_and_unmarking_intensive_move_the_open_date(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 31))
    assert goal.review_due_on == date(2026, 11, 30)
    goal = intensive.mark_intensive(goal, reasons="Unlikely in time", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 8, 31)
    goal = intensive.unmark_intensive(goal, reasons="Back on track", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 11, 30)
    assert goal.intensive_since is None


def test_a_date_already_overdue_stays_when_the_goal_is_marked(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    goal = intensive.mark_intensive(goal, reasons="More support", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2025, 9, 10)


@pytest.mark.parametrize("goal", [Goal.PRESERVATION, Goal.LONG_TERM_CARE])
def test_only_a_two_year_goal_is_marked_intensive(
    child: Child, coordinator: User, goal: Goal
) -> None:
    row = opened(child, goal, date(2026, 5, 31))
    with pytest.raises(StepNotAllowedError, match="two-year goal"):
        intensive.mark_intensive(row, reasons="More support", by=coordinator, on=TODAY)
    with (
        pytest.raises(IntegrityError, match="only_a_two_year_goal_is_intensive"),
        transaction.atomic(),
    ):
        CasePlanGoal.objects.filter(pk=row.pk).update(intensive_since=TODAY)


def test_a_review_held_starts_the_next_period_and_an_intensive_goal_keeps_three_months(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 12, 31))
    goal = hold_review(goal, held_on=date(2026, 6, 30), by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 12, 30)
    goal = intensive.mark_intensive(goal, reasons="More support", by=coordinator, on=TODAY)
    goal = hold_review(goal, held_on=TODAY, by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 10, 1)


def test_a_review_typed_in_for_an_earlier_day_does_not_move_the_date_back(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 12, 31))
    goal = hold_review(goal, held_on=date(2026, 6, 30), by=coordinator, on=TODAY)
    goal = hold_review(goal, held_on=date(2026, 3, 1), by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 12, 30)


def test_an_extension_gives_a_second_date_and_keeps_the_original(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    two_years.record_extension(
        goal,
        extended_to=date(2027, 9, 10),
        decided_on=date(2026, 6, 1),
        decided_by_name="District executive",
        reasons="The parents need more time",
        by=coordinator,
        on=TODAY,
    )
    goal.refresh_from_db()
    assert goal.two_year_on == date(2027, 9, 10)
    assert clocks.dates_on_goal(goal).two_year.original_on == date(2027, 3, 10)


@pytest.mark.parametrize(
    ("extended_to", "decided_on"),
    [
        (date(2027, 3, 10), date(2026, 6, 1)),
        (date(2027, 9, 10), date(2026, 7, 2)),
        (date(2027, 9, 10), date(2025, 3, 9)),
        (date(2040, 1, 1), date(2026, 6, 1)),
        (date(2032, 3, 11), date(2026, 6, 1)),
    ],
)
def test_an_extension_that_cannot_be_is_refused(
    child: Child, coordinator: User, extended_to: date, decided_on: date
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    with pytest.raises(StepNotAllowedError):
        two_years.record_extension(
            goal,
            extended_to=extended_to,
            decided_on=decided_on,
            decided_by_name="District executive",
            reasons="More time",
            by=coordinator,
            on=TODAY,
        )
    goal.refresh_from_db()
    assert goal.two_year_on == date(2027, 3, 10)


def test_permanency_achieved_ends_the_goal_with_that_reason(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.GUARDIANSHIP, date(2025, 3, 10))
    lifecycle.record_achievement(goal, achieved_on=date(2026, 6, 1), by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (date(2026, 6, 1), EndReason.ACHIEVED)
    with pytest.raises(StepNotAllowedError, match="no longer in force"):
        hold_review(goal, held_on=TODAY, by=coordinator, on=TODAY)


def test_every_verb_writes_the_history_with_what_differs(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 31))
    intensive.mark_intensive(goal, reasons="Unlikely in time", by=coordinator, on=TODAY)
    entry = HistoryEntry.objects.filter(child_number=child.pk).first()
    assert entry is not None
    assert entry.verb == "marked the goal intensive"
    assert entry.by == coordinator
    assert entry.appointment is not None
    assert entry.before == {"intensive_since": None, "review_due_on": "2026-11-30"}
    assert entry.after == {"intensive_since": "2026-07-01", "review_due_on": "2026-08-31"}
    assert entry.note == "Unlikely in time"


@pytest.mark.parametrize("extended_to", [date(2033, 3, 2), date(2034, 3, 2)])
def test_no_extension_reaches_the_18th_birthday_and_takes_the_date_away(
    child: Child, coordinator: User, extended_to: date
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 6, 30))
    CasePlanGoal.objects.filter(pk=goal.pk).update(two_year_on=date(2031, 6, 30))
    with pytest.raises(StepNotAllowedError, match="before the child turns 18, 2 March 2033"):
        extend(goal, coordinator, extended_to)
    goal.refresh_from_db()
    assert goal.two_year_on == date(2031, 6, 30)


def test_an_extension_to_the_day_before_the_18th_birthday_stands(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 6, 30))
    CasePlanGoal.objects.filter(pk=goal.pk).update(two_year_on=date(2031, 6, 30))
    extend(goal, coordinator, date(2033, 3, 1))
    goal.refresh_from_db()
    assert goal.two_year_on == date(2033, 3, 1)


def _acts(goal: CasePlanGoal) -> dict[str, Callable[[User], object]]:
    why = "More support"
    return {
        "mark": lambda by: intensive.mark_intensive(goal, reasons=why, by=by, on=TODAY),
        "unmark": lambda by: intensive.unmark_intensive(goal, reasons=why, by=by, on=TODAY),
        "extend": lambda by: extend(goal, by, date(2027, 9, 10)),
        "review": lambda by: hold_review(goal, held_on=TODAY, by=by, on=TODAY),
        "home": lambda by: lifecycle.record_move_home(goal, moved_home_on=TODAY, by=by, on=TODAY),
        "achieve": lambda by: lifecycle.record_achievement(
            goal, achieved_on=TODAY, by=by, on=TODAY
        ),
    }


@pytest.mark.parametrize("who", ["casework_manager", "cfdu", "stranger", "administrator"])
@pytest.mark.parametrize("act", ["mark", "unmark", "extend", "review", "home", "achieve"])
def test_who_does_not_write_about_the_child_moves_no_date(
    request: pytest.FixtureRequest, child: Child, coordinator: User, who: str, act: str
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    if act == "unmark":
        goal = intensive.mark_intensive(goal, reasons="More support", by=coordinator, on=TODAY)
    before = CasePlanGoal.objects.values().get(pk=goal.pk)
    entries = HistoryEntry.objects.count()
    with pytest.raises(PermissionDenied):
        _acts(goal)[act](request.getfixturevalue(who))
    assert CasePlanGoal.objects.values().get(pk=goal.pk) == before
    assert HistoryEntry.objects.count() == entries
    _acts(goal)[act](coordinator)
    assert HistoryEntry.objects.count() > entries


@pytest.mark.parametrize("who", ["casework_manager", "cfdu", "stranger", "administrator"])
def test_who_does_not_write_about_the_child_opens_no_goal(
    request: pytest.FixtureRequest, child: Child, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        lifecycle.open_with_goal_in_force(
            child,
            goal=Goal.RESTORATION,
            effective_on=date(2025, 3, 10),
            source_note="ChildStory",
            by=request.getfixturevalue(who),
            on=TODAY,
        )
    assert not child.goals.exists()
