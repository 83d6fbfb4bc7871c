"""A decision that was changed, taken away or added past the triggers is found by the history."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consultations.models import Decision, GoalChange
from consultations.tests.cases import change_in
from consultations.workflow import Status, Step
from directory.audit.verify import verify
from directory.models import HistoryEntry, User
from permanency.models import Child


@pytest.fixture
def change(child: Child, coordinator: User, cfdu: User) -> GoalChange:
    """Return a declined change: it was proposed, endorsed and declined."""
    return change_in(Status.DECLINED, child, coordinator=coordinator, approver=cfdu)


def reword(change: GoalChange) -> None:
    change.decisions.filter(step=Step.DECLINE).update(reasons="None given.")


def put_it_on_another(change: GoalChange) -> None:
    change.decisions.filter(step=Step.ENDORSE).update(by=change.decisions.get(step="decline").by)


def turn_it_round(change: GoalChange) -> None:
    change.decisions.filter(step=Step.DECLINE).update(step=Step.APPROVE)


def take_away(change: GoalChange) -> None:
    change.decisions.filter(step=Step.ENDORSE).delete()


def take_all_away(change: GoalChange) -> None:
    change.decisions.all().delete()


def add(change: GoalChange) -> None:
    last = change.decisions.get(step=Step.DECLINE)
    last.pk, last.step = None, Step.APPROVE
    last.save(force_insert=True)


def test_decisions_and_history_tell_one_story(change: GoalChange) -> None:
    assert Decision.objects.count() == 3
    assert verify().faults == []


@pytest.mark.parametrize(
    "act", [reword, put_it_on_another, turn_it_round, take_away, take_all_away, add]
)
def test_a_decision_that_was_changed_is_found(
    change: GoalChange, act: Callable[[GoalChange], None]
) -> None:
    act(change)
    assert [each.place for each in verify().faults] == [f"goal change {change.pk}"]


def take_it_back(change: GoalChange) -> None:
    GoalChange.objects.filter(pk=change.pk).update(status=Status.WITHDRAWN)


def name_another_endorser(change: GoalChange) -> None:
    another = change.decisions.get(step=Step.DECLINE).by
    GoalChange.objects.filter(pk=change.pk).update(endorsed_by=another)


def name_an_approver(change: GoalChange) -> None:
    another = change.decisions.get(step=Step.DECLINE).by
    GoalChange.objects.filter(pk=change.pk).update(approved_by=another)


@pytest.mark.parametrize("act", [take_it_back, name_another_endorser, name_an_approver])
def test_a_change_that_says_otherwise_than_its_decisions_is_found(
    change: GoalChange, act: Callable[[GoalChange], None]
) -> None:
    """The history and the decisions stay whole: only the row that pages show is another."""
    act(change)
    assert [each.place for each in verify().faults] == [f"goal change {change.pk}"]


def test_a_redacted_reason_is_no_fault(change: GoalChange) -> None:
    """What was redacted in the history may still stand in the decision, or have gone from it."""
    entry = HistoryEntry.objects.filter(verb="declined a goal change")
    entry.update(before={}, after={}, note="", salt="")
    assert f"goal change {change.pk}" not in [each.place for each in verify().faults]
