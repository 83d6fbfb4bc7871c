"""Where the marks of pictures stand, and what stands out in sentences. Pure."""

from __future__ import annotations

import pytest

from reviews.figures.pictures import (
    Column,
    DotRow,
    Part,
    columns,
    dots,
    key_of_levels,
    level,
    short_name,
    small_line,
    stacked_bar,
)
from reviews.figures.stands_out import (
    Measure,
    Sentence,
    Standing,
    of_district,
    of_districts,
    percent,
)

WORDS = Measure("overdue reviews", "reviews are overdue")


def test_columns_share_a_scale_and_their_numbers_stand_above_them() -> None:
    high = columns([Column("a", 10), Column("b", 0), Column("c", 5)], most=10, tallest=100)
    low = columns([Column("a", 1)], most=10, tallest=100)
    assert [each.height for each in high.drawn] == [100, 0, 50]
    assert low.drawn[0].height == 10
    assert low.height < high.height
    for each in (*high.drawn, *low.drawn):
        assert each.y + each.height == (low if each in low.drawn else high).axis
        assert each.number_y < each.y
    assert high.description == "a: 10, b: 0, c: 5"


def test_columns_without_any_number_and_without_any_column_are_drawn() -> None:
    assert columns([Column("a", 0)]).drawn[0].height == 0
    assert columns([]).drawn == []


def test_the_usual_line_stands_at_its_number_and_months_where_they_begin() -> None:
    chart = columns([Column("a", 4, "Dec"), Column("b", 2), Column("c", 1, "Jan")], usual=2)
    plain = columns([Column("a", 4, "Dec")])
    assert chart.usual == chart.drawn[1].y
    assert chart.begins == []
    grouped = columns(
        [Column("a", 4, "Dec"), Column("b", 2), Column("c", 1, "Jan")], in_groups=True
    )
    assert [text for _, text in grouped.begins] == ["Dec", "Jan"]
    assert plain.usual is None


@pytest.mark.parametrize(("number", "is_upright"), [(99, False), (100, True)])
def test_long_numbers_over_many_columns_stand_upright(number: int, is_upright: bool) -> None:
    many = columns([Column(str(each), number) for each in range(26)])
    assert (many.is_dense, many.is_upright) == (True, is_upright)
    assert not columns([Column("a", number)]).is_upright


def test_parts_of_a_bar_touch_and_a_narrow_one_has_no_number() -> None:
    bar = stacked_bar([Part("a", 1, "light"), Part("b", 0, "hatched"), Part("c", 99, "alert")])
    assert [(each.x, each.width) for each in bar.drawn] == [(0, 1), (1, 99)]
    assert [each.has_number for each in bar.drawn] == [False, True]
    assert bar.description == "a: 1, b: 0, c: 99"
    half = stacked_bar([Part("a", 1, "light")], whole=2)
    assert half.drawn[0].width == 50
    assert stacked_bar([Part("a", 0, "light")], whole=0).drawn == []


def test_a_missing_day_is_a_gap_and_no_nought() -> None:
    line = small_line([1, 2, None, 4, None, 0], high=4)
    assert line.pieces == ["0.0,75.0 20.0,50.0"]
    assert line.alone == [(60.0, 0.0)]
    assert line.last == (100.0, 100.0)
    assert small_line([1, None], high=4).last is None
    assert small_line([None, None], high=0).pieces == []
    assert small_line([0, 0], high=0).pieces == ["0.0,50.0 100.0,50.0"]


def test_a_dot_for_each_value_and_those_over_the_target_stand_out() -> None:
    chart = dots([DotRow("a", [3, 3, 10, 11], "outline", 10)], unit="days")
    (row,) = chart.drawn
    assert [look for *_, look in row.dots] == ["outline"] * 3 + ["alert"]
    places = [x for x, *_ in row.dots]
    assert places[0] == places[1] < row.target == places[2] < places[3]
    assert row.row.over == 1
    assert chart.ticks[-1][1].endswith("days")


def test_very_many_dots_of_one_value_are_counted_and_long_waits_fit() -> None:
    chart = dots([DotRow("a", [3] * 9, "outline", 10), DotRow("b", [4_000], "solid", 10)], unit="d")
    assert len(chart.drawn[0].dots) == 4
    assert chart.drawn[0].more[0][2] == "+5"
    assert all(x <= 94 for each in chart.drawn for x, *_ in each.dots)
    assert len(chart.ticks) < 8
    assert chart.drawn[0].y < chart.drawn[1].y < chart.axis


