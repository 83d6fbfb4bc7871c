"""What `import_children` says of files and cells that are wrong: by row and column, plainly."""

from io import BytesIO
from pathlib import Path

import pytest

from directory.models import District, Office, Provider
from directory.tests.people import make_district
from permanency.imports.csv_reader import LONGEST_CELL, OPTIONAL, _lines
from permanency.models import Child
from permanency.tests.import_files import (
    FULL_ROW,
    HEADER,
    MINIMAL_ROW,
    TODAY,
    refused_import,
    run_import,
    write_csv,
    write_file,
)

pytestmark = pytest.mark.dialect


@pytest.fixture(autouse=True)
def places(hunter: District) -> None:
    Office.objects.create(name="Mayfield", district=hunter)
    Office.objects.create(name="Burwood", district=make_district("Sydney"))
    Provider.objects.create(name="Banksia Families")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "column", "sentence"),
    [
        ({"ChildStoryID": ""}, "ChildStoryID", "must not be empty"),
        ({"ChildStoryID": "AB-1"}, "ChildStoryID", "1 to 8 letters or digits"),
        ({"ChildStoryID": "A\u00df"}, "ChildStoryID", "1 to 8 letters or digits"),
        ({"ChildStoryID": "\u212a1"}, "ChildStoryID", "1 to 8 letters or digits"),
        ({"ChildStoryID": "\u01311"}, "ChildStoryID", "1 to 8 letters or digits"),
        ({"ChildStoryID": "ABCDEFGHI"}, "ChildStoryID", "longer than 8"),
        ({"FIRST_NAME": "  ", "LAST_NAME": ""}, "FIRST_NAME", "first name, last name, or both"),
        ({"LAST_NAME": "x" * 81}, "LAST_NAME", "longer than 80"),
        ({"LAST_NAME": "x" * (LONGEST_CELL + 1)}, "LAST_NAME", "longer than 200"),
        ({"LAST_NAME": "two\nlines"}, "LAST_NAME", "line break"),
        ({"DATE_OF_BIRTH": "02/03/2015"}, "DATE_OF_BIRTH", "YYYY-MM-DD"),
        ({"DATE_OF_BIRTH": "2015-02-31"}, "DATE_OF_BIRTH", "YYYY-MM-DD"),
        ({"DATE_OF_BIRTH": "20150302"}, "DATE_OF_BIRTH", "YYYY-MM-DD"),
        ({"DATE_OF_BIRTH": "2015-03-02T00:00"}, "DATE_OF_BIRTH", "YYYY-MM-DD"),
        ({"DATE_OF_BIRTH": "\uff12\uff10\uff11\uff15-03-02"}, "DATE_OF_BIRTH", "YYYY-MM-DD"),
        ({"DATE_OF_BIRTH": "1899-12-31"}, "DATE_OF_BIRTH", "between 1900 and 2200"),
        ({"DATE_OF_BIRTH": "9999-12-31"}, "DATE_OF_BIRTH", "between 1900 and 2200"),
        ({"DATE_OF_BIRTH": "2190-01-01"}, "DATE_OF_BIRTH", "must not be in the future"),
        ({"DISTRICT": "Nowhere"}, "DISTRICT", "no such name of a district"),
        ({"CASE_MANAGEMENT_RESPONSIBILITY": "NGO"}, "CASE_MANAGEMENT", "one of: DCJ, PSP"),
        ({"CASE_MANAGEMENT_RESPONSIBILITY": "DCJ"}, "PROVIDER", "only where a PSP provider"),
        ({"PROVIDER": "Unknown Families"}, "PROVIDER", "no such name of a provider"),
        ({"CSC": "Burwood"}, "CSC", "no office of this name in Hunter"),
        ({"ABORIGINAL_STATUS": "yes"}, "ABORIGINAL_STATUS", "one of: aboriginal"),
        ({"CALD": "maybe"}, "CALD", "one of: yes, no, unknown"),
        ({"DATE_FIRST_TIME_ENTRY": "2014-01-01"}, "DATE_FIRST_TIME_ENTRY", "child was born"),
        ({"DATE_FIRST_TIME_ENTRY": "2190-01-01"}, "DATE_FIRST_TIME_ENTRY", "in the future"),
        ({"PLAN_GOAL": "reunification"}, "PLAN_GOAL", "one of: preservation"),
        ({"PLAN_GOAL": ""}, "PLAN_GOAL", "PLAN_GOAL_START_DATE is given"),
        ({"PLAN_GOAL_START_DATE": ""}, "PLAN_GOAL_START_DATE", "PLAN_GOAL is given"),
        ({"PLAN_GOAL_START_DATE": "2190-01-01"}, "PLAN_GOAL_START_DATE", "after today"),
        ({"PLAN_GOAL_START_DATE": "2014-01-01"}, "PLAN_GOAL_START_DATE", "child was born"),
        (
            {"FIRST_TWO_YEAR_GOAL_DATE": TODAY.isoformat()},
            "FIRST_TWO_YEAR_GOAL_DATE",
            "no later than this goal",
        ),
        ({"LAST_REVIEW_DATE": "2190-01-01"}, "LAST_REVIEW_DATE", "after today"),
        ({"ORDER_TYPE": ""}, "ORDER_TYPE", "must not be empty"),
        ({"ORDER_TYPE": "final"}, "ORDER_TYPE", "one of: interim"),
        ({"LEGAL_ORDER_START_DATE": "2190-01-01"}, "LEGAL_ORDER_START_DATE", "in the future"),
        ({"LEGAL_ORDER_EXPIRY_DATE": "2016-01-01"}, "LEGAL_ORDER_EXPIRY_DATE", "expires after"),
        ({"ORDER_TYPE": "none"}, "LEGAL_ORDER_EXPIRY_DATE", "nothing expires"),
        ({"DATE_OF_BIRTH": "2001-01-01"}, "PLAN_GOAL", "turned 18"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    folder: Path, wrong: dict[str, str], column: str, sentence: str
) -> None:
    good = {**MINIMAL_ROW, "ChildStoryID": "GOOD"}
    report, last = refused_import(write_csv(folder, good, {**FULL_ROW, **wrong}))
    line = next(line for line in report.splitlines() if "row 3" in line and column in line)

    assert sentence in line
    assert last.startswith("Nothing was written.")


def test_every_fault_of_a_file_is_told_and_no_value_repeated(folder: Path) -> None:
    wrong = {**MINIMAL_ROW, "DATE_OF_BIRTH": "31.12.2015", "DISTRICT": "Secretplace", "CALD": "Zed"}
    report, last = refused_import(write_csv(folder, wrong, {**wrong, "ChildStoryID": "AB2"}))

    assert "Errors: 6" in report
    assert last == "Nothing was written. Errors: 6."
    for private in ("31.12.2015", "Secretplace", "Zed", "Robin", "Example"):
        assert private not in report


def test_an_id_stands_once_in_a_file_whatever_its_case(folder: Path) -> None:
    report, _ = refused_import(
        write_csv(folder, MINIMAL_ROW, {**MINIMAL_ROW, "ChildStoryID": "AB1"})
    )

    assert "row 3, ChildStoryID: The same ChildStory ID stands in row 2." in report


HEAD = ",".join(HEADER).encode()
ROW = b"AB1,Robin,Example,2015-03-02,Hunter,DCJ" + b"," * len(OPTIONAL)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (",".join(HEADER[:-1]).replace("DISTRICT,", "").encode(), "lacks DISTRICT"),
        (HEAD.replace(b",", b";") + b"\n", "separated by commas"),
        (HEAD.replace(b",", b"\t") + b"\n", "separated by commas"),
        (HEAD + b",CALD\n", "names CALD more than once"),
        (HEAD + b",MIDDLE_NAME\n", "not known: MIDDLE_NAME"),
        (HEAD + b"," * 5000 + b"CALD", "more than once"),
        (b"Children of Hunter\n\nfor November\n", "lacks ChildStoryID"),
        (b"A title\n" * 10 + HEAD + b"\n" + ROW, "lacks ChildStoryID"),
        (b"A title\n" + HEAD.replace(b",CALD", b",cald") + b"\n" + ROW, "not known: cald"),
        (HEAD.replace(b",CALD", b",") + b"\n" + ROW, "not known: (empty)"),
        (HEAD + b"\r" + ROW.replace(b"Robin", b"Ren\xe9"), "Line 2 is not in UTF-8"),
        (HEAD.replace(b"CALD", b"cald"), "not known: cald"),
        (HEAD.decode().encode("utf-16"), "UTF-16"),
        (HEAD + b"\n" + ROW.replace(b"Robin", b"Ren\xe9"), "Line 2 is not in UTF-8"),
        (HEAD + b"\n" + ROW + b"\n" + ROW.replace(b"Robin", b"R\0"), "Line 3 holds a NUL"),
        (HEAD + b"\n" + ROW.replace(b"Robin", b'"Robin'), "quotation mark is not closed"),
        (HEAD + b"\n" + ROW.replace(b"Robin", b'"Rob"in'), "quotation mark"),
        (HEAD + b"\n" + ROW.replace(b"Robin", b"x" * 200_000), "longer than 100,000 bytes"),
        (HEAD + b"\n" + ROW.replace(b"Robin", b'"' + b"x\n" * 80_000), "far too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_plain_words(
    folder: Path, content: bytes, sentence: str
) -> None:
    _, last = refused_import(write_file(folder, content))

    assert sentence in last


def test_a_file_without_rows_is_no_import(folder: Path) -> None:
    _, last = refused_import(write_file(folder, HEAD + b"\n"))

    assert "holds no rows" in last


def test_a_row_of_another_length_is_an_error_of_that_row(folder: Path) -> None:
    report, _ = refused_import(write_file(folder, HEAD + b"\n" + ROW + b"\n" + ROW + b",more\n"))

    assert "row 3: It has 21 cells and the header has 20." in report


def test_marks_line_ends_and_empty_lines_do_no_harm(folder: Path) -> None:
    content = b"\xef\xbb\xbf" + HEAD + b"\r\n" + ROW + b"\r\n\r\n" + b"," * 19 + b"\r\n"
    run_import(write_file(folder, content.replace(b"Robin", "Zo\u00eb".encode())), commit=True)

    assert Child.objects.get().first_name == "Zo\u00eb"


SECOND = ROW.replace(b"AB1", b"AB2").replace(b"Robin", "Zo\u00eb \u2028Ann".encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("CR alone", b"\r".join([HEAD, ROW, SECOND]) + b"\r"),
        ("line ends of each kind", HEAD + b"\r" + ROW + b"\r\n" + SECOND + b"\n"),
        ("no end of the last line", HEAD + b"\n" + ROW + b"\r" + SECOND),
        ("empty columns at the right", b",,,\r\n".join([HEAD, ROW, SECOND]) + b",,,"),
        ("an empty column in the header", HEAD + b",\n" + ROW + b",\n" + SECOND + b",\n"),
        ("empty cells behind the rows alone", HEAD + b"\n" + ROW + b",, \n" + SECOND + b",\n"),
        ("a title above", b"Children, November\n,,\n\n" + HEAD + b"\n" + ROW + b"\n" + SECOND),
        ("a title with a mark", b"\xef\xbb\xbfTitle\r" + HEAD + b"\r" + ROW + b"\r" + SECOND),
    ],
)
def test_a_file_as_spreadsheets_write_it_is_read(folder: Path, name: str, content: bytes) -> None:
    assert "New: 2" in run_import(write_file(folder, content), commit=True)
    first, second = Child.objects.order_by("childstory_id")

    assert (first.first_name, first.case_managed_by) == ("Robin", "DCJ")
    assert second.first_name == "Zo\u00eb \u2028Ann", "this is no line end in a CSV file"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_lines_are_the_same_wherever_the_file_is_cut_while_it_is_read(end: bytes) -> None:
    lines = [bytes([65 + each % 26]) * (each % 97) + end for each in range(5_000)]
    content = b"".join(lines)
    for before in range(3):
        shifted = BytesIO(b"x" * before + content)
        read = "".join(_lines(shifted)).encode()
        assert read == b"x" * before + content
        shifted.seek(0)
        assert len(list(_lines(shifted))) == len(lines)


def test_a_row_below_a_title_is_named_by_its_number_in_the_file(folder: Path) -> None:
    wrong = ROW.replace(b"2015-03-02", b"2015-31-02")
    report, _ = refused_import(write_file(folder, b"Title\r\n\r\n" + HEAD + b"\r\n" + wrong))

    assert "row 4, DATE_OF_BIRTH" in report


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    _, last = refused_import(folder / "nothing.csv")

    assert "cannot be opened" in last
