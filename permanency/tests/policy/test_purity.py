"""The policy imports nothing but the standard library, itself and `TextChoices`."""

import ast
import sys
from pathlib import Path

import pytest

from permanency import policy

MODULES = sorted(Path(policy.__file__).parent.glob("*.py"))


def imports_of(source: str) -> set[tuple[str, str]]:
    """Return (module, name) for every import, the name "" for a plain `import module`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", alias.name) for alias in node.names}
    return found


def is_pure(module: str, name: str) -> bool:
    if (module, name) == ("django.db.models", "TextChoices"):
        return True
    if module.startswith("permanency.policy."):
        return True
    return module.split(".")[0] in sys.stdlib_module_names and module != "time"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_import_of_the_policy_is_pure(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert [found for found in imports_of(source) if not is_pure(*found)] == []
    assert "today()" not in source
    assert "now()" not in source


@pytest.mark.parametrize(
    "source",
    [
        "from django.db import models",
        "from django.utils.timezone import localdate",
        "from permanency.models import Child",
        "from directory.clock import today",
        "import celery",
        "import time",
        "def late():\n    from reviews import services",
    ],
)
def test_an_impure_import_would_be_seen(source: str) -> None:
    assert [found for found in imports_of(source) if not is_pure(*found)] != []


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) >= 8
