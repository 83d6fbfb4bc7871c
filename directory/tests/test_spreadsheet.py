"""No cell of a file can be taken for a formula, and what went in can be read out again."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.tests.spreadsheets import unescape_formula
from directory.web.exports import (
    Cell,
    Format,
    Table,
    escape_formula,
    file_content,
    is_formula,
)

DAY = date(2026, 5, 14)
DANGEROUS = [
    "=1+1",
    "+61 2 9999 0000",
    "-1",
    "@SUM(A1)",
    "|calc",
    "%0",
    "\t=1",
    "\rtext",
    "\ntext",
    "\x00=1",
    "  =cmd|' /C calc'!A0",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "\u200b \u2060=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\ufe62\uff11",
    "'=1",
    "''=1",
]
PLAIN = ["Olivia", "'Ofa", "O'Neill", "Anne-Marie", "3 = 3", "Müller", "", " ", "小林", "14 May"]
# What a hostile text is made of, more often than by chance.
SIGNS = st.sampled_from("=+-@|%'\t\r\n\x00 \u00a0\ufeff\u200b\u2060\u0301\uff1d\uff0b\uff20aZ1,;\"")
TEXTS = st.text(SIGNS) | st.text()


def _table(*rows: tuple[Cell, ...]) -> Table:
    return Table("Children", ["Exported by =Pat"], ["One", "Two"], rows)


def _read_csv(content: bytes) -> list[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text))


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_could_run_gets_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text
    assert unescape_formula(text) == text


@given(TEXTS)
def test_no_text_is_left_that_begins_a_formula(text: str) -> None:
    shown = escape_formula(text)
    assert unescape_formula(shown) == text
    unseen = "".join(sign for sign in shown if unicodedata.category(sign)[0] not in "ZC")
    assert not unicodedata.normalize("NFKC", unseen).startswith(tuple("=+-@|%"))
    assert not shown.startswith(("\t", "\r", "\n", "\x00"))


def test_the_examples_would_be_found_without_the_apostrophe() -> None:
    """The check above is about something: it fails for the texts themselves."""
    for text in ("=1+1", " =1", "\ufeff=1", "\uff1d1"):
        assert is_formula(text)
        unseen = "".join(sign for sign in text if unicodedata.category(sign)[0] not in "ZC")
        assert unicodedata.normalize("NFKC", unseen).startswith("=")


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_a_csv_file_gives_back_what_went_in(rows: list[tuple[str, str]]) -> None:
    found = _read_csv(file_content(_table(*rows), Format.CSV))
    assert [unescape_formula(cell) for row in found[4:] for cell in row] == [
        cell.encode(errors="replace").decode() for row in rows for cell in row
    ]


def test_a_csv_file_says_what_it_is_first() -> None:
    found = _read_csv(file_content(_table(("=1", DAY), (None, -3)), Format.CSV))
    assert found == [
        ["Children"],
        ["Exported by =Pat"],
        [],
        ["One", "Two"],
        ["'=1", "2026-05-14"],
        ["", "-3"],
    ]


@pytest.mark.parametrize("text", [*DANGEROUS, *PLAIN[:6], "#N/A", "TRUE", "1e5", "{=1}"])
def test_every_text_of_a_workbook_is_text(text: str) -> None:
    content = file_content(_table((text, DAY), (None, 3)), Format.XLSX)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Children"]
    cell, day = sheet["A5"], sheet["B5"]
    assert cell.value == text.replace("\x00", "").replace("\r", "\n")
    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)
    assert (day.value.date(), day.is_date, day.number_format) == (DAY, True, "d mmmm yyyy")
    assert (sheet["A6"].value, sheet["B6"].value, sheet["B6"].data_type) == (None, 3, "n")


def test_the_workbook_library_alone_would_make_a_formula() -> None:
    book = openpyxl.Workbook()
    book.active.append(["=1+1"])
    assert book.active["A1"].data_type == "f"
