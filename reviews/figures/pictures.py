"""Where the marks of a chart stand: columns, stacked bars, small lines, dots, a map of tiles.

Pure. Places from left to right are per cent of the width, so that text keeps its size at any
width; heights are pixels. `templates/_pictures/` draws them. A look is a class of the style
sheet: those of one chart differ without colour too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Pixels above the highest column for its number, and below the axis for the marks of its parts.
ABOVE, BELOW = 18, 24
# The share of its place that a column leaves free.
GAP = 0.22
# Numbers of so many digits stand upright over narrow columns.
UPRIGHT_DIGITS = 3
MANY_COLUMNS = 20
# Looks that are filled by a pattern of `templates/_pictures/patterns.html`.
PATTERNS = {"hatched": "app-hatch", "dotted": "app-dots", "barred": "app-bars"}
# A part of a stacked bar that is narrower, in per cent, has no room for its number.
ROOM_FOR_NUMBER = 6.0


@dataclass(frozen=True)
class Column:
    """A number, what it is of in full, the mark below the axis, and whether it stands out."""

    label: str
    number: int
    tick: str = ""
    is_marked: bool = False


@dataclass(frozen=True)
class DrawnColumn:
    x: float
    width: float
    y: float
    height: float
    column: Column

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def number_y(self) -> float:
        return round(self.y - 4, 1)


@dataclass(frozen=True)
class Columns:
    """A chart of columns. `begins` holds the marks where a group of columns begins, as a month."""

    drawn: Sequence[DrawnColumn]
    height: int
    axis: int
    usual: float | None
    begins: Sequence[tuple[float, str]]
    is_dense: bool
    is_upright: bool

    @property
    def description(self) -> str:
        return ", ".join(f"{each.column.label}: {each.column.number}" for each in self.drawn)


def columns(
    given: Sequence[Column],
    *,
    most: int | None = None,
    tallest: int = 110,
    usual: float | None = None,
    in_groups: bool = False,
) -> Columns:
    """Return a chart of columns.

    Charts with the same `most` and `tallest` have one scale, whatever their own height. `usual` is
    the height of a dashed line. With `in_groups` a tick marks where its group begins; otherwise
    each stands below its column.
    """
    own = max((each.number for each in given), default=0)
    unit = tallest / max(most or own, 1)
    is_dense = len(given) >= MANY_COLUMNS
    is_upright = is_dense and len(str(own)) >= UPRIGHT_DIGITS
    above = ABOVE + 14 if is_upright else ABOVE
    axis = round(max(own, usual or 0, 1) * unit) + above
    step = 100 / max(len(given), 1)
    drawn = [
        DrawnColumn(
            x=round(place * step + step * GAP / 2, 2),
            width=round(step * (1 - GAP), 2),
            y=round(axis - each.number * unit, 1),
            height=round(each.number * unit, 1),
            column=each,
        )
        for place, each in enumerate(given)
    ]
    return Columns(
        drawn,
        height=axis + BELOW,
        axis=axis,
        usual=None if usual is None else round(axis - usual * unit, 1),
        begins=[(round(n * step, 2), each.tick) for n, each in enumerate(given) if each.tick]
        if in_groups
        else [],
        is_dense=is_dense,
        is_upright=is_upright,
    )


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar: what it counts, how many, and how it is filled."""

    label: str
    number: int
    look: str

    @property
    def pattern(self) -> str:
        """Return the id of the pattern that fills it, or "" for a plain fill."""
        return PATTERNS.get(self.look, "")


@dataclass(frozen=True)
class DrawnPart:
    part: Part
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def has_number(self) -> bool:
        return self.width >= ROOM_FOR_NUMBER


@dataclass(frozen=True)
class StackedBar:
    parts: Sequence[Part]
    drawn: Sequence[DrawnPart]

    @property
    def description(self) -> str:
        return ", ".join(f"{each.label}: {each.number}" for each in self.parts)


def stacked_bar(parts: Sequence[Part], *, whole: int | None = None) -> StackedBar:
    """Return a bar of several parts; bars with the same `whole` have one scale."""
    whole = whole or sum(each.number for each in parts) or 1
    drawn, x = [], 0.0
    for each in parts:
        width = each.number * 100 / whole
        if each.number:
            drawn.append(DrawnPart(each, round(x, 2), round(width, 2)))
        x += width
    return StackedBar(parts, drawn)


@dataclass(frozen=True)
class SmallLine:
    """A line without a scale: pieces between gaps, points that stand alone, and the last point.

    Both places are per cent, from the upper left.
    """

    pieces: Sequence[str]
    alone: Sequence[tuple[float, float]]
    last: tuple[float, float] | None


