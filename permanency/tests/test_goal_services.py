"""Goals in force and their dates, through the services, on stored rows."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from directory.models import District, HistoryEntry, User
from directory.refusals import StepNotAllowedError
from permanency.models import CasePlanGoal, Child
from permanency.policy.endings import EndReason
from permanency.policy.goals import Goal
from permanency.services import clocks, goals
from permanency.tests.factories import make_child, make_episode

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 1)


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter, born_on=date(2015, 3, 2))


def opened(child: Child, goal: Goal, effective_on: date, **known: date | None) -> CasePlanGoal:
    return goals.open_with_goal_in_force(
        child,
        goal=goal,
        effective_on=effective_on,
        source_note="ChildStory",
        by=None,
        on=TODAY,
        **known,
    )


@pytest.mark.parametrize(
    ("goal", "effective_on", "held_on", "review_due_on", "two_year_on"),
    [
        (Goal.PRESERVATION, date(2026, 5, 31), None, date(2026, 8, 31), None),
        (Goal.RESTORATION, date(2026, 2, 10), None, date(2026, 8, 10), date(2028, 2, 10)),
        (Goal.GUARDIANSHIP, date(2025, 2, 10), date(2026, 3, 31), date(2026, 9, 30), "10 Feb 2027"),
        (Goal.LONG_TERM_CARE, date(2024, 2, 29), None, date(2025, 2, 28), None),
    ],
)
def test_a_goal_opened_in_force_has_the_dates_of_its_kind(
    child: Child,
    goal: Goal,
    effective_on: date,
    held_on: date | None,
    review_due_on: date,
    two_year_on: date | str | None,
) -> None:
    stored = opened(child, goal, effective_on, last_review_held_on=held_on)
    stored.refresh_from_db()
    assert stored.review_due_on == review_due_on
    expected = date(2027, 2, 10) if isinstance(two_year_on, str) else two_year_on
    assert stored.two_year_on == expected
    assert stored.source == CasePlanGoal.Source.OPENED_IN_FORCE


def test_the_stored_reason_gives_the_stored_date(child: Child) -> None:
    stored = opened(child, Goal.RESTORATION, date(2026, 2, 10))
    stored.refresh_from_db()
    dates = clocks.stored(stored)
    assert dates.review.on == stored.review_due_on
    assert dates.two_year.on == stored.two_year_on
    assert "10 February 2026 + 6 months = 10 August 2026" in dates.review.sentences()[2]


def test_a_child_with_a_goal_is_not_opened_again(child: Child) -> None:
    opened(child, Goal.RESTORATION, date(2026, 2, 10))
    with pytest.raises(StepNotAllowedError, match="goal here already"):
        opened(child, Goal.ADOPTION, date(2026, 2, 10))
    assert child.goals.count() == 1


@pytest.mark.parametrize(
    ("effective_on", "known", "sentence"),
    [
        (date(2026, 7, 2), {}, "after today"),
        (date(2015, 3, 1), {}, "before the child was born"),
        (date(2026, 2, 10), {"last_review_held_on": date(2026, 7, 2)}, "after today"),
        (date(2026, 2, 10), {"last_review_held_on": date(2026, 2, 9)}, "on or after"),
        (date(2026, 2, 10), {"first_two_year_goal_on": date(2026, 2, 11)}, "no later"),
        (date(2026, 2, 10), {"first_two_year_goal_on": date(2015, 3, 1)}, "born"),
    ],
)
def test_opening_refuses_days_that_cannot_be(
    child: Child, effective_on: date, known: dict[str, date], sentence: str
) -> None:
    with pytest.raises(StepNotAllowedError, match=sentence):
        opened(child, Goal.RESTORATION, effective_on, **known)
    assert not child.goals.exists()


def test_an_approved_goal_ends_the_old_one_and_keeps_the_two_year_date(
    child: Child, coordinator: User
) -> None:
    old = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    new = goals.put_in_force(
        child, goal=Goal.GUARDIANSHIP, effective_on=date(2026, 6, 30), by=coordinator, on=TODAY
    )
    old.refresh_from_db()
    assert (old.ended_on, old.end_reason) == (date(2026, 6, 30), EndReason.GOAL_CHANGED)
    assert old.review_due_on == date(2025, 9, 10), "the overdue review stays a recorded miss"
    assert new.review_due_on == date(2026, 12, 30)
    assert new.two_year_on == date(2027, 3, 10)


def test_long_term_care_in_between_starts_the_two_years_afresh(
    child: Child, coordinator: User
) -> None:
    opened(child, Goal.RESTORATION, date(2022, 3, 10))
    for goal, day in ((Goal.LONG_TERM_CARE, date(2024, 1, 5)), (Goal.ADOPTION, date(2026, 6, 1))):
        new = goals.put_in_force(child, goal=goal, effective_on=day, by=coordinator, on=TODAY)
    assert new.two_year_on == date(2028, 6, 1)


def test_a_goal_takes_effect_neither_in_the_future_nor_before_the_one_it_replaces(
    child: Child, coordinator: User
) -> None:
    opened(child, Goal.RESTORATION, date(2025, 3, 10))
    for day in (date(2026, 7, 2), date(2025, 3, 9)):
        with pytest.raises(StepNotAllowedError):
            goals.put_in_force(
                child, goal=Goal.ADOPTION, effective_on=day, by=coordinator, on=TODAY
            )
    assert child.goals.get().goal == Goal.RESTORATION


def test_marking_and_unmarking_intensive_move_the_open_date(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 31))
    assert goal.review_due_on == date(2026, 11, 30)
    goal = goals.mark_intensive(goal, reasons="Unlikely in time", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 8, 31)
    goal = goals.unmark_intensive(goal, reasons="Back on track", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 11, 30)
    assert goal.intensive_since is None


def test_a_date_already_overdue_stays_when_the_goal_is_marked(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    goal = goals.mark_intensive(goal, reasons="More support", by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2025, 9, 10)


@pytest.mark.parametrize("goal", [Goal.PRESERVATION, Goal.LONG_TERM_CARE])
def test_only_a_two_year_goal_is_marked_intensive(
    child: Child, coordinator: User, goal: Goal
) -> None:
    row = opened(child, goal, date(2026, 5, 31))
    with pytest.raises(StepNotAllowedError, match="two-year goal"):
        goals.mark_intensive(row, reasons="More support", by=coordinator, on=TODAY)
    with (
        pytest.raises(IntegrityError, match="only_a_two_year_goal_is_intensive"),
        transaction.atomic(),
    ):
        CasePlanGoal.objects.filter(pk=row.pk).update(
            intensive_since=TODAY, intensive_reasons="x", intensive_by=coordinator
        )


def test_a_review_held_starts_the_next_period_and_an_intensive_goal_keeps_three_months(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 12, 31))
    goal = goals.review_held(goal, held_on=date(2026, 6, 30), by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 12, 30)
    goal = goals.mark_intensive(goal, reasons="More support", by=coordinator, on=TODAY)
    goal = goals.review_held(goal, held_on=TODAY, by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 10, 1)


def test_a_review_typed_in_for_an_earlier_day_does_not_move_the_date_back(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 12, 31))
    goal = goals.review_held(goal, held_on=date(2026, 6, 30), by=coordinator, on=TODAY)
    goal = goals.review_held(goal, held_on=date(2026, 3, 1), by=coordinator, on=TODAY)
    assert goal.review_due_on == date(2026, 12, 30)


def test_an_extension_gives_a_second_date_and_keeps_the_original(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    goals.record_extension(
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
    assert clocks.stored(goal).two_year.original_on == date(2027, 3, 10)


@pytest.mark.parametrize(
    ("extended_to", "decided_on"),
    [
        (date(2027, 3, 10), date(2026, 6, 1)),
        (date(2027, 9, 10), date(2026, 7, 2)),
        (date(2027, 9, 10), date(2025, 3, 9)),
        (date(2040, 1, 1), date(2026, 6, 1)),
    ],
)
def test_an_extension_that_cannot_be_is_refused(
    child: Child, coordinator: User, extended_to: date, decided_on: date
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    with pytest.raises(StepNotAllowedError):
        goals.record_extension(
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
    goals.record_achievement(goal, achieved_on=date(2026, 6, 1), by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (date(2026, 6, 1), EndReason.ACHIEVED)
    with pytest.raises(StepNotAllowedError, match="no longer in force"):
        goals.review_held(goal, held_on=TODAY, by=coordinator, on=TODAY)


def test_the_tick_ends_the_goals_of_those_who_turn_18(hunter: District) -> None:
    leap = make_child(hunter, born_on=date(2008, 2, 29))
    younger = make_child(hunter, born_on=date(2008, 3, 1))
    for each in (leap, younger):
        opened(each, Goal.LONG_TERM_CARE, date(2024, 1, 1))
    assert goals.end_goals_of_adults(on=date(2026, 2, 27)) == 0
    assert goals.end_goals_of_adults(on=date(2026, 2, 28)) == 1
    ended = leap.goals.get()
    assert (ended.ended_on, ended.end_reason) == (date(2026, 2, 28), EndReason.TURNED_18)
    assert younger.goals.get().ended_on is None


def test_a_review_that_would_fall_on_or_after_the_18th_birthday_is_not_owed(
    hunter: District,
) -> None:
    nearly = make_child(hunter, born_on=date(2008, 9, 1))
    goal = opened(nearly, Goal.LONG_TERM_CARE, date(2026, 1, 1))
    assert goal.review_due_on is None
    assert "18" in clocks.stored(goal).review.no_date_reason


def test_a_new_care_episode_starts_the_two_years_afresh(child: Child, coordinator: User) -> None:
    make_episode(child, entered_on=date(2022, 1, 1), left_on=date(2024, 1, 1))
    goal = opened(child, Goal.RESTORATION, date(2023, 3, 10))
    assert goal.two_year_on == date(2025, 3, 10)
    make_episode(child, entered_on=date(2026, 2, 1))
    goal_now = goals.refresh_clocks(child, by=coordinator, on=TODAY)
    assert goal_now is not None
    assert goal_now.two_year_on == date(2028, 2, 1)


def test_a_death_ends_the_goal(child: Child, coordinator: User) -> None:
    opened(child, Goal.RESTORATION, date(2026, 3, 10))
    Child.objects.filter(pk=child.pk).update(died_on=date(2026, 6, 20))
    assert goals.refresh_clocks(child, by=coordinator, on=TODAY) is None
    assert child.goals.get().end_reason == EndReason.DIED


def test_every_verb_writes_the_history_with_what_differs(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 31))
    goals.mark_intensive(goal, reasons="Unlikely in time", by=coordinator, on=TODAY)
    entry = HistoryEntry.objects.filter(child_number=child.pk).first()
    assert entry is not None
    assert entry.verb == "marked the goal intensive"
    assert entry.by == coordinator
    assert entry.appointment is not None
    assert entry.before == {"intensive_since": None, "review_due_on": "2026-11-30"}
    assert entry.after == {"intensive_since": "2026-07-01", "review_due_on": "2026-08-31"}
    assert entry.note == "Unlikely in time"


def test_the_page_that_previews_a_goal_leaves_the_goal_in_force_alone(child: Child) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    foreseen = clocks.after_change(
        child, goal=Goal.GUARDIANSHIP, effective_on=date(2026, 6, 30), on=TODAY
    )
    assert foreseen.review.on == date(2026, 12, 30)
    assert foreseen.two_year.on == date(2027, 3, 10)
    goal.refresh_from_db()
    assert goal.ended_on is None


def test_no_child_has_two_open_goals(child: Child) -> None:
    opened(child, Goal.RESTORATION, date(2025, 3, 10))
    with (
        pytest.raises(IntegrityError, match=r"one_open_goal_per_child|child_id"),
        transaction.atomic(),
    ):
        CasePlanGoal.objects.create(
            child=child,
            goal=Goal.ADOPTION,
            effective_on=date(2026, 1, 1),
            source=CasePlanGoal.Source.APPROVED,
        )
