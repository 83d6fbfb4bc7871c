"""Rows written by the thousand are the same as those that the ORM writes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from directory.database import bulk
from directory.database.bulk import BATCH
from directory.history import COLUMNS
from directory.models import District, HistoryEntry, Inbox

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]

ODD = "Ünï “code” \\ 'one' \"two\" %s {} \U0001f600 line\nline"


def an_entry(number: int, district: District) -> dict[str, Any]:
    """Return what an entry says; every second one says less."""
    is_full = number % 2
    return {
        "at": datetime(2026, 5, 14, 23, 59, 59, number if is_full else 0, tzinfo=UTC),
        "on": date(2026, 5, 15),
        "by_id": None,
        "appointment_id": None,
        "district_id": district.pk if is_full else None,
        "child_number": 10**12 + number if is_full else None,
        "verb": "noted",
        "subject": f"matter {number}",
        "before": {"words": None, "list": [1, {"b": True}]} if is_full else {},
        "after": {"words": ODD},
        "note": ODD if is_full else "",
        "chain": "a-chain",
        "sequence": number,
        "salt": "",
        "content_digest": "c",
        "digest": "d",
    }


def test_what_is_added_is_what_the_orm_would_have_added(hunter: District) -> None:
    wanted = [an_entry(number, hunter) for number in range(1, BATCH + 3)]
    bulk.insert(HistoryEntry, COLUMNS, [[each[name] for name in COLUMNS] for each in wanted])
    by_the_orm = HistoryEntry(**{**wanted[0], "chain": "another", "sequence": 1})
    by_the_orm.save()

    found = list(HistoryEntry.objects.filter(chain="a-chain").order_by("pk").values(*COLUMNS))
    assert found == wanted
    as_text = HistoryEntry.objects.extra(select={"as_text": "CAST(at AS text)"})
    assert as_text.get(chain="a-chain", sequence=1).as_text == as_text.get(pk=by_the_orm.pk).as_text


def test_each_row_is_changed_to_its_own_values_and_no_other_row(hunter: District) -> None:
    inboxes = Inbox.objects.bulk_create(
        Inbox(name=f"Inbox {number}", address=f"inbox{number}@example.org", note="as it was")
        for number in range(BATCH + 3)
    )
    *changed, left = inboxes
    values = [
        (ODD if number % 2 else "", date(2026, 5, 1) if number % 3 else None, number, each.pk)
        for number, each in enumerate(changed)
    ]
    bulk.update(Inbox, "id", ["note", "retired_on", "version"], values)

    names = ("note", "retired_on", "version", "pk")
    found = Inbox.objects.filter(pk__in=[each.pk for each in changed]).order_by("pk")
    assert list(found.values_list(*names)) == values
    assert Inbox.objects.values_list(*names).get(pk=left.pk) == ("as it was", None, 1, left.pk)


def test_a_column_may_hold_nothing_in_every_row(hunter: District) -> None:
    bulk.update(District, "id", ["inbox_id", "retired_on"], [(None, None, hunter.pk)])

    hunter.refresh_from_db()
    assert (hunter.inbox, hunter.retired_on) == (None, None)


def test_no_rows_ask_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        bulk.insert(HistoryEntry, COLUMNS, [])
        bulk.update(Inbox, "id", ["note"], [])
