"""Builds the databases, measures, judges: `make bench`, or `make bench SIZES=15000,150000`.

`python -m bench fill 150000` fills the demonstration of this environment instead (`bench/fill.py`).

A group is a module of this package with two functions. `measure(size)` runs in a process of its own
beside one database and returns figures by name; `judge(found)` yields goals from all of them. Put
its name into `GROUPS`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

import django

from bench.goals import Found, Goal, figures_table, table
from bench.places import ROOT, Place, drop_database, make_database, own_folder, postgresql
from directory import clock
from directory.database import row_security

# The first two find a database on which no tick has run yet.
GROUPS = (
    "due",
    "memory",
    "night",
    "rules",
    "steps",
    "mail",
    "idle",
    "peers",
    "pages",
    "imports",
    "start",
)
# These install from the network what they measure.
ONLINE = {"peers", "start"}
SIZES = "15000,150000,1000000"
DATABASES = "postgresql,sqlite"


def places(stack: ExitStack, folder: Path, vendors: list[str], sizes: list[int]) -> Iterator[Place]:
    """Yield the databases one after the other; each is gone before the next is made."""
    for vendor in vendors:
        server = ""
        if vendor == "postgresql":
            server = stack.enter_context(postgresql(own_folder(folder)))
        for size in sizes:
            with tempfile.TemporaryDirectory(dir=folder) as home:
                url = make_database(server, f"bench_{size}") if server else ""
                yield Place(vendor, size, Path(home), url)
                if url:
                    drop_database(url)


def measure(
    vendors: list[str], sizes: list[int], groups: list[str], kept: Path
) -> tuple[Found, list[str]]:
    """Return the figures of these groups on these databases, and the groups that failed.

    What was found so far is kept in this file: a run that is ended early has not been for nothing.
    """
    found = Found()
    failed: list[str] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="permanency-bench-")))
        folder.chmod(0o711)
        for place in places(stack, folder, vendors, sizes):
            told = f"{place.vendor}, {place.size:,} children"
            print(f"{told}: building", flush=True)
            figures = found.figures[place.vendor, place.size] = place.build()
            for group in groups:
                print(f"{told}: measuring {group}", flush=True)
                try:
                    figures.update(place.measure(group))
                    kept.write_text(f"{figures_table(found)}\n")
                except subprocess.CalledProcessError:
                    # What the others find is not lost with it; its goals are not measured then.
                    print(f"{told}: {group} FAILED", flush=True)
                    failed.append(f"{told}: {group}")
    return found, failed


def judge(found: Found, groups: list[str]) -> Iterator[Goal]:
    """Yield the goals of these groups. They import the product, and ask no database."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(Place("sqlite", 0, Path(home)).environment)
        django.setup()
        for group in groups:
            yield from import_module(f"bench.{group}").judge(found)


def main() -> int:
    """Print the goals and the figures, and keep them in bench/results/.

    Ends with 2 where a group failed, otherwise with 1 where a goal is not met.
    """
    parser = ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help=f"children, such as {SIZES}")
    parser.add_argument("--databases", default=DATABASES, help=f"such as {DATABASES}")
    parser.add_argument("--groups", default=",".join(GROUPS), help=f"such as {','.join(GROUPS)}")
    parser.add_argument("--offline", action="store_true", help="without peers and start")
    asked = parser.parse_args()
    # Whoever ends the bench ends its servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    groups = [each for each in asked.groups.split(",") if not (asked.offline and each in ONLINE)]
    sizes = sorted(int(size) for size in asked.sizes.split(","))
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    kept = results / time.strftime("%Y-%m-%d-%H%M%S.md")
    found, failed = measure(asked.databases.split(","), sizes, groups, kept)
    goals = list(judge(found, groups))
    said = f"{table(goals)}\n\n{figures_table(found)}\n"
    kept.write_text(said)
    print(f"\n{said}")
    if failed:
        print(f"FAILED: {'; '.join(failed)}")
        return 2
    return int(any(goal.verdict == "NOT MET" for goal in goals))


def fill(arguments: list[str]) -> None:
    """Fill the empty demonstration of this environment with so many children."""
    parser = ArgumentParser(prog="bench fill")
    parser.add_argument("children", type=int)
    children = parser.parse_args(arguments).children
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")
    row_security.run_process_as_system()
    django.setup()
    import_module("bench.fill").fill(children, today=clock.today())


if __name__ == "__main__":
    if sys.argv[1:2] == ["fill"]:
        fill(sys.argv[2:])
    else:
        sys.exit(main())
