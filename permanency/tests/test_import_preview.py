"""What `import_children` tells of each changed row, and what its help and its document say."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from directory.models import District, Office, Provider, User
from directory.tests.people import make_district
from permanency.access import services as restrictions
from permanency.imports.csv_reader import CHOICES, MEANINGS, OPTIONAL, REQUIRED
from permanency.management.commands.import_children import MOST_ROWS_SHOWN, Command
from permanency.models import CasePlanGoal, Child, CourtOrder
from permanency.policy.months import add_months
from permanency.tests.factories import make_child, make_order
from permanency.tests.import_files import (
    FULL_ROW,
    MINIMAL_ROW,
    SINCE,
    TODAY,
    another,
    run_import,
    write_csv,
)

pytestmark = pytest.mark.dialect


@pytest.fixture(autouse=True)
def places(hunter: District) -> None:
    Office.objects.create(name="Mayfield", district=hunter)
    make_district("Sydney")
    Provider.objects.create(name="Banksia Families")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_each_changed_row_is_listed_with_its_columns_old_and_new(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW, another("AB2")), commit=True)
    changed = {
        **FULL_ROW,
        "CALD": "yes",
        "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -4).isoformat(),
    }
    changed["LEGAL_ORDER_EXPIRY_DATE"] = add_months(SINCE, 20).isoformat()
    opened = {**another("AB2", FULL_ROW), "PROVIDER": "", "CSC": ""}
    said = run_import(write_csv(folder, changed, opened))

    assert "Changed rows: 2\n  row 2, ChildStory ID AB1\n" in said
    assert "    CALD: no -> yes\n" in said
    assert (
        f"    DATE_FIRST_TIME_ENTRY: {add_months(SINCE, -3)} -> {add_months(SINCE, -4)}\n" in said
    )
    expiry = f"{add_months(SINCE, 24)} -> {add_months(SINCE, 20)}"
    assert f"    LEGAL_ORDER_EXPIRY_DATE: {expiry}\n" in said
    assert "  row 3, ChildStory ID AB2\n" in said
    assert "    PLAN_GOAL: (empty) -> guardianship\n" in said
    assert "    ORDER_TYPE: (no such order) -> short_term\n" in said
    assert "!!" not in said
    assert Child.objects.get(childstory_id="AB1").cald == "no"


def test_nothing_is_told_of_a_restricted_child_but_that_it_changes(
    folder: Path, coordinator: User, second_coordinator: User
) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    child = Child.objects.get()
    restrictions.restrict(child, reasons="A relative.", by=coordinator, on=TODAY)
    file = write_csv(folder, {**FULL_ROW, "CALD": "yes", "DISTRICT": "Sydney", "CSC": ""})
    said = run_import(file)
    assert "row 2, ChildStory ID AB1\n    Changed\n" in said
    assert "Hunter" not in said
    assert "CALD" not in said
    with pytest.raises(CommandError):
        run_import(file, by=second_coordinator.email)
    run_import(write_csv(folder, {**FULL_ROW, "CALD": "yes"}), commit=True)
    child.refresh_from_db()
    assert (child.cald, child.is_restricted) == ("yes", True)


def test_names_and_birth_dates_are_only_said_to_have_changed(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    other = {
        "FIRST_NAME": "Kim",
        "LAST_NAME": "Others",
        "DATE_OF_BIRTH": "2015-04-05",
        "CASEWORKER": "Lee Private",
    }
    said = run_import(write_csv(folder, {**FULL_ROW, **other}))

    for column in other:
        assert f"    {column}: changed\n" in said
    for name in ("Robin", "Kim", "Example", "Others", "2015-0", "Jo Caseworker", "Lee Private"):
        assert name not in said


@pytest.mark.parametrize("commit", [False, True])
def test_a_move_and_what_it_clears_are_said_loudly_and_first(folder: Path, commit: bool) -> None:
    quiet = another("AB0")
    run_import(write_csv(folder, quiet, FULL_ROW), commit=True)
    moved = {**FULL_ROW, "DISTRICT": "Sydney", "CSC": "", "PROVIDER": ""}
    moved["CASE_MANAGEMENT_RESPONSIBILITY"] = "DCJ"
    said = run_import(write_csv(folder, {**quiet, "CALD": "yes"}, moved), commit=commit)

    assert "!! ROWS TO LOOK AT: 1 move a child to another district (1)," in said
    lines = [line.strip() for line in said.splitlines()]
    first = lines.index("Changed rows: 2") + 1
    assert lines[first : first + 4] == [
        "row 3, ChildStory ID AB1",
        "!! MOVES THE CHILD TO ANOTHER DISTRICT: Hunter -> Sydney",
        "!! CLEARS THE OFFICE Mayfield: it is not in Sydney",
        "!! CLEARS THE PROVIDER Banksia Families: DCJ manages the case",
    ]
    assert "row 2, ChildStory ID AB0" in lines
    assert Child.objects.get(childstory_id="AB1").district.name == (
        "Sydney" if commit else "Hunter"
    )


def test_an_ending_and_its_taking_back_are_said_loudly(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    mistyped = {**FULL_ROW, "DATE_OF_BIRTH": "2005-03-02"}
    for row, warning in (
        (mistyped, "!! ENDS THE GOAL: nothing is due any more"),
        (FULL_ROW, "!! PUTS THE GOAL IN FORCE AGAIN: next review "),
    ):
        for commit in (False, True):
            said = run_import(write_csv(folder, row), commit=commit)
            assert "ROWS TO LOOK AT: 1" in said
            assert f"  {warning}" in said
            assert "2005" not in said
            assert "has ended" not in said
    assert CasePlanGoal.objects.get().ended_on is None


def test_fifty_rows_are_listed_and_all_where_asked(folder: Path) -> None:
    rows = [another(f"C{number}") for number in range(MOST_ROWS_SHOWN + 3)]
    run_import(write_csv(folder, *rows), commit=True)
    path = write_csv(folder, *({**row, "CALD": "yes"} for row in rows))
    said = run_import(path)

    assert said.count("CALD: unknown -> yes") == MOST_ROWS_SHOWN
    assert "  and 3 more (--all lists them)" in said
    every = run_import(path, every_row=True)
    assert every.count("CALD: unknown -> yes") == len(rows)
    assert "more (--all" not in every


def test_of_a_child_elsewhere_nothing_is_listed(folder: Path, coordinator: User) -> None:
    make_child(District.objects.get(name="Sydney"), childstory_id="AB1", case_managed_by="PSP")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_children", write_csv(folder, MINIMAL_ROW), stdout=out, by=coordinator.email
        )

    assert "Changed rows: 0" in out.getvalue()
    assert "Sydney" not in out.getvalue()


def test_the_order_of_that_day_is_corrected_rather_than_one_without_a_day(
    folder: Path, hunter: District
) -> None:
    child = make_child(hunter, childstory_id="AB1", case_managed_by="PSP")
    make_order(child, starts_on=SINCE, expires_on=add_months(SINCE, 12))
    make_order(child, starts_on=None, expires_on=None)
    run_import(write_csv(folder, FULL_ROW), commit=True)

    expires = CourtOrder.objects.values_list("starts_on", "expires_on")
    assert set(expires) == {(SINCE, add_months(SINCE, 24)), (None, None)}


def test_the_help_names_every_column_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    Command().print_help("manage.py", "import_children")
    said = capsys.readouterr().out

    assert set(MEANINGS) == {*REQUIRED, *OPTIONAL}
    assert said.index("Required columns:") < said.index("  ChildStoryID\n")
    assert said.index("Optional columns:") < said.index("  PROVIDER\n")
    words = " ".join(said.split())
    for column in (*REQUIRED, *OPTIONAL):
        assert f"  {column}\n" in said
        assert f"{column} {MEANINGS[column]}." in words
    for values in CHOICES.values():
        assert f"One of: {', '.join(values)}." in words


def test_the_document_names_every_column_and_value() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "import.md").read_text()
    required, _, optional = text.partition("### Optional columns")
    for columns, part in ((REQUIRED, required), (OPTIONAL, optional)):
        for column in columns:
            line = next(each for each in part.splitlines() if each.startswith(f"| `{column}` |"))
            assert all(f"`{value}`" in line for value in CHOICES.get(column, ()))
