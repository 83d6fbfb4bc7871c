"""What is asked before a list leaves as a file, and the file: CSV or an Excel workbook.

A spreadsheet program runs what begins like a formula, also behind a blank or a sign that nobody
sees. In CSV such a text gets an apostrophe in front; in a workbook every text is stored as text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.choices import flatten_choices
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from directory import clock
from directory.forms import drafts
from directory.forms.layout import Button, NswForm, TextArea
from directory.forms.optimistic_lock import form_status
from directory.history import access_log
from directory.history.access_log import Kind, ReadEvent
from directory.models import ReadEntry
from directory.web.request import CaseworkRequest, has_fresh_proof, post_data, step_up_redirect

Cell = str | date | int | None

FORMULA_STARTS = frozenset("=+-@|%")
APOSTROPHE = "'"
# What is skipped or not seen in front of a text: blanks, controls, marks without a width.
INVISIBLE_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cf", "Mn", "Cn", "Cs", "Co"})
TEXT_FORMAT, DATE_FORMAT = "@", "d mmmm yyyy"
BOM = "\ufeff"


class Format(TextChoices):
    CSV = "csv", "CSV (text, for any program)"
    XLSX = "xlsx", "Excel workbook"


CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Table:
    title: str
    lines: Sequence[str]
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def is_formula(text: str) -> bool:
    for sign in text:
        if unicodedata.category(sign) == "Cc":
            return True
        if unicodedata.category(sign) in INVISIBLE_CATEGORIES or sign == APOSTROPHE:
            continue
        return not FORMULA_STARTS.isdisjoint(unicodedata.normalize("NFKC", sign))
    return False


def escape_formula(text: str) -> str:
    return f"{APOSTROPHE}{text}" if is_formula(text) else text


def file_content(table: Table, file_format: Format) -> bytes:
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


class ExportForm(NswForm, forms.Form):
    reason = forms.CharField(
        label="Why do you need this file?",
        max_length=300,
        widget=TextArea({"rows": 3}),
        help_text="It is written down beside your name, and stands in the file. "
        "Do not name a child.",
        error_messages={"required": "Say why you need this file."},
    )
    file_format = forms.ChoiceField(
        label="Kind of file",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )
    buttons = (Button("Export"),)
    warn_unsaved = False


MOST_ROWS = 20_000
# Of more rows than this in a day only somebody who proved just now who they are takes lists away:
# many short lists are one long one.
MOST_WITHOUT_PROOF = 50
KEEP_NO_LONGER = "Keep this file no longer than it is needed, then delete it. Do not pass it on."

# The number of the child that a row shows, if it shows one.
ExportRow = tuple[int | None, Sequence[Cell]]


@dataclass(frozen=True)
class Listing:
    """A list that may leave: what it is called, what narrows it, and its rows.

    `count` is how many rows there are. `rows` reads at most so many, each with its child's number.
    `is_figures` says that they are numbers about many children, and show none of them.
    """

    title: str
    back: str
    filters: forms.BaseForm
    headings: Sequence[str]
    count: int
    rows: Callable[[int], Iterable[ExportRow]]
    is_figures: bool = False

    @property
    def children(self) -> int:
        return 0 if self.is_figures else self.count

    @property
    def is_capped(self) -> bool:
        return self.count > MOST_ROWS


def export(request: CaseworkRequest, listing: Listing) -> HttpResponse:
    """Ask for the reason, then answer with the file; of many children after a fresh proof alone."""
    form = ExportForm(post_data(request), cancel_url=listing.back)
    if not (form.is_valid() and listing.count):
        context = {
            "listing": listing,
            "form": form,
            "filters": filters_in_words(listing.filters),
            "count": min(listing.count, MOST_ROWS),
            "needs_proof": listing.children > MOST_WITHOUT_PROOF,
        }
        return render(request, "directory/export.html", context, status=form_status(form))
    if listing.children and not has_fresh_proof(request):
        files = ReadEntry.objects.filter(by=request.user, on=request.today, kind=Kind.EXPORT)
        taken = sum(len(shown) for shown in files.values_list("shown", flat=True))
        if taken + listing.children > MOST_WITHOUT_PROOF:
            return step_up_redirect(request)
    drafts.discard_draft(request.user.pk, request.get_full_path())
    reason, file_format = form.cleaned_data["reason"], Format(form.cleaned_data["file_format"])
    return _file_response(request, listing, reason=reason, file_format=file_format)


def _file_response(
    request: CaseworkRequest, listing: Listing, *, reason: str, file_format: Format
) -> HttpResponse:
    rows = list(listing.rows(MOST_ROWS))
    table = Table(
        title=listing.title,
        lines=_heading_lines(request, listing, reason, len(rows)),
        headings=listing.headings,
        rows=(cells for _, cells in rows),
    )
    content = file_content(table, file_format)
    detail: dict[str, Any] = {
        "rows": len(rows),
        "filters": access_log.filters_in_use(listing.filters),
        "reason": reason,
        "format": file_format.value,
        "sha256": sha256(content).hexdigest(),
    }
    children = tuple(dict.fromkeys(number for number, _ in rows if number is not None))
    access_log.add_read(request, ReadEvent(Kind.EXPORT, shown=children, detail=detail))
    name = f"{listing.title.lower()}-{request.today.isoformat()}.{file_format.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=CONTENT_TYPES[file_format], headers=headers)


def _heading_lines(
    request: CaseworkRequest, listing: Listing, reason: str, count: int
) -> tuple[str, ...]:
    zone = clock.zone(request.user.time_zone(on=request.today))
    moment = request.now.astimezone(zone)
    capped = f", the first of more: a file takes {MOST_ROWS:,}" if listing.is_capped else ""
    return (
        f"Exported by {request.user.name} on {moment.day} {moment:%B %Y} at {moment:%H:%M}",
        f"Reason: {reason}",
        f"Filters: {'; '.join(filters_in_words(listing.filters)) or 'none'}",
        f"Rows: {count}{capped}",
        KEEP_NO_LONGER,
    )


def filters_in_words(form: forms.BaseForm) -> list[str]:
    cleaned = getattr(form, "cleaned_data", {})
    return [_filter_in_words(form.fields[name], value) for name, value in cleaned.items() if value]


def _filter_in_words(field: forms.Field, value: Any) -> str:
    if value is True:
        return str(field.label)
    choices = dict(flatten_choices(getattr(field.widget, "choices", ())))
    words = choices.get(value, value) if isinstance(value, str) else value
    return f"{field.label or ''}: {words}".removeprefix(": ")