def test_levels_and_their_words_meet() -> None:
    assert [level(share, (5, 10)) for share in (0, 4.9, 5, 9.9, 10, 100)] == [0, 0, 1, 1, 2, 2]
    assert dict(key_of_levels((5, 10))) == {0: "under 5%", 1: "5 to under 10%", 2: "10% and more"}


@pytest.mark.parametrize(
    ("name", "short"), [("Hunter", "HUN"), ("Mid North Coast", "MNC"), ("Northern NSW", "NNSW")]
)
def test_short_names_of_districts(name: str, short: str) -> None:
    assert short_name(name) == short


def district(
    *,
    offices: tuple[Standing, ...] = (),
    providers: tuple[Standing, ...] = (),
    over: int = 0,
    in_time: tuple[tuple[int, int] | None, ...] = (),
) -> list[Sentence]:
    """Return the sentences for a district with 10 of 100 reviews overdue."""
    return of_district(
        Standing("", 100, 10),
        offices=offices,
        providers=providers,
        over_target=over,
        in_time=in_time,
    )


def test_an_office_stands_out_by_its_share_and_not_by_its_number() -> None:
    small, large = Standing("Small", 8, 3, 2), Standing("Large", 92, 7)
    (sentence,) = district(offices=(large, small))
    assert sentence == Sentence(
        "Small", "has 3 of 8 reviews overdue (38%), 2 of them by more than 90 days."
    )
    alike = (Standing("One", 50, 5), Standing("Other", 50, 5))
    assert district(offices=alike)[0].text.startswith("No office or provider stands out")
    assert district(offices=(small,))[0].name == ""
    assert district(offices=(Standing("One late", 2, 1), large))[0].name == ""


def test_a_provider_stands_out_by_its_part_of_what_is_late() -> None:
    (sentence,) = district(providers=(Standing("Care", 50, 5), Standing("Other", 40, 2)))
    assert sentence.name == "Care"
    assert sentence.text == "has 5 of the 10 overdue reviews of the district."
    assert district(providers=(Standing("Care", 50, 3),))[0].name == ""


def test_changes_over_the_target_and_reviews_held_in_time_are_said() -> None:
    first, second = district(over=2, in_time=((5, 10), None, (9, 10)))
    assert first.text.startswith("2 goal changes have waited longer")
    assert second.text.startswith("More reviews are held in time than a year ago: 90%")
    assert district(in_time=((9, 10), (5, 10)))[0].text.startswith("Fewer reviews")
    for nothing in (((9, 10), None), (None, (9, 10)), ((0, 0), (9, 10)), ((9, 10), (9, 10))):
        assert district(in_time=nothing)[0].text.startswith("No office")


def test_nothing_overdue_is_said_so() -> None:
    (sentence,) = of_district(
        Standing("", 5, 0), offices=(), providers=(), over_target=0, in_time=()
    )
    assert sentence.text.startswith("No review is overdue")


def test_districts_stand_out_by_share_and_the_one_with_most_is_named_too() -> None:
    found = of_districts(
        [Standing("Large", 72, 11), Standing("Small", 12, 3), Standing("None", 50, 0)],
        words=WORDS,
        year_ago=(20, 130),
        over_target=["Large", "None"],
    )
    assert found[0] == Sentence(
        "Small and Large", "have the highest shares of overdue reviews, 25% and 15%."
    )
    assert found[1].text == "14 of 134 reviews are overdue: 10.4%, against 15.4% a year ago."
    assert found[2].text == "In Large and None a goal change has waited longer than the target."
    many = [Standing("Large", 72, 11), *(Standing(name, 12, 3) for name in ("A", "B"))]
    text = of_districts(many, words=WORDS, year_ago=None, over_target=[])[0].text
    assert text.endswith("Large has the most, 11, but of 72 children: 15%.")


def test_districts_without_anything_late_are_summed_up_alone() -> None:
    (sentence,) = of_districts(
        [Standing("A", 3, 0), Standing("B", 0, 0)], words=WORDS, year_ago=None, over_target=[]
    )
    assert sentence.text == "0 of 3 reviews are overdue: 0.0%."
    assert percent(0, 0) == "none"
