"""`import_children`: good files, every kind of bad one, twice the same, all or nothing."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from directory import clock
from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.importing.columns import LONGEST_CELL, OPTIONAL, REQUIRED
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.services import goals, moves, register
from permanency.tests.factories import make_child, make_goal

TODAY = clock.today()
SINCE = add_months(TODAY, -5)
HEADER = (*REQUIRED, *OPTIONAL)
LEAST = {
    "ChildStoryID": "ab1",
    "FIRST_NAME": "Robin",
    "LAST_NAME": "Example",
    "DATE_OF_BIRTH": "2015-03-02",
    "DISTRICT": "Hunter",
    "CASE_MANAGEMENT_RESPONSIBILITY": "PSP",
}
FULL = {
    **LEAST,
    "PROVIDER": "Banksia Families",
    "CSC": "Mayfield",
    "ABORIGINAL_STATUS": "both",
    "CALD": "no",
    "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -3).isoformat(),
    "PLAN_GOAL": "guardianship",
    "PLAN_GOAL_START_DATE": SINCE.isoformat(),
    "FIRST_TWO_YEAR_GOAL_DATE": add_months(SINCE, -1).isoformat(),
    "LAST_REVIEW_DATE": add_months(SINCE, 1).isoformat(),
    "ORDER_TYPE": "short_term",
    "LEGAL_ORDER_START_DATE": SINCE.isoformat(),
    "LEGAL_ORDER_EXPIRY_DATE": add_months(SINCE, 24).isoformat(),
    "CASEWORKER": "Jo Caseworker",
    "CASEWORKER_ORGANISATION": "Banksia Families",
}


@pytest.fixture(autouse=True)
def places(hunter: District) -> None:
    Office.objects.create(name="Mayfield", district=hunter)
    Office.objects.create(name="Burwood", district=make_district("Sydney"))
    Provider.objects.create(name="Banksia Families")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def as_file(folder: Path, *rows: dict[str, str], header: tuple[str, ...] = HEADER) -> Path:
    """Return a file with these rows, each with an empty cell where it says nothing."""
    text = StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return raw_file(folder, text.getvalue().encode())


def raw_file(folder: Path, content: bytes) -> Path:
    path = folder / "children.csv"
    path.write_bytes(content)
    return path


def run(path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_children", path, stdout=out, **options)
    return out.getvalue()


def refusal(path: Path, **options: Any) -> tuple[str, str]:
    """Return the report and the last word of an import that is refused and exits with 1."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_children", path, stdout=out, commit=True, **options)
    assert refused.value.returncode == 1
    assert not Child.objects.exists()
    return out.getvalue(), str(refused.value)


def test_the_least_that_a_row_says_registers_a_child(folder: Path, hunter: District) -> None:
    path = as_file(folder, LEAST, header=REQUIRED)
    assert "New: 1" in run(path, commit=True)
    child = Child.objects.get()

    assert (child.childstory_id, child.district, child.case_managed_by) == ("AB1", hunter, "PSP")
    assert (child.aboriginal_status, child.cald, child.provider) == ("unknown", "unknown", None)
    assert not child.goals.exists()
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.child_number, entry.by) == (register.REGISTERED, child.pk, None)
    assert "import" in entry.note


def test_a_full_row_brings_care_order_and_the_goal_in_force(folder: Path) -> None:
    run(as_file(folder, FULL), commit=True)
    child = Child.objects.get()
    goal, order, episode = child.goals.get(), child.court_orders.get(), child.care_episodes.get()

    assert (str(child.provider), str(child.office)) == ("Banksia Families", "Mayfield")
    assert (child.aboriginal_status, child.cald) == ("both", "no")
    assert episode.entered_on == add_months(SINCE, -3)
    assert (order.kind, order.expires_on) == ("short_term", add_months(SINCE, 24))
    assert (goal.goal, goal.effective_on, goal.source) == ("guardianship", SINCE, "opened_in_force")
    assert goal.review_due_on == add_months(add_months(SINCE, 1), 6)
    assert goal.two_year_on == add_months(add_months(SINCE, -1), 24)
    assert HistoryEntry.objects.filter(child_number=child.pk).count() == 4


