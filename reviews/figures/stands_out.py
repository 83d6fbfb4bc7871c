"""What stands out among the figures of a dashboard, in sentences. Pure: it is given the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# A place stands out from so many overdue reviews, where its share is so many times that of all.
FEWEST, TIMES_THE_SHARE = 2, 1.5
# A provider stands out with so much of what is overdue.
LARGE_PART = 1 / 3
# A rate has moved where it differs by so many points.
POINTS = 5


class Sentence(NamedTuple):
    """A sentence; it begins with a name that is to be found, or with none."""

    name: str
    text: str


@dataclass(frozen=True)
class Standing:
    """How many children of a place have a goal, and for how many of them something is late."""

    name: str
    every: int
    number: int
    late_longer: int = 0

    @property
    def share(self) -> float:
        return self.number / self.every if self.every else 0.0


def percent(number: int, of: int, *, digits: int = 0) -> str:
    return f"{number * 100 / of:.{digits}f}%" if of else "none"


def of_district(
    whole: Standing,
    *,
    offices: Sequence[Standing],
    providers: Sequence[Standing],
    over_target: int,
    in_time: Sequence[tuple[int, int] | None],
) -> list[Sentence]:
    """Return the sentences for a district.

    `in_time` holds, for each month until now, how many reviews were held in time and how many were
    held; None where nobody counted.
    """
    found = [*_late_office(whole, offices), *_late_provider(whole, providers)]
    if over_target:
        waits = "goal change has" if over_target == 1 else "goal changes have"
        found.append(
            Sentence(
                "",
                f"{over_target} {waits} waited longer than the local target.",
            )
        )
    found += _held_in_time(in_time)
    return found or [Sentence("", _nothing(whole))]


def _nothing(whole: Standing) -> str:
    if whole.number:
        return "No office or provider stands out, and no goal change waits longer than the target."
    return "No review is overdue, and no goal change waits longer than the target."


def _late_office(whole: Standing, offices: Sequence[Standing]) -> Iterator[Sentence]:
    if len(offices) < 2:
        return
    worst = max(offices, key=lambda each: (each.share, each.number))
    if worst.number < FEWEST or worst.share < TIMES_THE_SHARE * whole.share:
        return
    longer = ""
    if worst.late_longer == worst.number:
        longer = ", all of them by more than 90 days"
    elif worst.late_longer:
        longer = f", {worst.late_longer} of them by more than 90 days"
    share = percent(worst.number, worst.every)
    yield Sentence(
        worst.name, f"has {worst.number} of {worst.every} reviews overdue ({share}){longer}."
    )


def _late_provider(whole: Standing, providers: Sequence[Standing]) -> Iterator[Sentence]:
    most = max(providers, key=lambda each: each.number, default=None)
    if most is None or most.number < FEWEST or most.number < LARGE_PART * whole.number:
        return
    yield Sentence(
        most.name, f"has {most.number} of the {whole.number} overdue reviews of the district."
    )


def _held_in_time(months: Sequence[tuple[int, int] | None]) -> Iterator[Sentence]:
    first, last = (months[0], months[-1]) if months else (None, None)
    if not first or not last or not first[1] or not last[1]:
        return
    before, now = (round(in_time * 100 / held) for in_time, held in (first, last))
    if abs(now - before) < POINTS:
        return
    more = "More" if now > before else "Fewer"
    yield Sentence(
        "",
        f"{more} reviews are held in time than a year ago: {now}% in the last month, "
        f"against {before}%.",
    )


@dataclass(frozen=True)
class Measure:
    """A measure that districts are compared by, in the words of its sentences."""

    shares: str
    now: str


def of_districts(
    districts: Sequence[Standing],
    *,
    words: Measure,
    year_ago: tuple[int, int] | None,
    over_target: Sequence[str],
) -> list[Sentence]:
    """Return the sentences for several districts by one measure."""
    number, every = (sum(getattr(each, name) for each in districts) for name in ("number", "every"))
    found = list(_highest(districts, number / every if every else 0.0, words))
    now = f"{number} of {every} {words.now}: {percent(number, every, digits=1)}"
    then = f", against {percent(*year_ago, digits=1)} a year ago" if year_ago else ""
    found.append(Sentence("", f"{now}{then}."))
    if over_target:
        found.append(
            Sentence(
                "", f"In {_list(over_target)} a goal change has waited longer than the target."
            )
        )
    return found


def _highest(districts: Sequence[Standing], share: float, words: Measure) -> Iterator[Sentence]:
    above = sorted(
        (each for each in districts if each.number and each.share > share),
        key=lambda each: -each.share,
    )[:2]
    if len(districts) < 2 or not above:
        return
    shares = _list([percent(each.number, each.every) for each in above])
    verb, noun = ("have", "shares") if len(above) > 1 else ("has", "share")
    text = f"{verb} the highest {noun} of {words.shares}, {shares}."
    most = max(districts, key=lambda each: each.number)
    if most not in above:
        text += (
            f" {most.name} has the most, {most.number}, but of {most.every} children: "
            f"{percent(most.number, most.every)}."
        )
    yield Sentence(_list([each.name for each in above]), text)


def _list(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
