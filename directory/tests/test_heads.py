"""The heads of the history leave the house once a day; a saved mail shows what was rewritten."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from directory import history
from directory.audit import services
from directory.audit.verify import heads_in_mail, verify
from directory.database import append_only
from directory.models import District, HistoryEntry, HistoryHead, HistoryHeadOfDay, Inbox, Mail
from directory.tests.test_chain import cut_with_its_head, write

pytestmark = pytest.mark.dialect

MORNING = datetime(2026, 5, 13, 21, 30, tzinfo=UTC)  # half past seven on the 14th in Sydney
BEFORE = datetime(2026, 5, 13, 20, 30, tzinfo=UTC)
NEXT = datetime(2026, 5, 14, 21, 30, tzinfo=UTC)
TODAY = date(2026, 5, 14)


@pytest.fixture
def chain(hunter: District) -> str:
    """Return the chain of Hunter, five entries long."""
    Inbox.objects.create(name="Fallback inbox", is_fallback=True)
    return write(hunter)[0].chain


def test_the_heads_are_mailed_once_a_day_to_the_fallback_inbox(chain: str) -> None:
    assert [services.post_checkpoints(at=at) for at in (BEFORE, MORNING, MORNING, NEXT)] == [
        0,
        1,
        0,
        1,
    ]
    first = Mail.objects.get(on=TODAY)
    assert first.inbox is not None
    assert first.inbox.is_fallback
    assert first.state == Mail.State.OWED
    head = HistoryHead.objects.get(chain=chain)
    assert f"2026-05-14 {chain} 5 {head.digest} Hunter" in first.body
    assert HistoryHeadOfDay.objects.filter(chain=chain).count() == 2


@pytest.mark.django_db
def test_where_nothing_was_done_there_is_nothing_to_mail() -> None:
    assert services.post_checkpoints(at=MORNING) == 0


def test_the_mail_says_nothing_of_what_the_history_says(hunter: District, chain: str) -> None:
    history.record(
        "registered the child",
        "child 7907",
        by=None,
        on=TODAY,
        district=hunter,
        child_number=7907,
        after={"first_name": "Marlee"},
        note="Marlee lives with her aunt",
    )
    services.post_checkpoints(at=MORNING)
    mail = Mail.objects.get()
    for word in ("Marlee", "aunt", "child", "7907"):
        assert word not in mail.subject
        assert word not in mail.body.replace(HistoryHead.objects.get(chain=chain).digest, "")


def test_a_saved_mail_finds_a_tail_that_was_cut_with_its_head(chain: str, tmp_path: Path) -> None:
    services.post_checkpoints(at=MORNING)
    saved = tmp_path / "mail.txt"
    saved.write_text(Mail.objects.get().body)
    assert len(heads_in_mail(saved.read_text())) == 1
    call_command("verify_history", heads=str(saved))
    cut_with_its_head(chain)
    kept = verify().faults
    HistoryHeadOfDay.objects.all().delete()  # what the owner of the tables can do as well
    assert verify().faults == []
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_history", heads=str(saved))
    assert [each.place for each in kept] == [f"{chain}/4"]


def test_a_kept_head_is_never_changed_or_removed(
    chain: str, tables_guarded_by_migrations: frozenset[str]
) -> None:
    assert "directory_historyheadofday" in tables_guarded_by_migrations
    services.post_checkpoints(at=MORNING)
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, "directory_historyheadofday")
    for act in (
        lambda: HistoryHeadOfDay.objects.update(sequence=1),
        lambda: HistoryHeadOfDay.objects.filter(chain=chain).delete(),
    ):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            act()
    assert HistoryEntry.objects.filter(chain=chain).count() == 5
