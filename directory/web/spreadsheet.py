"""Writes a table as CSV or as an Excel workbook in which no cell can be taken for a formula.

A spreadsheet program runs what begins like a formula, also behind a blank or a sign that nobody
sees. In CSV such a text gets an apostrophe in front; in a workbook every text is stored as text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | date | int | None

FORMULA_STARTS = frozenset("=+-@|%")
APOSTROPHE = "'"
# What is skipped or not seen in front of a text: blanks, controls, marks without a width.
INVISIBLE_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cf", "Mn", "Cn", "Cs", "Co"})
TEXT_FORMAT, DATE_FORMAT = "@", "d mmmm yyyy"
BOM = "\ufeff"


class Format(TextChoices):
    """The two kinds of file, with the ending of their names."""

    CSV = "csv", "CSV (text, for any program)"
    XLSX = "xlsx", "Excel workbook"


CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Table:
    """What a file holds: lines that say what it is, then headings, then rows."""

    title: str
    lines: Sequence[str]
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet program could take this text for a formula or a command."""
    for sign in text:
        if unicodedata.category(sign) == "Cc":
            return True
        if unicodedata.category(sign) in INVISIBLE_CATEGORIES or sign == APOSTROPHE:
            continue
        return not FORMULA_STARTS.isdisjoint(unicodedata.normalize("NFKC", sign))
    return False


def escape_formula(text: str) -> str:
    """Return the text as a CSV cell may hold it: with an apostrophe in front where it could run."""
    return f"{APOSTROPHE}{text}" if is_formula(text) else text


def unescape_formula(text: str) -> str:
    """Return the text that `harmless` was given, from what it returned."""
    return text[1:] if text.startswith(APOSTROPHE) and is_formula(text[1:]) else text


def file_content(table: Table, file_format: Format) -> bytes:
    """Return the file."""
    return _csv(table) if file_format == Format.CSV else _workbook(table)


def _csv(table: Table) -> bytes:
    sheet = io.StringIO(newline="")
    sheet.write(BOM)  # without it Excel reads the accents of a name wrongly
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
    writer.writerows([escape_formula(line)] for line in (table.title, *table.lines))
    writer.writerow([])
    writer.writerow([escape_formula(heading) for heading in table.headings])
    writer.writerows([_csv_text(cell) for cell in row] for row in table.rows)
    return sheet.getvalue().encode(errors="replace")


def _csv_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return escape_formula(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _workbook(table: Table) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:31])
    writer = _RowWriter(sheet, len(table.headings))
    for line in (table.title, *table.lines):
        sheet.append(writer.row([line]))
    sheet.append([])
    sheet.append(writer.row(table.headings))
    for row in table.rows:
        sheet.append(writer.row(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class _RowWriter:
    """Fills the same cells again for each row: giving a cell its format is what takes time."""

    def __init__(self, sheet: WriteOnlyWorksheet, width: int) -> None:
        self.texts = [WriteOnlyCell(sheet) for _ in range(width)]
        self.days = [WriteOnlyCell(sheet) for _ in range(width)]
        for cell in self.texts:
            cell.number_format = TEXT_FORMAT
            cell.quotePrefix = True  # so that it stays text when somebody edits it
        for cell in self.days:
            cell.number_format = DATE_FORMAT

    def row(self, values: Sequence[Cell]) -> list[Any]:
        return [self._cell(column, value) for column, value in enumerate(values)]

    def _cell(self, column: int, value: Cell) -> Any:
        if isinstance(value, str):
            cell = self.texts[column]
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value).encode(errors="replace").decode()
            cell.data_type = "s"  # openpyxl makes a formula of =, and an error of #N/A
            return cell
        if isinstance(value, date):
            self.days[column].value = value
            return self.days[column]
        return value