def test_a_goal_by_import_has_the_same_dates_and_words_as_one_by_hand(
    folder: Path, hunter: District
) -> None:
    run(as_file(folder, FULL), commit=True)
    imported = CasePlanGoal.objects.get()
    child = make_child(hunter)
    child.care_episodes.create(entered_on=add_months(SINCE, -3))
    by_hand = goals.open_with_goal_in_force(
        child,
        goal="guardianship",
        effective_on=SINCE,
        source_note="",
        first_two_year_goal_on=add_months(SINCE, -1),
        last_review_held_on=add_months(SINCE, 1),
        by=None,
        on=TODAY,
    )
    for name in ("review_anchor_on", "review_due_on", "two_year_on"):
        assert getattr(imported, name) == getattr(by_hand, name)
    assert imported.review_derivation == by_hand.review_derivation
    assert imported.two_year_derivation == by_hand.two_year_derivation
    by_goal = HistoryEntry.objects.filter(verb="opened with the goal in force")
    first, second = by_goal.order_by("pk")
    assert first.after == {k: v for k, v in second.after.items() if v not in (None, "")}


def test_a_preview_says_what_would_be_and_writes_nothing(folder: Path) -> None:
    said = run(as_file(folder, FULL, {**LEAST, "ChildStoryID": "AB2"}))

    assert "New: 2" in said
    assert "Goals in force to open: 1" in said
    assert "Nothing was written." in said
    for kind in (Child, CasePlanGoal, CareEpisode, CourtOrder, HistoryEntry):
        assert not kind.objects.exists()


def test_the_same_file_twice_changes_nothing(folder: Path) -> None:
    path = as_file(folder, FULL, {**LEAST, "ChildStoryID": "AB2"})
    run(path, commit=True)
    entries = HistoryEntry.objects.count()
    said = run(path, commit=True)

    assert "New: 0" in said
    assert "Changed: 0" in said
    assert "Same: 2" in said
    assert HistoryEntry.objects.count() == entries
    assert [child.version for child in Child.objects.all()] == [1, 1]


def test_an_empty_cell_never_removes_what_stands_here(folder: Path) -> None:
    run(as_file(folder, FULL), commit=True)
    before = Child.objects.values().get()
    said = run(as_file(folder, LEAST), commit=True)

    assert "Same: 1" in said
    assert Child.objects.values().get() == before
    assert CourtOrder.objects.filter(ended_on=None).count() == 1


def test_only_what_differs_is_changed_and_kept_in_the_history(folder: Path) -> None:
    run(as_file(folder, FULL), commit=True)
    changed = {**FULL, "CASEWORKER": "Another Worker", "CALD": "yes"}
    assert "Changed: 1" in run(as_file(folder, changed), commit=True)
    entry = HistoryEntry.objects.get(verb=register.EDITED)

    assert entry.before == {"cald": "no", "caseworker": "Jo Caseworker"}
    assert entry.after == {"cald": "yes", "caseworker": "Another Worker"}
    assert Child.objects.get().version == 2


def test_a_case_that_moves_to_dcj_loses_its_provider_and_the_listeners_hear(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, User | None]] = []

    def listen(child: Child, *, by: User | None, on: date) -> None:
        heard.append((child.case_managed_by, by))

    run(as_file(folder, FULL), commit=True)
    monkeypatch.setattr(moves, "listeners", [listen])
    moved = {**FULL, "CASE_MANAGEMENT_RESPONSIBILITY": "DCJ", "PROVIDER": ""}
    run(as_file(folder, moved), commit=True)

    assert heard == [("DCJ", None)]
    assert Child.objects.get().provider is None


