"""From which day the two years count, and what stops, resumes or begins them afresh."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.goals import TWO_YEAR_GOALS, Goal
from permanency.policy.rules import VERSION_1, Rules
from permanency.policy.two_year_clock import (
    GoalPeriod,
    clock_start,
    clock_start_on,
    first_in_episode_on,
    period_in_force,
    two_year_date,
)
from permanency.tests.policy.days import day, day_or_none
from permanency.tests.policy.stories import (
    ADOPTION,
    CARE_ENTRY,
    EACH_GOAL,
    GUARDIANSHIP,
    LONG_TERM_CARE,
    PRESERVATION,
    RESTORATION,
    Story,
    goal_periods,
    story_clock,
)


@pytest.mark.parametrize(
    ("story", "due"),
    [
        ([(RESTORATION, "14 May 2026")], "14 May 2028"),
        ([(GUARDIANSHIP, "14 May 2026")], "14 May 2028"),
        ([(ADOPTION, "14 May 2026")], "14 May 2028"),
        ([(PRESERVATION, "14 May 2026")], ""),
        ([(LONG_TERM_CARE, "14 May 2026")], ""),
        # Leap days.
        ([(RESTORATION, "29 Feb 2028")], "28 Feb 2030"),
        ([(RESTORATION, "28 Feb 2026")], "28 Feb 2028"),
        # No new start between two-year goals.
        ([(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")], "14 May 2028"),
        (
            [(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027"), (ADOPTION, "1 Mar 2029")],
            "14 May 2028",
        ),
        # Preservation first: the clock begins with the two-year goal.
        ([(PRESERVATION, "14 May 2026"), (RESTORATION, "1 Feb 2027")], "1 Feb 2029"),
        # Preservation in between: it stops, and resumes with the original date.
        ([(RESTORATION, "14 May 2026"), (PRESERVATION, "1 Feb 2027")], ""),
        (
            [
                (RESTORATION, "14 May 2026"),
                (PRESERVATION, "1 Feb 2027"),
                (GUARDIANSHIP, "1 Aug 2027"),
            ],
            "14 May 2028",
        ),
        # Long term care in between: afresh.
        ([(LONG_TERM_CARE, "14 May 2026"), (RESTORATION, "1 Feb 2027")], "1 Feb 2029"),
        (
            [
                (RESTORATION, "14 May 2026"),
                (LONG_TERM_CARE, "1 Feb 2027"),
                (GUARDIANSHIP, "1 Aug 2029"),
            ],
            "1 Aug 2031",
        ),
        # Both in between, in either order: long term care decides.
        (
            [
                (RESTORATION, "14 May 2026"),
                (PRESERVATION, "1 Sep 2026"),
                (LONG_TERM_CARE, "1 Feb 2027"),
                (GUARDIANSHIP, "1 Aug 2029"),
            ],
            "1 Aug 2031",
        ),
        (
            [
                (RESTORATION, "14 May 2026"),
                (LONG_TERM_CARE, "1 Feb 2027"),
                (PRESERVATION, "1 Sep 2027"),
                (GUARDIANSHIP, "1 Aug 2029"),
                (RESTORATION, "1 Oct 2029"),
            ],
            "1 Aug 2031",
        ),
        # Long term care recorded and corrected on the same day was never in force.
        (
            [
                (RESTORATION, "14 May 2026"),
                (LONG_TERM_CARE, "1 Feb 2027"),
                (GUARDIANSHIP, "1 Feb 2027"),
            ],
            "14 May 2028",
        ),
    ],
)
def test_two_years_from_the_first_two_year_goal_in_the_care_episode(story: Story, due: str) -> None:
    assert story_clock(story).on == day_or_none(due)


@pytest.mark.parametrize(
    ("entered", "due"),
    [
        ("", "14 May 2028"),  # no episode on record: every goal counts
        ("1 Jan 2026", "14 May 2028"),
        ("14 May 2026", "14 May 2028"),
        # The episode began while restoration was in force: it counts from that day.
        ("15 May 2026", "15 May 2028"),
        ("31 Jan 2027", "31 Jan 2029"),
        # A new episode: restoration had ended, so only guardianship counts.
        ("1 Feb 2027", "1 Feb 2029"),
        ("1 Aug 2027", "1 Aug 2029"),
    ],
)
def test_a_new_care_episode_starts_afresh(entered: str, due: str) -> None:
    story = [(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")]
    assert story_clock(story, entered=entered).on == day(due)


def test_a_goal_of_an_earlier_episode_that_ended_with_nothing_after_it_does_not_count() -> None:
    earlier = GoalPeriod(RESTORATION, day("1 Mar 2020"), day("1 Mar 2021"))
    now = GoalPeriod(GUARDIANSHIP, day("1 Apr 2026"))
    derivation = two_year_date(
        goal_periods=[now, earlier], entered_care_on=day("1 Jan 2026"), rules=VERSION_1
    )
    assert derivation.on == day("1 Apr 2028")
    assert derivation.adjustments == (
        "This care episode began on 1 January 2026; time before it does not count.",
        "It falls on a Saturday; the date does not move.",
    )


def test_a_goal_that_ended_on_the_first_day_of_the_episode_was_before_it() -> None:
    earlier = GoalPeriod(RESTORATION, day("14 May 2026"), day("1 Feb 2027"))
    now = GoalPeriod(GUARDIANSHIP, day("1 Apr 2027"))
    beginning = clock_start([earlier, now], entered_care_on=day("1 Feb 2027"), rules=VERSION_1)
    assert beginning.on == day("1 Apr 2027")


def test_the_order_in_which_the_spells_are_given_does_not_matter() -> None:
    story = [
        (RESTORATION, "14 May 2026"),
        (LONG_TERM_CARE, "1 Feb 2027"),
        (GUARDIANSHIP, "1 Aug 2029"),
        (ADOPTION, "1 Oct 2029"),
    ]
    for order in permutations(goal_periods(story)):
        beginning = clock_start(order, entered_care_on=None, rules=VERSION_1)
        assert beginning == clock_start(goal_periods(story), entered_care_on=None, rules=VERSION_1)
        assert beginning.on == day("1 Aug 2029")


@pytest.mark.parametrize(
    ("rules", "story", "entered", "due"),
    [
        (EACH_GOAL, [(RESTORATION, "14 May 2026")], "1 Jan 2026", "14 May 2028"),
        (
            EACH_GOAL,
            [(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")],
            "1 Jan 2026",
            "1 Feb 2029",
        ),
        (EACH_GOAL, [(RESTORATION, "14 May 2026")], "", "14 May 2028"),
        (EACH_GOAL, [(RESTORATION, "14 May 2026")], "1 Jul 2026", "1 Jul 2028"),
        (EACH_GOAL, [(LONG_TERM_CARE, "14 May 2026")], "1 Jan 2026", ""),
        (CARE_ENTRY, [(RESTORATION, "14 May 2026")], "1 Jan 2026", "1 Jan 2028"),
        (
            CARE_ENTRY,
            [(LONG_TERM_CARE, "14 May 2020"), (GUARDIANSHIP, "1 Feb 2026")],
            "1 Jan 2020",
            "1 Jan 2022",
        ),
        (CARE_ENTRY, [(RESTORATION, "14 May 2026")], "", ""),
        (CARE_ENTRY, [(PRESERVATION, "14 May 2026")], "1 Jan 2026", ""),
    ],
)
def test_the_other_two_settings(rules: Rules, story: Story, entered: str, due: str) -> None:
    assert story_clock(story, entered=entered, rules=rules).on == day_or_none(due)


def test_from_entry_to_care_a_child_without_a_care_episode_has_no_clock_and_is_told_why() -> None:
    derivation = story_clock([(RESTORATION, "14 May 2026")], entered="", rules=CARE_ENTRY)
    assert derivation.no_date_reason == (
        "No care episode is recorded, and the time counts from entry to care."
    )


@pytest.mark.parametrize(
    ("rules", "event"),
    [
        (VERSION_1, "the day a two-year goal first took effect in this care episode"),
        (EACH_GOAL, "the day the goal took effect"),
        (CARE_ENTRY, "the day the child entered care"),
    ],
)
def test_each_setting_names_its_start(rules: Rules, event: str) -> None:
    assert story_clock([(RESTORATION, "14 May 2026")], rules=rules).start_event == event


def test_under_preservation_the_date_that_would_resume_is_named() -> None:
    story = [(RESTORATION, "14 May 2026"), (PRESERVATION, "1 Feb 2027")]
    assert story_clock(story).adjustments == (
        "The clock stopped on 1 February 2027. A later two-year goal in this care episode would "
        "resume its original date, 14 May 2028.",
    )
    assert story_clock(story, rules=EACH_GOAL).adjustments == ()
    assert story_clock(story, rules=CARE_ENTRY).adjustments == ()


def test_under_long_term_care_nothing_would_resume() -> None:
    assert (
        story_clock([(RESTORATION, "14 May 2026"), (LONG_TERM_CARE, "1 Feb 2027")]).adjustments
        == ()
    )


@pytest.mark.parametrize(
    ("story", "notes"),
    [
        (
            [(RESTORATION, "15 May 2026"), (GUARDIANSHIP, "1 Feb 2027")],
            ("Guardianship took effect on 1 February 2027; the time did not start again.",),
        ),
        (
            [
                (RESTORATION, "15 May 2026"),
                (PRESERVATION, "1 Feb 2027"),
                (GUARDIANSHIP, "1 Aug 2027"),
            ],
            (
                "Family preservation stopped the clock on 1 February 2027; with guardianship on "
                "1 August 2027 it resumed with its original date.",
            ),
        ),
        (
            [
                (RESTORATION, "15 May 2026"),
                (LONG_TERM_CARE, "1 Feb 2027"),
                (GUARDIANSHIP, "2 Aug 2027"),
            ],
            (
                "Long term care from 1 February 2027 ended the earlier clock, so the time counts "
                "afresh.",
            ),
        ),
        ([(RESTORATION, "29 Feb 2028")], ("That month has no day 29, so its last day counts.",)),
        ([(RESTORATION, "13 May 2026")], ("It falls on a Saturday; the date does not move.",)),
    ],
)
def test_the_derivation_says_what_led_to_the_date(story: Story, notes: tuple[str, ...]) -> None:
    assert story_clock(story).adjustments == notes


def test_the_goal_in_force_is_the_one_that_has_not_ended() -> None:
    story = goal_periods([(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")])
    assert period_in_force(story) == GoalPeriod(GUARDIANSHIP, day("1 Feb 2027"))
    assert period_in_force(story[:1]) is None
    assert period_in_force([]) is None


@pytest.mark.parametrize(
    ("story", "first"),
    [
        ([(RESTORATION, "14 May 2026"), (PRESERVATION, "1 Feb 2027")], ""),
        ([(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")], "14 May 2026"),
        ([(RESTORATION, "14 May 2025"), (GUARDIANSHIP, "1 Feb 2027")], "1 Jan 2026"),
    ],
)
def test_the_first_day_of_a_two_year_goal_in_the_episode(story: Story, first: str) -> None:
    entered_on = day("1 Jan 2026")
    found = first_in_episode_on(goal_periods(story), entered_care_on=entered_on)
    assert found == day_or_none(first)
    assert first_in_episode_on([], entered_care_on=entered_on) is None


@given(
    goals=st.lists(st.sampled_from(sorted(TWO_YEAR_GOALS)), min_size=1, max_size=6),
    gaps=st.lists(st.integers(1, 500), min_size=6, max_size=6),
    start_on=st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)),
)
def test_no_row_of_two_year_goals_ever_moves_the_start(
    goals: list[Goal], gaps: list[int], start_on: date
) -> None:
    chain, effective_on = [], start_on
    for goal, gap in zip(goals, gaps, strict=False):
        ended_on = date.fromordinal(effective_on.toordinal() + gap)
        chain.append(GoalPeriod(goal, effective_on, ended_on))
        effective_on = ended_on
    chain[-1] = replace(chain[-1], ended_on=None)
    beginning = clock_start(chain, entered_care_on=None, rules=VERSION_1)
    assert beginning.on == start_on
    assert len(beginning.notes) == len(goals) - 1


@pytest.mark.parametrize(
    ("goal", "rules", "start"),
    [
        (RESTORATION, VERSION_1, "1 Feb 2025"),
        (RESTORATION, EACH_GOAL, "14 May 2026"),
        (RESTORATION, CARE_ENTRY, "3 Jan 2025"),
        (LONG_TERM_CARE, CARE_ENTRY, ""),
    ],
)
def test_the_start_of_the_clock_follows_the_setting_where_all_days_are_known(
    goal: Goal, rules: Rules, start: str
) -> None:
    start_on = clock_start_on(
        goal,
        effective_on=day("14 May 2026"),
        entered_care_on=day("3 Jan 2025"),
        first_in_episode_on=day("1 Feb 2025"),
        rules=rules,
    )
    assert start_on == day_or_none(start)
