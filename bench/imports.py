"""An import of every child, half of them changed, beside COPY and one upsert (goal G11).

The raw measure checks nothing, keeps no history and only works on PostgreSQL.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

from django.db import connection, transaction

from bench.goals import Figures, Found, Goal
from bench.places import ROOT
from directory.models import HistoryEntry
from permanency.importing.columns import REQUIRED
from permanency.models import Child

COLUMNS = (*REQUIRED, "CASEWORKER")
FIELDS = (
    "childstory_id",
    "first_name",
    "last_name",
    "born_on",
    "district__name",
    "case_managed_by",
    "caseworker",
)
KIB_IN_A_MIB = 1024
# The columns of the file, as text and days; districts by name.
CAME = """
CREATE TEMP TABLE came (childstory_id text, first_name text, last_name text, born_on date,
    district text, case_managed_by text, caseworker text) ON COMMIT DROP
"""
COPY = "COPY came FROM STDIN WITH (FORMAT csv, HEADER)"
CHANGE = """
UPDATE permanency_child child SET caseworker = came.caseworker, version = version + 1 FROM came
WHERE came.childstory_id = child.childstory_id AND came.caseworker <> child.caseworker
"""
MOST_MIB = 350


def measure(size: int) -> Figures:
    """Return the times of the import and of the raw one, its memory, and what it writes again."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "children.csv")
        figures: Figures = {"rows of the import": _write(file)}
        if connection.vendor == "postgresql":
            figures["import raw, ms"] = _raw(file)
        figures["import ours, ms"] = _ours(file)
        figures["import peak, MiB"] = getrusage(RUSAGE_CHILDREN).ru_maxrss / KIB_IN_A_MIB
        before = HistoryEntry.objects.count()
        figures["import again, ms"] = _ours(file)
        figures["rows written by the import again"] = HistoryEntry.objects.count() - before
    return figures


def _write(file: Path) -> int:
    """Write the children who are here into a file, every second one with another caseworker."""
    rows = Child.objects.order_by("pk").values_list(*FIELDS)
    number = 0
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        for number, (*facts, caseworker) in enumerate(rows.iterator(), 1):
            writer.writerow([*facts, f"Another Worker {number}" if number % 2 else caseworker])
    return number


def _raw(file: Path) -> float:
    """Return the time of COPY and one statement that changes what differs; it is undone."""
    began = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor, file.open(encoding="utf-8") as opened:
        cursor.execute(CAME)
        cursor.copy_expert(COPY, opened)
        cursor.execute(CHANGE)
        took = (perf_counter() - began) * 1000
        transaction.set_rollback(True)
    return took


def _ours(file: Path) -> float:
    """Return the time of the command, with the start of its process."""
    began = perf_counter()
    command = [sys.executable, "manage.py", "import_children", str(file), "--commit"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return (perf_counter() - began) * 1000


def judge(found: Found) -> Iterator[Goal]:
    """Yield G11 for each kind of database, at the largest size."""
    for vendor in found.vendors:
        size = found.sizes(vendor)[-1]
        told = f"{vendor}, {size:,} rows"
        ratio = found.ratio(vendor, size, "import ours, ms", "import raw, ms")
        says = f"{told}: half of them changed, to COPY and one statement"
        yield Goal("G11", says, ratio, 7, why_not="only PostgreSQL has COPY")
        again = found.get(vendor, size, "rows written by the import again")
        yield Goal("G11", f"{told}: rows written by the same file again", again, 0, "rows")
        peak = found.get(vendor, size, "import peak, MiB")
        yield Goal("G11", f"{told}: peak memory", peak, MOST_MIB, "MiB")
