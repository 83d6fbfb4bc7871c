"""The columns of an import file and the values that each may hold."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import BinaryIO

from directory.roles import CaseManagement
from permanency.models import Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, Goal

REQUIRED = {
    "ChildStoryID": "1 to 8 letters or digits; the child is known by it",
    "FIRST_NAME": "up to 80 characters; empty where the child has a last name alone",
    "LAST_NAME": "up to 80 characters; empty where the child has a first name alone",
    "DATE_OF_BIRTH": "not in the future",
    "DISTRICT": "the name or the slug of a district in the directory",
    "CASE_MANAGEMENT_RESPONSIBILITY": "who manages the case",
}
OPTIONAL = {
    "PROVIDER": "the name of a provider in the directory; only with PSP",
    "CSC": "the name of an office of the district",
    "ABORIGINAL_STATUS": "Aboriginal or Torres Strait Islander status",
    "CALD": "culturally and linguistically diverse",
    "DATE_FIRST_TIME_ENTRY": "the day of entering care",
    "PLAN_GOAL": "the goal in force; opens a child who has no goal here",
    "PLAN_GOAL_START_DATE": "needed with PLAN_GOAL",
    "FIRST_TWO_YEAR_GOAL_DATE": "when the first two-year goal of this time in care began",
    "LAST_REVIEW_DATE": "when the last review of the goal was held; alone it is not read",
    "ORDER_TYPE": "the court order; none says that there is no open order",
    "LEGAL_ORDER_START_DATE": "needs ORDER_TYPE",
    "LEGAL_ORDER_EXPIRY_DATE": "needs ORDER_TYPE",
    "CASEWORKER": "up to 120 characters",
    "CASEWORKER_ORGANISATION": "up to 120 characters",
}
# One of the two says it.
NAME_COLUMNS = frozenset({"FIRST_NAME", "LAST_NAME"})
MEANINGS = REQUIRED | OPTIONAL
DATE_COLUMNS = frozenset(name for name in MEANINGS if "DATE" in name)
CHOICES: dict[str, tuple[str, ...]] = {
    "CASE_MANAGEMENT_RESPONSIBILITY": tuple(CaseManagement.values),
    "ABORIGINAL_STATUS": tuple(AboriginalStatus.values),
    "CALD": tuple(Child.Cald.values),
    "PLAN_GOAL": tuple(Goal.values),
    "ORDER_TYPE": tuple(CourtOrder.Kind.values),
}
LENGTHS = {
    "ChildStoryID": 8,
    "FIRST_NAME": 80,
    "LAST_NAME": 80,
    "CASEWORKER": 120,
    "CASEWORKER_ORGANISATION": 120,
}
LONGEST_CELL = 200
# A report says only that these changed: it may be kept where no child's name belongs.
PRIVATE_COLUMNS = frozenset({"FIRST_NAME", "LAST_NAME", "DATE_OF_BIRTH", "CASEWORKER"})
# Which column each field of a fact about the child, the goal, the order or the care comes from.
CHILD_COLUMNS = {
    "childstory_id": "ChildStoryID",
    "first_name": "FIRST_NAME",
    "last_name": "LAST_NAME",
    "born_on": "DATE_OF_BIRTH",
    "district": "DISTRICT",
    "case_managed_by": "CASE_MANAGEMENT_RESPONSIBILITY",
    "provider": "PROVIDER",
    "office": "CSC",
    "aboriginal_status": "ABORIGINAL_STATUS",
    "cald": "CALD",
    "caseworker": "CASEWORKER",
    "caseworker_organisation": "CASEWORKER_ORGANISATION",
}
GOAL_COLUMNS = {
    "goal": "PLAN_GOAL",
    "effective_on": "PLAN_GOAL_START_DATE",
    "first_two_year_goal_on": "FIRST_TWO_YEAR_GOAL_DATE",
    "last_review_held_on": "LAST_REVIEW_DATE",
}
ORDER_COLUMNS = {
    "kind": "ORDER_TYPE",
    "starts_on": "LEGAL_ORDER_START_DATE",
    "expires_on": "LEGAL_ORDER_EXPIRY_DATE",
}
ENTERED_CARE_COLUMN = "DATE_FIRST_TIME_ENTRY"


def column_help(column: str) -> str:
    """Return what a column means and, after a full stop, the values that it may hold."""
    words = f"{MEANINGS[column]}."
    if column in CHOICES:
        words += f" One of: {', '.join(CHOICES[column])}."
    return f"{words} YYYY-MM-DD." if column in DATE_COLUMNS else words


MOST_ROWS = 500_000
MOST_ROWS_ABOVE = 9
LONGEST_LINE = 100_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class FileError(Exception):
    """The file cannot be read as a whole; the message says where and why."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a cell, or in a row (the header is row 1). It repeats no cell: no names."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.sentence}"


