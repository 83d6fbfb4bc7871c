"""Goals in force and their dates, through the services, on stored rows."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from directory import history
from directory.errors import StepNotAllowedError
from directory.models import District, HistoryEntry, User
from permanency.children import services as register
from permanency.goals import clocks, lifecycle, store
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import EndReason, Goal
from permanency.tests.factories import make_child, make_episode

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

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
    dates = clocks.dates_on_goal(stored)
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
        (date(2026, 2, 10), {"last_review_held_on": date(2015, 3, 1)}, "born"),
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
    new = lifecycle.put_in_force(
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
        new = lifecycle.put_in_force(child, goal=goal, effective_on=day, by=coordinator, on=TODAY)
    assert new.two_year_on == date(2028, 6, 1)


def test_a_goal_takes_effect_neither_in_the_future_nor_before_the_one_it_replaces(
    child: Child, coordinator: User
) -> None:
    opened(child, Goal.RESTORATION, date(2025, 3, 10))
    for day in (date(2026, 7, 2), date(2025, 3, 9)):
        with pytest.raises(StepNotAllowedError):
            lifecycle.put_in_force(
                child, goal=Goal.ADOPTION, effective_on=day, by=coordinator, on=TODAY
            )
    assert child.goals.get().goal == Goal.RESTORATION


def test_the_tick_ends_the_goals_of_those_who_turn_18(hunter: District) -> None:
    leap = make_child(hunter, born_on=date(2008, 2, 29))
    younger = make_child(hunter, born_on=date(2008, 3, 1))
    for each in (leap, younger):
        opened(each, Goal.LONG_TERM_CARE, date(2024, 1, 1))
    assert lifecycle.end_goals_of_adults(on=date(2026, 2, 27)) == 0
    assert lifecycle.end_goals_of_adults(on=date(2026, 2, 28)) == 1
    ended = leap.goals.get()
    assert (ended.ended_on, ended.end_reason) == (date(2026, 2, 28), EndReason.TURNED_18)
    assert younger.goals.get().ended_on is None


def test_a_review_that_would_fall_on_or_after_the_18th_birthday_is_not_owed(
    hunter: District,
) -> None:
    nearly = make_child(hunter, born_on=date(2008, 9, 1))
    goal = opened(nearly, Goal.LONG_TERM_CARE, date(2026, 1, 1))
    assert goal.review_due_on is None
    assert "18" in clocks.dates_on_goal(goal).review.no_date_reason


def test_a_new_care_episode_starts_the_two_years_afresh(child: Child, coordinator: User) -> None:
    make_episode(child, entered_on=date(2022, 1, 1), left_on=date(2024, 1, 1))
    goal = opened(child, Goal.RESTORATION, date(2023, 3, 10))
    assert goal.two_year_on == date(2025, 3, 10)
    make_episode(child, entered_on=date(2026, 2, 1))
    goal_now = lifecycle.refresh_clocks(child, by=coordinator, on=TODAY)
    assert goal_now is not None
    assert goal_now.two_year_on == date(2028, 2, 1)


def test_a_death_ends_the_goal(child: Child, coordinator: User) -> None:
    opened(child, Goal.RESTORATION, date(2026, 3, 10))
    Child.objects.filter(pk=child.pk).update(died_on=date(2026, 6, 20))
    assert lifecycle.refresh_clocks(child, by=coordinator, on=TODAY) is None
    assert child.goals.get().end_reason == EndReason.DIED


FACTS = {
    "birth": ({"born_on": date(2005, 3, 2)}, {"born_on": date(2015, 3, 2)}, EndReason.TURNED_18),
    "death": ({"died_on": date(2026, 6, 20)}, {"died_on": None}, EndReason.DIED),
    "move": ({"left_state_on": date(2026, 6, 20)}, {"left_state_on": None}, EndReason.LEFT_STATE),
}


@pytest.mark.parametrize(("mistake", "mended", "reason"), FACTS.values(), ids=FACTS)
def test_a_goal_that_a_mistaken_fact_ended_is_in_force_again_with_its_dates(
    child: Child,
    coordinator: User,
    mistake: register.ChildFields,
    mended: register.ChildFields,
    reason: EndReason,
) -> None:
    goal = opened(child, Goal.GUARDIANSHIP, date(2025, 3, 10))
    stood = history.values(goal)
    assert goal.review_due_on == date(2025, 9, 10), "overdue"

    register.edit_child(child, changes=mistake, version=1, by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert goal.end_reason == reason
    assert not Child.objects.without_goal(on=TODAY).exists()

    register.edit_child(child, changes=mended, version=2, by=coordinator, on=date(2026, 9, 1))
    goal.refresh_from_db()
    assert history.values(goal) == stood
    assert goal.two_year_on == date(2027, 3, 10)
    entry = HistoryEntry.objects.order_by("pk").last()
    assert entry is not None
    assert entry.verb == lifecycle.IN_FORCE_AGAIN


def test_another_day_or_reason_of_the_end_is_taken_over(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 3, 10))
    for version, died_on in enumerate((date(2026, 6, 20), date(2026, 6, 2)), start=1):
        changes: register.ChildFields = {"died_on": died_on}
        register.edit_child(child, changes=changes, version=version, by=coordinator, on=TODAY)
        goal.refresh_from_db()
        assert goal.ended_on == died_on
    changes = {"died_on": None, "left_state_on": date(2026, 6, 25)}
    register.edit_child(child, changes=changes, version=3, by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (date(2026, 6, 25), EndReason.LEFT_STATE)


@pytest.mark.parametrize("reason", [EndReason.ACHIEVED, EndReason.GOAL_CHANGED])
def test_a_goal_that_was_ended_by_a_decision_is_not_put_in_force_by_a_fact(
    child: Child, coordinator: User, reason: EndReason
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 3, 10))
    store.end_goal(goal, reason, ended_on=date(2026, 5, 1), by=coordinator, on=TODAY)
    changes: register.ChildFields = {"born_on": date(2015, 3, 3)}
    register.edit_child(child, changes=changes, version=1, by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert goal.end_reason == reason


def test_the_page_that_previews_a_goal_leaves_the_goal_in_force_alone(child: Child) -> None:
    goal = opened(child, Goal.RESTORATION, date(2025, 3, 10))
    foreseen = clocks.dates_after_goal_change(
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
