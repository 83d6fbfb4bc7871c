"""A house from before the history was chained: what stands there is chained by the migrations."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.dialect

NAME = f"old_{os.environ.get('TEST_DB_SUFFIX', '')}{os.environ.get('PYTEST_XDIST_WORKER', '')}"


@pytest.fixture
def empty_database(db: None) -> Iterator[str]:
    """Return the address of an empty database beside that of the tests; nothing is SQLite's."""
    if connection.vendor == "sqlite":
        yield ""
        return
    with connection._nodb_cursor() as cursor:  # as Django's own tests do
        cursor.execute(f'DROP DATABASE IF EXISTS "{NAME}"')
        cursor.execute(f'CREATE DATABASE "{NAME}"')
        yield f"{os.environ['TEST_DATABASE_URL'].rpartition('/')[0]}/{NAME}"
        cursor.execute(f'DROP DATABASE "{NAME}"')


def test_entries_that_stand_already_are_chained_and_guarded(
    empty_database: str, tmp_path: Path
) -> None:
    done = subprocess.run(  # every word of the command is ours
        [sys.executable, "-m", "directory.tests.old_history"],
        env=os.environ | {"TEST_DATABASE_URL": empty_database, "VAR_DIR": str(tmp_path)},
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": 401 entries") == 3
    assert "The history is whole." in done.stdout
    assert done.stdout.count("True ") == 2, "a change of what was chained is not refused"
