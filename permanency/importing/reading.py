"""Turns the bytes of a file into rows of cells, or says plainly why it cannot."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from permanency.importing.columns import COLUMNS, LONGEST_CELL, REQUIRED

MOST_ROWS = 500_000
LONGEST_LINE = 100_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class FileError(Exception):
    """The file cannot be read as a whole; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell, or in a whole row where the column is empty.

    Rows count as a spreadsheet counts them: the header is row 1. The sentence repeats no cell, so
    that a report holds nobody's name.
    """

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.sentence}"


@dataclass(slots=True)
class Row:
    """One child's row: its number and the cells by column, without the spaces around them."""

    number: int
    cells: Mapping[str, str]


def read(file: BinaryIO) -> Iterator[Row | Fault]:
    """Yield each row, or the fault that makes it unreadable; FileError where nothing can be read.

    Rows without any value are passed over.
    """
    table = csv.reader(_lines(file), strict=True)
    numbered = enumerate(_records(table), start=1)
    _, header = next(numbered, (1, []))
    if not any(header):
        raise FileError("The file is empty: it has no header.")
    names = [name.strip() for name in header]
    _check_header(names)
    holds_rows = False
    for number, cells in numbered:
        if number - 1 > MOST_ROWS:
            raise FileError(f"The file has more than {MOST_ROWS:,} rows: divide it.")
        if any(map(str.strip, cells)):
            holds_rows = True
            yield _row(number, names, cells)
    if not holds_rows:
        raise FileError("The file holds no rows below its header.")


def ids(file: BinaryIO) -> list[str]:
    """Return what stands for the ID in each row that can be read; FileError as for `read`."""
    cells = (row.cells for row in read(file) if isinstance(row, Row))
    return [each["ChildStoryID"] for each in cells if each["ChildStoryID"]]


def _row(number: int, names: list[str], cells: list[str]) -> Row | Fault:
    if len(cells) != len(names):
        return Fault(number, "", f"It has {len(cells)} cells and the header has {len(names)}.")
    stripped = [cell.strip() for cell in cells]
    if max(map(len, stripped)) > LONGEST_CELL:
        name = next(
            name for name, cell in zip(names, stripped, strict=True) if len(cell) > LONGEST_CELL
        )
        return Fault(number, name, f"The cell is longer than {LONGEST_CELL} characters.")
    return Row(number, dict(zip(names, stripped, strict=True)))


def _records(table: Iterator[list[str]]) -> Iterator[list[str]]:
    row = 0
    while True:
        row += 1
        try:
            record = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError(
                f"Row {row} cannot be read, and nothing after it: {_plainly(error)}"
            ) from None
        yield record


def _plainly(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a cell is far too long. Perhaps a quotation mark is not closed."
    return "a quotation mark is not closed, or stands in the middle of a cell."


def _lines(file: BinaryIO) -> Iterator[str]:
    """Yield the file's lines as text; FileError at the first that is not plain UTF-8."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            if line.startswith(OTHER_MARKS):
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


def _check_header(names: list[str]) -> None:
    """Refuse a header that is not the one of the contract, with everything that is wrong in it."""
    faults = []
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    missing = [name for name in REQUIRED if name not in names]
    strange = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    if missing:
        faults.append(f"The header lacks {', '.join(missing)}.")
        if len(names) == 1:
            faults.append("It has one column only: the cells must be separated by commas.")
    if twice:
        faults.append(f"The header names {_shown(twice)} more than once.")
    if strange:
        faults.append(f"The header names columns that are not known: {_shown(strange)}.")
    if faults:
        raise FileError(" ".join(faults))


def _shown(names: list[str]) -> str:
    """Return names for a sentence, shortened: the first line may be anything at all."""
    shown = ", ".join((name[:30] or "(empty)") for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
