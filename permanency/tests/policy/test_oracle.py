"""The engine and an independent oracle agree over ten thousand lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanency.policy.goals import Goal
from permanency.policy.review_dates import due_after_marking, next_review
from permanency.policy.rules import VERSION_1, ClockStart
from permanency.policy.two_year_clock import GoalPeriod, two_year_date
from permanency.tests.policy import oracle
from permanency.tests.policy.days import add_months_by_hand

pytestmark = [pytest.mark.once, pytest.mark.slow]  # ten thousand lives take a minute

CASES = 10_000
FIRST = date(2014, 1, 1)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """What the dates of one child depend on."""

    born_on: date
    goals: list[tuple[str, date]]
    entered_on: date | None
    known_on: date | None
    extended_to: date | None
    decided_on: date | None
    begins: ClockStart
    held_on: date | None
    intensive: bool
    open_on: date
    changed_on: date

    @property
    def goal_periods(self) -> list[GoalPeriod]:
        """Return the goals as the policy is told of them."""
        ends = [since_on for _, since_on in self.goals[1:]]
        return [
            GoalPeriod(Goal(goal), since_on, ended_on)
            for (goal, since_on), ended_on in zip(self.goals, [*ends, None], strict=True)
        ]


days = st.integers(0, 1_200).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Return one life; its goals begin on different days, in order."""
    sinces = sorted(draw(st.sets(days, min_size=1, max_size=4)))
    goals = [(draw(st.sampled_from(Goal.values)), since_on) for since_on in sinces]
    last_on = sinces[-1]
    later = st.integers(-400, 1_200).map(lambda number: last_on + timedelta(days=number))
    return Life(
        born_on=FIRST - timedelta(days=draw(st.integers(0, 6_200))),
        goals=goals,
        entered_on=draw(st.none() | days),
        known_on=draw(st.none() | days),
        extended_to=draw(st.none() | later),
        decided_on=draw(st.none() | later),
        begins=draw(st.sampled_from(ClockStart)),
        held_on=draw(st.none() | later),
        intensive=draw(st.booleans()),
        open_on=draw(later),
        changed_on=draw(later),
    )


def test_the_engine_and_the_oracle_give_the_same_dates(
    record_property: Callable[[str, object], None],
) -> None:
    compared = 0

    @settings(max_examples=CASES)
    @given(lives())
    def agree(life: Life) -> None:
        nonlocal compared
        compared += 1
        assert _engine(life) == _oracle(life)

    agree()
    assert compared >= CASES
    record_property(
        "figure", f"P20: {compared} lives, the engine's dates are the oracle's each time"
    )


def _engine(life: Life) -> dict[str, date | None]:
    goal, since_on = life.goals[-1]
    rules = replace(VERSION_1, clock_start=life.begins)
    review = next_review(
        goal=Goal(goal),
        effective_on=since_on,
        last_held_on=life.held_on,
        intensive=life.intensive,
        rules=rules,
        born_on=life.born_on,
    )
    told = {
        "review": review.on,
        "two years": two_year_date(
            goal_periods=life.goal_periods,
            entered_care_on=life.entered_on,
            first_two_year_goal_on=life.known_on,
            extended_to=life.extended_to,
            extension_decided_on=life.decided_on,
            born_on=life.born_on,
            rules=rules,
        ).on,
    }
    if Goal(goal).has_two_year_clock and review.on is not None and review.start_on is not None:
        told["marked"] = due_after_marking(
            goal=Goal(goal),
            anchor_on=review.start_on,
            due_on=life.open_on,
            marked_on=life.changed_on,
            intensive=not life.intensive,
            rules=rules,
            born_on=life.born_on,
        ).on
    return told


def _oracle(life: Life) -> dict[str, date | None]:
    policy = oracle.Policy(begins=life.begins.value)
    goal, since_on = life.goals[-1]
    anchor_on = max(since_on, life.held_on or since_on)
    months = policy.period(goal, intensive=life.intensive)
    due_on = next(oracle.multiples(anchor_on, months))
    told = {
        "review": oracle.day_before_18(due_on, life.born_on),
        "two years": oracle.day_before_18(_two_years(life, policy), life.born_on),
    }
    if goal in oracle.TWO_YEAR_GOALS and told["review"] is not None:
        changed_on = oracle.day_after_new_period(
            life.open_on,
            anchor_on=anchor_on,
            months=policy.period(goal, intensive=not life.intensive),
            from_on=life.changed_on,
            only_sooner=not life.intensive,
        )
        told["marked"] = oracle.day_before_18(changed_on, life.born_on)
    return told


def _two_years(life: Life, policy: oracle.Policy) -> date | None:
    goal, since_on = life.goals[-1]
    if goal not in oracle.TWO_YEAR_GOALS:
        return None
    if policy.begins == "care_entry":
        start_on = life.entered_on
    elif policy.begins == "each_goal":
        start_on = max(since_on, life.entered_on or since_on)
    else:
        on = max(since_on, life.entered_on or since_on)
        start_on = oracle.start_of_two_years(
            life.goals, entered_on=life.entered_on, known_on=life.known_on, on=on
        )
    if start_on is None:
        return None
    two_years_on = add_months_by_hand(start_on, policy.clock)
    counts = life.decided_on is None or life.decided_on >= start_on
    if life.extended_to is None or not counts:
        return two_years_on
    return max(two_years_on, life.extended_to)