@dataclass(slots=True)
class FileRow:
    """One child's row: its number and the cells by column, without the spaces around them."""

    number: int
    cells: Mapping[str, str]


def read_rows(file: BinaryIO) -> Iterator[FileRow | RowFault]:
    """Yield each row that holds anything, or its fault; FileError where nothing can be read."""
    table = csv.reader(_lines(file), strict=True)
    numbered = enumerate(_records(table), start=1)
    first, names = _header(numbered)
    holds_rows = False
    for number, cells in numbered:
        if number - first > MOST_ROWS:
            raise FileError(f"The file has more than {MOST_ROWS:,} rows: divide it.")
        if any(map(str.strip, cells)):
            holds_rows = True
            yield _row(number, names, cells)
    if not holds_rows:
        raise FileError("The file holds no rows below its header.")


def _header(numbered: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Return the number of the header and its names; a title above it is passed over."""
    above: list[list[str]] = []
    for number, cells in islice(numbered, MOST_ROWS_ABOVE + 1):
        names = _without_empty_end([cell.strip() for cell in cells])
        if "ChildStoryID" in names:
            if faults := _header_faults(names):
                raise FileError(faults)
            return number, names
        above.append(names)
    names = next(filter(None, above), [])
    raise FileError(_header_faults(names) if names else "The file is empty: it has no header.")


def _without_empty_end(cells: list[str]) -> list[str]:
    """Return the cells without the empty ones at the right edge, where a sheet was wider once."""
    filled = (place for place, cell in enumerate(cells, 1) if cell.strip())
    return cells[: max(filled, default=0)]


def childstory_ids(file: BinaryIO) -> list[str]:
    """Return what stands for the ID in each row that can be read; FileError as for `read`."""
    cells = (row.cells for row in read_rows(file) if isinstance(row, FileRow))
    return [each["ChildStoryID"] for each in cells if each["ChildStoryID"]]


def _row(number: int, names: list[str], cells: list[str]) -> FileRow | RowFault:
    if len(cells) > len(names):
        cells = [*cells[: len(names)], *_without_empty_end(cells[len(names) :])]
    if len(cells) != len(names):
        return RowFault(number, "", f"It has {len(cells)} cells and the header has {len(names)}.")
    stripped = [cell.strip() for cell in cells]
    if max(map(len, stripped)) > LONGEST_CELL:
        name = next(
            name for name, cell in zip(names, stripped, strict=True) if len(cell) > LONGEST_CELL
        )
        return RowFault(number, name, f"The cell is longer than {LONGEST_CELL} characters.")
    return FileRow(number, dict(zip(names, stripped, strict=True)))


def _records(table: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in count(1):
        try:
            record = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            why = "a quotation mark is not closed, or stands in the middle of a cell."
            if "field larger" in str(error):
                why = "a cell is far too long. Perhaps a quotation mark is not closed."
            raise FileError(f"Row {row} cannot be read, and nothing after it: {why}") from None
        yield record


def _lines(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(_byte_lines(file), start=1):
        if number == 1:
            if line.startswith(UTF_16_MARKS):
                raise FileError("The file is in UTF-16. Save it as CSV in UTF-8.")
            line = line.removeprefix(BYTE_ORDER_MARK)
        if len(line) > LONGEST_LINE:
            raise FileError(f"Line {number} is longer than {LONGEST_LINE:,} bytes.")
        if b"\0" in line:
            raise FileError(f"Line {number} holds a NUL character: this is no text file.")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise FileError(
                f"Line {number} is not in UTF-8. Save the file as CSV in UTF-8."
            ) from None


def _byte_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, whichever of the three line ends each has."""
    rest = b""
    while chunk := file.read(LONGEST_LINE + 1):
        # The last one may go on, or its end may be the first half of one.
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        yield from lines
        if len(rest) > LONGEST_LINE:
            break
    if rest:
        yield rest


def _header_faults(names: list[str]) -> str:
    faults = []
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    missing = [name for name in REQUIRED if name not in names]
    strange = [name for name in dict.fromkeys(names) if name not in MEANINGS]
    if missing:
        faults.append(f"The header lacks {', '.join(missing)}.")
        if len(names) == 1:
            faults.append("It has one column only: the cells must be separated by commas.")
    if twice:
        faults.append(f"The header names {_name_list(twice)} more than once.")
    if strange:
        faults.append(f"The header names columns that are not known: {_name_list(strange)}.")
    return " ".join(faults)


def _name_list(names: list[str]) -> str:
    shown = ", ".join((name[:30] or "(empty)") for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
