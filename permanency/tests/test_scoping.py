"""Every page, form and task starts from `visible_to`: no other way to what has a child behind it.

This reads the source. A model that has `visible_to` may be named in such a module only so:
`Child.objects.visible_to(...)`. Following a case that was fetched so (`child.goals`) is free.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

pytestmark = pytest.mark.once

PACKAGES = ("directory", "permanency", "consultations", "reviews")
DOORWAYS = (
    "**/views.py", "**/views/*.py", "**/forms.py", "**/http.py", "**/tasks.py", "templatetags/*.py",
    "forms/*.py", "web/*.py", "choices.py", "**/place_filter.py",
)  # fmt: skip
ROOT = Path(settings.BASE_DIR)
MODULES = sorted(
    {path for package in PACKAGES for glob in DOORWAYS for path in (ROOT / package).glob(glob)}
)
SCOPED = frozenset(
    model.__name__
    for model in apps.get_models()
    if model._meta.app_label in PACKAGES and hasattr(model._default_manager, "visible_to")
)
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}

# Module, function or class, and model: why it may start elsewhere.
EXEMPT: dict[tuple[str, str, str], str] = {
    ("consultations/records/views.py", "child_consultations", "GoalChange"): (
        "Fills in the changes of consultations that were fetched by visible_to."
    ),
    ("consultations/records/views.py", "ConsultationEditor.page", "GoalChange"): (
        "Asks about one consultation that was fetched by visible_to."
    ),
    ("reviews/figures/place_filter.py", "PlaceFilterForm.place", "Child"): (
        "Narrows rows that start from visible_to to the children allocated to the person."
    ),
}

Found = tuple[str, str]


def _renamed(tree: ast.AST) -> dict[str, str]:
    """Return the names under which the module knows the scoped models."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    aliases = [alias for node in imports for alias in node.names if alias.name in SCOPED]
    return {name: name for name in SCOPED} | {a.asname: a.name for a in aliases if a.asname}


def _model(node: ast.AST, known: dict[str, str]) -> str:
    """Return the scoped model that an expression names, as `Child` or as `models.Child`."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return known.get(name, "")


def _is_scoped(chain: list[ast.AST]) -> bool:
    """Say whether the parents of `Model.objects` are `.visible_to` and a call of it."""
    above, call = (chain[-1], chain[-2]) if len(chain) > 1 else (None, None)
    return (
        isinstance(above, ast.Attribute)
        and above.attr == "visible_to"
        and isinstance(call, ast.Call)
        and call.func is above
    )


def _walk(node: ast.AST, chain: list[ast.AST]) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
    yield node, chain
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, [*chain, node])


def ways_around(source: str) -> set[Found]:
    """Return (function or class, model) for each way to a scoped model but by visible_to."""
    tree = ast.parse(source)
    known, found = _renamed(tree), set()
    for node, chain in _walk(tree, []):
        model = ""
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            model = "" if _is_scoped(chain) else _model(node.value, known)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHORTCUTS:
            model = _model(node.args[0], known)
        if model:
            found.add((_place(chain), model))
    return found


def _place(chain: list[ast.AST]) -> str:
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return ".".join(node.name for node in chain if isinstance(node, named))


def _exempt(path: Path) -> set[Found]:
    name = path.relative_to(ROOT).as_posix()
    return {(place, model) for module, place, model in EXEMPT if module == name}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_starts_from_visible_to(path: Path) -> None:
    assert ways_around(path.read_text(encoding="utf-8")) - _exempt(path) == set()


def test_every_exemption_is_still_needed() -> None:
    needed = {
        (path.relative_to(ROOT).as_posix(), *found)
        for path in MODULES
        for found in ways_around(path.read_text(encoding="utf-8"))
    }
    assert set(EXEMPT) - needed == set()


def test_there_are_models_and_modules_to_look_at() -> None:
    case_rows = {"Child", "CareEpisode", "CourtOrder", "CasePlanGoal", "Action"}
    assert case_rows | {"Consultation", "GoalChange", "GoalReview"} <= SCOPED
    assert {path.parts[len(ROOT.parts)] for path in MODULES} == set(PACKAGES)
    assert len(MODULES) > 40


@pytest.mark.parametrize(
    "source",
    [
        "def page(request):\n    return Child.objects.get(pk=1)",
        "def page(request):\n    rows = Child.objects",
        "def page(request):\n    return Child.objects.visible_to",
        "def page(request):\n    return get_object_or_404(Child, pk=1)",
        "def page(request):\n    return models.Child.objects.all().visible_to(1)",
        "def page(request):\n    return Child._default_manager.all()",
        "from permanency.models import Child as Kid\ndef page(request):\n    Kid.objects.all()",
    ],
)
def test_a_way_around_would_be_seen(source: str) -> None:
    assert ways_around(source) == {("page", "Child")}


@pytest.mark.parametrize(
    "source",
    [
        "Child.objects.visible_to(request.user, on=request.today).filter(pk=1)",
        "get_object_or_404(Child.objects.visible_to(user, on=on), pk=1)",
        "District.objects.all()",
        "child.goals.all()",
    ],
)
def test_the_right_way_is_no_way_around(source: str) -> None:
    assert ways_around(source) == set()
