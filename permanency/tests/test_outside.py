"""What others rely on stands in `outside.txt`: addresses, settings, commands, tasks, tables.

A change of it is a change of that file, for everybody to see. Who is answered how at an address is
in `reviews/tests/whole_site/routes.txt`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from permanency import settings
from permanency.celery import app

OURS = ("directory", "permanency", "consultations", "reviews")
LIST = Path(__file__).parent / "outside.txt"


def addresses() -> Iterator[str]:
    """Yield the name and the pattern of each address."""
    yield from _addresses(get_resolver().url_patterns, "/")


def _addresses(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        whole = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _addresses(each.url_patterns, whole)
        else:
            yield f"{each.name} {whole}"


def settings_names() -> Iterator[str]:
    """Yield the names that our settings give a value."""
    nodes = ast.walk(ast.parse(inspect.getsource(settings)))
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    yield from (name for name in stored if name.isupper() and not name.startswith("_"))


def environment() -> Iterator[str]:
    """Yield the environment variables that our settings read."""
    for node in ast.walk(ast.parse(inspect.getsource(settings))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        reader, name = node.func.value, node.args[0] if node.args else None
        if isinstance(reader, ast.Name) and reader.id == "env" and isinstance(name, ast.Constant):
            yield str(name.value)


def commands() -> Iterator[str]:
    """Yield our management commands with the options that are their own."""
    everybodys = {option.dest for option in BaseCommand().create_parser("", "")._actions}
    for name, package in get_commands().items():
        if package in OURS:
            parser = load_command_class(package, name).create_parser("manage.py", name)
            own = (each for each in parser._actions if each.dest not in everybodys)
            options = sorted("/".join(each.option_strings) or each.dest.upper() for each in own)
            yield " ".join([name, *options])


def tasks() -> Iterator[str]:
    """Yield the names of our tasks."""
    app.loader.import_default_modules()
    yield from (name for name in app.tasks if not name.startswith("celery."))


def beat() -> Iterator[str]:
    """Yield the entries of the beat schedule: task, seconds, words."""
    for name, entry in app.conf.beat_schedule.items():
        yield f"{entry['task']} {entry['schedule']:g}: {name}"


def models() -> list[type[Model]]:
    """Return the models of our four apps."""
    return [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]


def columns() -> Iterator[str]:
    """Yield each column with Django's word for its type."""
    for model in models():
        for field in model._meta.concrete_fields:
            null = " null" if field.null else ""
            yield f"{model._meta.db_table}.{field.column} {field.get_internal_type()}{null}"


def constraints() -> Iterator[str]:
    """Yield the names of constraints and indexes."""
    for model in models():
        for each in (*model._meta.constraints, *model._meta.indexes):
            yield f"{model._meta.db_table} {each.name}"


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "addresses": addresses,
    "settings": settings_names,
    "environment": environment,
    "commands": commands,
    "tasks": tasks,
    "beat": beat,
    "columns": columns,
    "constraints and indexes": constraints,
}


def listed(section: str) -> set[str]:
    """Return the lines of a section of the list."""
    _, found, rest = LIST.read_text(encoding="utf-8").partition(f"\n[{section}]\n")
    assert found, f"outside.txt has no section [{section}]"
    return set(rest.partition("\n[")[0].splitlines()) - {""}


@pytest.mark.once
@pytest.mark.parametrize("section", list(SECTIONS))
def test_the_outside_is_as_it_is_listed(section: str) -> None:
    found, expected = set(SECTIONS[section]()), listed(section)
    changes = [f"take out {line}" for line in sorted(expected - found)]
    changes += [f"add      {line}" for line in sorted(found - expected)]
    assert not changes, "\n".join([f"outside.txt, [{section}]:", *changes])


def test_the_list_has_no_other_section() -> None:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    sections = {line[1:-1] for line in lines if line.startswith("[")}
    assert sections == set(SECTIONS)
