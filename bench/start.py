"""How long `make run` takes until it answers: from a fresh clone, and again (goal G13).

It depends on no database of the bench, so it is taken beside SQLite alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from django.db import connection

from bench.goals import Figures, Found, Goal
from bench.places import ROOT

PATIENCE_SECONDS = 600
LIMITS = {"cold": 90, "warm": 6}


def measure(size: int) -> Figures:
    """Return the seconds until the first page, in a clone that has nothing and in one that ran."""
    if connection.vendor != "sqlite":
        return {}
    with TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        return {f"make run, {name}, s": _until_it_answers(clone) for name in LIMITS}


def _until_it_answers(clone: Path) -> float:
    port = _free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    began = time.perf_counter()
    running = subprocess.Popen(
        [shutil.which("make") or "make", "run"], cwd=clone, env={**kept, "PORT": str(port)},
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _answers(port):
            if running.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                raise RuntimeError("make run did not come to answer.")
            time.sleep(0.05)
        return time.perf_counter() - began
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return int(answer.status) == 200
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def judge(found: Found) -> Iterator[Goal]:
    """Yield G13."""
    for vendor in found.vendors:
        size = found.sizes(vendor)[0]
        for name, limit in LIMITS.items():
            took = found.get(vendor, size, f"make run, {name}, s")
            if took is not None:
                yield Goal("G13", f"make run until it answers, {name}", took, limit, "s")
