"""Lays a life out on a line: days become places, and labels are put where none covers another.

Pure: days and words in, numbers out. A picture says nothing that its page does not say in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from permanency.policy.months import MONTH_NAMES, add_months, months_apart

NOW = "Today"
MARGIN = 12
LETTER = 7
GAP = 10
ROW = 18
BAR = 16
TITLE = 20
LANE_GAP = 14
MAX_LABEL_ROWS = 3
TICK_ROOM = 76
TICK_LABEL = 64
TICK_MONTHS = (3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Bar:
    """A time from a day until a day; `look` says of what kind."""

    begins_on: date
    ends_on: date
    look: str
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """One day. `look` says what happened on it."""

    on: date
    look: str
    label: str = ""


@dataclass(frozen=True)
class Lane:
    """What runs beside the other lanes, under a title."""

    title: str
    bars: Sequence[Bar] = ()
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Label:
    """A text, where it begins, and in which row below its lane it stands."""

    text: str
    x: int
    row: int

    @property
    def ends(self) -> int:
        return self.x + text_width(self.text)


@dataclass(frozen=True)
class Shape:
    """Something in the picture: its position, its width where it has one, and its look or text."""

    x: int
    y: int
    width: int = 0
    look: str = ""
    text: str = ""


@dataclass(frozen=True)
class Picture:
    """What there is to draw, in whole units of its own width and height."""

    width: int
    height: int
    titles: Sequence[Shape]
    bars: Sequence[Shape]
    marks: Sequence[Shape]
    labels: Sequence[Shape]
    ticks: Sequence[Shape]
    today: int
    now: Shape


def text_width(text: str) -> int:
    """Return the room that a text takes, estimated on the wide side."""
    return LETTER * len(text)


@dataclass(frozen=True)
class Scale:
    """Turns days into places between two margins; what is outside is put at the edge."""

    begins_on: date
    ends_on: date
    width: int

    def position(self, day: date) -> int:
        days = max(1, (self.ends_on - self.begins_on).days)
        inside = min(max(day, self.begins_on), self.ends_on)
        return MARGIN + (inside - self.begins_on).days * (self.width - 2 * MARGIN) // days

    def shows(self, day: date) -> bool:
        return self.begins_on <= day <= self.ends_on

    def ticks(self) -> list[date]:
        """Return the first days of months that divide the line, as close as labels allow.

        One whose label would not fit before the edge is left out.
        """
        months = max(1, months_apart(self.begins_on, self.ends_on))
        room = max(1, (self.width - 2 * MARGIN) // TICK_ROOM)
        step = next((each for each in TICK_MONTHS if months <= each * room), TICK_MONTHS[-1])
        first = self.begins_on.replace(day=1, month=1)
        steps = months_apart(first, self.ends_on) // step
        days = (add_months(first, number * step) for number in range(steps + 1))
        last = self.width - TICK_LABEL
        return [day for day in days if self.shows(day) and self.position(day) <= last]


def place_labels(wanted: Iterable[tuple[int, str]], *, width: int) -> list[Label]:
    """Return the texts that find room, each near the position it belongs to and over no other.

    A text stays within the margins, and goes to the first row where nothing stands in its way.
    One that finds none in `MAX_LABEL_ROWS` rows is left out: the words beside the picture have it.
    """
    placed: list[Label] = []
    for x, text in sorted(wanted):
        begins = max(MARGIN, min(x, width - MARGIN - text_width(text)))
        for row in range(MAX_LABEL_ROWS):
            label = Label(text, begins, row)
            is_free = not any(
                each.row == row and begins < each.ends + GAP and each.x < label.ends + GAP
                for each in placed
            )
            if is_free and label.ends <= width:
                placed.append(label)
                break
    return placed


def picture(
    lanes: Sequence[Lane], *, begins_on: date, ends_on: date, today: date, width: int
) -> Picture:
    """Return the lanes below each other, under a row of months and one for today."""
    scale, room = Scale(begins_on, ends_on, width), text_width(NOW)
    titles, bars, marks, labels = [], [], [], []
    y = 2 * ROW + LANE_GAP
    for lane in lanes:
        titles.append(Shape(MARGIN, y + TITLE - 6, text=lane.title))
        y += TITLE
        bars += [_bar(each, scale, y) for each in lane.bars if _is_visible(each, scale)]
        middle = y + BAR // 2
        marks += [
            Shape(scale.position(each.on), middle, look=each.look)
            for each in lane.marks
            if scale.shows(each.on)
        ]
        found = place_labels(_label_texts(lane, scale), width=width)
        y += BAR
        labels += [Shape(each.x, y + ROW * (each.row + 1) - 4, text=each.text) for each in found]
        y += ROW * (1 + max((each.row for each in found), default=-1)) + LANE_GAP
    return Picture(
        width=width,
        height=y,
        titles=titles,
        bars=bars,
        marks=marks,
        labels=labels,
        ticks=[
            Shape(scale.position(day), ROW, text=f"{MONTH_NAMES[day.month - 1][:3]} {day.year}")
            for day in scale.ticks()
        ],
        today=scale.position(today),
        now=Shape(max(0, min(scale.position(today) - room // 2, width - room)), 2 * ROW, text=NOW),
    )


def _bar(bar: Bar, scale: Scale, y: int) -> Shape:
    begins, ends = scale.position(bar.begins_on), scale.position(bar.ends_on)
    return Shape(begins, y, width=max(2, ends - begins), look=bar.look)


def _is_visible(bar: Bar, scale: Scale) -> bool:
    return bar.begins_on <= scale.ends_on and bar.ends_on >= scale.begins_on


def _label_texts(lane: Lane, scale: Scale) -> list[tuple[int, str]]:
    bars = [
        (scale.position(each.begins_on), each.label)
        for each in lane.bars
        if _is_visible(each, scale)
    ]
    marks = [(scale.position(each.on), each.label) for each in lane.marks if scale.shows(each.on)]
    return [(x, text) for x, text in (*bars, *marks) if text]
