"""Reads the cells of one row as facts, and says what is wrong with them, by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from directory.models import District, Office, Provider
from directory.names import name_key
from permanency.care.services import order_errors
from permanency.children import services as register
from permanency.imports.csv_reader import (
    CHILD_COLUMNS,
    CHOICES,
    DATE_COLUMNS,
    ENTERED_CARE_COLUMN,
    GOAL_COLUMNS,
    LENGTHS,
    NAME_COLUMNS,
    ORDER_COLUMNS,
    REQUIRED,
    FileRow,
    RowFault,
)
from permanency.imports.services import GoalToOpen
from permanency.policy.months import FIRST_YEAR, LAST_YEAR

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
P = TypeVar("P", District, Office, Provider)
NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class PlacesByName:
    """Places by the names that a file may use; `every` has them by field and key, also retired."""

    districts: Mapping[str, District]
    offices: Mapping[int, Mapping[str, Office]]
    providers: Mapping[str, Provider]
    every: Mapping[str, Mapping[int, Any]]

    @classmethod
    def read(cls, *, on: date) -> PlacesByName:
        districts, offices = District.objects.in_bulk(), Office.objects.in_bulk()
        providers = Provider.objects.in_bulk()
        in_district: dict[int, list[Office]] = {}
        for office in _current_places(offices, on=on):
            in_district.setdefault(office.district_id, []).append(office)
        current = list(_current_places(districts, on=on))
        return cls(
            districts={**_by_name(current), **{each.slug: each for each in current}},
            offices={key: _by_name(some) for key, some in in_district.items()},
            providers=_by_name(list(_current_places(providers, on=on))),
            every={"district": districts, "office": offices, "provider": providers},
        )


def _current_places(places: Mapping[int, P], *, on: date) -> Iterator[P]:
    current = (each for each in places.values() if not each.retired_on or each.retired_on > on)
    return iter(sorted(current, key=lambda each: (each.name, each.pk)))


def _by_name(places: Sequence[P]) -> dict[str, P]:
    """Return places by name and, where no other has it, by the name without marks and accents."""
    times = Counter(name_key(each.name) for each in places)
    folded = {name_key(each.name): each for each in places if times[name_key(each.name)] == 1}
    return {**folded, **{_as_written(each.name): each for each in places}}


def _as_written(name: str) -> str:
    return " ".join(name.casefold().split())


def _named(name: str, known: Mapping[str, P]) -> P | None:
    return known.get(_as_written(name)) or known.get(name_key(name))


@lru_cache(maxsize=20_000)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


@dataclass(slots=True)
class RowContent:
    """What one row says about a child: only what it says, an empty cell says nothing."""

    row: int
    facts: dict[str, Any] = field(default_factory=dict)
    entered_care_on: date | None = None
    goal: GoalToOpen | None = None
    order: dict[str, Any] = field(default_factory=dict)

    @property
    def childstory_id(self) -> str:
        return str(self.facts["childstory_id"])


class RowCheck:
    def __init__(self, row: FileRow, places: PlacesByName, *, on: date) -> None:
        self.row, self.places, self.on = row, places, on
        self.faults: list[RowFault] = []
        self._at_fault: set[str] = set()

    def content(self) -> RowContent:
        cells = {name: self._cell(name, text) for name, text in self.row.cells.items() if text}
        for name in REQUIRED:
            if not self.row.cells.get(name) and name not in NAME_COLUMNS:
                self._fault(name, "This cell must not be empty.")
        content = RowContent(self.row.number, entered_care_on=cells.get(ENTERED_CARE_COLUMN))
        content.facts = self._facts(cells)
        content.order = self._order(cells, content.facts.get("born_on"))
        content.goal = self._goal(cells)
        return content

    def _fault(self, column: str, sentence: str) -> None:
        if column not in self._at_fault:
            self._at_fault.add(column)
            self.faults.append(RowFault(self.row.number, column, sentence))

    def _cell(self, name: str, text: str) -> Any:
        if NOT_PRINTED.search(text):
            self._fault(name, "It holds a line break or another character that is not printed.")
            return None
        if name in DATE_COLUMNS:
            return self._date(name, text)
        if name in CHOICES and text not in CHOICES[name]:
            self._fault(name, f"It must be one of: {', '.join(CHOICES[name])}.")
            return None
        if len(text) > LENGTHS.get(name, len(text)):
            self._fault(name, f"It must not be longer than {LENGTHS[name]} characters.")
            return None
        return text

    def _date(self, name: str, text: str) -> date | None:
        day = _day(text)
        if day is None:
            self._fault(name, "It must be a real date, written YYYY-MM-DD.")
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            self._fault(name, f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.")
            return None
        return day

    def _facts(self, cells: dict[str, Any]) -> dict[str, Any]:
        facts = {name: cells[column] for name, column in CHILD_COLUMNS.items() if cells.get(column)}
        if "childstory_id" in facts:
            facts["childstory_id"] = register.in_capitals(facts["childstory_id"])
        self._find_places(facts)
        for name, sentence in register.child_errors(facts, on=self.on).items():
            self._fault(CHILD_COLUMNS[name], sentence)
        return facts

    def _find_places(self, facts: dict[str, Any]) -> None:
        district = self._found("district", facts, self.places.districts, "a district")
        self._found("provider", facts, self.places.providers, "a provider")
        if district is None or "office" not in facts:
            facts.pop("office", None)
            return
        office = _named(facts["office"], self.places.offices.get(district.pk, {}))
        if office is None:
            self._fault("CSC", f"There is no office of this name in {district}.")
            del facts["office"]
        else:
            facts["office"] = office

    def _found(self, name: str, facts: dict[str, Any], known: Mapping[str, Any], what: str) -> Any:
        if name not in facts:
            return None
        place = _named(facts[name], known)
        if place is None:
            self._fault(CHILD_COLUMNS[name], f"There is no such name of {what} in the directory.")
            del facts[name]
        else:
            facts[name] = place
        return place

    def _order(self, cells: dict[str, Any], born_on: date | None) -> dict[str, Any]:
        order = {name: cells[column] for name, column in ORDER_COLUMNS.items() if cells.get(column)}
        if order and not self.row.cells.get("ORDER_TYPE"):
            self._fault("ORDER_TYPE", "A date of an order is given, so this must not be empty.")
        elif order and born_on is not None:
            for name, sentence in order_errors(order, born_on=born_on, on=self.on).items():
                self._fault(ORDER_COLUMNS[name], sentence)
        return order if order.get("kind") else {}

    def _goal(self, cells: dict[str, Any]) -> GoalToOpen | None:
        given = [column for column in GOAL_COLUMNS.values() if self.row.cells.get(column)]
        if not given or given == ["LAST_REVIEW_DATE"]:
            return None
        for column in ("PLAN_GOAL", "PLAN_GOAL_START_DATE"):
            if column not in given:
                self._fault(column, f"{given[0]} is given, so this must not be empty.")
        goal = {name: cells[column] for name, column in GOAL_COLUMNS.items() if cells.get(column)}
        if "goal" not in goal or "effective_on" not in goal:
            return None
        return GoalToOpen(**goal)
