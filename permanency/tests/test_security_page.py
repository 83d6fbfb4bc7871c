"""The pages on security and access say every requirement once, and every table behind the fence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs/security.md").read_text()
LEVELS_1_AND_2 = 253


def test_the_page_on_access_names_each_table_behind_the_second_fence() -> None:
    fenced = {
        name
        for path in ROOT.glob("*/migrations/*.py")
        for name in re.findall(r"""\benable_row_security\(\s*["'](\w+)["']""", path.read_text())
    }
    page = (ROOT / "docs/access.md").read_text()
    table = page.partition("Behind it stand")[2].partition("Not behind it")[0]
    named = set()
    for line in table.splitlines()[2:]:
        first, *others = re.findall(r"`(\w+)`", line) or [""]
        named |= {first, *(first.partition("_")[0] + each for each in others)}
    assert len(fenced) > 15
    assert named - {""} == fenced


def test_each_requirement_stands_in_one_column_and_each_open_one_is_explained() -> None:
    table, explained = (
        PAGE.partition("## ASVS")[2].split("## Essential")[0],
        PAGE.split("## Open")[1],
    )
    rows = [line.split("|")[2:5] for line in table.splitlines() if re.search(r"\d\.\d+\.\d", line)]
    numbers = [number for row in rows for cell in row for number in cell.split()]
    assert len(numbers) == len(set(numbers)) == LEVELS_1_AND_2
    open_ones = {number for row in rows for number in row[2].split()}
    assert open_ones == set(re.findall(r"\b\d+\.\d+\.\d+\b", explained))
