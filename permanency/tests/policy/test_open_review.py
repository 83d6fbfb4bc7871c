"""The open review date, worked out from the records alone: the anchor, the marks, the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from permanency.policy.goals import Goal
from permanency.policy.open_review import Mark, mark_error, open_review
from permanency.policy.rules import VERSION_1, Rules, Transition
from permanency.tests.policy.days import day, day_or_none

SOONER = replace(
    VERSION_1,
    version=2,
    effective_on=day("1 Mar 2026"),
    review_months={**VERSION_1.review_months, Goal.RESTORATION: 4},
    intensive_months=2,
    transition=Transition.SOONER,
)
KEPT = replace(SOONER, transition=Transition.KEEP)


def mark(words: str) -> Mark:
    """Return the mark that "1 Feb 2026" or "1 Feb 2026 to 1 May 2026" names."""
    since, _, until = words.partition(" to ")
    return Mark(day(since), day_or_none(until))


def due(since: str, *marks: str, held: str = "", later: tuple[Rules, ...] = ()) -> date | None:
    return open_review(
        Goal.RESTORATION,
        effective_on=day(since),
        last_held_on=day_or_none(held),
        marks=[mark(words) for words in marks],
        rules=VERSION_1,
        later=later,
    ).on


@pytest.mark.parametrize(
    ("since", "marks", "held", "expected"),
    [
        ("1 Jan 2026", [], "", "1 Jul 2026"),
        ("1 Jan 2026", ["1 Feb 2026"], "", "1 Apr 2026"),
        # Overdue when the mark ended, so it stays: also with the start a day later.
        ("1 Jan 2026", ["1 Feb 2026 to 1 May 2026"], "", "1 Apr 2026"),
        ("2 Jan 2026", ["1 Feb 2026 to 1 May 2026"], "", "2 Apr 2026"),
        ("1 Jan 2026", ["1 Feb 2026 to 1 Mar 2026"], "", "1 Jul 2026"),
        # A review typed in after a mark that came after it.
        ("1 Jan 2025", ["1 Jun 2026"], "1 Feb 2026", "1 Aug 2026"),
        # A mark that held on the day of the review, and one that had ended by then.
        ("1 Jan 2025", ["1 Jan 2026"], "1 Feb 2026", "1 May 2026"),
        ("1 Jan 2025", ["1 Feb 2026"], "1 Feb 2026", "1 May 2026"),
        ("1 Jan 2025", ["1 Jan 2026 to 1 Feb 2026"], "1 Feb 2026", "1 Aug 2026"),
        ("1 Jan 2025", ["1 Jan 2026 to 2 Feb 2026"], "1 Feb 2026", "1 Aug 2026"),
        # Two marks, in whatever order they were typed.
        ("1 Jan 2026", ["1 Mar 2026", "1 Feb 2026 to 15 Feb 2026"], "", "1 Apr 2026"),
        ("1 Jan 2026", ["1 Feb 2026 to 15 Feb 2026", "2 Apr 2026"], "", "1 Jul 2026"),
        # Marked and unmarked on one day, before any review.
        ("1 Jan 2026", ["1 Feb 2026 to 1 Feb 2026"], "", "1 Jul 2026"),
    ],
)
def test_a_date_follows_from_the_start_the_reviews_and_the_marks(
    since: str, marks: list[str], held: str, expected: str
) -> None:
    assert due(since, *marks, held=held) == day(expected)


@pytest.mark.parametrize("goal", [Goal.PRESERVATION, Goal.LONG_TERM_CARE])
def test_marks_of_a_goal_without_a_two_year_clock_count_for_nothing(goal: Goal) -> None:
    unmarked, marked = (
        open_review(
            goal,
            effective_on=day("1 Jan 2026"),
            last_held_on=None,
            marks=marks,
            rules=VERSION_1,
        )
        for marks in ([], [mark("1 Feb 2026")])
    )
    assert marked == unmarked


@pytest.mark.parametrize(
    ("marks", "later", "expected", "version"),
    [
        ([], SOONER, "1 May 2026", 2),
        ([], KEPT, "1 Jul 2026", 1),
        # Marked before the rules, on their day and after it.
        (["1 Feb 2026"], SOONER, "1 Mar 2026", 2),
        (["1 Mar 2026"], SOONER, "1 Mar 2026", 2),
        (["2 Mar 2026"], SOONER, "1 May 2026", 2),
        (["1 Feb 2026"], KEPT, "1 Apr 2026", 1),
        (["2 Mar 2026"], KEPT, "1 Apr 2026", 1),
    ],
)
def test_rules_and_marks_move_it_in_the_order_of_their_days(
    marks: list[str], later: Rules, expected: str, version: int
) -> None:
    found = open_review(
        Goal.RESTORATION,
        effective_on=day("1 Jan 2026"),
        last_held_on=None,
        marks=[mark(words) for words in marks],
        rules=VERSION_1,
        later=[later],
    )
    assert (found.on, found.rule_version) == (day(expected), version)


@pytest.mark.parametrize(
    ("words", "others", "field"),
    [
        ("1 Feb 2026", [], ""),
        ("1 Feb 2026 to 1 May 2026", [], ""),
        ("31 Dec 2025", [], "from_on"),
        ("2 Jun 2026", [], "from_on"),
        ("1 Feb 2026 to 2 Jun 2026", [], "until_on"),
        ("1 Feb 2026 to 31 Jan 2026", [], "until_on"),
        ("1 Feb 2026 to 1 Mar 2026", ["1 Mar 2026"], ""),
        ("1 Mar 2026", ["1 Feb 2026 to 1 Mar 2026"], ""),
        ("1 Feb 2026 to 2 Mar 2026", ["1 Mar 2026"], "from_on"),
        ("1 Feb 2026", ["1 Mar 2026 to 1 Apr 2026"], "from_on"),
        ("15 Feb 2026 to 20 Feb 2026", ["1 Feb 2026"], "from_on"),
    ],
)
def test_a_mark_lies_within_the_goal_and_today_and_beside_the_others(
    words: str, others: list[str], field: str
) -> None:
    name, error = mark_error(
        mark(words),
        others=[mark(each) for each in others],
        effective_on=day("1 Jan 2026"),
        on=day("1 Jun 2026"),
    )
    assert name == field
    assert bool(error) is bool(field)
