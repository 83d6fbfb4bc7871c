"""What a notice costs us, beside what an escalation costs django-helpdesk (goal G5).

It is installed from PyPI into a virtual environment of its own, which goes when the bench ends. It
works on SQLite, with a mail backend that drops everything; so it is compared with us on SQLite.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from bench.goals import Figures, Found, Goal
from bench.places import ROOT

PEER = "django-helpdesk"
# As many open items as the smallest size has children, of which one in fifty is due.
MOST_ITEMS = 15_000
DUE_IN = 50


def measure(size: int) -> Figures:
    """Return what an escalation takes; nothing where it cannot be installed, or twice in a run."""
    if connection.vendor != "sqlite" or size > MOST_ITEMS:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        if python is None:
            return {}
        said = subprocess.run(
            [python, ROOT / "bench" / "helpdesk_night.py", str(size), str(size // DUE_IN)],
            cwd=folder, env=_plain(), check=True, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    seconds, escalated = said.stdout.split()
    return {
        "helpdesk, escalated": int(escalated),
        "helpdesk, ms each": float(seconds) * 1000 / int(escalated),
    }


def _installed(folder: Path) -> Path | None:
    """Return the Python that has django-helpdesk, or None where it could not be installed."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER],
        env=_plain(), check=False,
    )  # fmt: skip
    if done.returncode != 0:
        print(f"{PEER} could not be installed", file=sys.stderr)
        return None
    return python


def _plain() -> dict[str, str]:
    """Return the environment without what belongs to our own Django."""
    ours = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def judge(found: Found) -> Iterator[Goal]:
    """Yield G5: our first tick, for each notice, beside an escalation."""
    sizes = found.sizes("sqlite") if "sqlite" in found.vendors else []
    size = sizes[0] if sizes else 0
    took, notices, theirs = (
        found.get("sqlite", size, name)
        for name in ("first tick, ms", "first tick, notices", "helpdesk, ms each")
    )
    share = took / notices / theirs if took and notices and theirs else None
    why_not = f"{PEER} was not installed, or the run has no SQLite database of its size"
    says = f"sqlite, {size:,} children: a notice, to an escalation of {PEER}"
    yield Goal("G5", says, share, 1 / 30, why_not=why_not)
