"""A lawful redaction blanks what an entry says, leaves a marked stub, and the chain still holds."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from directory import history
from directory.audit.services import redact
from directory.audit.verify import verify
from directory.database import append_only
from directory.errors import StepNotAllowedError
from directory.history.chain import content_digest
from directory.models import District, HistoryEntry, Mail, Redaction, User
from directory.tests.test_chain import write

pytestmark = pytest.mark.dialect

DAY = date(2026, 5, 14)
BLANK: dict[str, Any] = {"before": {}, "after": {}, "note": "", "salt": ""}


@pytest.fixture
def entry(hunter: District) -> HistoryEntry:
    """Return an entry with others before and behind it."""
    return write(hunter)[2]


@pytest.fixture
def order(mpp: User, administrator: User) -> dict[str, Any]:
    """Return who redacts, why and under which authority."""
    return {
        "decided_by": mpp,
        "done_by": administrator,
        "authority": "Order of the Children's Court, 2 May 2026",
        "reason": "Names a person whose identity is protected.",
        "on": DAY,
    }


def guarded() -> None:
    """Put the triggers of the history and its redactions on."""
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, append_only.HISTORY_TABLE)
    append_only.install(connection, "directory_redaction")


def test_a_redacted_entry_is_blank_marked_and_still_in_its_chain(
    entry: HistoryEntry, order: dict[str, Any], mpp: User, administrator: User
) -> None:
    guarded()
    redaction = redact(entry, **order)
    stub = HistoryEntry.objects.select_related("redaction").get(pk=entry.pk)
    assert (stub.before, stub.after, stub.note, stub.salt) == ({}, {}, "", "")
    assert (stub.verb, stub.digest, stub.at) == (entry.verb, entry.digest, entry.at)
    assert stub.redaction == redaction
    told = redaction.told_by
    assert (told.chain, told.sequence, told.by) == (entry.chain, 6, administrator)
    assert told.child_number == entry.child_number
    assert told.after["decided_by"] == mpp.email
    assert told.after["entry"] == entry.place
    assert verify().faults == []


def test_the_fallback_inbox_is_told_which_entry_and_who_and_none_of_its_words(
    entry: HistoryEntry, order: dict[str, Any], mpp: User, administrator: User
) -> None:
    redact(entry, **order)
    mail = Mail.objects.select_related("inbox").get()
    assert mail.inbox is not None
    assert mail.inbox.is_fallback
    for told in (entry.place, mpp.email, administrator.email, "14 May 2026"):
        assert told in mail.body
    for kept in (entry.note, order["reason"], order["authority"]):
        assert kept not in mail.subject + mail.body


def test_nobody_can_find_the_blanked_words_by_trying(
    entry: HistoryEntry, order: dict[str, Any]
) -> None:
    """With the salt gone, the right guess does not give the digest that stands there."""
    redact(entry, **order)
    stub = HistoryEntry.objects.get(pk=entry.pk)
    assert content_digest("", entry.before, entry.after, entry.note) != stub.content_digest
    assert content_digest(entry.salt, entry.before, entry.after, entry.note) == stub.content_digest


def test_one_person_alone_redacts_nothing(entry: HistoryEntry, order: dict[str, Any]) -> None:
    with pytest.raises(StepNotAllowedError, match="Two different people"):
        redact(entry, **{**order, "decided_by": order["done_by"]})
    assert HistoryEntry.objects.get(pk=entry.pk).note == "note 3"


@pytest.mark.parametrize("name", ["authority", "reason"])
def test_nothing_is_redacted_without_a_reason_and_an_authority(
    entry: HistoryEntry, order: dict[str, Any], name: str
) -> None:
    with pytest.raises(StepNotAllowedError):
        redact(entry, **{**order, name: "  "})


def test_somebody_without_an_appointment_redacts_nothing(
    entry: HistoryEntry, order: dict[str, Any], nobody: User
) -> None:
    with pytest.raises(StepNotAllowedError, match="holds no appointment"):
        redact(entry, **{**order, "decided_by": nobody})


def test_an_entry_is_redacted_once_and_what_tells_of_it_never(
    entry: HistoryEntry, order: dict[str, Any]
) -> None:
    redaction = redact(entry, **order)
    for each in (entry, redaction.told_by):
        again = HistoryEntry.objects.select_related("district").get(pk=each.pk)
        with pytest.raises(StepNotAllowedError):
            redact(again, **order)


# Whatever else the row is set to, and without a redaction, the triggers refuse.


def test_the_triggers_let_nothing_through_without_a_redaction(entry: HistoryEntry) -> None:
    guarded()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        HistoryEntry.objects.filter(pk=entry.pk).update(**BLANK)


@pytest.mark.parametrize(
    "values",
    [
        {"note": "other words"},
        {**BLANK, "after": {"words": "others"}},
        {**BLANK, "verb": "did nothing"},
        {**BLANK, "sequence": 99},
        {**BLANK, "child_number": None},
        {**BLANK, "on": date(2020, 1, 1)},
        {**BLANK, "salt": "0" * 32},
    ],
)
def test_a_redaction_lets_nothing_through_but_the_blanking(
    entry: HistoryEntry, order: dict[str, Any], hunter: District, values: dict[str, Any]
) -> None:
    told = history.record("redacted", "x", by=None, on=DAY, district=hunter)
    Redaction.objects.create(entry=entry, told_by=told, **order)
    guarded()
    rows = HistoryEntry.objects.filter(pk=entry.pk)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        rows.update(**values)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        rows._raw_delete(rows.db)  # the ORM itself would not: the redaction holds it
    assert rows.update(**BLANK) == 1


def test_the_database_wants_two_people(
    entry: HistoryEntry, order: dict[str, Any], hunter: District
) -> None:
    told = history.record("redacted", "x", by=None, on=DAY, district=hunter)
    one = {**order, "decided_by": order["done_by"]}
    with (
        pytest.raises(IntegrityError, match="two_people_redact_an_entry"),
        transaction.atomic(),
    ):
        Redaction.objects.create(entry=entry, told_by=told, **one)


def test_a_redaction_is_never_changed_or_removed(
    entry: HistoryEntry, order: dict[str, Any], tables_guarded_by_migrations: frozenset[str]
) -> None:
    assert "directory_redaction" in tables_guarded_by_migrations
    redact(entry, **order)
    guarded()
    for act in (
        lambda: Redaction.objects.update(reason="None."),
        lambda: Redaction.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            act()


# By the owner of the tables, with the triggers off: what a redaction says is sealed too.


def test_a_redaction_that_was_rewritten_is_found(
    entry: HistoryEntry, order: dict[str, Any]
) -> None:
    told = redact(entry, **order).told_by
    Redaction.objects.update(reason="Asked for.")
    (fault,) = verify().faults
    assert fault.place == told.place


def test_a_redaction_that_was_taken_away_is_found(
    entry: HistoryEntry, order: dict[str, Any]
) -> None:
    redact(entry, **order)
    Redaction.objects.all().delete()
    assert [each.place for each in verify().faults] == [entry.place]


# The command


def said(entry: HistoryEntry, decided_by: str, done_by: str) -> str:
    """Return what the command says."""
    out = StringIO()
    call_command(
        "redact_history",
        entry.place,
        decided_by=decided_by,
        done_by=done_by,
        authority="An order",
        reason="Protected.",
        stdout=out,
    )
    return out.getvalue()


def test_the_command_names_the_entry_that_tells_of_it(
    entry: HistoryEntry, mpp: User, administrator: User
) -> None:
    text = said(entry, mpp.email, administrator.email)
    assert f"{entry.place} is redacted; {entry.chain}/6 tells of it." in text


def test_the_command_refuses_in_words(entry: HistoryEntry, mpp: User) -> None:
    with pytest.raises(CommandError, match="Two different people"):
        said(entry, mpp.email, mpp.email)
    with pytest.raises(CommandError, match="Nobody in the directory"):
        said(entry, mpp.email, "who@example.org")
    with pytest.raises(CommandError, match="There is no entry"):
        said(HistoryEntry(chain="district-0", sequence=7), mpp.email, mpp.email)
