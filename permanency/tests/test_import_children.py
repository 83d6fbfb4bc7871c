"""`import_children`: good files, every kind of bad one, twice the same, all or nothing."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from directory.models import District, HistoryEntry, Office, Provider, User
from directory.tests.people import make_district
from permanency.children import services as register
from permanency.children.services import EDITED
from permanency.goals import lifecycle
from permanency.imports.csv_reader import REQUIRED
from permanency.imports.plan import ROWS_AT_A_TIME
from permanency.imports.services import NOTE
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.factories import make_child, make_goal
from permanency.tests.import_files import (
    FULL_ROW,
    MINIMAL_ROW,
    SINCE,
    TODAY,
    another,
    refused_import,
    run_import,
    write_csv,
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


def test_the_least_that_a_row_says_registers_a_child(folder: Path, hunter: District) -> None:
    path = write_csv(folder, MINIMAL_ROW, header=REQUIRED)
    assert "New: 1" in run_import(path, commit=True)
    child = Child.objects.get()

    assert (child.childstory_id, child.district, child.case_managed_by) == ("AB1", hunter, "PSP")
    assert (child.aboriginal_status, child.cald, child.provider) == ("unknown", "unknown", None)
    assert not child.goals.exists()
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.child_number, entry.by) == (register.REGISTERED, child.pk, None)
    assert "import" in entry.note


def test_a_full_row_brings_care_order_and_the_goal_in_force(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
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
    run_import(write_csv(folder, FULL_ROW), commit=True)
    imported = CasePlanGoal.objects.get()
    child = make_child(hunter)
    child.care_episodes.create(entered_on=add_months(SINCE, -3))
    by_hand = lifecycle.open_with_goal_in_force(
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
    said = run_import(write_csv(folder, FULL_ROW, another("AB2")))

    assert "New: 2" in said
    assert "Goals in force to open: 1" in said
    assert "Nothing was written." in said
    for kind in (Child, CasePlanGoal, CareEpisode, CourtOrder, HistoryEntry):
        assert not kind.objects.exists()


def test_the_same_file_twice_changes_nothing(folder: Path) -> None:
    path = write_csv(folder, FULL_ROW, another("AB2"))
    run_import(path, commit=True)
    entries = HistoryEntry.objects.count()
    said = run_import(path, commit=True)

    assert "New: 0" in said
    assert "Changed: 0" in said
    assert "Same: 2" in said
    assert HistoryEntry.objects.count() == entries
    assert [child.version for child in Child.objects.all()] == [1, 1]


def test_an_empty_cell_never_removes_what_stands_here(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    before = Child.objects.values().get()
    said = run_import(write_csv(folder, MINIMAL_ROW), commit=True)

    assert "Same: 1" in said
    assert Child.objects.values().get() == before
    assert CourtOrder.objects.filter(ended_on=None).count() == 1


def test_only_what_differs_is_changed_and_kept_in_the_history(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    changed = {**FULL_ROW, "CASEWORKER": "Another Worker", "CALD": "yes"}
    assert "Changed: 1" in run_import(write_csv(folder, changed), commit=True)
    entry = HistoryEntry.objects.get(verb=register.EDITED)

    assert entry.before == {"cald": "no", "caseworker": "Jo Caseworker"}
    assert entry.after == {"cald": "yes", "caseworker": "Another Worker"}
    assert Child.objects.get().version == 2


def test_a_case_that_moves_to_dcj_loses_its_provider_and_the_listeners_hear(folder: Path) -> None:
    heard: list[tuple[str, User | None]] = []

    def listen(child: Child, *, by: User | None, **kwargs: Any) -> None:
        heard.append((child.case_managed_by, by))

    run_import(write_csv(folder, FULL_ROW), commit=True)
    lifecycle.case_moved.connect(listen)
    moved = {**FULL_ROW, "CASE_MANAGEMENT_RESPONSIBILITY": "DCJ", "PROVIDER": ""}
    run_import(write_csv(folder, moved), commit=True)

    assert heard == [("DCJ", None)]
    assert Child.objects.get().provider is None


def test_a_child_who_moves_district_leaves_the_old_office(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    run_import(write_csv(folder, {**FULL_ROW, "DISTRICT": "sydney", "CSC": ""}), commit=True)
    child = Child.objects.get()

    assert (child.district.name, child.office) == ("Sydney", None)


def test_a_birth_date_put_right_works_the_dates_out_again(folder: Path) -> None:
    soon_18 = add_months(TODAY, 6 - 18 * 12).isoformat()
    run_import(write_csv(folder, {**FULL_ROW, "DATE_OF_BIRTH": soon_18}), commit=True)
    assert CasePlanGoal.objects.get().two_year_on is None
    run_import(write_csv(folder, FULL_ROW), commit=True)

    assert CasePlanGoal.objects.get().two_year_on is not None


def test_care_and_order_dates_follow_the_file(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    later = add_months(SINCE, 20)
    changed = {
        **FULL_ROW,
        "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -4).isoformat(),
        "LEGAL_ORDER_EXPIRY_DATE": later.isoformat(),
    }
    assert "Changed: 1" in run_import(write_csv(folder, changed), commit=True)

    assert CareEpisode.objects.get().entered_on == add_months(SINCE, -4)
    assert CourtOrder.objects.get().expires_on == later
    another = {**FULL_ROW, "ORDER_TYPE": "guardianship", "LEGAL_ORDER_EXPIRY_DATE": ""}
    run_import(write_csv(folder, another), commit=True)
    assert CourtOrder.objects.count() == 2


def test_what_is_known_about_a_child_without_a_goal_is_added(folder: Path) -> None:
    run_import(write_csv(folder, MINIMAL_ROW), commit=True)
    assert "Changed: 1" in run_import(write_csv(folder, FULL_ROW), commit=True)

    assert CasePlanGoal.objects.get().review_due_on is not None
    assert (CareEpisode.objects.count(), CourtOrder.objects.count()) == (1, 1)


def test_goals_here_change_only_by_consultation(folder: Path, hunter: District) -> None:
    child = make_child(hunter, childstory_id="AB1", case_managed_by="PSP")
    make_goal(child, effective_on=SINCE)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import_children", write_csv(folder, FULL_ROW), stdout=out, commit=True)
    assert "row 2, PLAN_GOAL: Another goal stands here." in out.getvalue()

    same = {**FULL_ROW, "PLAN_GOAL": "restoration", "PLAN_GOAL_START_DATE": "2025-01-01"}
    same |= {"FIRST_TWO_YEAR_GOAL_DATE": ""}
    assert "row 2, PLAN_GOAL_START_DATE: The same goal" in run_import(
        write_csv(folder, same), commit=True
    )
    assert child.goals.get().effective_on == SINCE


def test_a_goal_that_has_ended_here_is_left_alone(folder: Path, hunter: District) -> None:
    child = make_child(hunter, childstory_id="AB1", case_managed_by="PSP")
    make_goal(child, Goal.GUARDIANSHIP, effective_on=SINCE, ended_on=TODAY, end_reason="achieved")

    assert "has ended; that is left alone" in run_import(write_csv(folder, FULL_ROW), commit=True)
    assert child.goals.count() == 1


def test_an_earlier_review_is_not_counted_for_the_goal(folder: Path) -> None:
    earlier = {**FULL_ROW, "LAST_REVIEW_DATE": add_months(SINCE, -1).isoformat()}
    assert "row 2, LAST_REVIEW_DATE" in run_import(write_csv(folder, earlier), commit=True)

    assert CasePlanGoal.objects.get().review_due_on == add_months(SINCE, 6)


def test_the_last_review_of_the_file_counts_again_where_a_later_one_is_struck(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW, {**FULL_ROW, **another("AB2")}), commit=True)
    known = {each.reviewed_before_on for each in CasePlanGoal.objects.all()}
    assert known == {add_months(SINCE, 1)}


def test_a_later_review_in_the_file_is_said_and_not_passed_over(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    later = {**FULL_ROW, "LAST_REVIEW_DATE": add_months(SINCE, 3).isoformat()}
    report = run_import(write_csv(folder, later))
    assert "row 2, LAST_REVIEW_DATE: No review held that day, or later, is recorded" in report
    assert "LAST_REVIEW_DATE" not in run_import(write_csv(folder, FULL_ROW))


def test_another_first_two_year_goal_in_the_file_is_said(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    other = {**FULL_ROW, "FIRST_TWO_YEAR_GOAL_DATE": add_months(SINCE, -2).isoformat()}
    assert "FIRST_TWO_YEAR_GOAL_DATE: Another day stands" in run_import(write_csv(folder, other))


def test_another_day_of_entering_care_says_where_it_moves_the_dates(folder: Path) -> None:
    run_import(write_csv(folder, FULL_ROW), commit=True)
    goal = CasePlanGoal.objects.get()
    entered_on = goal.effective_on + timedelta(days=20)
    later = {**FULL_ROW, "DATE_FIRST_TIME_ENTRY": entered_on.isoformat()}
    day = day_in_words(add_months(entered_on, 24))
    said = f"!! MOVES THE DATES OF THE GOAL: two-year date {day}"
    assert said in run_import(write_csv(folder, later))
    run_import(write_csv(folder, later), commit=True)
    goal.refresh_from_db()
    assert goal.two_year_on == add_months(entered_on, 24)


def test_a_first_two_year_goal_before_this_time_in_care_is_an_error(folder: Path) -> None:
    """Counted from, or not counted at all: the answers lay a year apart, and nobody was told."""
    too_early = {**FULL_ROW, "FIRST_TWO_YEAR_GOAL_DATE": add_months(SINCE, -9).isoformat()}
    too_early["DATE_FIRST_TIME_ENTRY"] = add_months(SINCE, -2).isoformat()
    report, _ = refused_import(write_csv(folder, too_early))
    assert "row 2, FIRST_TWO_YEAR_GOAL_DATE" in report
    assert "is before this care episode began" in report


def test_who_imports_stands_in_the_history_and_writes_only_where_they_may(
    folder: Path, coordinator: User, administrator: User
) -> None:
    sydney = {**another("AB2"), "DISTRICT": "Sydney"}
    report, _ = refused_import(write_csv(folder, MINIMAL_ROW, sydney), by=coordinator.email)
    assert "row 3, DISTRICT: Pat Coordinator does not register children there." in report
    _, last = refused_import(write_csv(folder, MINIMAL_ROW), by=administrator.email)
    assert "nobody with this address" in last
    _, last = refused_import(write_csv(folder, MINIMAL_ROW), by="nobody@example.org")
    assert "nobody with this address" in last

    run_import(write_csv(folder, FULL_ROW), commit=True, by=coordinator.email.upper())
    for entry in HistoryEntry.objects.all():
        assert entry.by == coordinator
        assert entry.appointment == coordinator.appointments.get()


def test_a_child_elsewhere_is_not_shown_to_who_may_not_see_it(
    folder: Path, coordinator: User
) -> None:
    make_child(make_district("Sydney"), childstory_id="AB1", case_managed_by="PSP")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_children", write_csv(folder, MINIMAL_ROW), stdout=out, by=coordinator.email
        )

    assert register.ID_NOT_USABLE in out.getvalue()
    assert "Sydney" not in out.getvalue()


def test_many_rows_cost_few_queries(folder: Path, django_assert_max_num_queries: Any) -> None:
    many = [another(f"C{number}", FULL_ROW) for number in range(400)]
    path = write_csv(folder, *many)
    with django_assert_max_num_queries(72):
        run_import(path, commit=True)
    with django_assert_max_num_queries(14):
        run_import(path, commit=True)
    assert Child.objects.count() == 400
    assert len(set(Child.objects.values_list("reference", flat=True))) == 400


def test_many_changed_rows_are_written_at_once_and_told_one_by_one(
    folder: Path, django_assert_max_num_queries: Any
) -> None:
    many = [another(f"C{number}", FULL_ROW) for number in range(60)]
    run_import(write_csv(folder, *many), commit=True)
    for number, row in enumerate(many[:40]):
        row |= {"CASEWORKER": f"Worker {number}", **({"CALD": "yes"} if number % 2 else {})}
    with django_assert_max_num_queries(30):
        run_import(write_csv(folder, *many), commit=True)
    for number, row in enumerate(many):
        child = Child.objects.get(childstory_id=row["ChildStoryID"])
        assert (child.caseworker, child.cald) == (row["CASEWORKER"], row["CALD"])
        assert child.version == (2 if number < 40 else 1)
        entries = HistoryEntry.objects.filter(child_number=child.pk, verb=EDITED)
        assert len(entries) == (number < 40)
        for entry in entries:
            assert entry.before["caseworker"] == FULL_ROW["CASEWORKER"]
            assert entry.after["caseworker"] == row["CASEWORKER"]
            assert ("cald" in entry.after) == bool(number % 2)
            assert entry.note == NOTE
    call_command("verify_history", stdout=StringIO())


def test_a_row_that_is_wrong_takes_back_the_batches_before_it(folder: Path) -> None:
    many = [another(f"C{number}") for number in range(ROWS_AT_A_TIME + 1)]
    many[-1] |= {"DATE_OF_BIRTH": "2015-13-01"}
    report, last = refused_import(write_csv(folder, *many))
    assert f"row {ROWS_AT_A_TIME + 2}, DATE_OF_BIRTH" in report
    assert "Nothing was written. Errors: 1." in last
    assert not HistoryEntry.objects.exclude(child_number=None).exists()
