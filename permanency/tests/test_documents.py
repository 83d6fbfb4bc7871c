"""README and docs name commands, options, files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
APPS = ("directory", "permanency", "consultations", "reviews")
MADE_BY_RUNNING = {"bench/results/"}
FOLDERS = (*APPS, "bench", "docs", "templates", "static", ".ci")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)


def _code(document: Path) -> list[str]:
    """Return what stands as code: between backticks, or indented by four."""
    text = document.read_text()
    return [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^ {4}(\S.*)$", text, re.M)]


@each_document
def test_each_make_target_is_there_and_is_no_folder(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(" ".join(re.findall(r"^\.PHONY:(.*)$", makefile, re.M)).split())
    rules = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = {target for code in _code(document) for target in re.findall(r"\bmake ([a-z-]+)", code)}
    assert named - (phony & rules) == set()


@each_document
def test_each_case_of_the_faults_is_there(document: Path) -> None:
    cases = " ".join(
        re.sub(r"^def test", "", line)
        for path in (ROOT / "reviews/tests/faults").glob("test_*.py")
        for line in re.findall(r"^def test\w+", path.read_text(), re.M)
    )
    named = {case for code in _code(document) for case in re.findall(r"\bCASE=(\w+)", code)}
    assert [case for case in named if f"_{case.lower()}_" not in cases] == []


@each_document
def test_each_management_command_is_there_with_its_options(document: Path) -> None:
    commands = get_commands()
    for code in _code(document):
        for name, rest in re.findall(r"manage\.py ([a-z_]+)([^|#&]*)", code):
            assert name in commands, name
            app = commands[name]
            command = load_command_class(app, name) if isinstance(app, str) else app
            options = command.create_parser("manage.py", name)._option_string_actions
            for option in re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest):
                assert option in options, f"{name} {option}"


@each_document
def test_each_file_is_there(document: Path) -> None:
    paths = {
        path
        for code in _code(document)
        for path in re.findall(r"(?<![\w./<-])((?:[\w.-]+/)+(?:[\w-]+\.\w+)?)", code)
        if path.startswith(tuple(f"{folder}/" for folder in FOLDERS))
    }
    missing = {path for path in paths - MADE_BY_RUNNING if not (ROOT / path).exists()}
    assert missing == set()


@each_document
def test_each_test_is_there(document: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", document.read_text()))
    there = {
        name
        for app in APPS
        for path in (ROOT / app).rglob("test_*.py")
        for name in (path.stem, *re.findall(r"^def (test_\w+)", path.read_text(), re.M))
    }
    assert named - there == set()
