"""How much memory the web and the worker take while nobody asks anything (goal G12)."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.goals import Figures, Found, Goal
from bench.places import ROOT

SETTLED_SECONDS = 20
KIB_IN_A_MIB = 1024
COMMAND = re.compile(r"^(?:web|worker): exec (.*)$", re.MULTILINE)


def measure(size: int) -> Figures:
    """Return what the processes of the Procfile take once they have settled."""
    commands = COMMAND.findall((ROOT / "Procfile").read_text())
    environment = {**os.environ, "PORT": "0", "BASE_URL": "http://127.0.0.1:8000"}
    running = [
        subprocess.Popen(
            ["sh", "-c", f"exec {command}"], cwd=ROOT, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]  # fmt: skip
    try:
        time.sleep(SETTLED_SECONDS)
        if ended := [each for each in running if each.poll() is not None]:
            raise RuntimeError(f"{len(ended)} of {len(running)} processes did not stay.")
        taken = sum(_mib(pid) for each in running for pid in _family(each.pid))
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait()
    return {"web and worker idle, MiB": taken}


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _mib(pid: int) -> float:
    """Return the memory of a process, what it shares with others counted in parts."""
    said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)
    return int(found[1]) / KIB_IN_A_MIB if found else 0.0


def judge(found: Found) -> Iterator[Goal]:
    """Yield the second half of G12."""
    for vendor in found.vendors:
        idle = found.get(vendor, found.sizes(vendor)[0], "web and worker idle, MiB")
        yield Goal("G12", f"{vendor}: web and worker idle, together", idle, 250, "MiB")
