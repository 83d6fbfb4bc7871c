"""By which version of the rules a goal's dates are worked out, now and whenever they are again."""

from __future__ import annotations

from datetime import date

import pytest

from directory.models import District, User
from permanency.care import services as care
from permanency.children import services as register
from permanency.goals import intensive, lifecycle, two_years
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.policy.rules import Transition
from permanency.tests.factories import hold_review, make_child
from permanency.tests.rules import publish

pytestmark = pytest.mark.django_db

BEFORE, EFFECTIVE_ON, AFTER = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
KEEP, RECOUNT, SOONER = Transition.KEEP, Transition.RECOUNT, Transition.SOONER


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter, born_on=date(2015, 3, 2))


def opened(child: Child, goal: Goal, effective_on: date, *, on: date = BEFORE) -> CasePlanGoal:
    return lifecycle.open_with_goal_in_force(
        child, goal=goal, effective_on=effective_on, source_note="ChildStory", by=None, on=on
    )


def test_a_draft_and_a_version_to_come_change_nothing(child: Child, coordinator: User) -> None:
    publish(EFFECTIVE_ON, RECOUNT, long_term_care=6)
    publish(date(2026, 5, 1), RECOUNT, is_published=False, long_term_care=1)
    goal = opened(child, Goal.LONG_TERM_CARE, date(2026, 1, 10))
    assert (goal.review_due_on, goal.review_rule_version) == (date(2027, 1, 10), 1)


def test_a_new_goal_and_a_new_anchor_count_by_the_rules_of_their_day(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.LONG_TERM_CARE, date(2026, 1, 10))
    publish(EFFECTIVE_ON, KEEP, long_term_care=6, restoration=4)
    held = hold_review(goal, held_on=date(2026, 6, 20), by=coordinator, on=AFTER)
    assert (held.review_due_on, held.review_rule_version) == (date(2026, 12, 20), 2)
    new = lifecycle.put_in_force(child, goal="restoration", effective_on=AFTER, by=None, on=AFTER)
    assert (new.review_due_on, new.review_rule_version) == (date(2026, 12, 1), 2)
    assert (new.two_year_rule_version, new.first_in_episode_on) == (2, AFTER)


@pytest.mark.parametrize(
    ("transition", "due_on", "version"),
    [
        (KEEP, date(2027, 1, 10), 1),
        # Already under version 2 before the tick has come to it: the same date as the tick gives.
        (RECOUNT, date(2026, 7, 10), 2),
        (SOONER, date(2026, 7, 10), 2),
    ],
)
def test_an_open_date_worked_out_again_keeps_its_versions(
    transition: Transition, due_on: date, version: int, child: Child, coordinator: User
) -> None:
    opened(child, Goal.LONG_TERM_CARE, date(2026, 1, 10))
    publish(EFFECTIVE_ON, transition, long_term_care=6)
    care.enter_care(child, entered_on=date(2026, 1, 5), by=coordinator, on=AFTER)
    goal = child.goals.get()
    assert (goal.review_due_on, goal.review_rule_version) == (due_on, version)


def test_a_kept_date_is_marked_by_the_version_that_it_was_made_under(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 10))
    publish(EFFECTIVE_ON, KEEP, restoration=9, intensive=2)
    marked = intensive.mark_intensive(goal, reasons="Unlikely", by=coordinator, on=AFTER)
    assert (marked.review_due_on, marked.review_rule_version) == (date(2026, 8, 10), 1)
    unmarked = intensive.unmark_intensive(marked, reasons="Likely", by=coordinator, on=AFTER)
    assert (unmarked.review_due_on, unmarked.review_rule_version) == (date(2026, 11, 10), 1)


def test_a_recounted_date_is_marked_by_the_new_version(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 10))
    publish(EFFECTIVE_ON, RECOUNT, intensive=2)
    marked = intensive.mark_intensive(goal, reasons="Unlikely", by=coordinator, on=AFTER)
    assert (marked.review_due_on, marked.review_rule_version) == (date(2026, 9, 10), 2)


def test_an_extension_is_laid_on_the_version_of_the_open_two_year_date(
    child: Child, coordinator: User
) -> None:
    goal = opened(child, Goal.RESTORATION, date(2026, 5, 10))
    publish(EFFECTIVE_ON, KEEP, clock=36)
    two_years.record_extension(
        goal,
        extended_to=date(2028, 7, 1),
        decided_on=AFTER,
        decided_by_name="District executive",
        reasons="More time",
        by=coordinator,
        on=AFTER,
    )
    goal.refresh_from_db()
    assert (goal.two_year_on, goal.two_year_rule_version) == (date(2028, 7, 1), 1)
    assert goal.two_year_derivation["original_on"] == "2028-05-10"


def test_a_corrected_birth_date_asks_the_same_count_again(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.LONG_TERM_CARE, date(2026, 1, 10))
    publish(EFFECTIVE_ON, KEEP, long_term_care=6)

    def born(day: date) -> CasePlanGoal:
        child.refresh_from_db()
        register.edit_child(
            child, changes={"born_on": day}, version=child.version, by=coordinator, on=AFTER
        )
        return CasePlanGoal.objects.get(pk=goal.pk)

    assert born(date(2008, 12, 1)).review_due_on is None
    again = born(date(2014, 12, 1))
    assert (again.review_due_on, again.review_rule_version) == (date(2027, 1, 10), 1)
    assert "1 December 2032" in again.review_derivation["ends_when"]


def test_an_older_review_recorded_late_moves_nothing(child: Child, coordinator: User) -> None:
    goal = opened(child, Goal.LONG_TERM_CARE, date(2026, 1, 10))
    hold_review(goal, held_on=date(2026, 5, 20), by=coordinator, on=BEFORE)
    publish(EFFECTIVE_ON, KEEP, long_term_care=6)
    held = hold_review(goal, held_on=date(2026, 4, 20), by=coordinator, on=AFTER)
    assert (held.review_due_on, held.review_rule_version) == (date(2027, 5, 20), 1)
