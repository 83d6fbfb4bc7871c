"""The two-year date: extensions, endings, its explanation, and how much of it is used."""

from dataclasses import replace

import pytest

from permanency.policy.goals import Ending, EndReason
from permanency.policy.rules import VERSION_1
from permanency.policy.two_year_clock import (
    GoalPeriod,
    clock_progress,
    extension_error,
    latest_extension,
    two_year_date,
)
from permanency.tests.policy.days import day, day_or_none
from permanency.tests.policy.stories import (
    GUARDIANSHIP,
    LONG_TERM_CARE,
    PRESERVATION,
    RESTORATION,
    Story,
    goal_periods,
    story_clock,
)


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
    derivation = story_clock([(RESTORATION, "14 May 2026")], extended=extended, decided=decided)
    assert derivation.on == day(due)
    assert derivation.original_on == day_or_none(original)
    assert derivation.arithmetic == "14 May 2026 + 24 months = 14 May 2028"


def test_an_extended_date_is_explained_with_both_dates() -> None:
    derivation = story_clock([(RESTORATION, "14 May 2026")], extended="16 Nov 2028")
    assert derivation.sentences()[:3] == (
        "Permanency within 2 years: 14 May 2028. Extended to 16 November 2028.",
        "It counts from the day a two-year goal first took effect in this care episode, "
        "14 May 2026.",
        "14 May 2026 + 24 months = 14 May 2028.",
    )
    assert derivation.adjustments == (
        "An extension moved it from 14 May 2028 to 16 November 2028.",
    )


def test_an_extension_that_moves_nothing_is_still_named() -> None:
    derivation = story_clock([(RESTORATION, "16 May 2026")], extended="1 Jan 2028")
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
    derivation = story_clock([(RESTORATION, "14 May 2026")], born=born)
    assert derivation.on == day_or_none(due)
    assert ("turns 18" in derivation.no_date_reason) is (due == "")


def test_an_extension_beyond_the_18th_birthday_leaves_the_original_in_sight() -> None:
    derivation = story_clock(
        [(RESTORATION, "14 May 2026")], born="1 Jul 2010", extended="1 Aug 2028"
    )
    assert derivation.on is None
    assert derivation.original_on == day("14 May 2028")
    assert derivation.no_date_reason == (
        "The child turns 18 on 1 July 2028, and every date ends then."
    )


@pytest.mark.parametrize("reason", EndReason)
def test_the_clock_stops_when_the_clocks_have_ended(reason: EndReason) -> None:
    ended = Ending(reason, day("1 Mar 2027"))
    derivation = story_clock([(RESTORATION, "14 May 2026")], ended=ended)
    assert (derivation.on, derivation.no_date_reason) == (None, ended.sentence())


def test_an_ending_is_the_reason_also_where_no_goal_is_left() -> None:
    ended = Ending(EndReason.ACHIEVED, day("1 Mar 2027"))
    derivation = two_year_date(
        goal_periods=[GoalPeriod(RESTORATION, day("14 May 2026"), day("1 Mar 2027"))],
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
        goal_periods=goal_periods(story) if story else [], entered_care_on=None, rules=VERSION_1
    )
    assert (derivation.on, derivation.start_on) == (None, None)
    assert derivation.no_date_reason == reason
    assert derivation.adjustments == ()


def test_the_whole_answer_to_why_this_two_year_date() -> None:
    derivation = story_clock([(GUARDIANSHIP, "15 May 2026")], born="2 Mar 2015")
    assert derivation.sentences() == (
        "Permanency within 2 years: 15 May 2028.",
        "It counts from the day a two-year goal first took effect in this care episode, "
        "15 May 2026.",
        "15 May 2026 + 24 months = 15 May 2028.",
        "It ends when the guardianship order is made, the goal becomes family preservation or "
        "long term care, or the child turns 18 on 2 March 2033, dies or moves out of New South "
        "Wales.",
        "The period is DCJ policy; from which day it counts is a default of this product.",
        f"Rule version 1. Source: {VERSION_1.source}.",
    )


def test_the_time_to_permanency_is_data() -> None:
    rules = replace(VERSION_1, clock_months=18)
    derivation = story_clock([(RESTORATION, "14 May 2026")], rules=rules)
    assert derivation.on == day("14 Nov 2027")
    assert derivation.rule == "Permanency within 1 year 6 months"


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
    progress = clock_progress(story_clock([(RESTORATION, "15 May 2026")]), on=day(on))
    assert progress is not None
    assert progress.days_total == 731
    assert (progress.days_used, progress.days_left, progress.days_over) == (used, left, over)
    assert progress.percent == percent


def test_progress_runs_to_the_extended_date() -> None:
    extended = story_clock([(RESTORATION, "15 May 2026")], extended="15 May 2029")
    progress = clock_progress(extended, on=day("15 May 2028"))
    assert progress is not None
    assert (progress.days_used, progress.days_left) == (731, 365)


def test_without_a_date_there_is_no_progress() -> None:
    assert (
        clock_progress(story_clock([(LONG_TERM_CARE, "15 May 2026")]), on=day("1 Jan 2027")) is None
    )


@pytest.mark.parametrize(
    ("start", "latest"),
    [("", "1 May 2029"), ("2 Feb 2026", "1 Jan 2029"), ("3 Feb 2026", "")],
)
def test_an_extension_from_before_the_clock_began_does_not_count(start: str, latest: str) -> None:
    extensions = [
        (day("1 Feb 2026"), day("1 May 2029")),
        (day("2 Feb 2026"), day("1 Jan 2029")),
        (day("2 Feb 2026"), day("1 Aug 2028")),
    ]
    assert latest_extension(extensions, clock_start_on=day_or_none(start)) == day_or_none(latest)
