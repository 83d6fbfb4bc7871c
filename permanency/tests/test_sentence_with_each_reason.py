"""The reason stored with a date holds its sentence: every new one, and every one from before."""

from __future__ import annotations

import importlib
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from directory.models import District, User
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal
from permanency.policy.derivation import IN_SHORT, Derivation
from permanency.tests.factories import make_child, make_goal

migration = importlib.import_module("permanency.migrations.0010_a_sentence_with_each_reason")
PARTS = ("months", "times", "kept_on", "extended_to", "not_before")
GOALS = ("restoration", "preservation", "long_term_care", "adoption", "guardianship")
# What cannot be read stays as it is.
ODD: list[Any] = [{}, {"on": "2026-05-10"}, {"on": "never"}, [], "text"]


@pytest.fixture
def opened(hunter: District, coordinator: User) -> list[CasePlanGoal]:
    """Return goals as the services store them, with and without a two-year date."""
    return [
        lifecycle.open_with_goal_in_force(
            make_child(hunter),
            goal=goal,
            effective_on=date(2025, 11, 10),
            source_note="Test",
            by=coordinator,
            on=date(2026, 5, 14),
        )
        for goal in GOALS
    ]


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in names}


def stored() -> list[tuple[Any, ...]]:
    return list(CasePlanGoal.objects.order_by("pk").values_list(*migration.REASONS))


@pytest.mark.parametrize("former", [(), PARTS], ids=["with its parts", "from before the parts"])
def test_every_reason_from_before_gets_the_sentence_that_it_would_say(
    opened: list[CasePlanGoal], former: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    for goal in opened:
        for name in migration.REASONS:
            setattr(goal, name, without(getattr(goal, name), IN_SHORT, *former))
        goal.save()
    before = stored()
    migration.add_sentences(apps, None)
    after = stored()
    assert [tuple(without(each, IN_SHORT) for each in row) for row in after] == before
    said = [each[IN_SHORT] for row in after for each in row]
    assert said == [Derivation.from_data(each).in_short() for row in before for each in row]
    assert all(row[0][IN_SHORT] for row in after)
    migration.add_sentences(apps, None)
    assert stored() == after


@pytest.mark.parametrize("reason", ODD)
def test_a_reason_that_cannot_be_read_stays_as_it_is(hunter: District, reason: Any) -> None:
    goal = make_goal(make_child(hunter), review_derivation=reason)
    before = CasePlanGoal.objects.values_list("review_derivation").get()
    migration.add_sentences(apps, None)
    assert CasePlanGoal.objects.values_list("review_derivation").get(pk=goal.pk) == before


def test_the_sentence_is_stored_with_the_date(opened: list[CasePlanGoal]) -> None:
    for row in stored():
        for data in row:
            assert data[IN_SHORT] == Derivation.from_data(data).in_short()
