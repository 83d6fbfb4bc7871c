"""What a run found, and the goals that it is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Figures = dict[str, float]


@dataclass(frozen=True)
class Goal:
    """One goal: the figure, the most it may be, or why it was not measured."""

    name: str
    says: str
    figure: float | None
    limit: float
    unit: str = "x"
    why_not: str = "no figure was taken"

    @property
    def verdict(self) -> str:
        """Return "met" or "NOT MET", or "NOT MEASURED" with the reason."""
        if self.figure is None:
            return f"NOT MEASURED: {self.why_not}"
        return "met" if self.figure <= self.limit else "NOT MET"

    def row(self) -> str:
        """Return the goal as a row of a table."""
        figure = "-" if self.figure is None else f"{self.figure:.3g} {self.unit}"
        cells = (self.name, self.says, figure, f"{self.limit:.3g} {self.unit}", self.verdict)
        return f"| {' | '.join(cells)} |"


@dataclass
class Found:
    """The figures of a run, by kind of database, number of children and name."""

    figures: dict[tuple[str, int], Figures] = field(default_factory=dict)

    @property
    def vendors(self) -> list[str]:
        """Return the kinds of database that were measured."""
        return sorted({vendor for vendor, _ in self.figures})

    def sizes(self, vendor: str) -> list[int]:
        """Return the numbers of children that were measured, the smallest first."""
        return sorted(size for each, size in self.figures if each == vendor)

    def get(self, vendor: str, size: int, name: str) -> float | None:
        """Return one figure, or None where it was not taken."""
        return self.figures.get((vendor, size), {}).get(name)

    def ratio(self, vendor: str, size: int, name: str, to: str) -> float | None:
        """Return one figure as a multiple of another of the same database."""
        return _ratio(self.get(vendor, size, name), self.get(vendor, size, to))

    def growth(self, vendor: str, name: str) -> float | None:
        """Return a figure of the largest database as a multiple of that of the smallest."""
        sizes = self.sizes(vendor)
        if len(sizes) < 2:
            return None
        return _ratio(self.get(vendor, sizes[-1], name), self.get(vendor, sizes[0], name))


def _ratio(figure: float | None, to: float | None) -> float | None:
    return figure / to if figure is not None and to else None


def table(goals: Iterable[Goal]) -> str:
    """Return the goals as a table in Markdown."""
    head = ["| Goal | What | Figure | Limit | |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(goal.row() for goal in goals)])


def figures_table(found: Found) -> str:
    """Return every figure as a table in Markdown, a column for each database."""
    columns = sorted(found.figures)
    names = dict.fromkeys(name for column in columns for name in found.figures[column])
    head = "| Figure | " + " | ".join(f"{vendor} {size:,}" for vendor, size in columns) + " |"
    rows = [
        f"| {name} | " + " | ".join(_cell(found.get(*column, name)) for column in columns) + " |"
        for name in names
    ]
    return "\n".join([head, "|---|" + "---|" * len(columns), *rows])


def _cell(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.4g}"
