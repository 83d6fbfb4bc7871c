"""The reviews of the weeks ahead: as a table, and against the engine that works out each date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from permanency.policy.forecast import (
    is_peak,
    last_day,
    peaks,
    review_days,
    week_number,
    week_start,
    weeks_ahead,
)
from permanency.policy.goals import Goal
from permanency.policy.months import adults_born_by, turns_18_on
from permanency.policy.review_dates import next_review
from permanency.policy.rules import VERSION_1

THURSDAY = date(2026, 11, 26)


def held(due_on: str, goal: str, *, on: str, until: str, **facts: object) -> list[str]:
    """Return the days on which reviews are held, as texts."""
    born_on = facts.get("born_on")
    days = review_days(
        date.fromisoformat(due_on),
        goal=Goal(goal),
        intensive=bool(facts.get("intensive")),
        on=date.fromisoformat(on),
        until=date.fromisoformat(until),
        rules=VERSION_1,
        born_on=date.fromisoformat(str(born_on)) if born_on else None,
    )
    return [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("due_on", "goal", "facts", "expected"),
    [
        # What is overdue is held today, and the next is counted from today.
        ("2026-09-01", "restoration", {}, ["2026-11-26", "2027-05-26"]),
        ("2026-11-26", "restoration", {}, ["2026-11-26", "2027-05-26"]),
        ("2026-11-27", "restoration", {}, ["2026-11-27"]),
        ("2026-12-01", "long_term_care", {}, ["2026-12-01"]),
        # Every three months: twice in 26 weeks.
        ("2026-12-01", "preservation", {}, ["2026-12-01", "2027-03-01"]),
        ("2026-12-01", "guardianship", {"intensive": True}, ["2026-12-01", "2027-03-01"]),
        # The mark shortens nothing for a goal without a two-year clock.
        ("2026-12-01", "long_term_care", {"intensive": True}, ["2026-12-01"]),
        # Counted from the day it was held, clamped to the end of a shorter month.
        ("2026-11-30", "preservation", {}, ["2026-11-30", "2027-02-28"]),
        # Turning 18 on 1 March: not on the day itself, and on the day before it.
        ("2026-12-01", "preservation", {"born_on": "2009-03-01"}, ["2026-12-01"]),
        ("2026-12-01", "preservation", {"born_on": "2009-03-02"}, ["2026-12-01", "2027-03-01"]),
        # Somebody who is 18 already has no review to come, overdue or not.
        ("2026-09-01", "preservation", {"born_on": "2008-11-26"}, []),
        ("2026-09-01", "preservation", {"born_on": "2008-11-27"}, ["2026-11-26"]),
        # Nothing in sight.
        ("2027-06-01", "preservation", {}, []),
    ],
)
def test_reviews_are_held_when_they_fall_due(
    due_on: str, goal: str, facts: dict[str, object], expected: list[str]
) -> None:
    until = last_day(THURSDAY).isoformat()
    days = held(due_on, goal, on=THURSDAY.isoformat(), until="2027-05-26", **facts)
    assert days == expected
    assert until == "2027-05-23"


def test_a_review_on_31_may_and_in_a_leap_year() -> None:
    span = {"on": "2027-05-01", "until": "2028-03-31"}
    assert held("2027-05-31", "preservation", **span) == [
        "2027-05-31",
        "2027-08-31",
        "2027-11-30",
        "2028-02-29",
    ]


@given(
    due_on=st.dates(date(2025, 1, 1), date(2027, 3, 1)),
    on=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    born_on=st.none() | st.dates(date(2008, 1, 1), date(2010, 12, 31)),
    goal=st.sampled_from(Goal),
    intensive=st.booleans(),
)
def test_each_is_what_the_engine_says_after_the_one_before(
    due_on: date, on: date, born_on: date | None, goal: Goal, intensive: bool
) -> None:
    until = last_day(on)
    facts = {"goal": goal, "intensive": intensive, "rules": VERSION_1, "born_on": born_on}
    days = list(review_days(due_on, on=on, until=until, **facts))  # type: ignore[arg-type]
    if not days:
        assert max(due_on, on) > until or (born_on and turns_18_on(born_on) <= max(due_on, on))
        return
    assert days[0] == max(due_on, on)
    for number, day in enumerate(days):
        following = next_review(effective_on=date(2020, 1, 1), last_held_on=day, **facts)  # type: ignore[arg-type]
        expected = following.on if following.on and following.on <= until else None
        assert expected == (days[number + 1] if number + 1 < len(days) else None)


def test_weeks_begin_on_monday_and_the_first_is_this_one() -> None:
    weeks = weeks_ahead(THURSDAY)
    assert (len(weeks), weeks[0], weeks[-1]) == (26, date(2026, 11, 23), date(2027, 5, 17))
    assert all(day.weekday() == 0 for day in weeks)
    assert week_start(date(2026, 11, 23)) == week_start(date(2026, 11, 29)) == date(2026, 11, 23)
    numbers = [week_number(day, on=THURSDAY) for day in (weeks[0], THURSDAY, weeks[1])]
    assert numbers == [0, 0, 1]
    assert week_number(last_day(THURSDAY), on=THURSDAY) == 25


@pytest.mark.parametrize(
    ("number", "usual", "expected"),
    [(15, 10, False), (16, 10, True), (2, 0, False), (3, 0, True), (5, 2, True), (4, 2, False)],
)
def test_what_stands_out_is_half_again_as_much_and_three_more(
    number: int, usual: float, expected: bool
) -> None:
    assert is_peak(number, usual) is expected


def test_a_peak_stands_out_against_the_middle_week() -> None:
    assert peaks([40, 10, 10, 16, 9, 0, 10]) == (True, False, False, True, False, False, False)
    assert peaks([0] * 26) == (False,) * 26


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
@example(date(2026, 2, 28))
@example(date(2024, 2, 29))
def test_who_is_18_on_a_day_was_born_by_then(on: date) -> None:
    latest = adults_born_by(on)
    assert turns_18_on(latest) <= on < turns_18_on(latest + timedelta(days=1))
