"""The time line: days become places, and no label stands over another or outside the picture."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.children.time_line import (
    GAP,
    MARGIN,
    MAX_LABEL_ROWS,
    Bar,
    Lane,
    Mark,
    Scale,
    picture,
    place_labels,
    text_width,
)

START, END, TODAY = date(2025, 1, 1), date(2027, 1, 1), date(2026, 1, 1)
WIDTHS = st.sampled_from([340, 960])
DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("day", "place"),
    [
        (START, MARGIN),
        (TODAY, 500),
        (END, 1000 - MARGIN),
        (START - timedelta(days=500), MARGIN),
        (END + timedelta(days=500), 1000 - MARGIN),
    ],
)
def test_a_day_stands_where_its_share_of_the_time_puts_it(day: date, place: int) -> None:
    assert Scale(START, END, 1000).position(day) == place


def test_a_line_of_one_day_is_drawn_too() -> None:
    assert Scale(START, START, 340).position(START) == MARGIN


@given(WIDTHS, DAYS, DAYS, DAYS, DAYS)
def test_a_later_day_never_stands_before_an_earlier_one(
    width: int, a: date, b: date, one: date, other: date
) -> None:
    scale = Scale(min(a, b), max(a, b), width)
    assert MARGIN <= scale.position(one) <= width - MARGIN
    assert scale.position(min(one, other)) <= scale.position(max(one, other))


@given(WIDTHS, st.lists(st.tuples(st.integers(0, 960), st.text("abc", max_size=60)), max_size=30))
def test_no_label_stands_over_another_or_outside(width: int, wanted: list[tuple[int, str]]) -> None:
    placed = place_labels(wanted, width=width)
    assert all(each.x >= MARGIN and each.ends <= width for each in placed)
    assert all(0 <= each.row < MAX_LABEL_ROWS for each in placed)
    for one, other in combinations(placed, 2):
        if one.row == other.row:
            first, second = sorted((one, other), key=lambda label: label.x)
            assert first.ends + GAP <= second.x


def test_a_label_with_nothing_in_its_way_stands_where_it_belongs() -> None:
    (label,) = place_labels([(100, "12 May 2027")], width=960)
    assert (label.x, label.row) == (100, 0)


def test_a_label_at_the_edge_moves_in_and_one_in_the_way_moves_down() -> None:
    first, second = place_labels([(335, "12 May 2027"), (336, "12 May 2028")], width=340)
    assert first.ends <= 340 - MARGIN
    assert (second.x, second.row) == (first.x, 1)


@given(WIDTHS, DAYS, st.integers(1, 12_000))
def test_months_never_stand_so_close_that_they_cover_each_other(
    width: int, begins_on: date, days: int
) -> None:
    scale = Scale(begins_on, begins_on + timedelta(days=days), width)
    places = [scale.position(day) for day in scale.ticks()]
    assert all(second - first >= text_width("Jan 2025") for first, second in pairwise(places))
    assert all(place + text_width("Jan 2025") <= width for place in places)


def test_everything_is_drawn_within_the_picture_and_what_is_outside_left_out() -> None:
    lane = Lane(
        "Two years",
        (
            Bar(START - timedelta(days=900), TODAY, "used", "Restoration"),
            Bar(date(2030, 1, 1), date(2031, 1, 1), "left", "Later"),
        ),
        (Mark(TODAY, "held"), Mark(date(2030, 1, 1), "missed", "Later")),
    )
    drawn = picture([lane, lane], begins_on=START, ends_on=END, today=TODAY, width=340)
    assert [bar.look for bar in drawn.bars] == ["used", "used"]
    assert drawn.bars[0].x == MARGIN
    assert [mark.look for mark in drawn.marks] == ["held", "held"]
    assert {label.text for label in drawn.labels} == {"Restoration"}
    assert drawn.today == Scale(START, END, 340).position(TODAY)
    every = (*drawn.titles, *drawn.bars, *drawn.marks, *drawn.labels, *drawn.ticks, drawn.now)
    for each in every:
        assert 0 <= each.x <= each.x + each.width <= drawn.width
        assert 0 <= each.y <= drawn.height
