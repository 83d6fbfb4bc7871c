"""Pages of a long list that begin where the one before ended: however deep, none counts rows off.

A position in a list is a day and a key, or a key alone: that is all an address tells, also where a
list is in the order of names. Whatever is put in or taken out between two pages, no row comes twice
and none that stayed is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

PAGE_ROWS = 50
MOST_COUNTED = 1_000
POSITION_PATTERN = re.compile(r"([0-9])\.(\d{4}-\d{2}-\d{2})?\.(\d{1,18})", re.ASCII)


class ListRow:
    """A row of a long list for a template, which asks for an item before an attribute."""

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@dataclass(frozen=True)
class Part:
    """A stretch of a list by one or two columns that every row has, and then by key.

    `by` alone is a day. Where it is text, `places` are the rows from which a page may go on: what
    stands in the columns is read from them by the key in the address, as a name stands in none.
    """

    rows: QuerySet[Any]
    by: str = ""
    then: str = ""
    descending: bool = False
    places: QuerySet[Any] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.by, self.then)))

    @property
    def is_by_day(self) -> bool:
        return bool(self.by) and self.places is None

    def read(self, position: RowPosition | None, *, backwards: bool, most: int) -> list[Any]:
        falls = self.descending != backwards
        rows = self.rows if position is None else self.rows.filter(self._beyond(position, falls))
        order = [f"-{name}" if falls else name for name in (*self.columns, "pk")]
        return list(rows.order_by(*order)[:most])

    def _beyond(self, position: RowPosition, falls: bool) -> Q:
        beyond = "lt" if falls else "gt"
        condition = Q(**{f"pk__{beyond}": position.key})
        for name, value in reversed(list(zip(self.columns, position.values, strict=True))):
            # The column stands alone first: that is what an index can be entered by.
            least = Q(**{f"{name}__{beyond}e": value})
            condition = least & (Q(**{f"{name}__{beyond}": value}) | condition)
        return condition


@dataclass(frozen=True)
class RowPosition:
    part: int
    values: tuple[Any, ...]
    key: int

    def __str__(self) -> str:
        day = self.values[0].isoformat() if self.values else ""
        return f"{self.part}.{day}.{self.key}"


def read_position(text: str, parts: Sequence[Part]) -> RowPosition | None:
    """Return the position that an address names, or None where it is none of this list."""
    match = POSITION_PATTERN.fullmatch(text)
    if match is None or int(match[1]) >= len(parts):
        return None
    number, day, key = int(match[1]), match[2], int(match[3])
    part = parts[number]
    if bool(day) != part.is_by_day:
        return None
    if part.places is not None:
        values = part.places.filter(pk=key).values_list(*part.columns).first()
        return None if values is None or None in values else RowPosition(number, values, key)
    try:
        return RowPosition(number, (date.fromisoformat(day),) if day else (), key)
    except ValueError:
        return None


def first_rows(parts: Sequence[Part], most: int) -> list[Any]:
    """Return the rows of a list from its beginning, as its pages show them."""
    rows: list[Any] = []
    for part in parts:
        if len(rows) < most:
            rows += part.read(None, backwards=False, most=most - len(rows))
    return rows


# Counts, or returns what was counted while nothing has changed since.
CountCache = Callable[[Callable[[], int]], int]


class KeysetPage:
    """One page of a list; `after` and `before` are the places to go on from, or empty."""

    def __init__(
        self,
        parts: Sequence[Part],
        asked: Mapping[str, str],
        *,
        counted: QuerySet[Any] | None = None,
        kept: CountCache | None = None,
        most: int = PAGE_ROWS,
    ) -> None:
        self.parts, self.most = parts, most
        self._counted, self._kept = counted, kept or (lambda count: count())
        self.after = self.before = ""
        before = read_position(asked.get("before", ""), parts)
        found = self._backwards(before) if before else []
        if not found:
            found = self._forwards(read_position(asked.get("after", ""), parts))
        self.rows = [row for _, row in found]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_further(self) -> bool:
        return bool(self.before)

    @cached_property
    def _found(self) -> int:
        if self._counted is None:
            return 0
        return self._kept(self._counted.order_by()[: MOST_COUNTED + 1].count)

    @property
    def count(self) -> int:
        return min(self._found, MOST_COUNTED)

    @property
    def count_words(self) -> str:
        return f"{self.count:,}{'+' if self._found > MOST_COUNTED else ''}"

    def _forwards(self, position: RowPosition | None) -> list[tuple[RowPosition, Any]]:
        found = self._read(position, backwards=False)
        if position is not None and not found:
            return self._forwards(None)
        self._link(
            found[: self.most], is_further=position is not None, goes_on=len(found) > self.most
        )
        return found[: self.most]

    def _backwards(self, position: RowPosition) -> list[tuple[RowPosition, Any]]:
        found = self._read(position, backwards=True)
        if len(found) < self.most:
            return []
        page = found[: self.most][::-1]
        self._link(page, is_further=len(found) > self.most, goes_on=True)
        return page

    def _read(
        self, position: RowPosition | None, *, backwards: bool
    ) -> list[tuple[RowPosition, Any]]:
        """Return a page and one row more, from as many parts as it takes."""
        numbers = list(range(len(self.parts)))[:: -1 if backwards else 1]
        begins = numbers.index(position.part) if position else 0
        found: list[tuple[RowPosition, Any]] = []
        for number in numbers[begins:]:
            part, wanted = self.parts[number], self.most + 1 - len(found)
            if not wanted:
                break
            start = position if position and position.part == number else None
            rows = part.read(start, backwards=backwards, most=wanted)
            for row in rows:
                day = (getattr(row, part.by),) if part.is_by_day else ()
                found.append((RowPosition(number, day, row.pk), row))
        return found

    def _link(
        self, page: Sequence[tuple[RowPosition, Any]], *, is_further: bool, goes_on: bool
    ) -> None:
        if page:
            self.before = str(page[0][0]) if is_further else ""
            self.after = str(page[-1][0]) if goes_on else ""


class CappedPaginator(Paginator[Any]):
    """Pages of a list that stops counting at the cap; only the rows of a page are read.

    Their order, as keys, is what `kept` keeps, or works out by the function it is given.
    """

    def __init__(
        self,
        rows: QuerySet[Any],
        kept: Callable[[Callable[[], list[int]]], list[int]],
        per_page: int = PAGE_ROWS,
    ) -> None:
        super().__init__(rows, per_page)
        self.rows, self.kept = rows, kept

    @cached_property
    def _keys(self) -> list[int]:
        return self.kept(lambda: list(self.rows.values_list("pk", flat=True)[: MOST_COUNTED + 1]))

    @cached_property
    def count(self) -> int:
        return min(len(self._keys), MOST_COUNTED)

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self._keys[first : min(first + self.per_page, self.count)]
        found = {row.pk: row for row in self.rows.filter(pk__in=keys).order_by()}
        return Page([found[key] for key in keys if key in found], number, self)

    @property
    def is_capped(self) -> bool:
        return len(self._keys) > MOST_COUNTED

    @property
    def count_words(self) -> str:
        return f"{self.count:,}{'+' if self.is_capped else ''}"
