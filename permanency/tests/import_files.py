"""Import files for tests, and running the command on them."""

import csv
from collections.abc import Collection
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from directory import clock
from permanency.imports.csv_reader import OPTIONAL, REQUIRED
from permanency.models import Child
from permanency.policy.months import add_months

TODAY = clock.today()
SINCE = add_months(TODAY, -5)
HEADER = (*REQUIRED, *OPTIONAL)
MINIMAL_ROW = {
    "ChildStoryID": "ab1",
    "FIRST_NAME": "Robin",
    "LAST_NAME": "Example",
    "DATE_OF_BIRTH": "2015-03-02",
    "DISTRICT": "Hunter",
    "CASE_MANAGEMENT_RESPONSIBILITY": "PSP",
}
FULL_ROW = {
    **MINIMAL_ROW,
    "PROVIDER": "Banksia Families",
    "CSC": "Mayfield",
    "ABORIGINAL_STATUS": "both",
    "CALD": "no",
    "DATE_FIRST_TIME_ENTRY": add_months(SINCE, -3).isoformat(),
    "PLAN_GOAL": "guardianship",
    "PLAN_GOAL_START_DATE": SINCE.isoformat(),
    "FIRST_TWO_YEAR_GOAL_DATE": add_months(SINCE, -1).isoformat(),
    "LAST_REVIEW_DATE": add_months(SINCE, 1).isoformat(),
    "ORDER_TYPE": "short_term",
    "LEGAL_ORDER_START_DATE": SINCE.isoformat(),
    "LEGAL_ORDER_EXPIRY_DATE": add_months(SINCE, 24).isoformat(),
    "CASEWORKER": "Jo Caseworker",
    "CASEWORKER_ORGANISATION": "Banksia Families",
}


def another(childstory_id: str, like: dict[str, str] = MINIMAL_ROW) -> dict[str, str]:
    """Return the row of another child, who has a name of their own."""
    return {**like, "ChildStoryID": childstory_id, "FIRST_NAME": f"Robin {childstory_id}"}


def write_csv(folder: Path, *rows: dict[str, str], header: Collection[str] = HEADER) -> Path:
    """Return a file with these rows, each with an empty cell where it says nothing."""
    text = StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return write_file(folder, text.getvalue().encode())


def write_file(folder: Path, content: bytes) -> Path:
    path = folder / "children.csv"
    path.write_bytes(content)
    return path


def run_import(path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_children", path, stdout=out, **options)
    return out.getvalue()


def refused_import(path: Path, **options: Any) -> tuple[str, str]:
    """Return the report and the last word of an import that is refused and exits with 1."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_children", path, stdout=out, commit=True, **options)
    assert refused.value.returncode == 1
    assert not Child.objects.exists()
    return out.getvalue(), str(refused.value)