def test_a_child_who_moves_district_leaves_the_old_office(folder: Path) -> None:
    run(as_file(folder, FULL), commit=True)
    run(as_file(folder, {**FULL, "DISTRICT": "sydney", "CSC": ""}), commit=True)
    child = Child.objects.get()

    assert (child.district.name, child.office) == ("Sydney", None)


def test_a_birth_date_put_right_works_the_dates_out_again(folder: Path) -> None:
    run(as_file(folder, {**FULL, "DATE_OF_BIRTH": "2009-03-02"}), commit=True)
    assert CasePlanGoal.objects.get().two_year_on is None
    run(as_file(folder, FULL), commit=True)

    assert CasePlanGoal.objects.get().two_year_on is not None


def test_care_and_order_dates_follow_the_file(folder: Path) -> None:
    run(as_file(folder, FULL), commit=True)
    later = add_months(SINCE, 20)
    changed = {
        **FULL,
        "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -4).isoformat(),
        "LEGAL_ORDER_EXPIRY_DATE": later.isoformat(),
    }
    assert "Changed: 1" in run(as_file(folder, changed), commit=True)

    assert CareEpisode.objects.get().entered_on == add_months(SINCE, -4)
    assert CourtOrder.objects.get().expires_on == later
    another = {**FULL, "ORDER_TYPE": "guardianship", "LEGAL_ORDER_EXPIRY_DATE": ""}
    run(as_file(folder, another), commit=True)
    assert CourtOrder.objects.count() == 2


def test_what_is_known_about_a_child_without_a_goal_is_added(folder: Path) -> None:
    run(as_file(folder, LEAST), commit=True)
    assert "Changed: 1" in run(as_file(folder, FULL), commit=True)

    assert CasePlanGoal.objects.get().review_due_on is not None
    assert (CareEpisode.objects.count(), CourtOrder.objects.count()) == (1, 1)


def test_goals_here_change_only_by_consultation(folder: Path, hunter: District) -> None:
    child = make_child(hunter, childstory_id="AB1", case_managed_by="PSP")
    make_goal(child, effective_on=SINCE)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_children", as_file(folder, FULL), stdout=out, commit=True)
    assert "row 2, PLAN_GOAL: Another goal stands here." in out.getvalue()

    same = {**FULL, "PLAN_GOAL": "restoration", "PLAN_GOAL_START_DATE": "2025-01-01"}
    same |= {"FIRST_TWO_YEAR_GOAL_DATE": ""}
    assert "row 2, PLAN_GOAL_START_DATE: The same goal" in run(as_file(folder, same), commit=True)
    assert child.goals.get().effective_on == SINCE


def test_a_goal_that_has_ended_here_is_left_alone(folder: Path, hunter: District) -> None:
    child = make_child(hunter, childstory_id="AB1", case_managed_by="PSP")
    make_goal(child, Goal.GUARDIANSHIP, effective_on=SINCE, ended_on=TODAY, end_reason="achieved")

    assert "has ended; that is left alone" in run(as_file(folder, FULL), commit=True)
    assert child.goals.count() == 1


def test_an_earlier_review_is_not_counted_for_the_goal(folder: Path) -> None:
    earlier = {**FULL, "LAST_REVIEW_DATE": add_months(SINCE, -1).isoformat()}
    assert "row 2, LAST_REVIEW_DATE" in run(as_file(folder, earlier), commit=True)

    assert CasePlanGoal.objects.get().review_due_on == add_months(SINCE, 6)


