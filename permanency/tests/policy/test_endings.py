"""What ends the clocks, and which of several endings counts."""

from datetime import date

import pytest

from permanency.policy.goals import (
    TWO_YEAR_GOALS,
    Ending,
    EndReason,
    Goal,
    achievement_event,
    ending,
    not_owed_reason,
)
from permanency.tests.policy.days import day, day_or_none

BORN_ON = day("14 May 2008")  # 18 on 14 May 2026
LEAP_BORN_ON = day("29 Feb 2008")  # 18 on 28 February 2026


@pytest.mark.parametrize(
    ("died", "achieved", "left", "on", "reason", "ended"),
    [
        ("", "", "", "13 May 2026", None, ""),
        ("", "", "", "14 May 2026", EndReason.TURNED_18, "14 May 2026"),
        ("", "", "", "1 Jan 2030", EndReason.TURNED_18, "14 May 2026"),
        ("2 Mar 2026", "", "", "1 Mar 2026", None, ""),
        ("2 Mar 2026", "", "", "2 Mar 2026", EndReason.DIED, "2 Mar 2026"),
        ("", "2 Mar 2026", "", "1 Jan 2030", EndReason.ACHIEVED, "2 Mar 2026"),
        ("", "", "2 Mar 2026", "1 Jan 2030", EndReason.LEFT_STATE, "2 Mar 2026"),
        (
            "3 Mar 2026",
            "2 Mar 2026",
            "1 Mar 2026",
            "1 Jan 2030",
            EndReason.LEFT_STATE,
            "1 Mar 2026",
        ),
        ("1 Mar 2026", "2 Mar 2026", "3 Mar 2026", "1 Jan 2030", EndReason.DIED, "1 Mar 2026"),
        ("1 Jan 2027", "", "", "1 Jan 2030", EndReason.TURNED_18, "14 May 2026"),
        ("", "14 May 2026", "", "1 Jan 2030", EndReason.ACHIEVED, "14 May 2026"),
        ("14 May 2026", "14 May 2026", "", "1 Jan 2030", EndReason.DIED, "14 May 2026"),
        ("", "", "14 May 2026", "1 Jan 2030", EndReason.TURNED_18, "14 May 2026"),
    ],
)
def test_the_earliest_ending_counts(
    died: str, achieved: str, left: str, on: str, reason: EndReason | None, ended: str
) -> None:
    found = ending(
        born_on=BORN_ON,
        died_on=day_or_none(died),
        achieved_on=day_or_none(achieved),
        left_state_on=day_or_none(left),
        on=day(on),
    )
    assert found == (None if reason is None else Ending(reason, day(ended)))


@pytest.mark.parametrize(
    ("on", "ended"),
    [("27 Feb 2026", None), ("28 Feb 2026", day("28 Feb 2026"))],
)
def test_a_child_born_on_a_leap_day_turns_18_on_28_february(on: str, ended: date | None) -> None:
    found = ending(born_on=LEAP_BORN_ON, on=day(on))
    assert (found and found.on) == ended


def test_without_a_birth_date_nothing_ends_by_age() -> None:
    assert ending(born_on=None, on=day("1 Jan 2090")) is None


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (EndReason.ACHIEVED, "Permanency was achieved on 2 March 2026."),
        (EndReason.GOAL_CHANGED, "The goal changed on 2 March 2026."),
        (EndReason.TURNED_18, "The child turned 18 on 2 March 2026."),
        (EndReason.DIED, "The child died on 2 March 2026."),
        (EndReason.LEFT_STATE, "The child moved out of New South Wales on 2 March 2026."),
    ],
)
def test_an_ending_reads_as_a_sentence(reason: EndReason, sentence: str) -> None:
    assert Ending(reason, day("2 Mar 2026")).sentence() == sentence


def test_an_ending_is_named_in_short() -> None:
    ended = Ending(EndReason.ACHIEVED, day("2 Mar 2026"))
    assert ended.words() == f"{EndReason.ACHIEVED.label} on 2 March 2026"


@pytest.mark.parametrize(
    ("due", "owed"),
    [("13 May 2026", True), ("14 May 2026", False), ("15 May 2026", False)],
)
def test_a_date_from_the_18th_birthday_on_is_not_owed(due: str, owed: bool) -> None:
    reason = not_owed_reason(day(due), born_on=BORN_ON, ended=None)
    assert reason == (
        "" if owed else "The child turns 18 on 14 May 2026, and every date ends then."
    )


def test_once_the_clocks_have_ended_nothing_is_owed() -> None:
    died = Ending(EndReason.DIED, day("2 Mar 2026"))
    assert not_owed_reason(day("1 Mar 2026"), born_on=BORN_ON, ended=died) == died.sentence()


def test_without_a_birth_date_or_an_ending_a_date_is_owed() -> None:
    assert not_owed_reason(day("1 Jan 2090"), born_on=None, ended=None) == ""


@pytest.mark.parametrize("goal", Goal)
def test_only_two_year_goals_are_achieved_by_an_event(goal: Goal) -> None:
    assert bool(achievement_event(goal)) == (goal in TWO_YEAR_GOALS)


def test_restoration_is_achieved_by_the_law_not_by_moving_home() -> None:
    assert "parental responsibility returns" in achievement_event(Goal.RESTORATION)
    assert "guardianship order" in achievement_event(Goal.GUARDIANSHIP)
    assert "adoption order" in achievement_event(Goal.ADOPTION)
