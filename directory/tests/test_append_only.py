"""Nothing changes a history entry: not the ORM, not raw SQL, not TRUNCATE or REPLACE."""

import sqlite3
from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from directory import history
from directory.database import append_only
from directory.models import HistoryEntry
from directory.tests.append_only import guarded_tables

pytestmark = pytest.mark.dialect

TABLE = "directory_historyentry"


def by_save(entry: HistoryEntry) -> None:
    entry.verb = "something else"
    entry.save(update_fields=["verb"])


def by_queryset_update(entry: HistoryEntry) -> None:
    HistoryEntry.objects.filter(pk=entry.pk).update(verb="something else")


def by_bulk_update(entry: HistoryEntry) -> None:
    entry.verb = "something else"
    HistoryEntry.objects.bulk_update([entry], ["verb"])


def by_upsert(entry: HistoryEntry) -> None:
    HistoryEntry.objects.bulk_create(
        [
            HistoryEntry(
                pk=entry.pk,
                at=entry.at,
                on=entry.on,
                verb="something else",
                subject="x",
                chain=entry.chain,
                sequence=entry.sequence + 1,
                content_digest=entry.content_digest,
                digest=entry.digest,
            )
        ],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["verb"],
    )


def by_delete(entry: HistoryEntry) -> None:
    entry.delete()


def by_queryset_delete(entry: HistoryEntry) -> None:
    HistoryEntry.objects.all().delete()


def by_raw_update(entry: HistoryEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_historyentry SET verb = 'something else'")


def by_raw_delete(entry: HistoryEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_historyentry WHERE id = %s", [entry.pk])


EVERY_WAY = [
    by_save,
    by_queryset_update,
    by_bulk_update,
    by_upsert,
    by_delete,
    by_queryset_delete,
    by_raw_update,
    by_raw_delete,
]


@pytest.fixture
def entry(db: None) -> HistoryEntry:
    """Return one entry of the history."""
    return history.record("tested", "the history", by=None, on=date(2026, 5, 14))


def test_the_migrations_guard_the_history(tables_guarded_by_migrations: frozenset[str]) -> None:
    assert TABLE in tables_guarded_by_migrations


@pytest.mark.usefixtures("history_is_guarded")
@pytest.mark.parametrize("change", EVERY_WAY)
def test_no_entry_is_changed_or_removed(
    entry: HistoryEntry, change: Callable[[HistoryEntry], None]
) -> None:
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        change(entry)
    assert list(HistoryEntry.objects.values_list("verb", flat=True)) == ["tested"]


@pytest.mark.usefixtures("history_is_guarded")
def test_entries_can_still_be_added(entry: HistoryEntry) -> None:
    history.record("tested again", "the history", by=None, on=date(2026, 5, 15))
    assert HistoryEntry.objects.count() == 2


@pytest.mark.parametrize("change", EVERY_WAY)
def test_it_is_the_trigger_that_refuses(
    entry: HistoryEntry, change: Callable[[HistoryEntry], None]
) -> None:
    with transaction.atomic():
        change(entry)
    assert list(HistoryEntry.objects.values_list("verb", flat=True)) != ["tested"]


# What only one of the databases knows: emptying a table at once, or replacing a row by its key.
OWN_WAY = {
    "postgresql": "TRUNCATE directory_historyentry CASCADE",
    "sqlite": (
        "INSERT OR REPLACE INTO directory_historyentry"
        ' (id, at, "on", verb, subject, before, after, note, chain, sequence, salt,'
        " content_digest, digest)"
        " SELECT id, at, \"on\", 'something else', subject, before, after, note, chain, sequence,"
        " salt, content_digest, digest"
        " FROM directory_historyentry"
    ),
}


@pytest.mark.usefixtures("history_is_guarded")
def test_no_entry_is_truncated_or_replaced(entry: HistoryEntry) -> None:
    connection.check_constraints()  # PostgreSQL truncates no table with checks still to come
    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(OWN_WAY[connection.vendor])
    assert HistoryEntry.objects.get().verb == "tested"


def test_no_row_is_replaced_by_a_connection_with_other_settings() -> None:
    """A plain SQLite connection has recursive_triggers off, so REPLACE fires no delete trigger."""
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE record (id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT UNIQUE)")
    for statement in append_only.trigger_statements(
        "sqlite", append_only.AppendOnlyTable("record", keys=(("word",),))
    ):
        plain.execute(statement)
    plain.execute("INSERT INTO record (word) VALUES ('first'), ('second')")
    for by_key in ("(id, word) VALUES (1, 'changed')", "(word) VALUES ('first')"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            plain.execute(f"INSERT OR REPLACE INTO record {by_key}")
    assert plain.execute("SELECT word FROM record").fetchall() == [("first",), ("second",)]
    plain.close()


@pytest.mark.usefixtures("history_is_guarded")
def test_the_triggers_come_off_again(entry: HistoryEntry) -> None:
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.uninstall(connection, TABLE)
    assert guarded_tables() == set()
    entry.delete()
