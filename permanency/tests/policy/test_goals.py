"""Which goals have a clock, in which order they are considered, and what calls for caution."""

import pytest

from permanency.policy.goals import (
    TWO_YEAR_GOALS,
    AboriginalStatus,
    Goal,
    adoption_warning,
    asks_for_adoption_reasons,
    goal_warnings,
    goals_in_order,
    options_in_order,
    restoration_warning,
)

PRESERVATION, RESTORATION = Goal.PRESERVATION, Goal.RESTORATION
GUARDIANSHIP, ADOPTION, LONG_TERM_CARE = Goal.GUARDIANSHIP, Goal.ADOPTION, Goal.LONG_TERM_CARE

ADOPTION_BEFORE_LONG_TERM_CARE = (
    (PRESERVATION, RESTORATION),
    (GUARDIANSHIP,),
    (ADOPTION,),
    (LONG_TERM_CARE,),
)
ADOPTION_LAST = (
    (PRESERVATION, RESTORATION),
    (GUARDIANSHIP,),
    (LONG_TERM_CARE,),
    (ADOPTION,),
)


@pytest.mark.parametrize(
    ("goal", "has_clock"),
    [
        (PRESERVATION, False),
        (RESTORATION, True),
        (GUARDIANSHIP, True),
        (ADOPTION, True),
        (LONG_TERM_CARE, False),
    ],
)
def test_three_goals_have_a_two_year_clock(goal: Goal, has_clock: bool) -> None:
    assert goal.has_two_year_clock is has_clock
    assert (goal in TWO_YEAR_GOALS) is has_clock


@pytest.mark.parametrize(
    ("status", "order"),
    [
        (AboriginalStatus.NEITHER, ADOPTION_BEFORE_LONG_TERM_CARE),
        (AboriginalStatus.ABORIGINAL, ADOPTION_LAST),
        (AboriginalStatus.TORRES_STRAIT_ISLANDER, ADOPTION_LAST),
        (AboriginalStatus.BOTH, ADOPTION_LAST),
        (AboriginalStatus.BEING_WORKED_OUT, ADOPTION_LAST),
        (AboriginalStatus.UNKNOWN, ADOPTION_LAST),
    ],
)
def test_goals_are_considered_in_the_order_of_the_act(
    status: AboriginalStatus, order: tuple[tuple[Goal, ...], ...]
) -> None:
    assert options_in_order(status) == order
    assert goals_in_order(status) == tuple(goal for rank in order for goal in rank)


@pytest.mark.parametrize("status", AboriginalStatus)
def test_every_goal_stands_once_in_every_order(status: AboriginalStatus) -> None:
    assert sorted(goals_in_order(status)) == sorted(Goal)


@pytest.mark.parametrize(
    ("status", "opening"),
    [
        (AboriginalStatus.ABORIGINAL, "For an Aboriginal or Torres Strait Islander child"),
        (AboriginalStatus.TORRES_STRAIT_ISLANDER, "For an Aboriginal or Torres Strait Islander"),
        (AboriginalStatus.BOTH, "For an Aboriginal or Torres Strait Islander child"),
        (AboriginalStatus.BEING_WORKED_OUT, "It is not yet known"),
        (AboriginalStatus.UNKNOWN, "It is not yet known"),
    ],
)
def test_adoption_asks_for_reasons_where_it_comes_last(
    status: AboriginalStatus, opening: str
) -> None:
    assert asks_for_adoption_reasons(ADOPTION, status)
    assert adoption_warning(ADOPTION, status).startswith(opening)
    assert "Record the reasons" in adoption_warning(ADOPTION, status)


@pytest.mark.parametrize(
    ("goal", "status"),
    [
        (ADOPTION, AboriginalStatus.NEITHER),
        *((goal, AboriginalStatus.ABORIGINAL) for goal in Goal if goal is not ADOPTION),
    ],
)
def test_no_adoption_caution_elsewhere(goal: Goal, status: AboriginalStatus) -> None:
    assert not asks_for_adoption_reasons(goal, status)
    assert adoption_warning(goal, status) == ""


@pytest.mark.parametrize(
    ("goal", "order_kind", "recorded", "cautioned"),
    [
        (RESTORATION, "long_term", False, True),
        (RESTORATION, "long_term", True, False),
        (RESTORATION, "short_term", False, False),
        (RESTORATION, None, False, False),
        (GUARDIANSHIP, "long_term", False, False),
        (LONG_TERM_CARE, "long_term", False, False),
    ],
)
def test_restoration_under_a_long_term_order_needs_a_section_90_step(
    goal: Goal, order_kind: str | None, recorded: bool, cautioned: bool
) -> None:
    caution = restoration_warning(goal, order_kind, section_90_recorded=recorded)
    assert ("section 90" in caution) is cautioned


def test_cautions_collects_what_applies_and_nothing_else() -> None:
    neither, aboriginal = AboriginalStatus.NEITHER, AboriginalStatus.ABORIGINAL
    assert goal_warnings(GUARDIANSHIP, aboriginal, "long_term") == ()
    assert goal_warnings(ADOPTION, aboriginal) == (adoption_warning(ADOPTION, aboriginal),)
    assert goal_warnings(RESTORATION, neither, "long_term") == (
        restoration_warning(RESTORATION, "long_term"),
    )
    assert goal_warnings(RESTORATION, neither, "long_term", section_90_recorded=True) == ()
