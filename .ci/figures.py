#!/usr/bin/env python3
"""Print the figures of the house, each of them computed: `make figures`.

Lines are counted as editors do: the end of a file begins one more. A private function begins with
one underscore and stands at the top of its module; it has one caller where its module names it
once beside its definition. Files, functions and hops of the two acts are from
`reviews/tests/test_hops.py`, which says how they are counted; it fails above `.ci/figures.toml`.
Those of the main job are from `consultations/tests/test_main_job_in_browser.py`, with its goals.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("directory", "permanency", "consultations", "reviews")
SMALL = 100
# A module of one line is a package with its sentence.
SMALLEST = 3


def python_files() -> list[Path]:
    """Return the Python files of the four packages."""
    return sorted(
        file.relative_to(ROOT) for package in PACKAGES for file in (ROOT / package).rglob("*.py")
    )


def lines(file: Path) -> int:
    """Return how many lines a file has."""
    return len((ROOT / file).read_text(encoding="utf-8").split("\n"))


def total(files: Iterable[Path]) -> int:
    """Return how many lines files have."""
    return sum(map(lines, files))


def docstring_lines(tree: ast.Module) -> int:
    """Return how many lines of a module are docstrings."""
    found = 0
    for node in ast.walk(tree):
        holds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, holds) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            found += (first.end_lineno or first.lineno) - first.lineno + 1
    return found


def private_functions(tree: ast.Module) -> list[str]:
    """Return the names of the private functions at the top of a module."""
    named = [each.name for each in tree.body if isinstance(each, ast.FunctionDef)]
    return [name for name in named if name.startswith("_") and not name.startswith("__")]


def with_one_caller(tree: ast.Module) -> int:
    """Return how many of them the module names once beside their definition."""
    named = Counter(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return sum(named[name] == 1 for name in private_functions(tree))


def said_by(tests: str) -> str:
    """Return what these tests print of their figures."""
    test = [sys.executable, "-m", "pytest", "-q", tests]
    with tempfile.TemporaryDirectory() as var:
        own = os.environ | {"VAR_DIR": var}
        ran = subprocess.run(test, cwd=ROOT, env=own, text=True, capture_output=True, check=False)
    if ran.returncode:
        print(ran.stdout[-3000:], file=sys.stderr)
    return ran.stdout


def acts() -> dict[str, str]:
    """Return what the test of hops counted for each act: files, functions, hops."""
    said = said_by("reviews/tests/test_hops.py")
    found = re.findall(r"(\w+): (\d+) files, (\d+) functions, (\d+) hops", said)
    return {act: ", ".join(figures) for act, *figures in found}


def main_job() -> list[tuple[str, str]]:
    """Return what the walk from My work to an endorsed change takes, in a browser."""
    said = said_by("consultations/tests/test_main_job_in_browser.py")
    found = re.findall(r"^(main job, [^:]+): (.+) in \d+ s$", said, re.MULTILINE)
    return sorted(found) or [("main job", "?")]


def table() -> list[tuple[str, str]]:
    """Return what each figure is, and the figure."""
    files = python_files()
    tests = [file for file in files if "tests" in file.parts]
    migrations = [file for file in files if "migrations" in file.parts]
    code = sorted(set(files) - set(tests) - set(migrations))
    trees = [ast.parse((ROOT / file).read_text(encoding="utf-8")) for file in code]
    small = [file for file in code if SMALLEST <= lines(file) < SMALL]
    private = sum(len(private_functions(tree)) for tree in trees)
    one_caller = sum(map(with_one_caller, trees))
    docstrings = sum(map(docstring_lines, trees))
    counted = acts()
    return [
        (
            "application lines (without tests, migrations)",
            f"{total(code):,} in {len(code)} files",
        ),
        (
            f"modules under {SMALL} lines; private functions with one caller",
            f"{len(small)}; {one_caller} of {private}",
        ),
        ("docstring lines, share of code", f"{docstrings / total(code):.1%} ({docstrings:,})"),
        ("POST approve: files, functions, hops between files", counted.get("approve", "?")),
        ("POST save a review: files, functions, hops", counted.get("review", "?")),
        *main_job(),
        ("migrations", f"{len(migrations)} files, {total(migrations):,} lines"),
        ("tests", f"{len(tests)} files, {total(tests):,} lines"),
        ("lines of pyproject.toml", str(lines(Path("pyproject.toml")))),
    ]


def main() -> int:
    """Print the table."""
    rows = table()
    print("| | now |\n|---|---|")
    for name, figure in rows:
        print(f"| {name} | {figure} |")
    return 1 if any("?" in figure for _, figure in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