@pytest.mark.parametrize(
    ("wrong", "column", "sentence"),
    [
        ({"ChildStoryID": ""}, "ChildStoryID", "must not be empty"),
        ({"ChildStoryID": "AB-1"}, "ChildStoryID", "1 to 8 letters or digits"),
        ({"ChildStoryID": "ABCDEFGHI"}, "ChildStoryID", "longer than 8"),
        ({"FIRST_NAME": "  "}, "FIRST_NAME", "must not be empty"),
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
    good = {**LEAST, "ChildStoryID": "GOOD"}
    report, last = refusal(as_file(folder, good, {**FULL, **wrong}))
    line = next(line for line in report.splitlines() if "row 3" in line and column in line)

    assert sentence in line
    assert last.startswith("Nothing was written.")


def test_every_fault_of_a_file_is_told_and_no_value_repeated(folder: Path) -> None:
    wrong = {**LEAST, "DATE_OF_BIRTH": "31.12.2015", "DISTRICT": "Secretplace", "CALD": "Zed"}
    report, last = refusal(as_file(folder, wrong, {**wrong, "ChildStoryID": "AB2"}))

    assert "Errors: 6" in report
    assert last == "Nothing was written. Errors: 6."
    for private in ("31.12.2015", "Secretplace", "Zed", "Robin", "Example"):
        assert private not in report


def test_an_id_stands_once_in_a_file_whatever_its_case(folder: Path) -> None:
    report, _ = refusal(as_file(folder, LEAST, {**LEAST, "ChildStoryID": "AB1"}))

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
        (HEAD + b"," * 5000, "more than once"),
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
    _, last = refusal(raw_file(folder, content))

    assert sentence in last


def test_a_file_without_rows_is_no_import(folder: Path) -> None:
    _, last = refusal(raw_file(folder, HEAD + b"\n"))

    assert "holds no rows" in last


def test_a_row_of_another_length_is_an_error_of_that_row(folder: Path) -> None:
    report, _ = refusal(raw_file(folder, HEAD + b"\n" + ROW + b"\n" + ROW + b",more\n"))

    assert "row 3: It has 21 cells and the header has 20." in report


def test_marks_line_ends_and_empty_lines_do_no_harm(folder: Path) -> None:
    content = b"\xef\xbb\xbf" + HEAD + b"\r\n" + ROW + b"\r\n\r\n" + b"," * 19 + b"\r\n"
    run(raw_file(folder, content.replace(b"Robin", "Zo\u00eb".encode())), commit=True)

    assert Child.objects.get().first_name == "Zo\u00eb"


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    _, last = refusal(folder / "nothing.csv")

    assert "cannot be opened" in last


def test_who_imports_stands_in_the_history_and_writes_only_where_they_may(
    folder: Path, coordinator: User, administrator: User
) -> None:
    sydney = {**LEAST, "ChildStoryID": "AB2", "DISTRICT": "Sydney"}
    report, _ = refusal(as_file(folder, LEAST, sydney), by=coordinator.email)
    assert "row 3, DISTRICT: Pat Coordinator does not register children there." in report
    _, last = refusal(as_file(folder, LEAST), by=administrator.email)
    assert "nobody with this address" in last
    _, last = refusal(as_file(folder, LEAST), by="nobody@example.org")
    assert "nobody with this address" in last

    run(as_file(folder, FULL), commit=True, by=coordinator.email.upper())
    for entry in HistoryEntry.objects.all():
        assert entry.by == coordinator
        assert entry.appointment == coordinator.appointments.get()


def test_a_child_elsewhere_is_not_shown_to_who_may_not_see_it(
    folder: Path, coordinator: User
) -> None:
    make_child(make_district("Sydney"), childstory_id="AB1", case_managed_by="PSP")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_children", as_file(folder, LEAST), stdout=out, by=coordinator.email)

    assert register.ID_NOT_USABLE in out.getvalue()
    assert "Sydney" not in out.getvalue()


def test_many_rows_cost_few_queries(folder: Path, django_assert_max_num_queries: Any) -> None:
    many = [{**FULL, "ChildStoryID": f"C{number}"} for number in range(400)]
    path = as_file(folder, *many)
    with django_assert_max_num_queries(60):
        run(path, commit=True)
    with django_assert_max_num_queries(12):
        run(path, commit=True)
    assert Child.objects.count() == 400
    assert len(set(Child.objects.values_list("reference", flat=True))) == 400
