"""A goal opened as already in force brings its first two-year date from an earlier record."""

import pytest

from permanency.policy.rules import VERSION_1
from permanency.policy.two_year_clock import GoalPeriod, first_two_year_goal_error, two_year_date
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
    story_clock,
)


def test_a_goal_opened_again_in_a_new_episode_brings_its_own_first_date() -> None:
    earlier = GoalPeriod(RESTORATION, day("1 Mar 2020"), day("1 Mar 2021"), day("1 Feb 2020"))
    now = GoalPeriod(GUARDIANSHIP, day("1 Apr 2026"), None, day("2 Feb 2026"))
    derivation = two_year_date(
        goal_periods=[earlier, now],
        entered_care_on=day("1 Jan 2026"),
        first_two_year_goal_on=day("1 Feb 2020"),
        rules=VERSION_1,
    )
    assert derivation.on == day("2 Feb 2028")


@pytest.mark.parametrize(
    ("story", "known", "entered", "due"),
    [
        # Opened with guardianship in force; restoration had come first, before this record.
        ([(GUARDIANSHIP, "14 May 2026")], "1 Sep 2025", "1 Jul 2025", "1 Sep 2027"),
        ([(GUARDIANSHIP, "14 May 2026")], "14 May 2026", "1 Jul 2025", "14 May 2028"),
        ([(GUARDIANSHIP, "14 May 2026")], "1 Sep 2025", "", "1 Sep 2027"),
        # Later two-year goals keep it; preservation resumes it; long term care ends it.
        (
            [(GUARDIANSHIP, "14 May 2026"), (ADOPTION, "1 Oct 2026")],
            "1 Sep 2025",
            "1 Jul 2025",
            "1 Sep 2027",
        ),
        (
            [(PRESERVATION, "14 May 2026"), (RESTORATION, "1 Oct 2026")],
            "1 Sep 2025",
            "1 Jul 2025",
            "1 Sep 2027",
        ),
        (
            [(LONG_TERM_CARE, "14 May 2026"), (RESTORATION, "1 Oct 2026")],
            "1 Sep 2025",
            "1 Jul 2025",
            "1 Oct 2028",
        ),
        # A known date from before this episode, or after the goal itself, does not count.
        ([(GUARDIANSHIP, "14 May 2026")], "1 Sep 2020", "1 Jul 2025", "14 May 2028"),
        ([(GUARDIANSHIP, "14 May 2026")], "15 May 2026", "1 Jul 2025", "14 May 2028"),
    ],
)
def test_a_goal_opened_as_in_force_counts_from_the_first_date_known(
    story: Story, known: str, entered: str, due: str
) -> None:
    assert story_clock(story, known=known, entered=entered).on == day(due)


def test_the_known_first_date_matters_only_to_the_setting_that_uses_it() -> None:
    story = [(GUARDIANSHIP, "14 May 2026")]
    assert story_clock(story, known="1 Mar 2026", rules=EACH_GOAL).on == day("14 May 2028")
    assert story_clock(story, known="1 Mar 2026", rules=CARE_ENTRY).on == day("1 Jan 2028")


@pytest.mark.parametrize(
    ("known", "entered", "note"),
    [
        ("2 Mar 2026", "1 Jan 2026", "That day was recorded when the goal was opened"),
        ("2 Mar 2025", "1 Jan 2026", "is before this care episode began, 1 January 2026."),
        ("2 Jun 2026", "1 Jan 2026", "is after the goal took effect, 14 May 2026."),
    ],
)
def test_the_derivation_says_whether_the_known_first_date_counts(
    known: str, entered: str, note: str
) -> None:
    assert (
        note
        in story_clock([(RESTORATION, "14 May 2026")], known=known, entered=entered).adjustments[0]
    )


@pytest.mark.parametrize(
    ("known", "entered", "error"),
    [
        ("14 May 2026", "14 May 2026", ""),
        ("1 Mar 2026", "", ""),
        ("15 May 2026", "", "is after the goal took effect, 14 May 2026."),
        ("1 Mar 2026", "2 Mar 2026", "is before this care episode began, 2 March 2026."),
    ],
)
def test_a_first_two_year_goal_date_that_cannot_be_is_refused_in_words(
    known: str, entered: str, error: str
) -> None:
    found = first_two_year_goal_error(
        day(known), effective_on=day("14 May 2026"), entered_care_on=day_or_none(entered)
    )
    assert found.endswith(error)
    assert bool(found) is bool(error)
