"""The databases of a run: private, made for it, gone with it. Each is measured by a child process.

PostgreSQL is started as the tests start it (`.ci/with_services.py`): nothing waits for the disk.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg2

from bench.goals import Figures

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Place:
    """One database with so many children, and the folder of the processes that use it."""

    vendor: str
    size: int
    folder: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process needs to work on this database."""
        return {
            **os.environ,
            # The programs of the Procfile stand beside this Python.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DJANGO_SETTINGS_MODULE": "permanency.settings",
            "DEMO": "1",
            "SECRET_KEY": "the-secret-of-a-bench-holds-nothing-together-but-itself",
            "FALLBACK_INBOX": "fallback@example.org",
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, *command: str) -> str:
        """Run a Python program on this database and return what it printed.

        Raises CalledProcessError where it fails; what it complained of goes to the screen.
        """
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, check=True,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout

    def build(self) -> Figures:
        """Make the tables and the children, and return how long the children took."""
        self.run("manage.py", "migrate", "--verbosity", "0")
        self.run("manage.py", "load_directory")
        began = perf_counter()
        self.run("-m", "bench", "fill", str(self.size))
        return {"build, s": perf_counter() - began}

    def measure(self, group: str) -> Figures:
        """Return the figures of a group, taken in a process of their own."""
        answer = self.folder / f"{group}.json"
        self.run("-m", "bench.child", group, str(self.size), str(answer))
        figures: Figures = json.loads(answer.read_text())
        return figures


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a private PostgreSQL and give the URL of its first database."""
    spec = spec_from_file_location("with_services", ROOT / ".ci" / "with_services.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("The tool that starts private servers is missing.")
    services: Any = module_from_spec(spec)
    spec.loader.exec_module(services)
    folder.chmod(0o711)
    with services.postgresql(folder) as url:
        yield url


def make_database(url: str, name: str) -> str:
    """Make a database on the server of this URL and return its own URL."""
    line = psycopg2.connect(url)
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    line.close()
    return f"{url.rpartition('/')[0]}/{name}"


def drop_database(url: str) -> None:
    """Drop a database that `make_database` made."""
    server, _, name = url.rpartition("/")
    line = psycopg2.connect(f"{server}/postgres")
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    line.close()


def own_folder(parent: Path) -> Path:
    """Return a new folder below this one."""
    folder = parent / secrets.token_hex(4)
    folder.mkdir()
    return folder
