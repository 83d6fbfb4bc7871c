"""Keeps the migrated database as a template, so that a run of tests begins with a copy of it.

On SQLite the template is a file below `.pytest_cache`; on PostgreSQL it is a database of the same
server. Its name is the hash of all that decides what the migrations make.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from directory.database import limits


def _own_files(path: Path, packages: frozenset[str]) -> Iterator[Path]:
    """Give the files of our packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        for name in names:
            if name.partition(".")[0] in packages:
                module = settings.BASE_DIR / name.replace(".", "/")
                choices = (module.with_suffix(".py"), module / "__init__.py")
                yield from (each for each in choices if each.is_file())


def migrations_hash() -> str:
    """Return the hash of our migrations, of what they import, and of what is installed."""
    ours = [app for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    packages = frozenset(app.name for app in ours)
    kinds = ("migrations/*.py", "**/*.sql")
    left = [each for app in ours for kind in kinds for each in Path(app.path).glob(kind)]
    seen = set(left)
    while left:
        path = left.pop()
        found = set(_own_files(path, packages)) if path.suffix == ".py" else set()
        left += found - seen
        seen |= found
    seen |= {settings.BASE_DIR / "requirements.txt", settings.BASE_DIR / "permanency/settings.py"}
    told = hashlib.sha256()
    for path in sorted(seen):
        told.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return told.hexdigest()[:16]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process holds this lock."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrate(name: str) -> None:
    """Make and migrate a database of this name, and leave it."""
    before = connection.settings_dict["NAME"]
    test_settings = connection.settings_dict["TEST"]
    test_name, test_settings["NAME"] = test_settings["NAME"], name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    test_settings["NAME"] = test_name
    _use(before)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _copy_file(template: Path, name: str) -> None:
    if not template.exists():
        for old in template.parent.glob("*.sqlite3"):
            old.unlink()
        _migrate(f"{template}.new")
        Path(f"{template}.new").rename(template)
    shutil.copyfile(template, name)


def _copy_database(template: str, name: str) -> None:
    with connection._nodb_cursor() as cursor:  # as Django's own tests do
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if not cursor.fetchone():
            _migrate(f"{template}_new")
            cursor.execute(f"ALTER DATABASE {template}_new RENAME TO {template}")
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        for statement in limits.statements(name):
            cursor.execute(statement)


@contextmanager
def rows_for_many_tests(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Take back after several tests, none of which may commit, what was written before them."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # as Django marks those of its tests
    with django_db_blocker.unblock():
        outer.__enter__()
    try:
        yield
    finally:
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Make the test database as a copy of the migrated one, and drop it at the end."""
    key = migrations_hash()
    kept = request.config.rootpath / ".pytest_cache" / "migrated"
    before = connection.settings_dict["NAME"]
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{before}"
    with django_db_blocker.unblock(), _alone(kept / "lock"):
        if connection.vendor == "sqlite":
            _copy_file(kept / f"{key}.sqlite3", name)
        else:
            _copy_database(f"migrated_{key}", name)
        _use(name)
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(before, verbosity=0)
