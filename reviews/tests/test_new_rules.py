"""The day on which rules take effect: the tick moves the open dates, once, and tells it."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps

from directory.models import District, HistoryEntry, Notice, TickRun
from directory.tests.inboxes import make_inbox
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal, Child, RulesTakenEffect
from permanency.policy.goals import Goal
from permanency.policy.rules import Transition
from permanency.rules import preview as rules_preview
from permanency.tests.factories import make_child
from permanency.tests.rules import publish
from reviews import notices_due

pytestmark = pytest.mark.django_db

BEFORE, FROM_JULY = date(2026, 6, 10), date(2026, 7, 1)
RECOUNT = Transition.RECOUNT


def tick(on: date) -> TickRun:
    at = notices_due.morning_of(on)
    return notices_due.tick(at=at, now=lambda: at)


def child_with(district: District, goal: Goal, effective_on: date) -> Child:
    child = make_child(district, born_on=date(2015, 3, 2))
    lifecycle.open_with_goal_in_force(
        child,
        goal=goal,
        effective_on=effective_on,
        source_note="ChildStory",
        by=None,
        on=BEFORE,
    )
    return child


def due_of(child: Child) -> tuple[date | None, int]:
    goal = child.goals.get(ended_on=None)
    return goal.review_due_on, goal.review_rule_version


@pytest.fixture
def children(hunter: District) -> dict[str, Child]:
    """Return children whose reviews come after the day, before it, and by a rule that stays."""
    make_inbox("Hunter", hunter)
    return {
        "moves": child_with(hunter, Goal.LONG_TERM_CARE, date(2026, 1, 20)),
        "overdue": child_with(hunter, Goal.LONG_TERM_CARE, date(2025, 6, 20)),
        "stays": child_with(hunter, Goal.RESTORATION, date(2026, 1, 5)),
    }


def test_the_tick_moves_the_open_dates_on_the_day_and_not_before_and_once(
    children: dict[str, Child],
) -> None:
    publish(FROM_JULY, RECOUNT, long_term_care=6)
    tick(date(2026, 6, 30))
    assert due_of(children["moves"]) == (date(2027, 1, 20), 1)
    run = tick(FROM_JULY)
    assert run.problems == []
    assert run.counts["reviews moved by new rules"] == 1
    assert due_of(children["moves"]) == (date(2026, 7, 20), 2)
    assert due_of(children["overdue"]) == (date(2026, 6, 20), 1)
    assert due_of(children["stays"]) == (date(2026, 7, 5), 1)
    taken = RulesTakenEffect.objects.get()
    assert (taken.on, taken.reviews_moved, taken.two_year_dates_moved) == (FROM_JULY, 1, 0)
    entry = HistoryEntry.objects.get(verb="followed version 2 of the rules")
    assert (entry.child_number, entry.by) == (children["moves"].pk, None)
    assert (entry.before, entry.after) == (
        {"review_due_on": "2027-01-20"},
        {"review_due_on": "2026-07-20"},
    )
    entries = HistoryEntry.objects.count()
    again = tick(FROM_JULY)
    assert "reviews moved by new rules" not in again.counts
    assert HistoryEntry.objects.count() == entries


def test_a_tick_that_comes_late_gives_the_dates_of_the_day(children: dict[str, Child]) -> None:
    publish(FROM_JULY, RECOUNT, long_term_care=6)
    publish(date(2026, 8, 1), RECOUNT, long_term_care=9)
    tick(date(2026, 9, 10))
    # First to 20 July by version 2, which was overdue when version 3 took effect.
    assert due_of(children["moves"]) == (date(2026, 7, 20), 2)
    assert RulesTakenEffect.objects.count() == 2


def test_a_run_for_a_day_ahead_moves_nothing_yet(children: dict[str, Child]) -> None:
    publish(FROM_JULY, RECOUNT, long_term_care=6)
    real = notices_due.morning_of(BEFORE)
    notices_due.tick(at=notices_due.morning_of(FROM_JULY), now=lambda: real)
    assert due_of(children["moves"]) == (date(2027, 1, 20), 1)


def test_notices_of_a_date_that_moved_are_settled_and_the_new_date_is_told(
    hunter: District, children: dict[str, Child]
) -> None:
    child = child_with(hunter, Goal.GUARDIANSHIP, date(2026, 1, 25))
    tick(date(2026, 6, 30))
    told = Notice.objects.get(child_number=child.pk)
    assert (told.about_on, told.settled_at) == (date(2026, 7, 25), None)
    publish(FROM_JULY, RECOUNT, guardianship=4)
    tick(FROM_JULY)
    told.refresh_from_db()
    assert told.settled_at is not None
    # 25 January + 2 times 4 months: nobody is told of that yet.
    assert due_of(child) == (date(2026, 9, 25), 2)
    tick(date(2026, 8, 28))
    assert Notice.objects.get(child_number=child.pk, settled_at=None).about_on == date(2026, 9, 25)


def test_a_child_whose_dates_cannot_be_worked_out_is_left_and_asked_again(
    hunter: District, children: dict[str, Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = child_with(hunter, Goal.LONG_TERM_CARE, date(2026, 2, 20))
    CasePlanGoal.objects.filter(child=other).update(review_derivation={})
    publish(FROM_JULY, RECOUNT, long_term_care=6)
    run = tick(FROM_JULY)
    assert [each["matter"] for each in run.problems] == [f"new rules for child {other.pk}"]
    assert due_of(children["moves"]) == (date(2026, 7, 20), 2)
    assert not RulesTakenEffect.objects.exists()


def test_a_what_if_counts_and_stores_nothing(children: dict[str, Child]) -> None:
    draft = publish(FROM_JULY, RECOUNT, is_published=False, long_term_care=6, clock=18)
    before = everything()
    found = rules_preview.what_if(CasePlanGoal.objects.all(), draft.rules, on=BEFORE)
    assert everything() == before
    total = found.total
    assert (total.goals, total.due_before, total.earlier, total.later) == (3, 1, 1, 0)
    assert (total.newly_due, total.newly_relieved, total.two_year_moved) == (1, 0, 1)
    assert total.more_a_year == 2
    assert [name for name, _ in found.districts] == ["Hunter"]
    assert [name for name, _ in found.people] == ["Nobody in particular"]


def test_a_longer_period_relieves(children: dict[str, Child]) -> None:
    draft = publish(FROM_JULY, RECOUNT, is_published=False, restoration=12)
    total = rules_preview.what_if(CasePlanGoal.objects.all(), draft.rules, on=BEFORE).total
    assert (total.earlier, total.later, total.newly_due, total.newly_relieved) == (0, 1, 0, 1)
    assert total.reviews_a_year == -1


@pytest.mark.parametrize("transition", [Transition.KEEP, Transition.SOONER])
def test_open_dates_that_stay_are_not_counted_as_moving(
    transition: Transition, children: dict[str, Child]
) -> None:
    draft = publish(FROM_JULY, transition, is_published=False, restoration=12)
    total = rules_preview.what_if(CasePlanGoal.objects.all(), draft.rules, on=BEFORE).total
    assert (total.reviews_moved, total.newly_relieved, total.reviews_a_year) == (0, 0, -1)


def everything() -> dict[str, list[str]]:
    """Return every row of every table."""
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models()
    }
