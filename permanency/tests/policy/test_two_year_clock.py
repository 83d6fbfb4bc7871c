"""From when the two years count, what stops, resumes and extends them, and how much is used."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanency.policy.derivation import Derivation
from permanency.policy.endings import Ending, EndReason
from permanency.policy.goals import TWO_YEAR_GOALS, Goal
from permanency.policy.rules import VERSION_1, ClockStart, Rules
from permanency.policy.two_year_clock import (
    Spell,
    clock_progress,
    clock_start,
    extension_error,
    first_two_year_goal_error,
    goal_in_force,
    two_year_date,
)
from permanency.tests.policy.days import day, maybe

pytestmark = pytest.mark.once

PRESERVATION, RESTORATION = Goal.PRESERVATION, Goal.RESTORATION
GUARDIANSHIP, ADOPTION, LONG_TERM_CARE = Goal.GUARDIANSHIP, Goal.ADOPTION, Goal.LONG_TERM_CARE

EACH_GOAL = replace(VERSION_1, clock_start=ClockStart.EACH_GOAL)
CARE_ENTRY = replace(VERSION_1, clock_start=ClockStart.CARE_ENTRY)

Story = list[tuple[Goal, str]]


def spells(story: Story) -> list[Spell]:
    """Return the spells of a story in which each goal gives way to the next; the last is open."""
    ends = [day(words) for _, words in story[1:]]
    return [
        Spell(goal, day(words), ended_on)
        for (goal, words), ended_on in zip(story, [*ends, None], strict=True)
    ]


def clock(
    story: Story,
    *,
    entered: str = "1 Jan 2026",
    known: str = "",
    rules: Rules = VERSION_1,
    born: str = "",
    extended: str = "",
    decided: str = "",
    ended: Ending | None = None,
) -> Derivation:
    return two_year_date(
        spells=spells(story),
        entered_care_on=maybe(entered),
        first_two_year_goal_on=maybe(known),
        extended_to=maybe(extended),
        extension_decided_on=maybe(decided),
        ended=ended,
        born_on=maybe(born),
        rules=rules,
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
    assert clock(story).on == maybe(due)


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
    assert clock(story, entered=entered).on == day(due)


def test_a_goal_of_an_earlier_episode_that_ended_with_nothing_after_it_does_not_count() -> None:
    earlier = Spell(RESTORATION, day("1 Mar 2020"), day("1 Mar 2021"))
    now = Spell(GUARDIANSHIP, day("1 Apr 2026"))
    derivation = two_year_date(
        spells=[now, earlier], entered_care_on=day("1 Jan 2026"), rules=VERSION_1
    )
    assert derivation.on == day("1 Apr 2028")
    assert derivation.adjustments == (
        "This care episode began on 1 January 2026; time before it does not count.",
        "It falls on a Saturday; the date does not move.",
    )


def test_a_goal_that_ended_on_the_first_day_of_the_episode_was_before_it() -> None:
    earlier = Spell(RESTORATION, day("14 May 2026"), day("1 Feb 2027"))
    now = Spell(GUARDIANSHIP, day("1 Apr 2027"))
    beginning = clock_start([earlier, now], entered_care_on=day("1 Feb 2027"), rules=VERSION_1)
    assert beginning.on == day("1 Apr 2027")


def test_the_order_in_which_the_spells_are_given_does_not_matter() -> None:
    story = [
        (RESTORATION, "14 May 2026"),
        (LONG_TERM_CARE, "1 Feb 2027"),
        (GUARDIANSHIP, "1 Aug 2029"),
        (ADOPTION, "1 Oct 2029"),
    ]
    for order in permutations(spells(story)):
        beginning = clock_start(order, entered_care_on=None, rules=VERSION_1)
        assert beginning == clock_start(spells(story), entered_care_on=None, rules=VERSION_1)
        assert beginning.on == day("1 Aug 2029")


def test_a_goal_opened_again_in_a_new_episode_brings_its_own_first_date() -> None:
    earlier = Spell(RESTORATION, day("1 Mar 2020"), day("1 Mar 2021"), day("1 Feb 2020"))
    now = Spell(GUARDIANSHIP, day("1 Apr 2026"), None, day("2 Feb 2026"))
    derivation = two_year_date(
        spells=[earlier, now],
        entered_care_on=day("1 Jan 2026"),
        first_two_year_goal_on=day("1 Feb 2020"),
        rules=VERSION_1,
    )
    assert derivation.on == day("2 Feb 2028")


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
    assert clock(story, entered=entered, rules=rules).on == maybe(due)


def test_from_entry_to_care_a_child_without_a_care_episode_has_no_clock_and_is_told_why() -> None:
    derivation = clock([(RESTORATION, "14 May 2026")], entered="", rules=CARE_ENTRY)
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
    assert clock([(RESTORATION, "14 May 2026")], rules=rules).start_event == event


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
    assert clock(story, known=known, entered=entered).on == day(due)


def test_the_known_first_date_matters_only_to_the_setting_that_uses_it() -> None:
    story = [(GUARDIANSHIP, "14 May 2026")]
    assert clock(story, known="1 Mar 2026", rules=EACH_GOAL).on == day("14 May 2028")
    assert clock(story, known="1 Mar 2026", rules=CARE_ENTRY).on == day("1 Jan 2028")


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
        note in clock([(RESTORATION, "14 May 2026")], known=known, entered=entered).adjustments[0]
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
        day(known), effective_on=day("14 May 2026"), entered_care_on=maybe(entered)
    )
    assert found.endswith(error)
    assert bool(found) is bool(error)


@pytest.mark.parametrize(
    ("extended", "decided", "due", "original"),
    [
        ("", "", "14 May 2028", ""),
        ("16 Nov 2028", "", "16 Nov 2028", "14 May 2028"),
        ("16 Nov 2028", "14 May 2026", "16 Nov 2028", "14 May 2028"),
        # Decided for an earlier clock.
        ("16 Nov 2028", "13 May 2026", "14 May 2028", ""),
        # No later than the date itself.
        ("14 May 2028", "", "14 May 2028", ""),
        ("1 Jan 2028", "", "14 May 2028", ""),
    ],
)
def test_an_extension_gives_a_second_date_and_keeps_the_original(
    extended: str, decided: str, due: str, original: str
) -> None:
    derivation = clock([(RESTORATION, "14 May 2026")], extended=extended, decided=decided)
    assert derivation.on == day(due)
    assert derivation.original_on == maybe(original)
    assert derivation.arithmetic == "14 May 2026 + 24 months = 14 May 2028"


def test_an_extended_date_is_explained_with_both_dates() -> None:
    derivation = clock([(RESTORATION, "14 May 2026")], extended="16 Nov 2028")
    assert derivation.one_sentence() == (
        "16 November 2028 by an extension; originally 14 May 2028, counted from the day a "
        "two-year goal first took effect in this care episode "
        "(14 May 2026 + 24 months = 14 May 2028)."
    )
    assert derivation.adjustments == (
        "An extension moved it from 14 May 2028 to 16 November 2028.",
    )


def test_an_extension_that_moves_nothing_is_still_named() -> None:
    derivation = clock([(RESTORATION, "16 May 2026")], extended="1 Jan 2028")
    assert derivation.adjustments == (
        "An extension to 1 January 2028 is on record, and the date is already no earlier.",
    )


@pytest.mark.parametrize(
    ("extended", "error"),
    [
        ("14 May 2028", "The new date must be later than the two-year date now, 14 May 2028."),
        ("15 May 2028", ""),
        ("1 Jun 2030", ""),
        ("2 Jun 2030", "The new date must be before the child turns 18, 2 June 2030."),
    ],
)
def test_an_extension_must_be_later_and_before_the_18th_birthday(extended: str, error: str) -> None:
    assert (
        extension_error(day(extended), current_on=day("14 May 2028"), born_on=day("2 Jun 2012"))
        == error
    )


def test_without_a_birth_date_an_extension_has_no_last_day() -> None:
    assert extension_error(day("2 Jun 2060"), current_on=day("14 May 2028")) == ""


@pytest.mark.parametrize(
    ("born", "due"),
    [
        ("15 May 2010", "14 May 2028"),  # 18 the day after
        ("14 May 2010", ""),  # 18 that day
        ("1 Jan 2009", ""),
        ("29 Feb 2012", "14 May 2028"),
    ],
)
def test_no_two_year_date_from_the_18th_birthday_on(born: str, due: str) -> None:
    derivation = clock([(RESTORATION, "14 May 2026")], born=born)
    assert derivation.on == maybe(due)
    assert ("turns 18" in derivation.no_date_reason) is (due == "")


def test_an_extension_beyond_the_18th_birthday_leaves_the_original_in_sight() -> None:
    derivation = clock([(RESTORATION, "14 May 2026")], born="1 Jul 2010", extended="1 Aug 2028")
    assert derivation.on is None
    assert derivation.original_on == day("14 May 2028")
    assert derivation.no_date_reason == (
        "The child turns 18 on 1 July 2028, and every date ends then."
    )


@pytest.mark.parametrize("reason", EndReason)
def test_the_clock_stops_when_the_clocks_have_ended(reason: EndReason) -> None:
    ended = Ending(reason, day("1 Mar 2027"))
    derivation = clock([(RESTORATION, "14 May 2026")], ended=ended)
    assert (derivation.on, derivation.no_date_reason) == (None, ended.sentence())


def test_an_ending_is_the_reason_also_where_no_goal_is_left() -> None:
    ended = Ending(EndReason.ACHIEVED, day("1 Mar 2027"))
    derivation = two_year_date(
        spells=[Spell(RESTORATION, day("14 May 2026"), day("1 Mar 2027"))],
        entered_care_on=day("1 Jan 2026"),
        ended=ended,
        rules=VERSION_1,
    )
    assert (derivation.on, derivation.no_date_reason) == (None, ended.sentence())


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        ([], "No case plan goal is in force."),
        ([(PRESERVATION, "14 May 2026")], "Family preservation has no two-year clock."),
        ([(LONG_TERM_CARE, "14 May 2026")], "Long term care has no two-year clock."),
    ],
)
def test_no_clock_always_has_its_reason(story: Story, reason: str) -> None:
    derivation = two_year_date(
        spells=spells(story) if story else [], entered_care_on=None, rules=VERSION_1
    )
    assert (derivation.on, derivation.start_on) == (None, None)
    assert derivation.no_date_reason == reason
    assert derivation.adjustments == ()


def test_under_preservation_the_date_that_would_resume_is_named() -> None:
    story = [(RESTORATION, "14 May 2026"), (PRESERVATION, "1 Feb 2027")]
    assert clock(story).adjustments == (
        "The clock stopped on 1 February 2027. A later two-year goal in this care episode would "
        "resume its original date, 14 May 2028.",
    )
    assert clock(story, rules=EACH_GOAL).adjustments == ()
    assert clock(story, rules=CARE_ENTRY).adjustments == ()


def test_under_long_term_care_nothing_would_resume() -> None:
    assert clock([(RESTORATION, "14 May 2026"), (LONG_TERM_CARE, "1 Feb 2027")]).adjustments == ()


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
    assert clock(story).adjustments == notes


def test_the_whole_answer_to_why_this_two_year_date() -> None:
    derivation = clock([(GUARDIANSHIP, "15 May 2026")], born="2 Mar 2015")
    assert derivation.sentences() == (
        "Permanency within 2 years: 15 May 2028.",
        "It counts from the day a two-year goal first took effect in this care episode, "
        "15 May 2026.",
        "15 May 2026 + 24 months = 15 May 2028.",
        "It ends when the guardianship order is made, the goal becomes family preservation or "
        "long term care, or the child turns 18 on 2 March 2033, dies or moves out of New South "
        "Wales.",
        f"Rule version 1. Source: {VERSION_1.source}.",
    )


def test_the_time_to_permanency_is_data() -> None:
    rules = replace(VERSION_1, clock_months=18)
    derivation = clock([(RESTORATION, "14 May 2026")], rules=rules)
    assert derivation.on == day("14 Nov 2027")
    assert derivation.rule == "Permanency within 1 year 6 months"


def test_the_goal_in_force_is_the_one_that_has_not_ended() -> None:
    story = spells([(RESTORATION, "14 May 2026"), (GUARDIANSHIP, "1 Feb 2027")])
    assert goal_in_force(story) == Spell(GUARDIANSHIP, day("1 Feb 2027"))
    assert goal_in_force(story[:1]) is None
    assert goal_in_force([]) is None


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
        chain.append(Spell(goal, effective_on, ended_on))
        effective_on = ended_on
    chain[-1] = replace(chain[-1], ended_on=None)
    beginning = clock_start(chain, entered_care_on=None, rules=VERSION_1)
    assert beginning.on == start_on
    assert len(beginning.notes) == len(goals) - 1


@pytest.mark.parametrize(
    ("on", "used", "left", "over", "percent"),
    [
        ("1 May 2026", 0, 745, 0, 0),  # before it began
        ("15 May 2026", 0, 731, 0, 0),
        ("16 May 2026", 1, 730, 0, 0),
        ("15 May 2027", 365, 366, 0, 49),
        ("14 May 2028", 730, 1, 0, 99),
        ("15 May 2028", 731, 0, 0, 100),
        ("25 May 2028", 731, 0, 10, 100),
    ],
)
def test_progress_counts_days_used_and_left(
    on: str, used: int, left: int, over: int, percent: int
) -> None:
    progress = clock_progress(clock([(RESTORATION, "15 May 2026")]), on=day(on))
    assert progress is not None
    assert progress.days_total == 731
    assert (progress.days_used, progress.days_left, progress.days_over) == (used, left, over)
    assert progress.share == pytest.approx(used / 731)
    assert progress.percent == percent


def test_progress_runs_to_the_extended_date() -> None:
    extended = clock([(RESTORATION, "15 May 2026")], extended="15 May 2029")
    progress = clock_progress(extended, on=day("15 May 2028"))
    assert progress is not None
    assert (progress.days_used, progress.days_left) == (731, 365)


def test_without_a_date_there_is_no_progress() -> None:
    assert clock_progress(clock([(LONG_TERM_CARE, "15 May 2026")]), on=day("1 Jan 2027")) is None
