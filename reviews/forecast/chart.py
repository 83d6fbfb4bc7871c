"""The weeks ahead as columns: places and heights for the SVG, which holds attributes alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviews.forecast.weeks import Forecast

STEP, WIDTH = 20, 14
# The columns stand on the ground; the marks of the peaks stand above the highest of them.
HEIGHT, PEAK_MARK_HEIGHT = 120, 14


@dataclass(frozen=True)
class ColumnPart:
    """One rectangle of a column."""

    y: float
    height: float
    look: str


@dataclass(frozen=True)
class Column:
    """One week: the parts of its column from the ground up, and where the mark of a peak stands."""

    x: int
    parts: Sequence[ColumnPart]
    mark: str


@dataclass(frozen=True)
class Chart:
    """The columns of reviews and of two-year dates, and what the highest of each stands for."""

    reviews: Sequence[Column]
    two_year: Sequence[Column]
    most_reviews: int
    most_two_year: int
    width: int
    height: int = HEIGHT + PEAK_MARK_HEIGHT
    bar: int = WIDTH


def forecast_chart(forecast: Forecast) -> Chart:
    """Return the chart of a forecast."""
    weeks = forecast.weeks
    most_reviews = max(week.reviews for week in weeks)
    most_two_year = max(week.two_year for week in weeks)
    reviews = (((week.first, "first"), (week.after, "after")) for week in weeks)
    two_year = (((week.two_year, "two-year"),) for week in weeks)
    return Chart(
        reviews=_columns(reviews, most_reviews, [week.is_peak for week in weeks]),
        two_year=_columns(two_year, most_two_year, [week.is_two_year_peak for week in weeks]),
        most_reviews=most_reviews,
        most_two_year=most_two_year,
        width=len(weeks) * STEP,
    )


def _columns(
    stacks: Iterable[tuple[tuple[int, str], ...]], most: int, peaks: Iterable[bool]
) -> list[Column]:
    columns = []
    for place, (stack, is_peak) in enumerate(zip(stacks, peaks, strict=True)):
        x, top, parts = place * STEP + (STEP - WIDTH) // 2, float(HEIGHT + PEAK_MARK_HEIGHT), []
        for number, look in stack:
            height = number * HEIGHT / (most or 1)
            top -= height
            parts.append(ColumnPart(round(top, 2), round(height, 2), look))
        columns.append(Column(x, parts, _mark(x, top) if is_peak else ""))
    return columns


def _mark(x: int, top: float) -> str:
    """Return the corners of a triangle that points down at the column."""
    middle = x + WIDTH / 2
    return f"{x},{top - 11:.1f} {x + WIDTH},{top - 11:.1f} {middle},{top - 2:.1f}"