def small_line(points: Sequence[float | None], *, low: float = 0, high: float) -> SmallLine:
    """Return a line through the points; None is a gap. Lines with the same ends have one scale."""
    step, span = 100 / max(len(points) - 1, 1), high - low
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, point in enumerate(points):
        if point is None:
            pieces.append([])
        else:
            y = 100 - (point - low) * 100 / span if span else 50.0
            pieces[-1].append((round(place * step, 2), round(y, 2)))
    last = pieces[-1][-1] if pieces[-1] else None
    return SmallLine(
        [" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1],
        [piece[0] for piece in pieces if len(piece) == 1 and piece[0] != last],
        last,
    )


# Where the dots begin and end, in per cent; to the left stand the names of the rows.
DOTS_FROM, DOTS_TO = 24.0, 94.0
DOT, DOT_STEP, MOST_STACKED = 7, 17, 4


@dataclass(frozen=True)
class DotRow:
    """What a row of dots is of, the value of each, how they are filled, and their target."""

    label: str
    values: Sequence[int]
    look: str
    target: int

    @property
    def over(self) -> int:
        return sum(value > self.target for value in self.values)


@dataclass(frozen=True)
class DrawnDotRow:
    """A row of dots; `more` says how many of one value are not drawn above each other."""

    row: DotRow
    top: int
    y: int
    target: float
    dots: Sequence[tuple[float, int, str]]
    more: Sequence[tuple[float, int, str]]


@dataclass(frozen=True)
class Dots:
    drawn: Sequence[DrawnDotRow]
    ticks: Sequence[tuple[float, str]]
    axis: int
    height: int
    radius: int = DOT

    @property
    def description(self) -> str:
        return ". ".join(
            f"{each.row.label}: {', '.join(map(str, sorted(each.row.values))) or 'none'}"
            f" (target {each.row.target})"
            for each in self.drawn
        )


def dots(rows: Sequence[DotRow], *, unit: str) -> Dots:
    """Return a dot for each value, in a row for each kind; those over their target stand out."""
    most = max(max((*row.values, row.target)) for row in rows)
    step = next((each for each in (5, 10, 20, 50, 100, 250) if most <= 4 * each), most // 4 + 1)
    until = (most // step + 1) * step

    def place(value: int) -> float:
        return round(DOTS_FROM + (DOTS_TO - DOTS_FROM) * value / until, 2)

    drawn, top = [], 14
    for row in rows:
        found = sorted(Counter(row.values).items())
        highest = max((number for _, number in found), default=1)
        y = top + 6 + min(highest, MOST_STACKED + 1) * DOT_STEP
        drawn.append(
            DrawnDotRow(
                row,
                top,
                y,
                place(row.target),
                [
                    (
                        place(value),
                        y - level * DOT_STEP,
                        "alert" if value > row.target else row.look,
                    )
                    for value, number in found
                    for level in range(min(number, MOST_STACKED))
                ],
                [
                    (place(value), y - MOST_STACKED * DOT_STEP + 5, f"+{number - MOST_STACKED}")
                    for value, number in found
                    if number > MOST_STACKED
                ],
            )
        )
        top = y + 16
    ticks = [(place(value), str(value)) for value in range(0, until + 1, step)]
    ticks[-1] = (ticks[-1][0], f"{ticks[-1][1]} {unit}")
    return Dots(drawn, ticks, axis=top, height=top + 20)


# Roughly where each of the published districts lies: row and column.
TILE_PLACES = {
    "new-england": (1, 5),
    "northern-nsw": (1, 6),
    "far-west": (2, 1),
    "western-nsw": (2, 2),
    "hunter": (2, 5),
    "mid-north-coast": (2, 6),
    "nepean-blue-mountains": (3, 3),
    "western-sydney": (3, 4),
    "northern-sydney": (3, 5),
    "central-coast": (3, 6),
    "murrumbidgee": (4, 2),
    "south-western-sydney": (4, 4),
    "sydney": (4, 5),
    "south-eastern-sydney": (4, 6),
    "southern-nsw": (5, 4),
    "illawarra-shoalhaven": (5, 5),
}


def tile_place(slug: str) -> tuple[int, int] | None:
    """Return the row and the column of a district's tile, or None where it is not on the map."""
    return TILE_PLACES.get(slug)


def short_name(name: str) -> str:
    """Return the initials of a name of several words, or the first three letters of one."""
    words = name.split()
    if len(words) == 1:
        return name[:3].upper()
    return "".join(word if word.isupper() else word[0] for word in words)


def level(share: float, steps: Sequence[float]) -> int:
    """Return how many of the steps a share has reached."""
    return sum(share >= step for step in steps)


def key_of_levels(steps: Sequence[float]) -> Iterator[tuple[int, str]]:
    """Yield the words for each level: under the first step, between two, from the last."""
    yield 0, f"under {steps[0]:g}%"
    for number, (first, after) in enumerate(pairwise(steps), start=1):
        yield number, f"{first:g} to under {after:g}%"
    yield len(steps), f"{steps[-1]:g}% and more"
