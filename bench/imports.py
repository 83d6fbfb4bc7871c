"""An import of every child, half of them changed, beside COPY and one upsert (goal G11).

The upsert leaves the same facts, which is looked at each time. It checks nothing, keeps no history
and only works on PostgreSQL. It is undone; the next round changes half of the children again.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from django.db import connection, transaction

from bench.goals import Figures, Found, Goal
from bench.places import ROOT
from bench.timing import refresh_statistics
from directory.models import HistoryEntry
from permanency.imports.csv_reader import REQUIRED
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
ROUNDS = 3
# The columns of the file, as text and days; districts by name.
CAME = """
CREATE TEMP TABLE came (childstory_id text, first_name text, last_name text, born_on date,
    district text, case_managed_by text, caseworker text) ON COMMIT DROP
"""
COPY = "COPY came FROM STDIN WITH (FORMAT csv, HEADER)"
# What a new child needs and the file lacks is filled in plainly.
UPSERT = """
INSERT INTO permanency_child (childstory_id, first_name, last_name, born_on, district_id,
    case_managed_by, caseworker, caseworker_organisation, reference, aboriginal_status, cald,
    restricted_because, folded_name, folded_caseworker, sort_name, version, added_at)
SELECT came.childstory_id, came.first_name, came.last_name, came.born_on, district.id,
    came.case_managed_by, came.caseworker, '', upper(left(md5(came.childstory_id), 8)), 'unknown',
    'unknown', '', '', '', '', 1, now()
FROM came JOIN directory_district district ON district.name = came.district
ON CONFLICT (childstory_id) DO UPDATE SET first_name = excluded.first_name,
    last_name = excluded.last_name, born_on = excluded.born_on,
    district_id = excluded.district_id, case_managed_by = excluded.case_managed_by,
    caseworker = excluded.caseworker
"""
FACTS = """
SELECT count(*), md5(string_agg(concat_ws('|', childstory_id, first_name, last_name, born_on,
    district_id, case_managed_by, caseworker), '\n' ORDER BY childstory_id)) FROM permanency_child
"""
MOST_MIB = 350
# The goal is of a file of so many rows.
MOST_ROWS = 150_000


def measure(size: int) -> Figures:
    """Return the middle times of the import and of the upsert, its memory, what it writes again.

    Return nothing where there are more children than a file has rows.
    """
    if size > MOST_ROWS:
        return {}
    raw, ours = [], []
    with TemporaryDirectory() as folder:
        file = Path(folder, "children.csv")
        for number in range(ROUNDS):
            rows = _write(file, number)
            if connection.vendor == "postgresql":
                took, facts = _raw(file)
                raw.append(took)
            ours.append(_ours(file))
            if raw and facts != _facts():
                raise AssertionError("The upsert and the import leave different facts.")
        figures: Figures = {"rows of the import": rows, "import ours, ms": median(ours)}
        if raw:
            figures["import raw, ms"] = median(raw)
        figures["import peak, MiB"] = getrusage(RUSAGE_CHILDREN).ru_maxrss / KIB_IN_A_MIB
        before = HistoryEntry.objects.count()
        figures["import again, ms"] = _ours(file)
        figures["rows written by the import again"] = HistoryEntry.objects.count() - before
    return figures


def _write(file: Path, number: int) -> int:
    """Write the children who are here into a file, every second one with a new caseworker."""
    children = Child.objects.order_by("pk").values_list(*FIELDS)
    rows = 0
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        for rows, (*facts, caseworker) in enumerate(children.iterator(), 1):
            writer.writerow([*facts, f"Worker {number} of {rows}" if rows % 2 else caseworker])
    # Neither of the two has to work around what the other left behind.
    refresh_statistics()
    return rows


def _raw(file: Path) -> tuple[float, object]:
    """Return the time of COPY and one upsert, and the facts that it left; it is undone."""
    with transaction.atomic(), connection.cursor() as cursor, file.open(encoding="utf-8") as opened:
        began = perf_counter()
        cursor.execute(CAME)
        cursor.copy_expert(COPY, opened)
        cursor.execute(UPSERT)
        took = (perf_counter() - began) * 1000
        facts = _facts()
        transaction.set_rollback(True)
    refresh_statistics()
    return took, facts


def _facts() -> object:
    """Return how many children there are, and a digest of what the file says about them."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        return cursor.fetchone()


def _ours(file: Path) -> float:
    """Return the time of the command, with the start of its process."""
    began = perf_counter()
    command = [sys.executable, "manage.py", "import_children", str(file), "--commit"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return (perf_counter() - began) * 1000


def judge(found: Found) -> Iterator[Goal]:
    """Yield G11 for each kind of database, at the largest size of which it was taken."""
    for vendor in found.vendors:
        size = max((size for size in found.sizes(vendor) if size <= MOST_ROWS), default=0)
        told = f"{vendor}, {size:,} rows"
        ratio = found.ratio(vendor, size, "import ours, ms", "import raw, ms")
        says = f"{told}: half of them changed, to COPY and one upsert"
        yield Goal("G11", says, ratio, 7, why_not="only PostgreSQL has COPY")
        again = found.get(vendor, size, "rows written by the import again")
        yield Goal("G11", f"{told}: rows written by the same file again", again, 0, "rows")
        peak = found.get(vendor, size, "import peak, MiB")
        yield Goal("G11", f"{told}: peak memory", peak, MOST_MIB, "MiB")
