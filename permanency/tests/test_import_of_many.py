"""Imports of many rows at once: the same as one by one, and nothing at all where nothing is new."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.access import services as restrictions
from permanency.children import services as register
from permanency.children.services import EDITED
from permanency.imports.csv_reader import REQUIRED
from permanency.imports.plan import ROWS_AT_A_TIME
from permanency.imports.services import NOTE
from permanency.management.commands.import_children import MOST_ROWS_SHOWN
from permanency.models import CareEpisode, Child
from permanency.policy.months import add_months
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

WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture(autouse=True)
def places(hunter: District) -> None:
    Office.objects.create(name="Mayfield", district=hunter)
    make_district("Sydney")
    Provider.objects.create(name="Banksia Families")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def many(number: int, like: dict[str, str] = MINIMAL_ROW) -> list[dict[str, str]]:
    return [another(f"C{each}", like) for each in range(number)]


def edits(childstory_id: str) -> list[HistoryEntry]:
    child = Child.objects.get(childstory_id=childstory_id)
    return list(HistoryEntry.objects.filter(child_number=child.pk, verb=EDITED))


def of_whom(childstory_id: str) -> Child:
    return Child.objects.get(childstory_id=childstory_id)


@pytest.mark.parametrize("row", [MINIMAL_ROW, FULL_ROW])
def test_the_same_file_again_sends_no_statement_that_writes(
    folder: Path, coordinator: User, row: dict[str, str]
) -> None:
    path = write_csv(folder, *many(30, row))
    run_import(path, commit=True)
    for by in ("", coordinator.email):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert "Same: 30" in run_import(path, commit=True, by=by)
        assert [each for each in asked if each["sql"].startswith(WRITES)] == []


def test_restricted_and_closed_children_are_written_among_others(
    folder: Path, coordinator: User
) -> None:
    people = many(12)
    run_import(write_csv(folder, *people, header=REQUIRED), commit=True)
    restrictions.restrict(of_whom("C3"), reasons="A relative.", by=coordinator, on=TODAY)
    died = register.ChildFields(died_on=TODAY - timedelta(days=3))
    left = register.ChildFields(left_state_on=TODAY - timedelta(days=3))
    for childstory_id, changes in (("C4", died), ("C5", left)):
        register.edit_child(
            of_whom(childstory_id), changes=changes, version=1, by=coordinator, on=TODAY
        )
    said = run_import(write_csv(folder, *people), commit=True, by=coordinator.email)
    assert "Same: 12" in said
    for row in people[:8]:
        row["CASEWORKER"] = f"Worker of {row['ChildStoryID']}"
    said = run_import(write_csv(folder, *people), commit=True, by=coordinator.email)

    assert "Changed: 8\n  Same: 4\n" in said
    assert "row 5, ChildStory ID C3\n    Changed\n" in said
    for number in range(12):
        child = of_whom(f"C{number}")
        told = [each for each in edits(f"C{number}") if "caseworker" in each.after]
        assert child.caseworker == (f"Worker of C{number}" if number < 8 else "")
        assert len(told) == (number < 8)
        for entry in told:
            assert (entry.before, entry.note) == ({"caseworker": ""}, NOTE)
            assert (entry.by, entry.appointment) == (coordinator, coordinator.appointments.get())
    assert of_whom("C3").is_restricted
    assert (of_whom("C4").died_on, of_whom("C5").left_state_on) == (TODAY - timedelta(days=3),) * 2
    call_command("verify_history", stdout=StringIO())


def test_children_of_a_place_that_has_retired_are_known(folder: Path, hunter: District) -> None:
    rows = many(3, FULL_ROW)
    run_import(write_csv(folder, *rows), commit=True)
    Office.objects.filter(name="Mayfield").update(retired_on=TODAY)
    Provider.objects.update(retired_on=TODAY)
    for row in rows:
        row |= {"CSC": "", "PROVIDER": ""}
    rows[1]["CALD"] = "yes"
    said = run_import(write_csv(folder, *rows), commit=True)

    assert "Changed: 1\n  Same: 2\n" in said
    child = of_whom("C1")
    assert (child.cald, str(child.office), str(child.provider)) == (
        "yes", "Mayfield", "Banksia Families",
    )  # fmt: skip
    (entry,) = edits("C1")
    assert (entry.before, entry.after) == ({"cald": "no"}, {"cald": "yes"})


def test_new_changed_and_moved_rows_of_more_than_one_part(folder: Path) -> None:
    rows = many(ROWS_AT_A_TIME + 20)
    run_import(write_csv(folder, *rows[:-10], header=REQUIRED), commit=True)
    for row in rows[::2]:
        row["CASEWORKER"] = f"Worker of {row['ChildStoryID']}"
    rows[7]["DISTRICT"] = rows[-11]["DISTRICT"] = "Sydney"
    said = run_import(write_csv(folder, *rows), commit=True)

    assert "New: 10" in said
    changed = (ROWS_AT_A_TIME + 10) // 2
    assert f"Changed: {changed + 2:,}" in said
    assert HistoryEntry.objects.filter(verb=EDITED).count() == changed + 2
    assert Child.objects.filter(district__name="Sydney").count() == 2
    workers = Child.objects.exclude(caseworker="").values_list("childstory_id", "caseworker")
    assert {(each, f"Worker of {each}") for each, _ in workers} == set(workers)
    assert len(workers) == len(rows[::2])
    call_command("verify_history", stdout=StringIO())


def test_a_loud_row_after_more_quiet_ones_than_are_listed_comes_first(
    folder: Path, coordinator: User
) -> None:
    rows = many(MOST_ROWS_SHOWN + 5)
    run_import(write_csv(folder, *rows), commit=True)
    restrictions.restrict(of_whom("C51"), reasons="A relative.", by=coordinator, on=TODAY)
    for row in rows[:-1]:
        row["CALD"] = "yes"
    rows[51]["DISTRICT"] = rows[-1]["DISTRICT"] = "Sydney"
    said = run_import(write_csv(folder, *rows))

    # One of the two is restricted: that it moves is counted, and not told.
    assert "!! ROWS TO LOOK AT: 1 move a child to another district (2)" in said
    lines = said[said.index("Changed rows: 55\n") :].splitlines()
    assert lines[1].strip() == f"row {len(rows) + 1}, ChildStory ID C54"
    assert lines[2].strip().startswith("!! MOVES THE CHILD")
    assert sum("row " in line and "ChildStory ID" in line for line in lines) == MOST_ROWS_SHOWN
    assert "  and 5 more (--all lists them)" in lines
    assert "ChildStory ID C48\n" in said
    assert "ChildStory ID C49\n" not in said


def test_a_person_who_imports_corrects_the_day_of_entering_care(
    folder: Path, coordinator: User
) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    earlier = {**FULL_ROW, "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -4).isoformat()}
    assert "Changed: 1" in run_import(write_csv(folder, earlier), commit=True, by=coordinator.email)

    assert CareEpisode.objects.get().entered_on == add_months(SINCE, -4)
    entry = HistoryEntry.objects.get(verb="corrected a time in care")
    assert (entry.by, entry.note) == (coordinator, NOTE)
