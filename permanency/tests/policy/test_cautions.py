"""What is to be looked at before a goal change is decided, the worst first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from permanency.policy.cautions import (
    NO_CULTURAL_CONSULTATION,
    ORDER_SOON_DAYS,
    Caution,
    change_cautions,
)
from permanency.policy.goals import AboriginalStatus, Goal
from permanency.policy.two_year_clock import TWO_YEAR_SOON_DAYS

ON = date(2026, 11, 30)


def ahead(days: int) -> date:
    return ON + timedelta(days=days)


def shorts(
    goal: Goal = Goal.GUARDIANSHIP,
    status: AboriginalStatus = AboriginalStatus.NEITHER,
    *,
    is_consulted: bool = True,
    **facts: Any,
) -> list[str]:
    """Return the cautions as a list says them."""
    found = change_cautions(goal, status, has_cultural_consultation=is_consulted, on=ON, **facts)
    return [each.short for each in found]


def only_caution(**facts: Any) -> Caution:
    neither = AboriginalStatus.NEITHER
    goal = Goal.GUARDIANSHIP
    (caution,) = change_cautions(goal, neither, has_cultural_consultation=True, on=ON, **facts)
    return caution


def test_the_worst_comes_first() -> None:
    assert shorts(
        Goal.ADOPTION,
        AboriginalStatus.BOTH,
        is_consulted=False,
        order_expires_on=ahead(61),
        two_year_on=ahead(73),
    ) == [
        NO_CULTURAL_CONSULTATION,
        "Order ends in 61 days",
        "Two-year date in 73 days",
        "Adoption, the last option",
    ]


@pytest.mark.parametrize("status", AboriginalStatus)
def test_an_aboriginal_child_without_a_cultural_consultation(status: AboriginalStatus) -> None:
    asked = status.is_settled and status is not AboriginalStatus.NEITHER
    assert shorts(status=status, is_consulted=False) == ([NO_CULTURAL_CONSULTATION] * asked)
    assert shorts(status=status) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AboriginalStatus.ABORIGINAL, "for an Aboriginal child."),
        (AboriginalStatus.TORRES_STRAIT_ISLANDER, "for a Torres Strait Islander child."),
    ],
)
def test_the_caution_names_the_child_as_recorded_and_what_is_noted(
    status: AboriginalStatus, words: str
) -> None:
    (caution,) = change_cautions(
        Goal.GUARDIANSHIP,
        status,
        has_cultural_consultation=False,
        cultural_note="Planned for 9 December.",
        on=ON,
    )
    assert caution.sentence.endswith(words)
    assert caution.detail == "Planned for 9 December."


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, ["Order ends today"]),
        (1, ["Order ends in 1 day"]),
        (ORDER_SOON_DAYS, [f"Order ends in {ORDER_SOON_DAYS} days"]),
        (ORDER_SOON_DAYS + 1, []),
        (-1, []),
    ],
)
def test_an_order_that_ends_soon(days: int, said: list[str]) -> None:
    assert shorts(order_expires_on=ahead(days)) == said


@pytest.mark.parametrize(
    ("recorded", "words"), [(True, "An application"), (False, "No application")]
)
def test_an_order_says_whether_an_application_is_recorded(recorded: bool, words: str) -> None:
    caution = only_caution(order_expires_on=ahead(9), section_90_recorded=recorded)
    assert caution.detail.startswith(words)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-40, ["Two-year date 40 days ago"]),
        (0, ["Two-year date today"]),
        (TWO_YEAR_SOON_DAYS, [f"Two-year date in {TWO_YEAR_SOON_DAYS} days"]),
        (TWO_YEAR_SOON_DAYS + 1, []),
    ],
)
def test_a_two_year_date_that_is_near_or_has_passed(days: int, said: list[str]) -> None:
    assert shorts(two_year_on=ahead(days)) == said


@pytest.mark.parametrize(("stays", "words"), [(True, "This change does not move it."), (False, "")])
def test_the_two_year_date_says_whether_the_change_moves_it(stays: bool, words: str) -> None:
    caution = only_caution(two_year_on=ahead(9), two_year_stays=stays)
    assert caution.detail == words


def test_restoration_under_a_long_term_order() -> None:
    found = shorts(Goal.RESTORATION, order_kind="long_term")
    assert found == ["Long term order, no section 90"]
    assert shorts(Goal.RESTORATION, order_kind="long_term", section_90_recorded=True) == []
    assert shorts(Goal.ADOPTION) == []
