"""The database's fence is lifted in these places and in no other, each with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("directory", "permanency", "consultations", "reviews")
LIFTS = {"as_system", "run_process_as_system"}

# Module and function: why the database must answer more than the person may see.
LIFTED: dict[tuple[str, str], str] = {
    ("permanency/children/services.py", "edit_child"): (
        "A case that is handed over is out of the writer's sight before its history is written."
    ),
    ("permanency/children/services.py", "_save_child"): (
        "Asks whether a ChildStory ID is held, perhaps by a child the writer does not see; the "
        "answer is the same sentence."
    ),
    ("permanency/access/services.py", "name_from_list"): (
        "Who leads names somebody on a restricted child without seeing it."
    ),
    ("permanency/access/services.py", "people_to_name"): (
        "Leaves out who is named already, also for who leads and is not."
    ),
    ("permanency/access/services.py", "restricted_children"): (
        "The list of who leads: reference, district and numbers of every restricted child."
    ),
    ("permanency/access/services.py", "restricted_child"): (
        "Who leads goes from that list to one child, shown by its reference."
    ),
    ("reviews/figures/scope.py", "row_security_for"): (
        "A contract manager's totals count cases that the person never sees."
    ),
    ("reviews/figures/district_counts.py", "_recount"): (
        "Numbers of a whole district are counted once for all readers, each of whom is given the "
        "part within their appointments; no restricted child is in them."
    ),
    ("reviews/figures/daily_figures.py", "store"): (
        "The same numbers of a day, stored by the tick by who manages the case."
    ),
    ("reviews/forecast/views.py", "_days"): (
        "The calendar of an inbox holds the matters of all its districts, as its mail does."
    ),
    ("reviews/handover/open_work.py", "open_work"): (
        "An administrator, who sees no case, finds what hangs on a person by its reference."
    ),
    ("reviews/handover/open_work.py", "people_with_uncovered_work"): (
        "The overview of the directory counts the work that needs a new home."
    ),
    ("reviews/handover/reassign.py", "reassign_work"): (
        "An administrator gives actions and drafts to somebody who sees their cases."
    ),
    ("permanency/celery.py", "run_worker_as_system"): "The worker and beat act for nobody.",
}


def lifts(path: Path) -> set[str]:
    """Return the functions of a module that lift the fence."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        if any(
            isinstance(node, ast.Attribute) and node.attr in LIFTS for node in ast.walk(function)
        ):
            found.add(function.name)
    return found


def test_the_fence_is_lifted_in_these_places_and_no_other() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "tests" not in path.parts
        for name in lifts(path)
    }
    assert found - set(LIFTED) == set(), "not listed"
    assert set(LIFTED) - found == set(), "listed, and not needed"


def test_a_place_that_lifts_it_would_be_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def act():\n    with row_security.as_system():\n        pass\n")
    assert lifts(module) == {"act"}
