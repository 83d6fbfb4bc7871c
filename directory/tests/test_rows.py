"""Entries of the history that are written together are read back as they were told."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from directory import history
from directory.history import BATCH
from directory.models import District, HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

ODD = "Ünï “code” \\ 'one' \"two\" %s {} \U0001f600 line\nline"
ON = date(2026, 5, 15)


def an_entry(number: int, district: District) -> HistoryEntry:
    """Return an entry that is not written yet; every second one says less."""
    is_full = number % 2
    return history.new_entry(
        "noted",
        f"matter {number}",
        by=None,
        on=ON,
        district=district,
        child_number=10**12 + number if is_full else None,
        before={"words": None, "list": [1, {"b": True}]} if is_full else {},
        after={"words": ODD},
        note=ODD if is_full else "",
    )


def test_many_entries_stand_as_one_by_one_would(hunter: District) -> None:
    names = ("at", "subject", "on", "child_number", "before", "after", "note", "sequence")
    wanted = [an_entry(number, hunter) for number in range(1, BATCH + 3)]
    with transaction.atomic():
        assert history.record_many(wanted) == len(wanted)
        alone = history.record("noted", "matter 0", by=None, on=ON, district=hunter)

    found = list(HistoryEntry.objects.filter(pk__lt=alone.pk).order_by("pk").values(*names))
    assert found == [{name: getattr(each, name) for name in names} for each in wanted]
    assert [each["sequence"] for each in found] == list(range(1, len(wanted) + 1))
    assert alone.sequence == len(wanted) + 1


def test_no_entries_write_nothing(django_assert_max_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_max_num_queries(1):
        assert history.record_many([]) == 0
    assert not HistoryEntry.objects.exists()
