"""What the code and the templates never do, with the exceptions listed by name.

The bans of ruff on the clock do not hold in views and commands; these hold everywhere but in tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
APPS = ("directory", "permanency", "consultations", "reviews")
NAMES = {
    "mark_safe", "csrf_exempt", "RawSQL", "eval", "exec", "compile",
    "pickle", "marshal", "shelve", "dill", "system", "popen", "xframe_options_exempt",
    # What is streamed is made when nobody asks any more, so that row security hides every row.
    "StreamingHttpResponse", "FileResponse",
}  # fmt: skip
# Methods of a queryset that take SQL, and a class that only the framework's escaping may make.
CALLS = {"raw", "extra", "SafeString", "SafeText"}
# Methods whose keyword arguments become a query.
QUERIES = {"filter", "exclude", "get", "update", "create", "annotate", "aggregate", "alias", "Q"}
# File and word of what is done after all. A line here needs its reason beside it; there is none.
EXCEPTIONS: frozenset[tuple[str, str]] = frozenset()
IN_TEMPLATES = {
    "unescaped": re.compile(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b"),
    "inline script": re.compile(r"<script(?![^>]*(?:\bsrc=|type=.application/json))", re.I),
    "inline handler": re.compile(r"<[^>]*\son\w+\s*=", re.I),
    "inline style": re.compile(r"<style|<[^>]*\sstyle\s*=", re.I),
    "script address": re.compile(r"javascript:", re.I),
    "from elsewhere": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.I),
}


def used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and word of each thing in the code that is not done here."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name) and node.id in NAMES:
            yield line, node.id
        elif isinstance(node, ast.Attribute) and node.attr in NAMES - {"compile"}:
            yield line, node.attr
        elif isinstance(node, ast.alias):
            yield from ((line, part) for part in node.name.split(".") if part in NAMES)
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _called(call: ast.Call) -> Iterator[tuple[int, str]]:
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in CALLS:
        yield call.lineno, name
    for given in call.keywords:
        said = ast.unparse(given.value)
        if given.arg == "shell" and said != "False":
            yield call.lineno, "shell"
        if (
            name in QUERIES
            and given.arg is None
            and re.search(r"\b(GET|POST|FILES|COOKIES|META)\b", said)
        ):
            yield call.lineno, "a request taken as keyword arguments"


def sources() -> list[Path]:
    """Return the files of code that run in production."""
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [path for path in found if "tests" not in path.parts] + [ROOT / "manage.py"]


def test_the_code_does_none_of_it() -> None:
    files = sources()
    assert len(files) > 150
    wrong = [
        f"{name}:{line} {word}"
        for path in files
        for name in [str(path.relative_to(ROOT))]
        for line, word in used(ast.parse(path.read_text()))
        if (name, word) not in EXCEPTIONS
    ]
    assert not wrong, "\n".join(["", *wrong])


def test_the_templates_do_none_of_it() -> None:
    files = list((ROOT / "templates").rglob("*.html"))
    assert len(files) > 80
    wrong = [
        f"{path.relative_to(ROOT)} {what}: {found[0]}"
        for path in files
        for what, pattern in IN_TEMPLATES.items()
        for found in pattern.finditer(path.read_text())
    ]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(
    "code",
    [
        "mark_safe(text)",
        "from django.utils.safestring import mark_safe",
        "safestring.SafeString(text)",
        "SafeString(text)",
        "@csrf_exempt\ndef view(request): ...",
        "Child.objects.raw('SELECT')",
        "Child.objects.extra(where=[text])",
        "Child.objects.filter(**request.GET.dict())",
        "Child.objects.order_by(*names).filter(**{k: v for k, v in request.POST.items()})",
        "import pickle",
        "run(words, shell=True)",
        "run(words, shell=is_long)",
        "eval(text)",
        "os.system(text)",
        "StreamingHttpResponse(rows)",
    ],
)
def test_code_that_does_it_is_found(code: str) -> None:
    assert list(used(ast.parse(code)))


@pytest.mark.parametrize(
    "markup",
    [
        "{{ notes|safe }}",
        "{% autoescape off %}",
        "<script>go()</script>",
        '<a href="/" onclick="go()">',
        '<p style="color: red">',
        '<a href="javascript:go()">',
        '<script src="https://elsewhere.example.org/a.js"></script>',
    ],
)
def test_markup_that_does_it_is_found(markup: str) -> None:
    assert any(pattern.search(markup) for pattern in IN_TEMPLATES.values())
